package run

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// readAll reads everything there is; what is wrong comes back as errors.
func readAll(dir string) []error {
	r, err := Open(dir)
	if err != nil {
		return []error{err}
	}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	names, err := r.MetricNames()
	note(err)
	for _, name := range names {
		_, err := r.Metrics(name)
		note(err)
	}
	_, err = r.Samples()
	note(err)
	_, err = r.Findings("", Want{})
	note(err)
	views, err := r.Views()
	note(err)
	for _, name := range views {
		var v any
		_, err = r.View(name, Want{}, &v)
		note(err)
	}
	_, err = r.Sessions()
	note(err)
	_, err = r.Text()
	note(err)
	_, err = r.Latest()
	note(err)
	note(r.Close())
	return errs
}

// filled is a run with something in every table.
func filled(t testing.TB) string {
	t.Helper()
	r := create(t)
	for i := range 100 {
		if err := r.AddMetric(int64(i), "loss", float64(i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		r.AddSample(Sample{Text: "text"}),
		r.SetFindings(finding.Unknown, "dissect", []finding.Finding{{Concept: "digit", Site: "l0.h"}}),
		r.PutView(finding.Unknown, "units", []int{1, 2, 3}),
		r.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r.Dir()
}

// No bytes in place of run.db may make a reader panic or hang.
func FuzzOpen(f *testing.F) {
	base := filled(f)
	whole, err := os.ReadFile(filepath.Join(base, dbName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:100])
	f.Add(whole[:len(whole)/2])
	for at := 16; at < len(whole); at += len(whole) / 40 {
		b := append([]byte(nil), whole...)
		b[at] ^= 0xff
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, stepsName), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, dbName), b, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, err := range readAll(dir) {
			if err.Error() == "" {
				t.Error("an error without words")
			}
		}
	})
}

// Every byte of a small database, damaged: an error or the same rows, never a panic.
func TestDamagedDatabases(t *testing.T) {
	base := filled(t)
	path := filepath.Join(base, dbName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stride := 37
	if testing.Short() {
		stride = 997
	}
	failed := 0
	for at := 0; at < len(whole); at += stride {
		b := append([]byte(nil), whole...)
		b[at] ^= 0x55
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		// One error is always there: nothing was trained, so there are no weights.
		if len(readAll(base)) > 1 {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no damage was ever seen")
	}
}

// Whatever settings run.db holds: such as this program could have written, or an error.
func FuzzSettings(f *testing.F) {
	r := create(f)
	whole, err := json.Marshal(r.Info())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole), `{}`)
	for _, change := range []string{
		`{"bytes":1000000000000000}`, `{"symbols":-1}`, `{"sha256":""}`, `{"sha256":"zz"}`, `{"alphabet":null}`, `{"alphabet":{"symbols":["two"]}}`,
		`{"split":{"train":{"lo":-5,"hi":9223372036854775807}}}`, `{"split":{"val":{"lo":0,"hi":0}}}`, `{"config":null}`,
		`{"config":{"batch":1000000000,"seq":1000000000}}`, `{"config":{"model":{"layers":1000000}}}`, `{"config":{"iterations":9223372036854775807}}`,
		`{"config":{"samples":{"length":-1}}}`, `{"config":{"optim":{"schedule":{"name":"cosine","steps":-1}}}}`,
	} {
		f.Add(string(whole), change)
	}
	f.Fuzz(func(t *testing.T, settings, change string) {
		var i Info
		if json.Unmarshal([]byte(settings), &i) != nil || json.Unmarshal([]byte(change), &i) != nil || i.validate() != nil {
			return
		}
		// What the rest of the program does without asking again.
		runes := make([]byte, min(i.Symbols, 1<<16))
		for _, part := range []text.Span{i.Split.Train, i.Split.Val, i.Split.Test} {
			if part.Hi <= len(runes) {
				_ = runes[part.Lo:part.Hi]
			}
		}
		if c := i.Config; c != nil && (c.Batch < 1 || c.Seq < 1 || c.Batch*c.Seq > part(i) || c.Samples.Length < 0 || c.Samples.Length > train.LongestSample || c.Iterations > train.MaxIterations) {
			t.Errorf("%+v", c)
		}
	})
}

func part(i Info) int { return i.Split.Train.Len() }
