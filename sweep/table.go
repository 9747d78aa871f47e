package sweep

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
)

// seeds are axes over which settings are summed up.
var seeds = []string{"seed", "order-seed"}

// IsSeed reports whether an axis is one of the seeds, over which settings are summed up.
func IsSeed(axis string) bool { return slices.Contains(seeds, axis) }

// Group is the finished cells that differ in their seeds alone.
type Group struct {
	Values []string // of the axes that are no seeds
	N      int
	Mean   float64 // test loss, nats
	Lo, Hi float64 // least and greatest
}

// Groups sums up outcomes by setting, in the order of the grid.
func (s *Sweep) Groups(outcomes []Outcome) []Group {
	var out []Group
	for i, k := range s.settings(outcomes) {
		o := outcomes[i]
		if k == len(out) {
			out = append(out, Group{Values: s.setting(o.Cell), Lo: math.Inf(1), Hi: math.Inf(-1)})
		}
		g := &out[k]
		g.N++
		g.Mean += (o.Test - g.Mean) / float64(g.N)
		g.Lo, g.Hi = min(g.Lo, o.Test), max(g.Hi, o.Test)
	}
	return out
}

func (s *Sweep) cellOf(name string) Cell {
	return s.cells[slices.IndexFunc(s.cells, func(c Cell) bool { return c.Name == name })]
}

// Measured is a figure of a measure over the settings.
type Measured struct {
	Name string   // without the measure's label
	By   []Spread // by setting, in the order of Groups
}

// Spread is a figure over the runs of a setting. Runs that have none are not in Mean, Lo and Hi: where N is less
// than Of, they say nothing of the setting as a whole.
type Spread struct {
	N, Of        int // runs that have it, of so many
	Mean, Lo, Hi float64
}

// Measured sums up what a measure found, by setting; label is one of Grid.Labels.
func (s *Sweep) Measured(label string, outcomes []Outcome) []Measured {
	settings := s.settings(outcomes)
	groups := slices.Max(append(settings, -1)) + 1
	of := make([]int, groups)
	found := map[string][]Spread{}
	for i, o := range outcomes {
		of[settings[i]]++
		for name, v := range o.Figures {
			if s.labelOf(name) != label {
				continue
			}
			name := name[len(label)+1:]
			if found[name] == nil {
				found[name] = make([]Spread, groups)
			}
			found[name][settings[i]].add(v)
		}
	}
	var out []Measured
	for _, name := range slices.Sorted(maps.Keys(found)) {
		for g := range of {
			found[name][g].Of = of[g]
		}
		out = append(out, Measured{name, found[name]})
	}
	return out
}

func (s *Spread) add(v float64) {
	if s.N++; s.N == 1 {
		s.Mean, s.Lo, s.Hi = v, v, v
		return
	}
	s.Mean += (v - s.Mean) / float64(s.N)
	s.Lo, s.Hi = min(s.Lo, v), max(s.Hi, v)
}

// labelOf is the label that a figure's name begins with: the longest, since one may begin as another does.
func (s *Sweep) labelOf(figure string) string {
	longest := ""
	for _, l := range s.Grid.Labels() {
		if strings.HasPrefix(figure, l+".") && len(l) > len(longest) {
			longest = l
		}
	}
	return longest
}

// settings numbers the setting of every outcome, in the order of Groups.
func (s *Sweep) settings(outcomes []Outcome) []int {
	index := map[string]int{}
	var out []int
	for _, o := range outcomes {
		key := strings.Join(s.setting(o.Cell), "\x00")
		k, known := index[key]
		if !known {
			k = len(index)
			index[key] = k
		}
		out = append(out, k)
	}
	return out
}

// setting is a cell's values of the axes that are no seeds.
func (s *Sweep) setting(cell string) []string {
	var values []string
	axes := s.cellOf(cell).Axes
	for i, a := range s.Grid.Axes() {
		if !IsSeed(a) {
			values = append(values, axes[i])
		}
	}
	return values
}

// Table is a row a finished cell: its axes, its losses, the figures of its measures.
// It says nothing of who did the work and when: the same grid gives the same bytes.
func (s *Sweep) Table(outcomes []Outcome) [][]string {
	var names []string
	for _, o := range outcomes {
		for n := range o.Figures {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	table := [][]string{slices.Concat([]string{"run"}, s.Grid.Axes(), []string{"step", "validation_nats", "test_nats"}, names)}
	for _, o := range outcomes {
		row := slices.Concat([]string{o.Cell}, s.cellOf(o.Cell).Axes, []string{strconv.FormatInt(o.Step, 10), number(o.Validation), number(o.Test)})
		for _, n := range names {
			v, ok := o.Figures[n]
			if !ok {
				row = append(row, "")
				continue
			}
			row = append(row, number(v))
		}
		table = append(table, row)
	}
	return table
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

// Figure shows the test loss of every setting: its mean over seeds, from the least to
// the greatest.
func (s *Sweep) Figure(groups []Group) figure.Figure {
	f := &figure.Forest{Lo: math.Inf(1), Hi: math.Inf(-1), Reference: math.NaN(), XLabel: "loss on test, nats a character", EstLabel: "mean over seeds, least to greatest"}
	f.Title = "Loss by setting"
	for _, g := range groups {
		name := strings.Join(g.Values, " ")
		if name == "" {
			name = "all"
		}
		f.Rows = append(f.Rows, figure.ForestRow{Name: name, Verdict: fmt.Sprintf("n = %d", g.N), Estimate: g.Mean, Lo: g.Lo, Hi: g.Hi, Null: math.NaN(), Strong: true})
		f.Lo, f.Hi = min(f.Lo, g.Lo), max(f.Hi, g.Hi)
	}
	pad := max(.02, .1*(f.Hi-f.Lo))
	f.Lo, f.Hi = f.Lo-pad, f.Hi+pad
	f.Alt = alt(groups)
	f.Provenance = "kernels " + s.Kernels
	return f
}

// alt says in a sentence what the figure shows.
func alt(groups []Group) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, g := range groups {
		lo, hi = min(lo, g.Lo), max(hi, g.Hi)
	}
	return fmt.Sprintf("%d settings between %.3f and %.3f nats", len(groups), lo, hi)
}

// Write makes table.tsv and loss.svg of what is finished.
func (s *Sweep) Write(outcomes []Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	table := s.Table(outcomes)
	put := func(name string, b []byte) error {
		return durable.WriteFile(filepath.Join(s.Dir, name), func(w io.Writer) error { _, err := w.Write(b); return err })
	}
	var tsv bytes.Buffer
	for _, row := range table {
		fmt.Fprintln(&tsv, strings.Join(row, "\t"))
	}
	if err := put("table.tsv", tsv.Bytes()); err != nil {
		return err
	}
	groups := s.Groups(outcomes)
	var svg bytes.Buffer
	if err := figure.WriteSVG(&svg, s.Figure(groups), figureWidth); err != nil {
		return err
	}
	return put("loss.svg", svg.Bytes())
}

const figureWidth = 720
