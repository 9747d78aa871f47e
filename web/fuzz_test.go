package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// handlerSeeds are a request of every route, and some that nobody would make: method, path, body.
var handlerSeeds = [][3]string{
	{"GET", "/api/runs/a/unit?site=l0.h&unit=1", ""}, {"POST", "/api/runs/a/read", `{"text":"He","site":"l0.h","unit":1}`},
	{"POST", "/api/runs/a/read", `{"at":5,"n":3,"ids":[1,2,999999]}`}, {"GET", "/api/runs/a/turn?units=l0.h[1]=1&n=5", ""},
	{"GET", "/api/readings/x/rank?lo=1&hi=0", ""}, {"POST", "/api/jobs", `{"kind":"train","run":"x"}`}, {"GET", "/assets/../../guard.go", ""},
	{"GET", "/api/runs/..%2f..%2fetc/metrics", ""}, {"GET", "/api/runs/a/map?site=l0.h", ""}, {"GET", "/api/runs/a/growth?site=l0.h&concept=digit", ""},
	{"GET", "/api/runs/a/matrix?step=-9", ""}, {"DELETE", "/", ""}, {"POST", "/api/runs/a/read", `{"n":-1}`}, {"POST", "/api/runs/a/read", "\xff"},
	// READING is a passage that was read.
	{"GET", "/api/readings/READING/unit?site=l0.h&unit=1", ""}, {"GET", "/api/readings/READING/heat?site=l0.c", ""}, {"GET", "/api/readings/READING/labels?concepts=digit", ""},
	{"GET", "/api/readings/READING/rank?lo=1&hi=4", ""}, {"GET", "/api/readings/READING/why?at=5&instead=2&target=1", ""}, {"GET", "/api/readings/READING/edit?at=3&to=1", ""},
	{"GET", "/api/readings/READING/map?site=l0.h", ""}, {"GET", "/api/readings/READING/neighbours?site=l0.h&at=4", ""}, {"GET", "/api/readings/READING/pairs", ""},
	{"POST", "/api/runs/a/read", `{"reading":"READING","have":3,"text":"He went","site":"l0.c","unit":2}`},
	{"POST", "/api/readings/READING/choose", `{"lo":1,"hi":4,"how":"rule","rule":{"quantile":0.9,"off":0.7,"before":true,"after":true}}`},
	{"POST", "/api/readings/READING/refine", `{"lo":1,"hi":4,"how":"marks","right":[{"Lo":10,"Hi":13}],"wrong":[{"Lo":90,"Hi":93}],"as":"digit"}`},
	{"POST", "/api/readings/READING/match", `{"lo":1,"hi":4,"how":"hand","units":["l0.h[3]"],"at":7,"draws":5}`},
	{"GET", "/api/share?k=3&n=9", ""}, {"GET", "/api/runs/a/index", ""}, {"GET", "/api/runs/a/match", ""}, {"GET", "/api/runs/a/unit/output?site=l1.c&unit=3", ""},
	{"GET", "/api/runs/a/sections?names=use,memory&lang=zh", ""}, {"GET", "/api/runs/a/evolution", ""}, {"GET", "/api/runs/a/panel?site=l0.f", ""}, {"GET", "/api/runs/a/atlas", ""},
	{"POST", "/api/runs/a/notes", `{"site":"l0.h","unit":1,"label":"x","text":"y"}`}, {"GET", "/api/runs/a/notes", ""}, {"POST", "/api/jobs/1/stop", "{}"},
	{"GET", "/api/runs", ""}, {"GET", "/api/runs/a", ""}, {"GET", "/api/runs/a/metrics", ""}, {"GET", "/api/jobs", ""}, {"GET", "/api/events", ""}, {"GET", "/api/openapi.json", ""},
	{"GET", "/", ""}, {"GET", "/?token=x", ""}, {"GET", "/icon.svg", ""}, {"GET", "/colours.css", ""}, {"POST", "/api/runs/a/notes/NOTE/remove", "{}"},
	{"POST", "/api/runs/a/notes", `{"id":"NOTE","site":"","unit":-1,"at":600,"length":3,"text":"abc","step":40,"label":"","comment":"z"}`},
	// Trainings, with a text that is built in or sent along, and every other kind of job.
	{"POST", "/api/jobs", `{"kind":"train","run":"x","text":"to be or not to be","name":"../up.txt","preset":"demo","iterations":3}`},
	{"POST", "/api/jobs", `{"kind":"train","run":"x y","built":"novel","step":-1}`}, {"POST", "/api/jobs", `{"kind":"resume","run":"a","iterations":50}`},
	{"POST", "/api/jobs", `{"kind":"ablate","run":"a","unit":"l0.h[3]","concept":"digit","step":40}`}, {"POST", "/api/jobs", `{"kind":"steer","run":"a","unit":"l1.c[3]","concept":"digit"}`},
	{"POST", "/api/jobs", `{"kind":"dissect","run":"a","step":10}`}, {"POST", "/api/jobs", `{"kind":"index","run":"a","step":10}`}, {"POST", "/api/jobs", `{"kind":"report","run":"a"}`},
}

// Every route has a request from which its neighbours are made.
func TestEveryRouteIsFuzzed(t *testing.T) {
	srv, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	part := regexp.MustCompile(`\{\w+\}`)
	routes := 0
	for path, item := range srv.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op == nil {
				continue
			}
			routes++
			of := regexp.MustCompile("^" + part.ReplaceAllString(path, `[^/?]+`) + `(\?|$)`)
			if !slices.ContainsFunc(handlerSeeds, func(s [3]string) bool { return s[0] == method && of.MatchString(s[1]) }) {
				t.Errorf("%s %s has no seed", method, path)
			}
		}
	}
	if routes < 30 {
		t.Errorf("%d routes", routes)
	}
}

// FuzzHandlers sends what nobody would: no answer is a mistake of the server, and none is an
// empty success.
func FuzzHandlers(f *testing.F) {
	for _, seed := range handlerSeeds {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	c := serve(f, Options{Dir: shelfDir(f, "a"), Command: nothing})
	h := c.srv.Handler(c.http.Listener.Addr())
	passage := regexp.MustCompile(`"reading":"(\w+)"`).FindStringSubmatch(c.body(c.ask(http.MethodPost, "/api/runs/a/read", `{"at":600,"n":60}`)))
	if passage == nil {
		f.Fatal("nothing was read")
	}
	var kept struct{ ID string }
	if err := json.Unmarshal([]byte(c.body(c.ask(http.MethodPost, "/api/runs/a/notes", `{"site":"l0.h","unit":1,"at":-1,"length":0,"text":"","step":40,"label":"x","comment":""}`))), &kept); err != nil || kept.ID == "" {
		f.Fatalf("no note was kept: %v", err)
	}
	names := strings.NewReplacer("READING", passage[1], "NOTE", kept.ID)
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		path = names.Replace(path)
		req, err := http.NewRequest(method, "http://x"+path, strings.NewReader(names.Replace(string(body))))
		if err != nil {
			return // not a request
		}
		req.Host = strings.TrimPrefix(c.http.URL, "http://")
		req.Header.Set("Authorization", "Bearer "+c.srv.Token())
		req.Header.Set("Content-Type", "application/json")
		patience := 20 * time.Second
		if strings.HasPrefix(path, "/api/events") {
			patience = 50 * time.Millisecond // it does not end by itself
		}
		ctx, stop := context.WithTimeout(req.Context(), patience)
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
