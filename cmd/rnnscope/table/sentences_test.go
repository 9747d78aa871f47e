package table

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
)

// TestTooLittleTextIsSaidOnce: one sentence names all concepts for which the text is too short.
func TestTooLittleTextIsSaidOnce(t *testing.T) {
	r := &dissect.Result{Concepts: []dissect.ConceptResult{
		{Concept: "digit", Verdict: dissect.TooLittleText, Best: &dissect.Score{Site: "l0.h"}},
		{Concept: "url", Verdict: dissect.NotFound, Best: &dissect.Score{Site: "l0.h"}},
		{Concept: "capital", Verdict: dissect.TooLittleText, Best: &dissect.Score{Site: "l0.h"}},
	}}
	said := verdictSentences(r)
	if strings.Count(said, "oo little text") != 1 || !strings.Contains(said, "Digit; Capital letter.") || !strings.Contains(said, "Inside a URL: not found") {
		t.Errorf("said:\n%s", said)
	}
}
