package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/report/content"
)

// What the live page shows of a run is what stands in its one-file report: every figure and every sentence of the sections, in both languages.
func TestSectionsAreThoseOfTheReport(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		d := fixture()
		d.Memory = remembered()
		p, _, err := build(d, lang)
		if err != nil {
			t.Fatal(err)
		}
		var html bytes.Buffer
		if err := p.Write(&html); err != nil {
			t.Fatal(err)
		}
		sections := newBuilder(d, loaded(t, lang)).asData(SectionNames())
		figures := 0
		for _, s := range sections {
			if s.Title == "" || len(s.Blocks) == 0 {
				t.Errorf("%s: section %s is empty", lang, s.ID)
			}
			for _, b := range s.Blocks {
				if b.Picture == nil {
					continue
				}
				figures++
				for _, svg := range []string{b.Picture.Wide, b.Picture.Narrow} {
					if strings.Contains(svg, " style=") || strings.Contains(svg, "<script") {
						t.Errorf("%s: figure %s holds what a strict page refuses", lang, b.Picture.ID)
					}
					if !strings.Contains(strings.ReplaceAll(html.String(), ` style="image-rendering:pixelated"`, ` image-rendering="pixelated"`), svg) {
						t.Errorf("%s: figure %s is not that of the report", lang, b.Picture.ID)
					}
				}
			}
		}
		if figures < 4 {
			t.Errorf("%s: %d sections with %d figures", lang, len(sections), figures)
		}
		empty := &content.Data{}
		if got := newBuilder(empty, loaded(t, lang)).asData(SectionNames()); len(got) != 0 {
			t.Errorf("%s: of a run that was asked nothing: %d sections", lang, len(got))
		}
	}
}
