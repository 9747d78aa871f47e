package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
)

type atlasCmd struct {
	Dir     string   `arg:"" name:"run" help:"Directory of the run."`
	Source  string   `placeholder:"NAME" help:"Only what this command found: dissect, memory, ablate or quotes (default: everything)."`
	Concept []string `placeholder:"NAME,..." help:"Only these concepts."`
	Site    []string `placeholder:"SITE,..." help:"Only these sites, as in l0.h."`
	Unit    *int     `placeholder:"N" help:"Only this unit, counted from 0."`
	Metric  []string `placeholder:"NAME,..." help:"Only these figures, as in auroc,p_adjusted."`
	Least   *float64 `placeholder:"X" help:"Only estimates of at least X."`
	Causal  []string `enum:"used,encoded,untestable" placeholder:"VERDICT,..." help:"Only concepts and units of which ablate said this: ${enum}."`
	Export  string   `placeholder:"FILE" help:"Write the findings to FILE (.parquet, .csv or .json) instead of printing them."`
}

func (atlasCmd) Help() string {
	return `Everything measured on a run is kept in it under one schema; this lists it.

Examples:

  rnnscope atlas my-run --metric auroc --least 0.8
  rnnscope atlas my-run --concept url --site l0.c --unit 17
  rnnscope atlas my-run --metric auroc --causal used
  rnnscope atlas my-run --export atlas.parquet`
}

func (c *atlasCmd) Run(s *session) error {
	r, err := run.Open(c.Dir)
	if err != nil {
		return err
	}
	defer s.close(r)
	source, err := c.source()
	if err != nil {
		return err
	}
	all, err := r.Findings(source)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("%s holds no findings yet: run `rnnscope %s %s`", r.Dir(), cmp.Or(c.Source, "dissect"), shellWord(c.Dir))
	}
	if err := c.check(all); err != nil {
		return err
	}
	causal, err := causalVerdicts(r)
	if err != nil {
		return err
	}
	found := c.filter(all, causal)
	if c.Export != "" {
		return exportFindings(s, c.Export, found)
	}
	if s.json {
		return s.printJSON(found)
	}
	return printFindings(s, found, len(all))
}

// findingSources are the commands that keep findings, and the names under which they do.
var findingSources = map[string]string{"dissect": dissect.ViewName, "memory": memory.ViewName, "ablate": intervene.ViewName, "quotes": mechanism.ViewName}

// source is the name under which the command asked for keeps its findings; "" means all.
func (c *atlasCmd) source() (string, error) {
	name, ok := findingSources[c.Source]
	if c.Source != "" && !ok {
		return "", misused("--source %s: want %s", c.Source, strings.Join(slices.Sorted(maps.Keys(findingSources)), ", "))
	}
	return name, nil
}

// check refuses what no finding can be: a misspelt name would look like an empty atlas.
func (c *atlasCmd) check(all []stat.Finding) error {
	if c.Least != nil && math.IsNaN(*c.Least) {
		return misused("--least %v: want a number", *c.Least)
	}
	if c.Unit != nil && *c.Unit < 0 {
		return misused("--unit %d: want a unit, counted from 0", *c.Unit)
	}
	for _, f := range []struct {
		flag string
		want []string
		of   func(stat.Finding) string
	}{
		{"concept", c.Concept, func(f stat.Finding) string { return f.Concept }},
		{"site", c.Site, func(f stat.Finding) string { return f.Site }},
		{"metric", c.Metric, func(f stat.Finding) string { return f.Metric }},
	} {
		have := map[string]bool{}
		for _, x := range all {
			have[f.of(x)] = true
		}
		delete(have, "") // a figure of no concept, or of the whole network
		for _, w := range f.want {
			if !have[w] {
				return misused("--%s %s: nothing was measured under this name; there are %s", f.flag, w, strings.Join(slices.Sorted(maps.Keys(have)), ", "))
			}
		}
	}
	return nil
}

// conceptUnit is a concept and a unit.
type conceptUnit struct {
	concept, site string
	unit          int
}

// causalVerdicts are what interventions have said of concepts and units so far.
func causalVerdicts(r *run.Run) (map[conceptUnit]intervene.Verdict, error) {
	found, err := r.Findings(intervene.ViewName)
	out := map[conceptUnit]intervene.Verdict{}
	for _, f := range found {
		if f.Metric == intervene.UsedMetric {
			out[conceptUnit{f.Concept, f.Site, f.Unit}] = intervene.Verdict(f.Method)
		}
	}
	return out, err
}

// causalWords name the causal verdicts on the command line and in narrow tables.
var causalWords = map[intervene.Verdict]string{intervene.Used: "used", intervene.Encoded: "encoded", intervene.Untestable: "untestable"}

// filter keeps what was asked for; the answer is never nil, so that JSON has a list.
func (c *atlasCmd) filter(all []stat.Finding, causal map[conceptUnit]intervene.Verdict) []findingRow {
	out := []findingRow{}
	for _, f := range all {
		verdict := causal[conceptUnit{f.Concept, f.Site, f.Unit}]
		if asked(c.Concept, f.Concept) && asked(c.Site, f.Site) && asked(c.Metric, f.Metric) && asked(c.Causal, causalWords[verdict]) &&
			(c.Unit == nil || f.Unit == *c.Unit) && (c.Least == nil || f.Estimate >= *c.Least) {
			out = append(out, rowOf(f, verdict))
		}
	}
	return out
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

func printFindings(s *session, found []findingRow, all int) error {
	rows := [][]string{{"concept", "unit", "figure", "causal", "estimate", "95 % interval", "n"}}
	for _, f := range found {
		unit := f.Site
		if f.Unit != stat.NoUnit && f.Site != "" {
			unit = rnn.UnitName(f.Site, int(f.Unit))
		}
		interval, estimate := "", "–"
		if f.Lo != nil && f.Hi != nil {
			interval = "[" + fixed(*f.Lo, 3) + ", " + fixed(*f.Hi, 3) + "]"
		}
		if f.Estimate != nil {
			estimate = fixed(*f.Estimate, 3)
		}
		rows = append(rows, []string{f.Concept, unit, f.Metric, causalWords[intervene.Verdict(f.Causal)], estimate, interval, grouped(int(f.N))})
	}
	_, err := fmt.Fprintf(s.main.Stdout, "%s\n%s of %s findings; causal: what `rnnscope ablate` said of the unit and concept\n", aligned(rows, 4), grouped(len(found)), grouped(all))
	return err
}

// exportFindings writes a table; FILE is whole or as it was.
func exportFindings(s *session, path string, found []findingRow) error {
	write, ok := findingWriters[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return misused("--export %s: the name must end in .parquet, .csv or .json", path)
	}
	if err := durable.WriteFile(path, func(w io.Writer) error { return write(w, found) }); err != nil {
		return err
	}
	s.note.Printf("%s findings written to %s", grouped(len(found)), path)
	return nil
}

var findingWriters = map[string]func(io.Writer, []findingRow) error{
	".parquet": func(w io.Writer, found []findingRow) error { return parquet.Write(w, found) },
	".csv":     writeFindingsCSV,
	".json": func(w io.Writer, found []findingRow) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(found)
	},
}

// findingRow is a finding as tables hold it: what is not defined is null.
type findingRow struct {
	Concept  string   `json:"concept" parquet:"concept,dict"`
	Site     string   `json:"site" parquet:"site,dict"`
	Unit     int64    `json:"unit" parquet:"unit"`
	Metric   string   `json:"metric" parquet:"metric,dict"`
	Estimate *float64 `json:"estimate" parquet:"estimate,optional"`
	Lo       *float64 `json:"lo" parquet:"lo,optional"`
	Hi       *float64 `json:"hi" parquet:"hi,optional"`
	N        int64    `json:"n" parquet:"n"`
	Split    string   `json:"split" parquet:"split,dict"`
	Method   string   `json:"method" parquet:"method,dict"`
	Version  string   `json:"version" parquet:"version,dict"`
	// Causal is the verdict of interventions on the concept and unit, "" where there is none.
	Causal string `json:"causal" parquet:"causal,dict"`
}

func rowOf(f stat.Finding, causal intervene.Verdict) findingRow {
	return findingRow{
		f.Concept, f.Site, int64(f.Unit), f.Metric, defined(f.Estimate), defined(f.Lo), defined(f.Hi),
		f.N, f.Split, f.Method, f.Version, string(causal),
	}
}

func defined(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func writeFindingsCSV(w io.Writer, found []findingRow) error {
	c := csv.NewWriter(w)
	number := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', -1, 64)
	}
	_ = c.Write([]string{"concept", "site", "unit", "metric", "estimate", "lo", "hi", "n", "split", "method", "version", "causal"}) // Error tells below
	for _, f := range found {
		_ = c.Write([]string{
			f.Concept, f.Site, strconv.FormatInt(f.Unit, 10), f.Metric, number(f.Estimate), number(f.Lo), number(f.Hi),
			strconv.FormatInt(f.N, 10), f.Split, f.Method, f.Version, f.Causal,
		})
	}
	c.Flush()
	return c.Error()
}
