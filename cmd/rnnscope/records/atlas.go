package records

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/note"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
)

type AtlasCmd struct {
	Dir      string   `arg:"" optional:"" name:"run" help:"Directory of the run."`
	Source   string   `placeholder:"NAME" help:"Only what this command found: dissect, memory, ablate, quotes, explain or errors (default: everything)."`
	Concepts []string `aliases:"concept" placeholder:"NAME,..." help:"Only these concepts (default: all)."`
	Sites    []string `aliases:"site" placeholder:"SITE,..." help:"Only these sites, as in l0.h,l0.c."`
	Units    []string `aliases:"unit" placeholder:"UNIT,..." help:"Only these units, as in l0.c[41] or l0.c41; a number alone is that unit of every site."`
	Metric   []string `placeholder:"NAME,..." help:"Only these figures, as in auroc,p_adjusted."`
	Least    *float64 `placeholder:"X" help:"Only estimates of at least X."`
	Causal   []string `enum:"used,encoded,untestable" placeholder:"VERDICT,..." help:"Only concepts and units of which ablate said this: ${enum}."`
	console.SubjectFlags
	Every   bool   `help:"Every text and step, not one of them."`
	Export  string `placeholder:"FILE" help:"Write the findings to FILE (.parquet, .csv or .json) instead of printing them, and the notes people made to a file beside it."`
	Metrics bool   `help:"Instead: the table of everything that is measured, with units, ranges and what each figure means."`
}

func (AtlasCmd) Help() string {
	return `Everything measured on a run is kept in it under one schema; this lists it.

Examples:

  rnnscope atlas my-run --metric auroc --least 0.8
  rnnscope atlas my-run --concepts url --units l0.c17
  rnnscope atlas my-run --metric auroc --causal used
  rnnscope atlas my-run --text other.txt --step 2000
  rnnscope atlas my-run --every --export atlas.parquet
  rnnscope atlas --metrics`
}

func (c *AtlasCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Metrics {
		return c.printMetrics(s)
	}
	if c.Dir == "" {
		return console.Misusef("name a run: rnnscope atlas RUN")
	}
	r, err := run.Open(c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	source, err := c.source()
	if err != nil {
		return err
	}
	all, err := c.findings(r, source)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("%s holds no findings yet: run `rnnscope %s %s`", r.Dir(), cmp.Or(c.Source, "dissect"), console.ShellWord(c.Dir))
	}
	if err := c.check(all); err != nil {
		return err
	}
	found := c.filter(all, causalVerdicts(all))
	written, err := note.Read(ctx, r.Dir())
	if err != nil {
		return err
	}
	addNotes(found, written)
	if c.Export != "" {
		return errors.Join(exportFindings(s, c.Export, found), exportNotes(s, notesBeside(c.Export), written))
	}
	if s.JSON {
		return s.PrintJSON(FindingsAnswer{found})
	}
	if err := printFindings(s, found, len(all)); err != nil {
		return err
	}
	return c.printSubjects(s, r, source, all)
}

// FindingsAnswer is the answer of atlas --json.
type FindingsAnswer struct {
	Findings []FindingRow `json:"findings"`
}

// findings are those of one text and step, with what interventions said of them, or of all.
func (c *AtlasCmd) findings(r *run.Run, source string) ([]finding.Finding, error) {
	if c.Every {
		if c.Text != "" || c.Step >= 0 {
			return nil, console.Misusef("--every shows every text and step: leave out --text and --step")
		}
		return everyFinding(r, source)
	}
	want, err := c.Want()
	if err != nil {
		return nil, err
	}
	all, err := r.Findings(source, want)
	if errors.Is(err, run.ErrNoView) && want == (run.Want{}) {
		return nil, nil
	}
	if err == nil && len(all) == 0 && want != (run.Want{}) {
		_, err = r.Choose("", want) // lists what there is
	}
	return all, err
}

func everyFinding(r *run.Run, source string) ([]finding.Finding, error) {
	sources := []string{source}
	if source == "" {
		var err error
		if sources, err = r.Sources(); err != nil {
			return nil, err
		}
	}
	var out []finding.Finding
	for _, name := range sources {
		subjects, err := r.Subjects(name)
		if err != nil {
			return nil, err
		}
		for _, subject := range subjects {
			found, err := r.FindingsOf(name, subject)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	return out, nil
}

// printSubjects says on what the findings were measured, and what else there is.
func (c *AtlasCmd) printSubjects(s *console.Session, r *run.Run, source string, all []finding.Finding) error {
	var used []finding.Subject
	for _, f := range all {
		if !slices.Contains(used, f.Subject) {
			used = append(used, f.Subject)
		}
	}
	sources := []string{source}
	if source == "" {
		var err error
		if sources, err = r.Sources(); err != nil {
			return err
		}
	}
	var there []finding.Subject
	for _, name := range sources {
		subjects, err := r.Subjects(name)
		if err != nil {
			return err
		}
		there = append(there, subjects...)
	}
	_, err := fmt.Fprint(s.Console.Stdout, console.SubjectSummary(used, there))
	return err
}

// findingSources are the commands that keep findings, and the names under which they do.
var findingSources = map[string]string{"dissect": dissect.ViewName, "memory": memory.ViewName, "ablate": intervene.ViewName, "quotes": mechanism.ViewName, "explain": explain.ViewName, "errors": mistakes.ViewName}

// source is the name under which the command asked for keeps its findings; "" means all.
func (c *AtlasCmd) source() (string, error) {
	name, ok := findingSources[c.Source]
	if c.Source != "" && !ok {
		return "", console.Misusef("--source %s: want %s", c.Source, strings.Join(slices.Sorted(maps.Keys(findingSources)), ", "))
	}
	return name, nil
}

// check refuses what no finding can be: a misspelt name would look like an empty atlas.
func (c *AtlasCmd) check(all []finding.Finding) error {
	if c.Least != nil && math.IsNaN(*c.Least) {
		return console.Misusef("--least %v: want a number", *c.Least)
	}
	for _, name := range c.Units {
		if !slices.ContainsFunc(all, func(f finding.Finding) bool { return isUnit(name, f) }) {
			return console.Misusef("--units %s: nothing was measured of a unit %s; units are counted from 0 and written as in l0.c[41]", name, name)
		}
	}
	for _, f := range []struct {
		flag string
		want []string
		of   func(finding.Finding) string
	}{
		{"concepts", c.Concepts, func(f finding.Finding) string { return f.Concept }},
		{"sites", c.Sites, func(f finding.Finding) string { return f.Site }},
		{"metric", c.Metric, func(f finding.Finding) string { return f.Metric }},
	} {
		have := map[string]bool{}
		for _, x := range all {
			have[f.of(x)] = true
		}
		delete(have, "") // a figure of no concept, or of the whole network
		for _, w := range f.want {
			if !have[w] {
				return console.Misusef("--%s %s: nothing was measured under this name; there are %s", f.flag, w, strings.Join(slices.Sorted(maps.Keys(have)), ", "))
			}
		}
	}
	return nil
}

// conceptUnit is a concept and a unit, on one text at one step.
type conceptUnit struct {
	subject       finding.Subject
	concept, site string
	unit          int
}

// causalVerdicts are what interventions have said of concepts and units, by subject.
func causalVerdicts(all []finding.Finding) map[conceptUnit]finding.Verdict {
	out := map[conceptUnit]finding.Verdict{}
	for _, f := range all {
		if f.Metric == intervene.UsedMetric {
			out[conceptUnit{f.Subject, f.Concept, f.Site, f.Unit}] = f.Verdict
		}
	}
	return out
}

// filter keeps what was asked for; the answer is never nil, so that JSON has a list.
func (c *AtlasCmd) filter(all []finding.Finding, causal map[conceptUnit]finding.Verdict) []FindingRow {
	out := []FindingRow{}
	for _, f := range all {
		verdict := causal[conceptUnit{f.Subject, f.Concept, f.Site, f.Unit}]
		if asked(c.Concepts, f.Concept) && asked(c.Sites, f.Site) && asked(c.Metric, f.Metric) && asked(c.Causal, string(verdict)) &&
			(len(c.Units) == 0 || slices.ContainsFunc(c.Units, func(name string) bool { return isUnit(name, f) })) && (c.Least == nil || f.Estimate >= *c.Least) {
			out = append(out, rowOf(f, verdict))
		}
	}
	return out
}

// isUnit tells whether a finding is of a unit, written as l0.c[41] or l0.c41, or as its number alone.
func isUnit(name string, f finding.Finding) bool {
	return f.Site != "" && f.Unit >= 0 && slices.Contains([]string{rnn.UnitName(f.Site, f.Unit), f.Site + strconv.Itoa(f.Unit), strconv.Itoa(f.Unit)}, name)
}

// asked reports whether a value is among those asked for; none asked for means any.
func asked(want []string, have string) bool {
	for _, w := range want {
		if w == have {
			return true
		}
	}
	return len(want) == 0
}

func printFindings(s *console.Session, found []FindingRow, all int) error {
	rows := [][]string{{"concept", "unit", "figure", "of", "verdict", "causal", "estimate", "95 % interval", "n"}}
	for _, f := range found {
		unit := f.Site
		if f.Unit != finding.NoUnit && f.Site != "" {
			unit = rnn.UnitName(f.Site, int(f.Unit))
		}
		interval, estimate := "", "–"
		if f.Lo != nil && f.Hi != nil {
			interval = "[" + table.Fixed(*f.Lo, 3) + ", " + table.Fixed(*f.Hi, 3) + "]"
		}
		if f.Estimate != nil {
			estimate = table.Fixed(*f.Estimate, 3)
		}
		rows = append(rows, []string{f.Concept, unit, f.Metric, f.of(), f.Verdict, f.Causal, estimate, interval, table.Grouped(int(f.N))})
	}
	_, err := fmt.Fprintf(s.Console.Stdout, "%s\n%s of %s findings; causal: what `rnnscope ablate` said of the unit and concept\n", table.Aligned(rows, 6), table.Grouped(len(found)), table.Grouped(all))
	return err
}

// of is the kind of a figure and where it was taken: "quote", "after 2-6", "50+".
func (f FindingRow) of() string {
	at := ""
	short := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	switch {
	case f.From == nil:
	case f.To == nil:
		at = short(*f.From) + "+"
	case *f.From == *f.To:
		at = short(*f.From)
	default:
		at = short(*f.From) + "-" + short(*f.To)
	}
	return strings.TrimSpace(f.Kind + " " + at)
}

// exportFindings writes a table; FILE is whole or as it was.
func exportFindings(s *console.Session, path string, found []FindingRow) error {
	write, ok := findingWriters[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return console.Misusef("--export %s: the name must end in .parquet, .csv or .json", path)
	}
	if err := durable.WriteFile(path, func(w io.Writer) error { return write(w, found) }); err != nil {
		return err
	}
	s.Note.Printf("%s findings written to %s", table.Grouped(len(found)), path)
	return nil
}

var findingWriters = map[string]func(io.Writer, []FindingRow) error{
	".parquet": func(w io.Writer, found []FindingRow) error { return parquet.Write(w, found) },
	".csv":     writeFindingsCSV,
	".json": func(w io.Writer, found []FindingRow) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(found)
	},
}

// FindingRow is a finding as tables hold it: what is not defined is null.
type FindingRow struct {
	Text     string   `json:"text" parquet:"text,dict"`
	SHA256   string   `json:"sha256" parquet:"sha256,dict"`
	Step     int64    `json:"step" parquet:"step"`
	Split    string   `json:"split" parquet:"split,dict"`
	Weights  string   `json:"weights" parquet:"weights,dict"`
	Concept  string   `json:"concept" parquet:"concept,dict"`
	Site     string   `json:"site" parquet:"site,dict"`
	Unit     int64    `json:"unit" parquet:"unit"`
	Metric   string   `json:"metric" parquet:"metric,dict"`
	Kind     string   `json:"kind" parquet:"kind,dict"`
	From     *float64 `json:"from" parquet:"from,optional"`
	To       *float64 `json:"to" parquet:"to,optional"`
	Estimate *float64 `json:"estimate" parquet:"estimate,optional"`
	Lo       *float64 `json:"lo" parquet:"lo,optional"`
	Hi       *float64 `json:"hi" parquet:"hi,optional"`
	N        int64    `json:"n" parquet:"n"`
	Verdict  string   `json:"verdict" parquet:"verdict,dict"`
	// Causal is the verdict of interventions on the concept and unit, "" where there is none.
	Causal string `json:"causal" parquet:"causal,dict"`
	// Rules, Budget and Controls are what Verdict rests on; Budget is a JSON object, Controls a list in one line.
	Rules    int64  `json:"rules" parquet:"rules"`
	Budget   string `json:"budget" parquet:"budget,dict"`
	Controls string `json:"controls" parquet:"controls,dict"`
	Method   string `json:"method" parquet:"method,dict"`
	Version  string `json:"version" parquet:"version,dict"`
	// Label and Comment are what people noted on the unit, see the command notes.
	Label   string `json:"label" parquet:"label,dict"`
	Comment string `json:"comment" parquet:"comment,dict"`
}

func rowOf(f finding.Finding, causal finding.Verdict) FindingRow {
	row := FindingRow{
		Text: f.Subject.Text, SHA256: f.Subject.SHA256, Step: f.Subject.Step, Split: f.Subject.Split.String(), Weights: f.Subject.Weights,
		Concept: f.Concept, Site: f.Site, Unit: int64(f.Unit), Metric: f.Metric, Kind: f.Kind, From: offset(f.From), To: offset(f.To),
		Estimate: defined(f.Estimate), Lo: defined(f.Lo), Hi: defined(f.Hi), N: f.N,
		Verdict: string(f.Verdict), Causal: string(causal), Method: f.Method, Version: f.Version,
	}
	if b := f.Basis; b != nil {
		budget, err := json.Marshal(b.Budget)
		if err != nil {
			panic(err) // whole numbers under names
		}
		row.Rules, row.Budget = int64(b.Rules), string(budget)
		controls := make([]string, len(b.Controls))
		for i, c := range b.Controls {
			controls[i] = string(c)
		}
		row.Controls = strings.Join(controls, "; ")
	}
	return row
}

// offset is an offset, nil for none.
func offset(x float64) *float64 {
	if x == 0 {
		return nil
	}
	return &x
}

func defined(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func writeFindingsCSV(w io.Writer, found []FindingRow) error {
	c := csv.NewWriter(w)
	number := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', -1, 64)
	}
	_ = c.Write([]string{"text", "sha256", "step", "split", "weights", "concept", "site", "unit", "metric", "kind", "from", "to", "estimate", "lo", "hi", "n",
		"verdict", "causal", "rules", "budget", "controls", "method", "version", "label", "comment"}) // Error tells below
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, f := range found {
		_ = c.Write([]string{
			f.Text, f.SHA256, whole(f.Step), f.Split, f.Weights, f.Concept, f.Site, whole(f.Unit), f.Metric, f.Kind, number(f.From), number(f.To),
			number(f.Estimate), number(f.Lo), number(f.Hi), whole(f.N), f.Verdict, f.Causal, whole(f.Rules), f.Budget, f.Controls, f.Method, f.Version,
			f.Label, f.Comment,
		})
	}
	c.Flush()
	return c.Error()
}
