package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	make     func(*builder) *page.Section
}{
	{"mech", mechanism.ViewName, (*builder).mechanism},
	{"use", intervene.ViewName, (*builder).Use},
	{"explain", explain.ViewName, (*builder).explain},
	{"memory", memory.ViewName, (*builder).memory},
	{"mistakes", mistakes.ViewName, (*builder).mistakes},
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
	d, err := content.Measured(r, run.Want{})
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var out []Section
	err = guarded(ctx, func() error {
		out = newBuilder(d, w).asData(names)
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
			out = append(out, shared(s))
		}
	}
	return out
}

// unmade reports whether the analysis of a section was never made: the report says so in words of its own, others in theirs.
func unmade(d *content.Data, id string) bool {
	switch id {
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

// shared is a section as data.
func shared(s *page.Section) Section {
	out := Section{ID: s.ID, Title: s.Title, Intro: s.Intro, On: s.On, Blocks: []Block{}}
	for _, x := range s.Blocks {
		b := Block{Heading: x.Heading, Prose: x.Prose, Fold: x.Fold}
		if x.Table != nil {
			b.Table = &Table{x.Table.Head, x.Table.Rows, x.Table.Note}
		}
		if p := x.Picture; p != nil {
			b.Picture = &Picture{p.ID, p.Title, attributed(string(p.Wide)), attributed(string(p.Narrow)), p.Says, p.Small}
		}
		if b.Heading != "" || b.Prose != nil || b.Table != nil || b.Picture != nil {
			out.Blocks = append(out.Blocks, b)
		}
	}
	return out
}

// attributed says in an attribute what a style would: pages under a strict policy take no styles from markup.
func attributed(svg string) string {
	return strings.ReplaceAll(svg, ` style="image-rendering:pixelated"`, ` image-rendering="pixelated"`)
}
