// Package dotted: imports by their own name, dot imports, aliases.
package dotted

import (
	"net/http"
	header "net/textproto"

	"example.com/snippets/dotted/inner"
	. "example.com/snippets/generous/v2"
)

func is(...any) {}

func _(a renamed.Alias, r *http.Request) {
	is(a)                        // example.com/snippets/dotted/inner.Registry
	is(a["x"].Tags)              // map[string]string
	is(renamed.Default["x"])     // *example.com/snippets/dotted/inner.Entry
	is(Shared["x"])              // []int
	is(Make())                   // map[string]int
	is(r.Header)                 // net/http.Header
	is(r.URL.Query())            // net/url.Values
	is(header.MIMEHeader{}["a"]) // []string
	entry, err := renamed.Open()
	is(entry.Tags, err) // map[string]string; error
}
