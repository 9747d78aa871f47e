package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// curves fits learning curves of known width.
func (c *CalibrateCmd) curves(ctx context.Context, s *console.Session) error {
	bar := s.Note.Progress("fitting", "curve", 0)
	all, err := evolve.Simulate(ctx, *c.Curves, c.Seed, specimen.WorkersOr(int(c.Workers)), bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(all)
	}
	rows := [][]string{{"width, decades", "noise", "checkpoints", "abrupt", "gradual", "unresolved", "declined", "no change", "verdict right", "95 % interval", "W covered", "95 % interval", "middle covered", "95 % interval"}}
	for _, x := range all {
		width, noise := fmt.Sprint(x.Width), fmt.Sprint(x.Noise)
		if x.Width == 0 {
			width = "flat"
		}
		if x.Cases > 0 {
			noise = table.Several(int(x.Cases), "case")
		}
		rows = append(rows, []string{width, noise, fmt.Sprint(x.Checkpoints), fmt.Sprint(x.Abrupt), fmt.Sprint(x.Gradual), fmt.Sprint(x.Unresolved), fmt.Sprint(x.Declined), fmt.Sprint(x.Unchanged),
			table.Fixed(x.Right.Estimate, 2), table.Bounds(x.Right, 2), table.Fixed(x.CoversW.Estimate, 2), table.Bounds(x.CoversW, 2), table.Fixed(x.CoversX0.Estimate, 2), table.Bounds(x.CoversX0, 2)})
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "%s of each kind. Right: not abrupt at .3 decades and more, not gradual at .7 and less, neither declined nor without change; of flat curves\nnothing of the kind. noise: share of the rise, or of how many cases each point is a share.\n\n%s\n%s%s\n",
		table.Several(*c.Curves, "curve"), table.Aligned(rows, 0), pooledCurves(all), tooLow(all))
	return err
}

// pooledCurves sums up rises, rises of shares and curves that do not change.
func pooledCurves(all []evolve.Simulation) string {
	var b strings.Builder
	say := func(k, n int64) string {
		w := stat.Wilson(k, n)
		return table.Fixed(w.Estimate, 3) + " " + limits(w)
	}
	for _, kind := range []struct {
		what string
		of   func(evolve.Simulation) bool
	}{
		{"rises", func(x evolve.Simulation) bool { return x.Width > 0 && x.Cases == 0 }},
		{"rises of a share", func(x evolve.Simulation) bool { return x.Width > 0 && x.Cases > 0 }},
	} {
		var right, width, middle, n int64
		for _, x := range all {
			if k := int64(x.Curves); kind.of(x) {
				right, width, middle, n = right+countOf(x.Right, k), width+countOf(x.CoversW, k), middle+countOf(x.CoversX0, k), n+k
			}
		}
		fmt.Fprintf(&b, "all %d %s: verdict right %s, W covered %s, middle covered %s (intervals are meant to be of 95 %%)\n", n, kind.what, say(right, n), say(width, n), say(middle, n))
	}
	var abrupt, gradual, declined, n int64
	for _, x := range all {
		if x.Width == 0 {
			abrupt, gradual, declined, n = abrupt+int64(x.Abrupt), gradual+int64(x.Gradual), declined+int64(x.Declined), n+int64(x.Curves)
		}
	}
	fmt.Fprintf(&b, "all %d flat curves: abrupt %s, gradual %s, declined %s\n", n, say(abrupt, n), say(gradual, n), say(declined, n))
	return b.String()
}

// countOf is how many of n a share is.
func countOf(x stat.Interval, n int64) int64 { return int64(math.Round(x.Estimate * float64(n))) }

// tooLow names the kinds whose intervals hold the truth in fewer than 95 % of the curves beyond chance:
// a binomial test, one-sided, at .05 over their number.
func tooLow(all []evolve.Simulation) string {
	var low []string
	rises := slices.DeleteFunc(slices.Clone(all), func(x evolve.Simulation) bool { return x.Width == 0 })
	for _, x := range rises {
		for _, c := range []struct {
			what string
			held stat.Interval
		}{{"W", x.CoversW}, {"middle", x.CoversX0}} {
			n := int64(x.Curves)
			if p := (distuv.Binomial{N: float64(n), P: .95}).CDF(float64(countOf(c.held, n))); p < .05/float64(2*len(rises)) {
				low = append(low, fmt.Sprintf("%s at width %v, noise %v, cases %d, %d checkpoints", c.what, x.Width, x.Noise, x.Cases, x.Checkpoints))
			}
		}
	}
	return fmt.Sprintf("fewer than 95 %% beyond chance (binomial test at .05/%d): %s", 2*len(rises), cmp.Or(strings.Join(low, "; "), "none"))
}
