package concept

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestReading: the judged places are well formed, and of none more than one in forty is
// wrong either way. That the labels are still those judged, `rnnscope corpus concepts FILE
// --reading` says; it needs the texts, which are not in the repository.
func TestReading(t *testing.T) {
	b, err := os.ReadFile("testdata/reading.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d := json.NewDecoder(strings.NewReader(string(b))); d.More(); {
		var r struct {
			Text, SHA256, Concept, How string
			On, Off                    []int
			WrongOn                    []int `json:"wrong_on"`
			WrongOff                   []int `json:"wrong_off"`
			Above                      int
		}
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		name := r.Text + " " + r.Concept
		if seen[name] {
			t.Errorf("%s stands there twice", name)
		}
		seen[name] = true
		if head, _, _ := strings.Cut(r.Concept, ":"); !slices.Contains(Names(), head) || len(r.SHA256) != 64 || r.Above < 0 {
			t.Errorf("%s: no such concept, text or cut", name)
		}
		if r.How != "eye" && r.How != "rule" {
			t.Errorf("%s is judged by %q", name, r.How)
		}
		for _, part := range []struct{ all, wrong []int }{{r.On, r.WrongOn}, {r.Off, r.WrongOff}} {
			if len(part.all) != 40 || !slices.IsSorted(part.all) || 40*len(part.wrong) > len(part.all) {
				t.Errorf("%s: %d places, %d of them wrong", name, len(part.all), len(part.wrong))
			}
			for _, at := range part.wrong {
				if !slices.Contains(part.all, at) {
					t.Errorf("%s: %d is wrong and no place", name, at)
				}
			}
		}
	}
	if len(seen) < 165 {
		t.Errorf("%d pairs of concept and text are judged, want 165", len(seen))
	}
}
