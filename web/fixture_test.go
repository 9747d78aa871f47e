package web

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// madeRun is a small trained run that all tests copy: training it takes longest.
var madeRun = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "web-test-*")
	if err != nil {
		return "", err
	}
	t, err := synth.Generate("novel", 60_000, rand.New(rand.NewPCG(1, 2)), synth.Options{})
	if err != nil {
		return "", err
	}
	c, err := text.FromString("novel", t.S, text.Options{})
	if err != nil {
		return "", err
	}
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		return "", err
	}
	cfg := train.Config{
		Model: rnn.Config{Cell: rnn.LSTM, Hidden: 12, Layers: 2}, Batch: 8, Seq: 32, Iterations: 40, Seed: 1,
		ValidateEvery: 20, Snapshots: []int64{0, 10}, Optim: optim.Config{Name: optim.Adam, LR: 0.02},
	}
	path := filepath.Join(dir, "run")
	r, err := run.Create(path, run.Info{Command: "rnnscope train", Seed: 1, Split: split, Config: &cfg}, c)
	if err != nil {
		return "", err
	}
	trainer, _, err := r.Trainer(train.Extend{}, train.Options{Workers: 1})
	if err != nil {
		return "", err
	}
	listener := r.Listener(train.Listener{Snapshot: func(_ context.Context, s train.Snapshot) error {
		return r.AddSample(run.Sample{Step: s.Step, Temperature: .8, Text: "a sample <script>alert(1)</script>"})
	}})
	if err := trainer.Run(context.Background(), listener); err != nil {
		return "", err
	}
	return path, r.Close()
})

// shelfDir is a fresh directory with the runs of the names given.
func shelfDir(t testing.TB, names ...string) string {
	t.Helper()
	made, err := madeRun()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range names {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// client talks to a server as the page does.
type client struct {
	t    testing.TB
	http *httptest.Server
	srv  *Server
}

func serve(t testing.TB, opt Options) *client {
	t.Helper()
	srv, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(nil)
	h.Config.Handler = srv.Handler(h.Listener.Addr())
	h.Start()
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
		srv.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return &client{t, h, srv}
}

// ask sends a request with the token.
func (c *client) ask(method, path, body string) *http.Response {
	c.t.Helper()
	req, err := http.NewRequest(method, c.http.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.srv.Token())
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.do(req)
}

func (c *client) do(req *http.Request) *http.Response {
	c.t.Helper()
	r, err := (&http.Client{Transport: c.http.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { r.Body.Close() })
	return r
}

func (c *client) body(r *http.Response) string {
	c.t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// get is the body of a request that must be answered.
func (c *client) get(path string) string {
	c.t.Helper()
	r := c.ask(http.MethodGet, path, "")
	b := c.body(r)
	if r.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s %s", path, r.Status, b)
	}
	return b
}
