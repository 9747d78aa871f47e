// Package lesson writes a static copy of chosen views of the live page: a folder that a browser opens from the disk or any web server, without
// the program. Every answer the views ask for is asked of the server beforehand and laid beside the page.
package lesson

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// ErrInput: what is asked for cannot be copied; match with errors.Is.
var ErrInput = errors.New("cannot be copied")

// Copy is what a copy is made from.
type Copy struct {
	Server  http.Handler // answers /api/...
	Page    fs.FS        // index.html, assets/, icon.svg
	Colours string       // stylesheet
	Version string
	Runs    []string                           // all that are served
	Tell    func(done, total int, what string) // progress; may be nil
}

// mostBytes is how large a copy may grow: beyond it a browser takes long to open it.
const mostBytes = 200 << 20

// Write writes the views to dir, which must not exist or be empty. It appears whole or not at all. Without views those of each
// run that have something to show are taken. Errors match ErrInput, or are those of the server or the file system.
func (c *Copy) Write(ctx context.Context, dir string, views []View) error {
	if err := free(dir); err != nil {
		return err
	}
	b := &book{copy: c, ctx: ctx, answers: map[string]answer{}, runs: map[string]*runInfo{}}
	if len(views) == 0 {
		var err error
		if views, err = b.usual(); err != nil {
			return err
		}
	}
	for i, v := range views {
		if c.Tell != nil {
			c.Tell(i, len(views), v.String())
		}
		if err := b.view(v); err != nil {
			return fmt.Errorf("%s: %w", v, err)
		}
	}
	if err := b.shelf(); err != nil {
		return err
	}
	if c.Tell != nil {
		c.Tell(len(views), len(views), "written")
	}
	return b.write(dir, views)
}

// free says that nothing stands where the copy is to be.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%w: %s is not empty; name a new folder", ErrInput, dir)
	}
	return nil
}

// answer is what the server said, with its kind: j JSON, f frames, e events.
type answer struct {
	kind string
	body []byte
}

// book collects answers under what was asked.
type book struct {
	copy    *Copy
	ctx     context.Context
	answers map[string]answer
	runs    map[string]*runInfo
	order   []string // of runs
	bytes   int
}

// taking takes an answer of the server without a network between.
type taking struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (t *taking) Header() http.Header { return t.header }
func (t *taking) WriteHeader(s int)   { t.status = s }
func (t *taking) Flush()              {}

// SetWriteDeadline does nothing: nobody is slow to take.
func (t *taking) SetWriteDeadline(time.Time) error { return nil }

func (t *taking) Write(b []byte) (int, error) {
	return t.body.Write(b)
}

// ask asks the server, once; where is an address below /api/, unescaped parts joined by at.
func (b *book) ask(method, where, key string, body []byte) ([]byte, error) {
	if a, ok := b.answers[key]; ok && key != "" {
		return a.body, nil
	}
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(b.ctx, method, "/"+where, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	t := &taking{header: http.Header{}, status: http.StatusOK}
	b.copy.Server.ServeHTTP(t, r)
	if t.status >= 300 {
		return nil, fmt.Errorf("%s: %s", where, detail(t.body.Bytes()))
	}
	kind := "j"
	switch of := t.header.Get("Content-Type"); {
	case strings.HasPrefix(of, "text/event-stream"):
		kind = "e"
	case !strings.HasPrefix(of, "application/json"):
		kind = "f"
	}
	if b.bytes += t.body.Len(); b.bytes > mostBytes {
		return nil, fmt.Errorf("%w: the copy would have more than %d MB; choose fewer views or shorter passages", ErrInput, mostBytes>>20)
	}
	b.answers[key] = answer{kind, t.body.Bytes()}
	return t.body.Bytes(), nil
}

// detail is the reason in an answer that is none.
func detail(body []byte) string {
	var said struct{ Detail string }
	if json.Unmarshal(body, &said) == nil && said.Detail != "" {
		return said.Detail
	}
	return strings.TrimSpace(string(body))
}

// pair is a parameter of an address; their order is that in which the page writes them.
type pair struct{ name, value string }

// get keeps the answer to a request of the page. Parts and values are as they are meant; the key has them unescaped, so that page
// and copy need not agree on how to escape.
func (b *book) get(parts []string, query ...pair) ([]byte, error) {
	at, key := "api", "GET api"
	for _, p := range parts {
		at += "/" + url.PathEscape(p)
		key += "/" + p
	}
	for i, q := range query {
		sep := "&"
		if i == 0 {
			sep = "?"
		}
		at += sep + url.QueryEscape(q.name) + "=" + url.QueryEscape(q.value)
		key += sep + q.name + "=" + q.value
	}
	return b.ask(http.MethodGet, at, key, nil)
}

// post keeps the answer to a request with a body.
func (b *book) post(parts []string, body map[string]any) ([]byte, error) {
	at, key := "api", "POST api"
	for _, p := range parts {
		at += "/" + url.PathEscape(p)
		key += "/" + p
	}
	raw, err := json.Marshal(body) // keys in order, as the page writes them for a key
	if err != nil {
		return nil, err
	}
	return b.ask(http.MethodPost, at, key+" "+string(unescapeHTML(raw)), raw)
}

// unescapeHTML is JSON as browsers write it: Go writes <, > and & as escapes.
func unescapeHTML(raw []byte) []byte {
	return []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u2028`, "\u2028", `\u2029`, "\u2029").Replace(string(raw)))
}

// shelf is the list of runs, of those that are copied alone, and without anything that a copy cannot do.
func (b *book) shelf() error {
	raw, err := b.get([]string{"runs"})
	if err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	runs := []any{}
	for _, r := range all["runs"].([]any) {
		if id, _ := r.(map[string]any)["id"].(string); slices.Contains(b.order, id) {
			runs = append(runs, r)
			if _, err := b.get([]string{"runs", id, "metrics"}); err != nil {
				return err
			}
		}
	}
	all["runs"], all["writes"] = runs, false
	if raw, err = json.Marshal(all); err != nil {
		return err
	}
	b.answers["GET api/runs"] = answer{"j", raw}
	return nil
}

// write lays page and answers side by side.
func (b *book) write(dir string, views []View) error {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, ".lesson"+durable.Mark)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	script, err := b.script(views)
	if err != nil {
		return err
	}
	if err := b.page(tmp); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "kept.js"), script, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(tmp, dir)
}

// script is the answers as a script, which a page from the disk may load where it may not ask for files.
func (b *book) script(views []View) ([]byte, error) {
	type page struct {
		Hash string `json:"hash"`
		Run  string `json:"run"`
		View string `json:"view"`
	}
	head := struct {
		Made    string               `json:"made"`
		Version string               `json:"version"`
		Pages   []page               `json:"pages"`
		Answers map[string][2]string `json:"answers"`
	}{Made: time.Now().UTC().Format("2006-01-02"), Version: b.copy.Version, Answers: map[string][2]string{}}
	for _, v := range views {
		head.Pages = append(head.Pages, page{v.String(), v.Run, v.Name})
	}
	for key, a := range b.answers {
		packed, err := pack(a.body)
		if err != nil {
			return nil, err
		}
		head.Answers[key] = [2]string{a.kind, packed}
	}
	raw, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	return append(append([]byte("window.rnnscopeKept="), raw...), ";\n"...), nil
}

// pack is gzip in base64: a browser unpacks both.
func pack(body []byte) (string, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(body); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

var moduleTag = regexp.MustCompile(`<script type="module"[^>]*src="\./([^"]+)"[^>]*></script>`)

// page copies the page itself. A page from the disk may not load modules, so that the script becomes a plain one, closed in
// a function since a module's names are its own.
func (b *book) page(dir string) error {
	index, err := fs.ReadFile(b.copy.Page, "index.html")
	if err != nil {
		return err
	}
	tag := moduleTag.FindSubmatch(index)
	if tag == nil {
		return errors.New("lesson: the page has no module script")
	}
	index = moduleTag.ReplaceAll(index, []byte(`<script defer src="./kept.js"></script><script defer src="./$1"></script>`))
	index = bytes.ReplaceAll(index, []byte(" crossorigin"), nil)
	index = bytes.ReplaceAll(index, []byte(`href="/icon.svg"`), []byte(`href="./icon.svg"`))
	files := map[string][]byte{"index.html": index, "colours.css": []byte(b.copy.Colours)}
	err = fs.WalkDir(b.copy.Page, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || at == "index.html" {
			return err
		}
		content, err := fs.ReadFile(b.copy.Page, at)
		if at == string(tag[1]) {
			content = slices.Concat([]byte("(()=>{'use strict';"), content, []byte("\n})();\n"))
		}
		files[at] = content
		return err
	})
	if err != nil {
		return err
	}
	for at, content := range files {
		to := filepath.Join(dir, filepath.FromSlash(at))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
