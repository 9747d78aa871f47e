package web

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzHandlers sends what nobody would: no answer is a mistake of the server, and none is an
// empty success.
func FuzzHandlers(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/api/runs/a/unit?site=l0.h&unit=1", ""}, {"POST", "/api/runs/a/read", `{"text":"He","site":"l0.h","unit":1}`},
		{"POST", "/api/runs/a/read", `{"at":5,"n":3,"ids":[1,2,999999]}`}, {"GET", "/api/runs/a/turn?units=l0.h[1]=1&n=5", ""},
		{"GET", "/api/readings/x/rank?lo=1&hi=0", ""}, {"POST", "/api/jobs", `{"kind":"train","run":"x"}`}, {"GET", "/assets/../../guard.go", ""},
		{"GET", "/api/runs/..%2f..%2fetc/metrics", ""}, {"GET", "/api/runs/a/map?site=l0.h", ""}, {"GET", "/api/runs/a/growth?site=l0.h&concept=digit", ""},
		{"GET", "/api/runs/a/matrix?step=-9", ""}, {"DELETE", "/", ""}, {"POST", "/api/runs/a/read", `{"n":-1}`}, {"POST", "/api/runs/a/read", "\xff"},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	c := serve(f, Options{Dir: shelfDir(f, "a"), Command: nothing})
	h := c.srv.Handler(c.http.Listener.Addr())
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		req, err := http.NewRequest(method, "http://x"+path, bytes.NewReader(body))
		if err != nil || strings.HasPrefix(path, "/api/events") {
			return // not a request, or one that does not end
		}
		req.Host = strings.TrimPrefix(c.http.URL, "http://")
		req.Header.Set("Authorization", "Bearer "+c.srv.Token())
		req.Header.Set("Content-Type", "application/json")
		ctx, stop := context.WithTimeout(req.Context(), 20*time.Second)
		defer stop()
		w := &recorder{head: http.Header{}}
		h.ServeHTTP(w, req.WithContext(ctx))
		if w.status >= 500 && w.status != http.StatusServiceUnavailable {
			t.Fatalf("%s %s %q: %d %s", method, path, body, w.status, w.b.String())
		}
	})
}

// recorder keeps an answer.
type recorder struct {
	head   http.Header
	status int
	b      bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.head }
func (r *recorder) WriteHeader(s int)   { r.status = s }
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = 200
	}
	return r.b.Write(b)
}
func (r *recorder) Flush()                           {}
func (r *recorder) SetWriteDeadline(time.Time) error { return nil }
