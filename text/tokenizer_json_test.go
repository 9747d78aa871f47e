package text_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/text"
)

// TestTextsAreCutAsByTokenizers holds every kind of tokenizer.json against the ids of
// Python's tokenizers, also after the alphabet was stored and read again.
func TestTextsAreCutAsByTokenizers(t *testing.T) {
	raw, err := os.ReadFile("pieces/testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Samples []string `json:"samples"`
		Cases   []struct {
			Name      string          `json:"name"`
			Tokenizer json.RawMessage `json:"tokenizer"`
			IDs       [][]int32       `json:"ids"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Cases) < 18 || len(f.Samples) < 25 {
		t.Fatalf("%d cases, %d samples", len(f.Cases), len(f.Samples))
	}
	for _, c := range f.Cases {
		t.Run(c.Name, func(t *testing.T) {
			a, err := text.ParseAlphabet(c.Tokenizer)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			again := new(text.Alphabet)
			if err := json.Unmarshal(stored, again); err != nil {
				t.Fatal(err)
			}
			for i, s := range f.Samples {
				for _, a := range []*text.Alphabet{a, again} {
					got, err := a.Encode([]byte(s), text.UnknownError)
					if err != nil {
						t.Fatalf("%q: %v", s, err)
					}
					if !slices.Equal(got, c.IDs[i]) {
						t.Errorf("%q: %v, want %v", s, spelled(a, got), spelled(a, c.IDs[i]))
						break
					}
				}
			}
		})
	}
}

func spelled(a *text.Alphabet, ids []int32) []string {
	v, _ := a.Vocabulary()
	var out []string
	for _, id := range ids {
		out = append(out, v.Names[id])
	}
	return out
}

// TestRulesThatAreNotKnown: the alphabet stands, a text is refused by the rule's name, and
// ids are read.
func TestRulesThatAreNotKnown(t *testing.T) {
	const tokenizer = `{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"pre_tokenizer":{"type":"UnicodeScripts"}}`
	a, err := text.ParseAlphabet([]byte(tokenizer))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Encode([]byte("ab"), text.UnknownError); !errors.Is(err, text.ErrTokens) || !strings.Contains(err.Error(), "the pre-tokenizer UnicodeScripts") {
		t.Errorf("a text: %v", err)
	}
	if ids, err := a.Encode([]byte(`[2, 0]`), text.UnknownError); err != nil || !slices.Equal(ids, []int32{2, 0}) {
		t.Errorf("ids: %v, %v", ids, err)
	}
}
