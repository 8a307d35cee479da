package httptest

import (
	"io"
	"net/http"
)

type ResponseRecorder struct {
	Code      int
	HeaderMap http.Header
}

func (rw *ResponseRecorder) Header() http.Header
func (rw *ResponseRecorder) Result() *http.Response

func NewRecorder() *ResponseRecorder
func NewRequest(method, target string, body io.Reader) *http.Request
