// Package guard stands before the live page: it lets in only who has the key, from the page itself, under a name
// of this machine, and bounds what a request may be.
package guard

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
)

// Bounds of one request, whatever it asks for.
const (
	maxURL      = 8 << 10
	maxRequests = 256 // at once, event streams included
)

// guard lets in only who was given the token, from the page itself, under a name of this
// machine: other users share the loopback address, and any page of the web can send requests to
// it (DNS rebinding, cross-site writes).
type guard struct {
	token  string // in the printed address
	cookie string // its name: cookies do not tell ports apart
	secret string // its value, drawn anew every start
	hosts  []string
	next   http.Handler
	slots  chan struct{}
	log    *log.Logger
}

// Secret is 192 random bits.
func Secret() string {
	var b [24]byte
	rand.Read(b[:]) // never fails, says crypto/rand
	return hex.EncodeToString(b[:])
}

// New guards next, which is reached under host names and address of a listener; token is the key.
func New(next http.Handler, token string, addr net.Addr, names []string, l *log.Logger) http.Handler {
	host, port, _ := net.SplitHostPort(addr.String())
	g := &guard{token: token, secret: Secret(), cookie: "rnnscope-" + port, next: next, slots: make(chan struct{}, maxRequests), log: l}
	all := append([]string{"127.0.0.1", "localhost", "::1"}, names...)
	if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
		all = append(all, host)
	}
	for _, name := range all {
		g.hosts = append(g.hosts, net.JoinHostPort(strings.ToLower(strings.Trim(name, "[]")), port))
	}
	return g
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.headers(w)
	defer func() {
		// No request stops the server. What was half written is cut off.
		if x := recover(); x != nil {
			if x == http.ErrAbortHandler {
				panic(x)
			}
			g.log.Printf("%s %s: %v\n%s", r.Method, r.URL.Path, x, debug.Stack())
			http.Error(w, "the server made a mistake; its terminal says which", http.StatusInternalServerError)
		}
	}()
	if why, status := g.refuse(r); status != 0 {
		http.Error(w, why, status)
		return
	}
	if g.exchange(w, r) {
		return
	}
	if !g.isAuthorized(r) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, unknownPage)
		return
	}
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests at once; try again in a moment", http.StatusServiceUnavailable)
		return
	}
	g.next.ServeHTTP(&answer{ResponseWriter: w}, r)
}

// answer takes one status: when a client is gone before its answer was written, the library sets a second one, which the
// standard server takes for a mistake and logs.
type answer struct {
	http.ResponseWriter
	begun bool
}

func (a *answer) WriteHeader(status int) {
	if a.begun {
		return
	}
	a.begun = status >= 200 // what comes before it may come several times
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// Flush sends what has been written.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

const unknownPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>rnnscope</title><main><h1>This page needs its key</h1>` +
	`<p>Open the address that <code>rnnscope serve</code> printed: it ends in <code>?token=…</code>.</p>` +
	`<p lang="zh">请打开 <code>rnnscope serve</code> 打印的地址，它以 <code>?token=…</code> 结尾。</p></main></html>`

// headers are those of every answer. Scripts and styles come from the server's own files alone.
func (g *guard) headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// refuse says why a request is not for us; 0 when it is.
func (g *guard) refuse(r *http.Request) (why string, status int) {
	if !slices.Contains(g.hosts, strings.ToLower(r.Host)) {
		return "this server is not known under that name; start it with --name NAME to add one", http.StatusMisdirectedRequest
	}
	if len(r.URL.RequestURI()) > maxURL {
		return "the address is too long", http.StatusRequestURITooLong
	}
	if origin := r.Header.Get("Origin"); origin != "" && !g.own(origin) {
		return "requests of other pages are not answered", http.StatusForbidden
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		// A link from elsewhere may lead to the page, but nothing else.
		if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || strings.HasPrefix(r.URL.Path, "/api") {
			return "requests of other pages are not answered", http.StatusForbidden
		}
	}
	return "", 0
}

func (g *guard) own(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && slices.Contains(g.hosts, strings.ToLower(u.Host))
}

// exchange gives the cookie for the token in the address, and leads to the address without it.
func (g *guard) exchange(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if r.Method != http.MethodGet || !q.Has("token") || strings.HasPrefix(r.URL.Path, "/api") {
		return false
	}
	if !same(q.Get("token"), g.token) {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	q.Del("token")
	to := url.URL{Path: "/", RawQuery: q.Encode()}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

// isAuthorized says that the request carries the cookie, or the token as a program would send it.
func (g *guard) isAuthorized(r *http.Request) bool {
	if c, err := r.Cookie(g.cookie); err == nil && same(c.Value, g.secret) {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && same(bearer, g.token)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
