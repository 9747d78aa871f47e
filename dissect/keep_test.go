package dissect

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKeep: what was measured by the same program against the same null lies side by side; the newer
// of one concept counts, and nothing of another null is mixed in.
func TestKeep(t *testing.T) {
	of := func(draws int, concepts ...ConceptResult) *Result {
		return &Result{Version: "v", Null: NullInfo{Draws: draws}, Concepts: concepts}
	}
	earlier := of(99, ConceptResult{Concept: "url", N: 1, Best: &Score{}}, ConceptResult{Concept: "digit", N: 1})
	earlier.Gallery = []GalleryUnit{{Site: "l0.h", Unit: 3, Concepts: []string{"url", "digit"}, Excerpts: []Excerpt{{Concept: "url", Lo: 1}, {Concept: "digit", Lo: 2}}}}
	now := of(99, ConceptResult{Concept: "digit", N: 2})
	now.Gallery = []GalleryUnit{{Site: "l0.h", Unit: 3, Concepts: []string{"digit"}, Excerpts: []Excerpt{{Concept: "digit", Lo: 3}}}}
	now.Keep(earlier)
	names := map[string]int64{}
	for _, c := range now.Concepts {
		names[c.Concept] = c.N
	}
	if d := cmp.Diff(map[string]int64{"digit": 2, "url": 1}, names); d != "" {
		t.Error(d)
	}
	if len(now.Gallery) != 1 || len(now.Gallery[0].Concepts) != 2 || len(earlier.Concepts) != 2 {
		t.Errorf("gallery %+v", now.Gallery)
	}
	if d := cmp.Diff([]Excerpt{{Concept: "digit", Lo: 3}, {Concept: "url", Lo: 1}}, now.Gallery[0].Excerpts); d != "" {
		t.Error("text of each concept:", d)
	}
	other := of(9999, ConceptResult{Concept: "digit", N: 2, Best: &Score{}})
	other.Keep(earlier)
	if len(other.Concepts) != 1 {
		t.Errorf("figures of two nulls in one result: %+v", other.Concepts)
	}
	absent := of(0, ConceptResult{Concept: "in-quote"}) // not in this text: no null was drawn
	absent.Keep(earlier)
	if len(absent.Concepts) != 3 || absent.Null != earlier.Null {
		t.Errorf("a concept that is not in the text put the others out: %+v", absent)
	}
}

// TestOlderGalleryNamesItsConcept: excerpts written before they named a concept were all taken for the first of their unit.
func TestOlderGalleryNamesItsConcept(t *testing.T) {
	var r Result
	stored := `{"gallery": [
		{"site": "l0.h", "unit": 1, "concepts": ["url", "digit"], "excerpts": [{"lo": 5, "text": "a"}]},
		{"site": "l0.h", "unit": 2, "concepts": [], "excerpts": [{"lo": 7, "text": "b"}]},
		{"site": "l0.h", "unit": 3, "concepts": ["url", "digit"], "excerpts": [{"concept": "digit", "lo": 9, "text": "c"}]}]}`
	if err := json.Unmarshal([]byte(stored), &r); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		concept string
		lo      int
	}{{"url", 5}, {"", 7}, {"digit", 9}} {
		if x := r.Gallery[i].TextFor(want.concept); len(x) != 1 || x[0].Lo != want.lo {
			t.Errorf("unit %d: text for %q is %+v", r.Gallery[i].Unit, want.concept, x)
		}
	}
}
