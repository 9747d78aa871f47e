package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/rnnscope/rnnscope/figure"
)

var (
	//go:embed assets/page.html
	pageSource string
	//go:embed assets/unit.html
	unitSource string
	//go:embed assets/style.css
	styleSource string
	//go:embed assets/ui.js
	scriptSource string
)

// Page is what the template shows.
type Page struct {
	Lang     string
	Title    string
	Lead     string
	Facts    []Fact
	Sections []Section
	Pages    []UnitPage // shown one at a time, by address
	Style    template.CSS
	Script   template.JS
	Policy   string
	Words    Words
}

// T is say, for the template.
func (p Page) T(key string) string { return p.Words.Say(key) }

// Fact is a name and a value.
type Fact struct{ Name, Value, Hint string }

// Section is one part of the page.
type Section struct {
	ID, Title string
	Intro     []string // paragraphs
	On        string   // what it was measured on, "" for the run itself
	Blocks    []Block
}

// Block is one thing in a section; exactly one field is set, but that Fold may stand beside Concepts or Table.
type Block struct {
	Picture  *Picture
	Timeline []Card
	Concepts []ConceptRow
	Units    []UnitCard
	Atlas    *AtlasTable
	Table    *Table
	Facts    []Fact
	Terms    []Fact
	Commands []Fact
	Prose    []string
	Heading  string
	Fold     string // words to unfold Concepts or Table by
}

// Picture is a figure with what it says.
type Picture struct {
	ID, Title    string        // Title is empty where the section has the same
	Wide, Narrow template.HTML // for laptops and phones; equal figures scroll and have no Narrow
	Says         []string
	Small        string // provenance
	Command      string
	Folded       string // words to unfold the figure by; "" shows it at once
}

// Card is one moment of the evolution.
type Card struct {
	ID, Step, Loss string
	Position       string // log10(1+step), for the slider
	Sample         string
	Skills         []Fact
}

type ConceptRow struct {
	Title, Plain, Verdict, Class, Sentence string
	Forest                                 template.HTML
	Score, Link, See                       string
	Split                                  template.HTML // how the activation is spread where the concept holds and where not
	SplitWords                             string
}

type UnitCard struct {
	Page, Name string // Page is the address of the unit's page
	Chips      []string
	Says, More string
	Legend     ScaleLegend
	Texts      []UnitText
}

// UnitText is text coloured by a unit, underlined where a concept holds; Concept is "" where it was taken for none.
type UnitText struct {
	Concept string
	Letters []template.HTML
}

type ScaleLegend struct{ Lo, Hi string }

type PeakRow struct{ Value, Before, Char, After string }

type Table struct {
	Head    []string
	Rows    [][]string
	Note    string
	Written bool     // the last column is text by the network
	Wide    bool     // the columns are too many for the usual distance between them
	Pages   []string // by row: the page of the unit that column Unit names; "" without one
	Unit    int
}

// Page is where a cell leads to, "" for most.
func (t *Table) Page(row, column int) string {
	if column != t.Unit || row >= len(t.Pages) {
		return ""
	}
	return t.Pages[row]
}

// Widths of figures in the page, in pixels.
const (
	WideWidth   = 860
	NarrowWidth = 340
	FileWidth   = 960
)

var pageTemplate = template.Must(template.New("page").Parse(pageSource + unitSource))

func (p Page) Write(w io.Writer) error {
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// Style is the page's whole stylesheet: colours of both themes, then the layout.
func Style() template.CSS {
	light := figure.Stylesheet(false) + levelStyle(false) + "--on-light:inline;--on-dark:none;"
	dark := figure.Stylesheet(true) + levelStyle(true) + "--on-light:none;--on-dark:inline;"
	return template.CSS(":root{color-scheme:light;" + light + "}" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;" + dark + "}}" +
		":root[data-theme=dark]{color-scheme:dark;" + dark + "}" +
		levelClasses() + styleSource)
}

func ScriptJS() template.JS { return template.JS(scriptSource) }

// Policy lets the page run its own script and nothing else, and reach no network.
func Policy() string {
	sum := sha256.Sum256([]byte(scriptSource))
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}
