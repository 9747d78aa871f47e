package report

import (
	"math"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// TestOpeningSaysWhatWasFound: three to five sentences before everything else, in both languages, and
// each follows from the figures: without used units or without the question, the page says so.
func TestOpeningSaysWhatWasFound(t *testing.T) {
	for _, lang := range page.Languages {
		for name, change := range map[string]func(*content.Data){
			"whole": func(*content.Data) {}, "not ablated": func(d *content.Data) { d.Use = nil }, "not dissected": func(d *content.Data) { d.Dissect, d.Use = nil, nil },
			"nothing learned": func(d *content.Data) {
				for i := range d.Dissect.Concepts {
					d.Dissect.Concepts[i].Verdict = dissect.NotFound
				}
			},
		} {
			d := fixture()
			change(d)
			p, _, err := build(d, lang)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Sections) == 0 || p.Sections[0].ID != "opening" {
				t.Fatalf("%s, %s: the first section is %q", lang, name, p.Sections[0].ID)
			}
			var said []string
			for _, b := range p.Sections[0].Blocks {
				said = append(said, b.Prose...)
			}
			text := strings.Join(said, "\n")
			if len(said) < 3 && d.Dissect != nil || len(said) > 5 || strings.Contains(text, "%!") {
				t.Errorf("%s, %s: %d sentences:\n%s", lang, name, len(said), text)
			}
			w, err := page.LoadWords(lang)
			if err != nil {
				t.Fatal(err)
			}
			missing := strings.Contains(text, (&page.Builder{D: d, W: w}).Command("ablate"))
			if missing != (d.Use == nil && d.Dissect != nil) && name != "not dissected" {
				t.Errorf("%s, %s: the command that asks what is used is told %v:\n%s", lang, name, missing, text)
			}
			if name == "nothing learned" && !strings.Contains(text, w.Say("opening.nounit")) {
				t.Errorf("%s: nothing was learned, and the page says\n%s", lang, text)
			}
		}
	}
}

// TestSurestIsRankedByWhatIsPrinted: the unit named has the highest lower bound of the figure that stands beside it, units that hold a
// state first; a state unit that is not a concept's best counts too.
func TestSurestIsRankedByWhatIsPrinted(t *testing.T) {
	learned := func(name string, unit int, auroc, within, held stat.Interval) dissect.ConceptResult {
		return dissect.ConceptResult{
			Concept: name, Verdict: dissect.Learned, Holds: held.Defined(), N: 9, Positive: 4,
			Best:   &dissect.Score{Site: "l0.h", Unit: unit, AUROC: auroc},
			Closer: &dissect.CloserLook{Within: within, HeldWithin: held},
		}
	}
	none := interval3(math.NaN(), math.NaN(), math.NaN())
	high, mid, low := interval3(.97, .95, .99), interval3(.9, .8, .99), interval3(.7, .65, .75)
	state := learned("url", 1, high, low, none)
	state.State = &dissect.StateUnit{Score: dissect.Score{Site: "l0.c", Unit: 7, AUROC: low}, Verdict: dissect.Learned, Holds: true, Closer: &dissect.CloserLook{HeldWithin: low}}
	for name, c := range map[string]struct {
		concepts []dissect.ConceptResult
		unit     string
		by       string
	}{
		"holds first":        {[]dissect.ConceptResult{learned("capital", 1, high, high, none), learned("in-quote", 2, mid, mid, low)}, "l0.h[2]", "opening.by.heldwithin 0.70 [0.65, 0.75]"},
		"higher lower bound": {[]dissect.ConceptResult{learned("in-quote", 1, high, high, low), learned("url", 2, mid, mid, mid)}, "l0.h[2]", "opening.by.heldwithin 0.90 [0.80, 0.99]"},
		"state unit":         {[]dissect.ConceptResult{learned("capital", 2, high, high, none), state}, "l0.c[7]", "opening.by.heldwithin 0.70 [0.65, 0.75]"},
		"no state":           {[]dissect.ConceptResult{learned("capital", 1, mid, mid, none), learned("digit", 2, mid, high, none)}, "l0.h[2]", "opening.by.within 0.97 [0.95, 0.99]"},
		"no closer look":     {[]dissect.ConceptResult{learned("capital", 1, mid, none, none), learned("digit", 2, high, none, none)}, "l0.h[2]", "opening.by.auroc"},
	} {
		for _, lang := range page.Languages {
			w, err := page.LoadWords(lang)
			if err != nil {
				t.Fatal(err)
			}
			b := newBuilder(&content.Data{Dissect: &dissect.Result{Concepts: c.concepts}}, w)
			says := b.surestSays(b.surest())
			key, figure, _ := strings.Cut(c.by, " ")
			by := w.Say(key)
			if figure != "" {
				by = w.Say(key, figure)
			}
			if !strings.Contains(strings.ReplaceAll(says, "\u2060", ""), c.unit) || !strings.Contains(says, by) {
				t.Errorf("%s, %s: want %s and %q in\n%s", name, lang, c.unit, by, says)
			}
			if lacks := name == "no state" || name == "no closer look"; strings.Contains(says, w.Say("opening.nostate")) != lacks {
				t.Errorf("%s, %s: that no unit holds a state is told %v:\n%s", name, lang, !lacks, says)
			}
		}
	}
}

// TestOpeningShowsTextOfItsConcept: a unit chosen for several concepts shows the text of the one the opening speaks of, and none
// where there is only another's.
func TestOpeningShowsTextOfItsConcept(t *testing.T) {
	mid := interval3(.9, .8, .99)
	concepts := []dissect.ConceptResult{{
		Concept: "in-quote", Verdict: dissect.Learned, Holds: true, N: 9, Positive: 4,
		Best: &dissect.Score{Site: "l0.h", Unit: 2, AUROC: mid}, Closer: &dissect.CloserLook{Within: mid, HeldWithin: mid},
	}}
	excerpt := func(concept, text string) dissect.Excerpt {
		return dissect.Excerpt{Concept: concept, Text: text, Activation: []float32{1, 0}, Label: []bool{true, false}}
	}
	quote, url := excerpt("in-quote", "qu"), excerpt("url", "ht")
	for _, excerpts := range [][]dissect.Excerpt{{quote, quote, url}, {url, url, quote}, {url}} {
		gallery := []dissect.GalleryUnit{{Site: "l0.h", Unit: 2, Concepts: []string{"url", "in-quote"}, Scale: 1, Excerpts: excerpts}}
		b := newBuilder(&content.Data{Dissect: &dissect.Result{Concepts: concepts, Gallery: gallery}}, mustWords(t, "en"))
		var cards []page.UnitCard
		for _, x := range b.openingUnit() {
			cards = append(cards, x.Units...)
		}
		if len(cards) != 1 {
			t.Fatalf("%d cards, want one", len(cards))
		}
		if len(excerpts) == 1 {
			if len(cards[0].Texts) != 0 {
				t.Errorf("text of another concept is shown: %+v", cards[0].Texts)
			}
			continue
		}
		if x := cards[0].Texts; len(x) != 1 || len(x[0].Letters) != 1 || !strings.Contains(string(x[0].Letters[0]), ">q</i>") {
			t.Errorf("want one excerpt, of the quotation: %+v", x)
		}
	}
}

// TestOpeningOfAShortText: where the text is too short for every answer, the opening says that, and not that nothing was found.
func TestOpeningOfAShortText(t *testing.T) {
	w := mustWords(t, "en")
	d := &content.Data{Dissect: &dissect.Result{Concepts: []dissect.ConceptResult{
		{Concept: "digit", Verdict: dissect.TooLittleText}, {Concept: "comment", Verdict: dissect.NotInText},
	}}}
	if blocks := newBuilder(d, w).openingUnit(); len(blocks) != 0 {
		t.Errorf("of a text too short for an answer: %+v", blocks)
	}
	d.Dissect.Concepts[0].Verdict = dissect.NotFound
	if blocks := newBuilder(d, w).openingUnit(); len(blocks) != 1 || blocks[0].Prose[0] != w.Say("opening.nounit") {
		t.Errorf("of a text without such a unit: %+v", blocks)
	}
}
