// What Go declares before any package does, as far as source can say it.
package builtin

type any = interface{}

type comparable interface{}

type error interface {
	Error() string
}
