package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"

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

// page is what the template shows.
type page struct {
	Lang     string
	Title    string
	Lead     string
	Facts    []fact
	Sections []section
	Pages    []unitPage // shown one at a time, by address
	Style    template.CSS
	Script   template.JS
	Policy   string
	words    words
}

// T is say, for the template.
func (p page) T(key string) string { return p.words.say(key) }

// fact is a name and a value.
type fact struct{ Name, Value, Hint string }

// section is one part of the page.
type section struct {
	ID, Title string
	Intro     []string // paragraphs
	On        string   // what it was measured on, "" for the run itself
	Blocks    []block
}

// block is one thing in a section; exactly one field is set, but that Fold may stand beside Concepts or Table.
type block struct {
	Picture  *picture
	Timeline []card
	Concepts []conceptRow
	Units    []unitCard
	Atlas    *atlasTable
	Table    *table
	Facts    []fact
	Terms    []fact
	Commands []fact
	Prose    []string
	Heading  string
	Fold     string // words to unfold Concepts or Table by
}

// picture is a figure with what it says.
type picture struct {
	ID, Title    string        // Title is empty where the section has the same
	Wide, Narrow template.HTML // for laptops and phones; equal figures scroll and have no Narrow
	Says         []string
	Small        string // provenance
	Command      string
	Folded       string // words to unfold the figure by; "" shows it at once
}

// card is one moment of the evolution.
type card struct {
	ID, Step, Loss string
	Position       string // log10(1+step), for the slider
	Sample         string
	Skills         []fact
}

type conceptRow struct {
	Title, Plain, Verdict, Class, Sentence string
	Forest                                 template.HTML
	Score, Link, See                       string
	Split                                  template.HTML // how the activation is spread where the concept holds and where not
	SplitWords                             string
}

type unitCard struct {
	Page, Name string // Page is the address of the unit's page
	Chips      []string
	Says, More string
	Legend     scaleLegend
	Excerpts   []template.HTML
}

type scaleLegend struct{ Lo, Hi string }

type peakRow struct{ Value, Before, Char, After string }

type table struct {
	Head    []string
	Rows    [][]string
	Note    string
	Written bool     // the last column is text by the network
	Wide    bool     // the columns are too many for the usual distance between them
	Pages   []string // by row: the page of the unit that column Unit names; "" without one
	Unit    int
}

// Page is where a cell leads to, "" for most.
func (t *table) Page(row, column int) string {
	if column != t.Unit || row >= len(t.Pages) {
		return ""
	}
	return t.Pages[row]
}

// Widths of figures in the page, in pixels.
const (
	wideWidth   = 860
	narrowWidth = 340
	fileWidth   = 960
)

// drawn is a figure that also becomes files.
type drawn struct {
	name string
	fig  figure.Figure
}

// picture makes the block of a figure and keeps the figure for the files.
func (b *builder) picture(id string, fig figure.Figure, title, command string, says ...string) block {
	b.figures = append(b.figures, drawn{id, fig})
	says = slices.DeleteFunc(slices.Clone(says), func(s string) bool { return s == "" })
	p := &picture{ID: id, Title: title, Says: says, Small: b.small(), Command: command}
	wide := figure.Inline(fig, wideWidth, "wide")
	p.Wide = template.HTML(wide)
	if _, fixed := fig.(*figure.Pairs); fixed {
		p.Wide = template.HTML(figure.Inline(fig, wideWidth, "fixed"))
		return block{Picture: p}
	}
	p.Narrow = template.HTML(figure.Inline(fig, narrowWidth, "narrow"))
	return block{Picture: p}
}

func (b *builder) head(title, alt string) figure.Head {
	return figure.Head{Title: title, Alt: alt, Provenance: b.small()}
}

var pageTemplate = template.Must(template.New("page").Parse(pageSource + unitSource))

func (p page) write(w io.Writer) error {
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// style is the page's whole stylesheet: colours of both themes, then the layout.
func style() template.CSS {
	light := figure.Stylesheet(false) + levelStyle(false) + "--on-light:inline;--on-dark:none;"
	dark := figure.Stylesheet(true) + levelStyle(true) + "--on-light:none;--on-dark:inline;"
	return template.CSS(":root{color-scheme:light;" + light + "}" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;" + dark + "}}" +
		":root[data-theme=dark]{color-scheme:dark;" + dark + "}" +
		levelClasses() + styleSource)
}

func scriptJS() template.JS { return template.JS(scriptSource) }

// policy lets the page run its own script and nothing else, and reach no network.
func policy() string {
	sum := sha256.Sum256([]byte(scriptSource))
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}
