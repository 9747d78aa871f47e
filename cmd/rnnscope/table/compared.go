package table

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/compare"
)

// Compared prints what is the same in several runs.
func Compared(w io.Writer, r *compare.Result) error {
	var b strings.Builder
	rows := [][]string{{"run", "cell", "layers", "units", "seed", "step", "validation, nats"}}
	for _, x := range r.Runs {
		rows = append(rows, []string{x.Name, x.Cell, fmt.Sprint(x.Layers), fmt.Sprint(x.Hidden), fmt.Sprint(x.Seed), Grouped(int(x.Step)), Fixed(float64(x.Loss), 3)})
	}
	b.WriteString(Aligned(rows, 2))
	if len(r.Mixed) > 0 {
		fmt.Fprintf(&b, "\nthe runs differ in %s: what is counted below is over all of them\n", strings.Join(r.Mixed, ", "))
	}
	comparedUnits(&b, r)
	rows = [][]string{{"concept", "verdict", "runs", "share", "95 % interval"}}
	for _, v := range append(append([]compare.VerdictCount{}, r.Verdicts...), r.Mechanisms...) {
		rows = append(rows, []string{v.Name, v.Verdict, fmt.Sprintf("%d of %d", v.Runs, v.Share.N), Fixed(v.Share.Estimate, 2), Bounds(v.Share, 2)})
	}
	ifAny(&b, rows, 2)
	comparedBirths(&b, r)
	rows = [][]string{{"skill", "middle at step, median [range]", "came"}}
	for _, x := range r.Emergences {
		rows = append(rows, []string{x.Name, x.Middle.Steps(), x.Came()})
	}
	ifAny(&b, rows, 3)
	if slices.ContainsFunc(r.Emergences, func(x compare.EmergeSpread) bool { return x.Middle.Beyond > 0 }) {
		b.WriteString("\n>N: later than step N. A run whose rise is not half over at the last step comes after all others in medians and ranges.\n")
	}
	comparedHorizons(&b, r)
	missing := map[string][]string{}
	var commands []string
	for _, m := range r.Missing {
		if missing[m.Command] == nil {
			commands = append(commands, m.Command)
		}
		missing[m.Command] = append(missing[m.Command], m.Run)
	}
	for _, c := range commands {
		fmt.Fprintf(&b, "\nnot asked: rnnscope %s of %s\n", c, strings.Join(missing[c], ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func comparedBirths(b *strings.Builder, r *compare.Result) {
	rows := [][]string{{"concept", "born at step, median [range]", "the survivor", "serves", "lag, decades, median [range]", "mean, 95 %"}}
	for _, x := range r.Births {
		skill := strings.ReplaceAll(strings.TrimPrefix(x.Skill, "held-out-"), "-", " ")
		rows = append(rows, []string{x.Concept, x.Best.Steps(), x.Survivor.Steps(), skill, x.LagSpread.Decades(), compare.LagWords(x.Lag)})
	}
	ifAny(b, rows, 6)
	if slices.ContainsFunc(r.Births, func(x compare.BirthSpread) bool { return x.Best.Beyond > 0 }) {
		b.WriteString("\n>N: later than step N. A run in which a concept is not born by the last step comes after all others in medians and ranges;\nthe concept has no mean lag then.\n")
	}
}

func comparedHorizons(b *strings.Builder, r *compare.Result) {
	rows := [][]string{{"closers", "horizon, characters, median [range]", "never halves in", "no lead in"}}
	for _, x := range r.Horizons {
		rows = append(rows, []string{x.Name, x.Steps(), fmt.Sprint(x.Beyond), fmt.Sprint(x.Of - x.N - x.Beyond)})
	}
	ifAny(b, rows, 2)
	if slices.ContainsFunc(r.Horizons, func(x compare.SpreadOf) bool { return x.Beyond > 0 }) {
		b.WriteString("\n>N: longer than N. A run whose lead over the n-gram line does not halve up to the longest gap comes after all others in medians and ranges.\n")
	}
}

// ifAny appends a table that has rows.
func ifAny(b *strings.Builder, rows [][]string, numeric int) {
	if len(rows) > 1 {
		b.WriteString("\n" + Aligned(rows, numeric))
	}
}

// surest is how many units of a pair are printed.
const surest = 3

func comparedUnits(b *strings.Builder, r *compare.Result) {
	rows := [][]string{{"units of", "in", "site", "found again", "95 % interval", "one to one", "median |r|"}}
	units := [][]string{{"unit of", "unit", "in", "partner", "r", "95 % interval", "untrained", "out of step"}}
	for _, p := range r.Pairs {
		for _, s := range p.Sites {
			rows = append(rows, []string{p.A, p.B, s.Site, Fixed(s.Replicated.Estimate, 2), Bounds(s.Replicated, 2), Fixed(s.OneToOne.Estimate, 2), Fixed(float64(s.Median), 2)})
		}
		for _, u := range p.Units[:min(surest, len(p.Units))] {
			if u.Replicated {
				units = append(units, []string{p.A, fmt.Sprintf("%s[%d]", u.Site, u.Unit), p.B, fmt.Sprintf("%s[%d]", u.InSite, u.Partner), Fixed(u.R.Estimate, 3), Bounds(u.R, 3),
					Fixed(float64(u.Untrained), 3), Fixed(float64(u.Misplaced), 3)})
			}
		}
	}
	ifAny(b, rows, 3)
	ifAny(b, units, 4)
}
