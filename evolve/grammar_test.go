package evolve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	got := sentencesOf([]rune("Cut off here. She went\nto the barn. he did not. “I must go,” she said. “I must go. Go on.” It is (not) one. Yes.\n\nA title\n\nIt is, at last; so. He took 3 nets. The end"))
	want := []string{"She went to the barn.", "I must go.", "It is, at last; so."}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestGrammar: the novel keeps its grammar, with other words in it nothing of it is left;
// a text of another hand has no such figure.
func TestGrammar(t *testing.T) {
	all := planted(t, "novel", 120_000)
	o := newObserver(all[:100_000])
	for i, d := range o.Definitions() {
		if d.Name != "grammar" {
			continue
		}
		if got := o.Skills([]string{string(all[100_000:])})[i].Value; got.N < 50 || got.Estimate < .95 {
			t.Errorf("of the novel itself %v", got)
		}
		swapped := []rune("\n\n")
		for _, x := range sentencesOf(all[100_000:]) {
			swapped = append(swapped, []rune("The "+x+" ")...)
		}
		if got := o.Skills([]string{string(swapped)})[i].Value; got.N < 50 || got.Estimate > .05 {
			t.Errorf("with a word too many %v", got)
		}
		return
	}
	t.Fatal("the novel has no grammar")
}
