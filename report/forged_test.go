package report

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/run"
)

// leaf is a value inside a JSON document, and how to put another in its place.
type leaf struct {
	path string
	is   any
	set  func(v any)
}

// leaves lists the values of a document, of equal paths the first.
func leaves(path string, v any, set func(any), seen map[string]bool, out *[]leaf) {
	if !seen[path] {
		seen[path] = true
		*out = append(*out, leaf{path, v, set})
	}
	switch v := v.(type) {
	case map[string]any:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			leaves(path+"."+k, v[k], func(x any) { v[k] = x }, seen, out)
		}
	case []any:
		for i := range v {
			leaves(path+"[]", v[i], func(x any) { v[i] = x }, seen, out)
		}
	}
}

// wrongs are values of the same kind that are well formed and wrong.
func wrongs(v any) []any {
	switch v := v.(type) {
	case float64:
		return []any{-1.0, 0.0, 1e6, 1e15, 1e300, nil}
	case string:
		return []any{"", "zz", "l9.h", "\x1b[2J\u202e"}
	case bool:
		return []any{!v}
	case []any:
		return []any{[]any{}, nil, append(append([]any{}, v...), v...)}
	case map[string]any:
		return []any{map[string]any{}, nil}
	}
	return []any{0.0, "x"}
}

// mistaken has two causes, one with an error in context, and a gain.
func mistaken() *mistakes.Result {
	i := interval3(.2, .1, .3)
	worst := []mistakes.Example{{Before: "the ca", Char: "t", Expected: "r", Q: .1, P: .6}}
	return &mistakes.Result{
		Version: "1", Text: "novel", Split: "tail", Characters: 1000, Segments: 10, Segment: 100, Orders: 9, Best: 5, Wrong: 40, Rate: i, Loss: i, NGramLoss: i, LossShare: i,
		Causes: []mistakes.Cause{{Name: mistakes.NGram, Holds: 9, Removed: 9, Share: i, Nats: i, Shapley: i, Worst: worst}, {Name: mistakes.Rest, Share: i, Nats: i, Shapley: i}},
		Gains:  []mistakes.Gain{{Char: "e", Count: 9, Network: 1, NGram: 2, Gain: i}},
	}
}

// views are the stored results of fixture, as JSON, and where each goes.
func views(t testing.TB) (docs map[string]string, put func(d *content.Data, name string, b []byte) error) {
	t.Helper()
	whole := fixture()
	whole.Explain, whole.Mistakes = explained(), mistaken()
	whole.Memory, whole.Use = remembered(), judged()
	whole.Steered = []intervene.SteeredUnit{{Curve: judged().Concepts[0].Steering, Prompt: "He ", Samples: []intervene.SteeredText{{Text: "said"}, {Dose: "l0.c[4] = 0.9", Text: "no"}}}}
	whole.Mechanism = &mechanism.View{Result: counted("stack"), Split: "test of tail 80/10/10", Growth: []mechanism.Moment{{Step: 0}, {Step: 2500}}}
	docs = map[string]string{}
	for name, v := range map[string]any{"dissect": whole.Dissect, "memory": whole.Memory, "mechanism": whole.Mechanism, "use": whole.Use, "steered": whole.Steered, "emergence": whole.Emergence, "births": whole.Births, "heldout": whole.HeldOut, "mistakes": whole.Mistakes, "explain": whole.Explain} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if docs[name] = string(b); docs[name] == "null" {
			t.Fatalf("the fixture has no %s: nothing would be changed", name)
		}
	}
	return docs, func(d *content.Data, name string, b []byte) error {
		into := map[string]any{"dissect": &d.Dissect, "memory": &d.Memory, "mechanism": &d.Mechanism, "use": &d.Use, "steered": &d.Steered, "emergence": &d.Emergence, "births": &d.Births, "heldout": &d.HeldOut, "mistakes": &d.Mistakes, "explain": &d.Explain}[name]
		return json.Unmarshal(b, into)
	}
}

// makePage makes the page of d, as Build does but for the files.
func makePage(ctx context.Context, d *content.Data) error {
	return guarded(ctx, func() error {
		p, _, err := build(d, "en")
		if err != nil {
			return err
		}
		return p.Write(io.Discard)
	})
}

// TestForgedViews: every value of every stored result, changed: a page or an error, no panic,
// and no work without end. All of them with RNNSCOPE_LONG, every 29th without, every 151st in short.
func TestForgedViews(t *testing.T) {
	stride := 29
	if testing.Short() {
		stride = 151
	}
	if os.Getenv("RNNSCOPE_LONG") != "" {
		stride = 1
	}
	docs, put := views(t)
	tried, refused, slow := 0, map[string]int{}, 0
	for name, js := range docs {
		var doc any
		if err := json.Unmarshal([]byte(js), &doc); err != nil {
			t.Fatal(err)
		}
		var all []leaf
		leaves(name, doc, nil, map[string]bool{}, &all)
		for i, l := range all {
			if l.set == nil || i%stride != 0 {
				continue
			}
			for _, w := range wrongs(l.is) {
				l.set(w)
				b, err := json.Marshal(doc)
				l.set(l.is)
				if err != nil {
					t.Fatal(err)
				}
				d := fixture()
				if put(d, name, b) != nil {
					continue
				}
				tried++
				// Long enough for a machine that is busy; endless work is endless.
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				err = makePage(ctx, d)
				cancel()
				switch {
				case errors.Is(err, context.DeadlineExceeded):
					t.Errorf("%s = %v: without end", l.path, w)
					if slow++; slow > 3 {
						t.FailNow()
					}
				case errors.Is(err, run.ErrCorrupt):
					refused[l.path]++
				case err != nil:
					t.Errorf("%s = %v: %v", l.path, w, err)
				}
			}
		}
	}
	t.Logf("%d changed values, %d of them refused: %v", tried, len(refused), refused)
	if tried < 20 {
		t.Errorf("only %d values were changed", tried)
	}
}

// FuzzViews: any JSON in place of a stored result.
func FuzzViews(f *testing.F) {
	docs, put := views(f)
	var names []string
	for name := range docs {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		f.Add(uint8(i), []byte(docs[name]))
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		d := fixture()
		if put(d, names[int(which)%len(names)], b) != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := makePage(ctx, d); errors.Is(err, context.DeadlineExceeded) {
			t.Error("work without end")
		}
	})
}

// A link in place of the run's figures is not followed.
func TestFiguresThatLeadElsewhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	r := smallRun(t, false)
	elsewhere := t.TempDir()
	figures := filepath.Clean(r.FigurePath(""))
	if err := errors.Join(os.RemoveAll(figures), os.Symlink(elsewhere, figures)); err != nil {
		t.Fatal(err)
	}
	if _, err := Build(context.Background(), r, Options{}); err == nil || !strings.Contains(err.Error(), "is a link") {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(elsewhere); len(left) > 0 {
		t.Errorf("written there: %v", left)
	}
}
