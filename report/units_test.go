package report

import (
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/report/content"
)

// TestLabelsAreFindings: a unit bears the names of concepts that were found in it, not of those
// it was only the best candidate for; the page says of these that they were not found.
func TestLabelsAreFindings(t *testing.T) {
	for verdict, bears := range map[dissect.Verdict]bool{
		dissect.Learned: true, dissect.Associated: true, dissect.NotFound: false, dissect.TooLittleText: false,
	} {
		d := &content.Data{Dissect: &dissect.Result{Concepts: []dissect.ConceptResult{{
			Concept: "digit", Verdict: verdict, Sites: []dissect.Score{{Site: "l0.c", Unit: 3}},
		}}}}
		b := newBuilder(d, mustWords(t, "en"))
		card := b.Unit(dissect.GalleryUnit{Site: "l0.c", Unit: 3, Concepts: []string{"digit"}})
		if slices.Contains(card.Chips, b.ConceptTitle("digit")) != bears {
			t.Errorf("%s: labels %v", verdict, card.Chips)
		}
	}
}
