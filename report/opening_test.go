package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
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
