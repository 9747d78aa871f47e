package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/text"
)

type corpusConceptsCmd struct {
	Input   []string `arg:"" help:"Files, folders, globs, - or synth:NAME."`
	Places  string   `placeholder:"NAME" help:"Print places of one concept in the text, to be read: on, and off near one of its marks."`
	Above   int32    `placeholder:"N" help:"With --places, of a depth or a quantity: on is above N, as the survey says of the text."`
	N       int      `short:"n" placeholder:"N" default:"40" help:"Places of either kind."`
	Seed    uint64   `placeholder:"N" default:"1" help:"Of the draw of places."`
	Reading string   `type:"path" placeholder:"FILE" help:"Hold the labels against places that a reader has judged (concept/testdata/reading.jsonl)."`
	console.InputFlags
}

func (corpusConceptsCmd) Help() string {
	return `A concept's rule is admitted to a text when its spans end at their own closing mark, its marks do not belong to another notation, and
the text is of the kind that the rule is written for. The others get no verdict in dissect. The last part of the text is left out
of the survey (it is what figures are reported on): the survey reads what units are chosen on, the second last tenth.

Examples:

  rnnscope corpus concepts novel.txt
  rnnscope corpus concepts wiki.xml --json
  rnnscope corpus concepts wiki.xml --places sentence-end
  rnnscope corpus concepts wiki.xml --reading concept/testdata/reading.jsonl`
}

func (c *corpusConceptsCmd) Run(ctx context.Context, s *console.Session) error {
	corpus, err := c.Read(ctx, s, c.Input)
	if err != nil {
		return err
	}
	runes := []rune(string(corpus.Raw))
	switch {
	case c.Places != "":
		return c.printPlaces(s, corpus, runes)
	case c.Reading != "":
		return c.hold(ctx, s, corpus, runes)
	}
	split, err := text.DefaultSplit(len(runes))
	if err != nil {
		return err
	}
	found := survey(concept.All(), runes, split)
	if s.JSON {
		return s.PrintJSON(admissions{corpus.Name, corpus.SHA256, found})
	}
	return printAdmissions(s, corpus.Name, found)
}

// admissions is the answer of corpus concepts --json.
type admissions struct {
	Name     string              `json:"name"`
	SHA256   string              `json:"sha256"`
	Concepts []concept.Admission `json:"concepts"`
}

// survey looks at the validation part of a text, up to what a survey counts.
func survey(of []concept.Concept, runes []rune, split text.Split) []concept.Admission {
	const piece, before = 4096, 20_000
	sv := concept.NewSurvey(of)
	lo := max(0, split.Val.Lo-before)
	each := func(lo, hi int, do func([]rune)) {
		for ; lo < hi && !sv.Full(); lo += piece {
			do(runes[lo:min(hi, lo+piece)])
		}
	}
	each(0, lo, sv.Skip)
	each(lo, split.Val.Lo, func(rs []rune) { sv.Write(rs, false) })
	each(split.Val.Lo, split.Val.Hi, func(rs []rune) { sv.Write(rs, true) })
	return sv.Admissions()
}

func printAdmissions(s *console.Session, name string, found []concept.Admission) error {
	rows := [][]string{{"concept", "admitted", "remark", "on", "closed", "lost", "other"}}
	var absent []string
	for _, a := range found {
		c, err := concept.Find(a.Concept)
		if err != nil {
			return err
		}
		if a.On == 0 {
			absent = append(absent, c.Name)
			continue
		}
		row := []string{a.Concept, "yes", a.Reason, table.Grouped(int(a.On)), "–", "–", "–"}
		if !a.Admitted {
			row[1] = "no"
		}
		if a.Closed+a.Lost+a.Other > 0 {
			row[4], row[5], row[6] = table.Grouped(int(a.Closed)), table.Grouped(int(a.Lost)), table.Grouped(int(a.Other))
		}
		switch {
		case a.Above > 0:
			row[2] = strings.TrimPrefix(row[2]+fmt.Sprintf("; on above %d", a.Above), "; ")
		case len(a.Values) > 0:
			row[2] = strings.TrimPrefix(row[2]+"; values "+strings.Join(a.Values, ", "), "; ")
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: which concepts are rules for this text, by its second last tenth\n\n", name)
	b.WriteString(table.Aligned(rows, 3))
	if len(absent) > 0 {
		b.WriteString("\n" + table.Wrap("not in this part: "+strings.Join(absent, ", "), 100))
	}
	b.WriteString("\nclosed: spans that end at their own closing mark; lost: that do not; other: opening marks of another notation.\n")
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

// reading is what a reader said of some places of a text: never the text itself.
type reading struct {
	Text     string `json:"text"`
	SHA256   string `json:"sha256"` // of the file
	Concept  string `json:"concept"`
	Above    int32  `json:"above,omitempty"` // of a depth or a quantity: on is above this
	How      string `json:"how,omitempty"`   // eye: by a reader, in context; rule: by concept/testdata/reading_rules.py
	On       []int  `json:"on"`              // places that were labelled on, in code points
	Off      []int  `json:"off"`             // places that were labelled off, within three characters of a mark
	WrongOn  []int  `json:"wrong_on"`        // of On: read as off
	WrongOff []int  `json:"wrong_off"`       // of Off: read as on
}

// contextBefore is how many characters before a place are shown.
const contextBefore = 45

func (c *corpusConceptsCmd) printPlaces(s *console.Session, corpus *text.Corpus, runes []rune) error {
	of, err := concept.Find(c.Places)
	if err != nil {
		return err
	}
	of = cut(of, c.Above)
	on, off := concept.Places(of, runes, c.N, c.Seed)
	labels := concept.LabelAll(of, runes)
	if s.JSON {
		return s.PrintJSON(reading{Text: corpus.Name, SHA256: corpus.SHA256, Concept: of.Name, Above: c.Above, On: on, Off: off, WrongOn: []int{}, WrongOff: []int{}})
	}
	var b strings.Builder
	for _, part := range []struct {
		name  string
		among []int
	}{{"on", on}, {"off", off}} {
		for _, at := range part.among {
			before, after := visible(runes[max(0, at-contextBefore):at]), visible(runes[at+1:min(len(runes), at+30)])
			if since := at - int(labels[at].Gap); since < at-contextBefore { // where the label last changed
				before = visible(runes[max(0, since-25):since+10]) + " … " + before
			}
			fmt.Fprintf(&b, "%-3s %9d  %s⟦%s⟧%s\n", part.name, at, before, visible(runes[at:at+1]), after)
		}
	}
	_, err = fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

// cut is the concept as it is scored where a text's depths are cut above n; categories
// and binary concepts have no depths.
func cut(c concept.Concept, n int32) concept.Concept {
	if n <= 0 || c.Kind != concept.Depth && c.Kind != concept.Numeric {
		return c
	}
	return c.Above(n)
}

// visible draws characters in a line.
func visible(rs []rune) string {
	var b strings.Builder
	for _, r := range rs {
		b.WriteString(text.Visible(r))
	}
	return b.String()
}

// heldLabels is what the labels say today of the places of a reading.
type heldLabels struct {
	Concept  string `json:"concept"`
	On       int    `json:"on"`        // places that are labelled on
	WrongOn  int    `json:"wrong_on"`  // of them read as off
	Off      int    `json:"off"`       // places that are labelled off
	WrongOff int    `json:"wrong_off"` // of them read as on
	Unscored int    `json:"unscored"`  // places whose label is invalid
}

func (c *corpusConceptsCmd) hold(ctx context.Context, s *console.Session, corpus *text.Corpus, runes []rune) error {
	b, err := console.ReadFile(ctx, s, c.Reading, 64<<20)
	if err != nil {
		return err
	}
	out := []heldLabels{}
	for d := json.NewDecoder(strings.NewReader(string(b))); d.More(); {
		var r reading
		if err := d.Decode(&r); err != nil {
			return fmt.Errorf("%s: %w", c.Reading, err)
		}
		if r.SHA256 != corpus.SHA256 {
			continue
		}
		h, err := holdReading(r, runes)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Reading, err)
		}
		out = append(out, h)
	}
	if len(out) == 0 {
		return fmt.Errorf("%s holds no reading of %s (SHA-256 %s)", c.Reading, corpus.Name, corpus.SHA256)
	}
	if s.JSON {
		return s.PrintJSON(out)
	}
	rows := [][]string{{"concept", "on", "wrong", "off", "wrong", "unscored"}}
	for _, h := range out {
		rows = append(rows, []string{h.Concept, fmt.Sprint(h.On), fmt.Sprint(h.WrongOn), fmt.Sprint(h.Off), fmt.Sprint(h.WrongOff), fmt.Sprint(h.Unscored)})
	}
	_, err = fmt.Fprint(s.Console.Stdout, table.Aligned(rows, 1))
	return err
}

func holdReading(r reading, runes []rune) (heldLabels, error) {
	of, err := concept.Find(r.Concept)
	if err != nil {
		return heldLabels{}, err
	}
	labels := concept.LabelAll(cut(of, r.Above), runes)
	h := heldLabels{Concept: r.Concept}
	place := func(at int, truth bool) error {
		if at < 0 || at >= len(labels) {
			return fmt.Errorf("%s: place %d lies outside the text", r.Concept, at)
		}
		switch l := labels[at]; {
		case !l.Valid:
			h.Unscored++
		case l.Y > 0:
			h.On++
			if !truth {
				h.WrongOn++
			}
		default:
			h.Off++
			if truth {
				h.WrongOff++
			}
		}
		return nil
	}
	wrong := map[int]bool{}
	for _, at := range append(r.WrongOn, r.WrongOff...) {
		wrong[at] = true
	}
	for _, at := range r.On {
		if err := place(at, !wrong[at]); err != nil {
			return h, err
		}
	}
	for _, at := range r.Off {
		if err := place(at, wrong[at]); err != nil {
			return h, err
		}
	}
	return h, nil
}
