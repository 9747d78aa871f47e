package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/run"
)

// Section is a part of the report as data: what the one-file page shows, for whoever shows the same elsewhere.
type Section struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Intro  []string `json:"intro"`
	On     string   `json:"on"` // what it was measured on
	Blocks []Block  `json:"blocks"`
}

// Block is one thing in a section.
type Block struct {
	Heading string   `json:"heading,omitempty"`
	Prose   []string `json:"prose,omitempty"`
	Fold    string   `json:"fold,omitempty"` // words to unfold the table by
	Table   *Table   `json:"table,omitempty"`
	Picture *Picture `json:"picture,omitempty"`
}

// Table is rows of words.
type Table struct {
	Head []string   `json:"head"`
	Rows [][]string `json:"rows"`
	Note string     `json:"note"`
}

// Picture is a figure as SVG elements, in the variables of figure.Stylesheet; all text in them is escaped.
type Picture struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Wide   string   `json:"wide"`
	Narrow string   `json:"narrow"` // "" where the wide one scrolls
	Says   []string `json:"says"`
	Small  string   `json:"small"`
}

// sectionParts are the sections that others may show, with the view each speaks of.
var sectionParts = []struct {
	id, view string
	needs    content.Part
	make     func(*builder) *page.Section
}{
	{"evolution", "", content.Evolution, (*builder).evolution},
	{"losses", "", content.Losses, (*builder).losses},
	{"births", "", content.Evolution, (*builder).births},
	{"heatmap", "", content.Text, func(b *builder) *page.Section { return b.Heatmap() }},
	{"concepts", dissect.ViewName, 0, func(b *builder) *page.Section { return b.Concepts() }},
	{"atlas", dissect.ViewName, 0, func(b *builder) *page.Section { return b.Atlas(b.Linked()) }},
	{"mech", mechanism.ViewName, 0, (*builder).mechanism},
	{"use", intervene.ViewName, 0, (*builder).Use},
	{"explain", explain.ViewName, 0, (*builder).explain},
	{"memory", memory.ViewName, 0, (*builder).memory},
	{"mistakes", mistakes.ViewName, 0, (*builder).mistakes},
}

// SectionNames are the sections that Sections gives.
func SectionNames() []string {
	out := make([]string, len(sectionParts))
	for i, p := range sectionParts {
		out[i] = p.id
	}
	return out
}

// Sections are the named parts of a run's report, drawn from the same figures; one whose analysis was never made is left out. Errors match
// ErrLanguage or those of run.
func Sections(ctx context.Context, r *run.Run, lang string, names ...string) ([]Section, error) {
	w, err := page.LoadWords(lang)
	if err != nil {
		return nil, err
	}
	needs := content.Part(0)
	for _, p := range sectionParts {
		if slices.Contains(names, p.id) {
			needs |= p.needs
		}
	}
	d, err := content.CollectParts(ctx, r, run.Want{}, needs)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var out []Section
	err = guarded(ctx, func() error {
		out = newBuilder(d, w.Of(d.Kind)).asData(names)
		return nil
	})
	return out, err
}

// asData makes the named sections as data.
func (b *builder) asData(names []string) []Section {
	out := []Section{}
	for _, p := range sectionParts {
		if !slices.Contains(names, p.id) || unmade(b.D, p.id) {
			continue
		}
		b.On(p.view)
		if s := p.make(b); s != nil {
			s.On = b.Subject(p.view)
			out = append(out, b.shared(s))
		}
	}
	return out
}

// unmade reports whether the analysis of a section was never made: the report says so in words of its own, others in theirs.
func unmade(d *content.Data, id string) bool {
	switch id {
	case "evolution":
		return len(d.Emergence) == 0 && len(d.Skills) == 0
	case "losses":
		return len(d.Loss)+len(d.Validation) == 0
	case "births":
		return d.Births == nil
	case "heatmap":
		return d.Passage == nil
	case "concepts", "atlas":
		return d.Dissect == nil
	case "mech":
		return d.Mechanism == nil
	case "use":
		return d.Use == nil
	case "explain":
		return d.Explain == nil
	case "memory":
		return d.Memory == nil
	}
	return d.Mistakes == nil
}

// shared is a section as data. What the one-file page lets one sort or unfold is a table here.
func (b *builder) shared(s *page.Section) Section {
	out := Section{ID: s.ID, Title: s.Title, Intro: s.Intro, On: s.On, Blocks: []Block{}}
	for _, x := range s.Blocks {
		y := Block{Heading: x.Heading, Prose: x.Prose, Fold: x.Fold}
		switch {
		case x.Table != nil:
			y.Table = &Table{x.Table.Head, x.Table.Rows, x.Table.Note}
		case x.Atlas != nil:
			y.Table = atlasTable(x.Atlas)
		case len(x.Concepts) > 0:
			y.Table = b.conceptTable(x.Concepts)
		}
		if p := x.Picture; p != nil {
			y.Picture = &Picture{p.ID, p.Title, attributed(string(p.Wide)), attributed(string(p.Narrow)), p.Says, p.Small}
		}
		if y.Heading != "" || y.Prose != nil || y.Table != nil || y.Picture != nil {
			out.Blocks = append(out.Blocks, y)
		}
	}
	return out
}

// attributed says in an attribute what a style would: pages under a strict policy take no styles from markup.
func attributed(svg string) string {
	return strings.ReplaceAll(svg, ` style="image-rendering:pixelated"`, ` image-rendering="pixelated"`)
}

func atlasTable(t *page.AtlasTable) *Table {
	out := &Table{}
	for _, h := range t.Head {
		out.Head = append(out.Head, h.Name)
	}
	for _, r := range t.Rows {
		out.Rows = append(out.Rows, []string{r.Unit, r.Concept, r.Verdict, r.AUROC, r.Held, r.Within, strings.TrimSpace(r.CausalWord + " " + r.D)})
	}
	return out
}

func (b *builder) conceptTable(rows []page.ConceptRow) *Table {
	out := &Table{Head: []string{b.W.Say("atlas.head.concept"), b.W.Say("atlas.head.verdict"), b.W.Say("concepts.found")}}
	for _, r := range rows {
		out.Rows = append(out.Rows, []string{r.Title, r.Verdict, r.Sentence})
	}
	return out
}
