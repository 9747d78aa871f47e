package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"
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
	rows := [][]string{{"width, decades", "noise", "checkpoints", "abrupt", "gradual", "unresolved", "no change", "verdict right", "95 % interval", "W covered", "95 % interval", "middle covered", "95 % interval"}}
	for _, x := range all {
		rows = append(rows, []string{fmt.Sprint(x.Width), fmt.Sprint(x.Noise), fmt.Sprint(x.Checkpoints), fmt.Sprint(x.Abrupt), fmt.Sprint(x.Gradual), fmt.Sprint(x.Unresolved), fmt.Sprint(x.Unchanged),
			table.Fixed(x.Right.Estimate, 2), table.Bounds(x.Right, 2), table.Fixed(x.CoversW.Estimate, 2), table.Bounds(x.CoversW, 2), table.Fixed(x.CoversX0.Estimate, 2), table.Bounds(x.CoversX0, 2)})
	}
	var right, width, middle, n int64
	for _, x := range all {
		k := int64(x.Curves)
		right, width, middle, n = right+countOf(x.Right, k), width+countOf(x.CoversW, k), middle+countOf(x.CoversX0, k), n+k
	}
	pooled := func(k int64) string {
		w := stat.Wilson(k, n)
		return table.Fixed(w.Estimate, 3) + " " + limits(w)
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "%s of each kind. Right: not abrupt at .3 decades and more, not gradual at .7 and less, not without change. noise: share of the rise.\n\n%s\nall %d curves: verdict right %s, W covered %s, middle covered %s (intervals are meant to be of 95 %%)\n%s\n",
		table.Several(*c.Curves, "curve"), table.Aligned(rows, 0), n, pooled(right), pooled(width), pooled(middle), tooLow(all))
	return err
}

// countOf is how many of n a share is.
func countOf(x stat.Interval, n int64) int64 { return int64(math.Round(x.Estimate * float64(n))) }

// tooLow names the kinds whose intervals hold the truth in fewer than 95 % of the curves beyond chance:
// a binomial test, one-sided, at .05 over their number.
func tooLow(all []evolve.Simulation) string {
	var low []string
	for _, x := range all {
		for _, c := range []struct {
			what string
			held stat.Interval
		}{{"W", x.CoversW}, {"middle", x.CoversX0}} {
			n := int64(x.Curves)
			if p := (distuv.Binomial{N: float64(n), P: .95}).CDF(float64(countOf(c.held, n))); p < .05/float64(2*len(all)) {
				low = append(low, fmt.Sprintf("%s at width %v, noise %v, %d checkpoints", c.what, x.Width, x.Noise, x.Checkpoints))
			}
		}
	}
	return fmt.Sprintf("fewer than 95 %% beyond chance (binomial test at .05/%d): %s", 2*len(all), cmp.Or(strings.Join(low, "; "), "none"))
}
