package web

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/web/shelf"
)

func TestOnlyWhoHasTheKeyComesIn(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a")})
	host := strings.TrimPrefix(c.http.URL, "http://")
	key := "Bearer " + c.srv.Token()
	for _, tt := range []struct {
		name   string
		change func(r *http.Request)
		want   int
	}{
		{"with the token", func(r *http.Request) { r.Header.Set("Authorization", key) }, 200},
		{"nothing", func(*http.Request) {}, 401},
		{"a wrong token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401},
		{"the token in the address of the API", func(r *http.Request) { r.URL.RawQuery = "token=" + c.srv.Token() }, 401},
		{"the token as cookie", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName(host), Value: c.srv.Token()}) }, 401},
		{"another host (rebinding)", func(r *http.Request) { r.Header.Set("Authorization", key); r.Host = "evil.example:80" }, 421},
		{"another port", func(r *http.Request) { r.Header.Set("Authorization", key); r.Host = "127.0.0.1:1" }, 421},
		{"localhost", func(r *http.Request) {
			r.Header.Set("Authorization", key)
			r.Host = "localhost" + host[strings.LastIndex(host, ":"):]
		}, 200},
		{"another origin", func(r *http.Request) {
			r.Header.Set("Authorization", key)
			r.Header.Set("Origin", "http://evil.example")
		}, 403},
		{"no origin", func(r *http.Request) { r.Header.Set("Authorization", key); r.Header.Set("Origin", "null") }, 403},
		{"its own origin", func(r *http.Request) { r.Header.Set("Authorization", key); r.Header.Set("Origin", c.http.URL) }, 200},
		{"another port's origin", func(r *http.Request) {
			r.Header.Set("Authorization", key)
			r.Header.Set("Origin", "http://127.0.0.1:1")
		}, 403},
		{"another site", func(r *http.Request) {
			r.Header.Set("Authorization", key)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, 403},
		{"a long address", func(r *http.Request) {
			r.Header.Set("Authorization", key)
			r.URL.RawQuery = strings.Repeat("x", 8<<10)
		}, 414},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, _ := http.NewRequest(http.MethodGet, c.http.URL+"/api/runs", nil)
			tt.change(req)
			if r := c.do(req); r.StatusCode != tt.want {
				t.Fatalf("%s: %s", r.Status, c.body(r))
			}
		})
	}
}

func cookieName(host string) string { return "rnnscope-" + host[strings.LastIndex(host, ":")+1:] }

func TestTheTokenBecomesACookie(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t)})
	req, _ := http.NewRequest(http.MethodGet, c.http.URL+"/?token="+c.srv.Token(), nil)
	r := c.do(req)
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		t.Fatalf("%s to %q", r.Status, r.Header.Get("Location"))
	}
	cookies := r.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Value == c.srv.Token() {
		t.Fatalf("cookies %v", cookies)
	}
	req, _ = http.NewRequest(http.MethodGet, c.http.URL+"/", nil)
	req.AddCookie(cookies[0])
	r = c.do(req)
	if r.StatusCode != http.StatusOK || !strings.Contains(c.body(r), `id="app"`) {
		t.Fatal(r.Status)
	}
	policy := r.Header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Fatalf("policy %q", policy)
	}
	req, _ = http.NewRequest(http.MethodGet, c.http.URL+"/?token=wrong", nil)
	if r := c.do(req); r.StatusCode != http.StatusUnauthorized || len(r.Cookies()) > 0 {
		t.Fatalf("a wrong token: %s, %v", r.Status, r.Cookies())
	}
}

// The page has neither scripts nor styles of its own in its text: the policy would not run them.
func TestThePageFitsItsPolicy(t *testing.T) {
	b, err := dist.ReadFile("ui/dist/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for tag := range strings.SplitSeq(string(b), "<") {
		if strings.HasPrefix(tag, "script") && !strings.Contains(tag, "src=") || strings.HasPrefix(tag, "style") || strings.Contains(tag, " style=") || strings.Contains(tag, " on") && strings.Contains(tag, "load=") {
			t.Errorf("inline: <%s", tag)
		}
	}
}

func TestAPanicAnswersOne(t *testing.T) {
	srv, err := New(Options{Dir: shelfDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	srv.mux.HandleFunc("GET /panics", func(http.ResponseWriter, *http.Request) { panic("a mistake") })
	c := serve(t, Options{Dir: shelfDir(t), Token: "t"})
	c.http.Config.Handler = srv.Handler(c.http.Listener.Addr())
	req, _ := http.NewRequest(http.MethodGet, c.http.URL+"/panics", nil)
	req.Header.Set("Authorization", "Bearer "+srv.Token())
	if r := c.do(req); r.StatusCode != http.StatusInternalServerError {
		t.Fatal(r.Status)
	}
	req, _ = http.NewRequest(http.MethodGet, c.http.URL+"/api/runs", nil)
	req.Header.Set("Authorization", "Bearer "+srv.Token())
	if r := c.do(req); r.StatusCode != http.StatusOK {
		t.Fatal(r.Status)
	}
}

func TestNothingOutsideIsServed(t *testing.T) {
	dir := shelfDir(t, "in", "linked")
	outside := shelfDir(t, "out")
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := func(to, from string) {
		if err := os.Symlink(to, from); err != nil {
			t.Skip("this system has no symbolic links:", err)
		}
	}
	link(filepath.Join(outside, "out"), filepath.Join(dir, "away"))
	link(filepath.Join(dir, "in"), filepath.Join(dir, "inside"))
	text := filepath.Join(dir, "linked", "text.gz")
	if err := os.Remove(text); err != nil {
		t.Fatal(err)
	}
	link(secret, text)
	s, err := shelf.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if ids := strings.Join(s.IDs(), " "); ids != "in inside linked" {
		t.Fatalf("runs %q", ids)
	}
	if _, _, err := s.Open("linked"); !errors.Is(err, shelf.ErrOutside) {
		t.Fatalf("a text that leads out: %v", err)
	}
	if _, done, err := s.Open("inside"); err != nil {
		t.Fatal(err)
	} else {
		done()
	}
	for _, id := range []string{"away", "..", "in/../../x", "/etc", "", "in~", "."} {
		if _, _, err := s.Open(id); err == nil {
			t.Errorf("%q was opened", id)
		}
	}
}

func TestOtherMachinesOnlyRead(t *testing.T) {
	c := serve(t, Options{Dir: shelfDir(t, "a"), ReadOnly: true, Command: nothing})
	for _, path := range []string{"/api/jobs", "/api/jobs/1/stop"} {
		if r := c.ask(http.MethodPost, path, `{"kind":"dissect","run":"a"}`); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	if r := c.ask(http.MethodPost, "/api/runs/a/read", `{"text":"He said"}`); r.StatusCode != http.StatusOK {
		t.Errorf("reading: %s", r.Status)
	}
}
