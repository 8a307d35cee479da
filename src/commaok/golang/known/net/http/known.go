package http

import (
	"context"
	"crypto/tls"
	"io"
	"mime/multipart"
	"net/url"
)

type Header map[string][]string

func (h Header) Clone() Header
func (h Header) Get(key string) string
func (h Header) Values(key string) []string

type Cookie struct {
	Name  string
	Value string
}

type Request struct {
	Method           string
	URL              *url.URL
	Header           Header
	Body             io.ReadCloser
	ContentLength    int64
	TransferEncoding []string
	Host             string
	Form             url.Values
	PostForm         url.Values
	MultipartForm    *multipart.Form
	Trailer          Header
	RemoteAddr       string
	RequestURI       string
	TLS              *tls.ConnectionState
	Response         *Response
}

func (r *Request) Context() context.Context
func (r *Request) Cookies() []*Cookie
func (r *Request) FormValue(key string) string
func (r *Request) PathValue(name string) string
func (r *Request) UserAgent() string
func (r *Request) WithContext(ctx context.Context) *Request

type Response struct {
	Status           string
	StatusCode       int
	Proto            string
	Header           Header
	Body             io.ReadCloser
	ContentLength    int64
	TransferEncoding []string
	Trailer          Header
	Request          *Request
}

func (r *Response) Cookies() []*Cookie

type ResponseWriter interface {
	Header() Header
	Write([]byte) (int, error)
	WriteHeader(statusCode int)
}

type Client struct{}

func (c *Client) Do(req *Request) (*Response, error)
func (c *Client) Get(url string) (resp *Response, err error)

func Get(url string) (resp *Response, err error)
func NewRequest(method, url string, body io.Reader) (*Request, error)
func NewRequestWithContext(ctx context.Context, method, url string, body io.Reader) (*Request, error)
