package pieces

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestLearnBPE: the merges are those that Python's tokenizers learn from the same text.
func TestLearnBPE(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Learn  string `json:"learn"`
		Merges Merges `json:"merges"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	names, rules, err := LearnBPE(f.Learn, 500)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Merges) < 200 || len(rules.Model.Merges) != len(f.Merges) {
		t.Fatalf("%d merges learned, want %d", len(rules.Model.Merges), len(f.Merges))
	}
	for i := range f.Merges {
		if f.Merges[i] != rules.Model.Merges[i] {
			t.Fatalf("merge %d is %q, want %q", i, rules.Model.Merges[i], f.Merges[i])
		}
	}
	c, err := New(rules, names)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if err := c.Cut(f.Learn, func(p Piece) bool { back += FromByteLevel(names[p.ID]); return true }); err != nil || back != f.Learn {
		t.Errorf("cut and joined the text is another one (%v)", err)
	}
}

func TestWords(t *testing.T) {
	const s = "He said, \"Don't!\"\n\nThe 3 men said no.  他说好 他们"
	names, err := Words(s+s, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	names = append([]string{Unknown}, names...)
	c, err := New(WordRules(), names)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := c.Cut(s, func(p Piece) bool { got = append(got, names[p.ID]); return true }); err != nil {
		t.Fatal(err)
	}
	want := []string{"He", "▁said", ",", "▁\"", "Don", "'t", "!", "\"", "\n", "\n", "The", "▁3", "▁men", "▁said", "▁no", ".", "▁", "▁他", "说", "好", "▁他", "们"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
