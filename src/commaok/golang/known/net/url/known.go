package url

type Values map[string][]string

func (v Values) Encode() string
func (v Values) Get(key string) string
func (v Values) Has(key string) bool

type Userinfo struct{}

type URL struct {
	Scheme   string
	Opaque   string
	User     *Userinfo
	Host     string
	Path     string
	RawPath  string
	RawQuery string
	Fragment string
}

func (u *URL) EscapedPath() string
func (u *URL) Hostname() string
func (u *URL) Port() string
func (u *URL) Query() Values
func (u *URL) String() string

func Parse(rawURL string) (*URL, error)
func ParseQuery(query string) (Values, error)
func ParseRequestURI(rawURL string) (*URL, error)
func PathEscape(s string) string
func QueryEscape(s string) string
