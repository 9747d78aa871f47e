package table

import (
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/lab/speed"
)

// Speed prints the figures of every configuration.
func Speed(w io.Writer, r *speed.Report) error {
	rows := [][]string{{"configuration", "char/s", "GFLOP/s", "of peak", "one core", "of peak", "ratio", "allocations", "memory"}}
	for _, c := range r.Cases {
		row := []string{c.Name, Grouped(int(c.Rate)), Fixed(c.GFlops, 1), percent(c.Share), "", "", "", "", ""}
		if c.RateOne > 0 {
			row[4], row[5], row[6] = Grouped(int(c.RateOne)), percent(c.ShareOne), Fixed(c.Scaling, 2)
		}
		if c.Kind != speed.KindSample {
			row[7] = Fixed(c.Allocations, 0)
		}
		if c.Kind == speed.KindTrain {
			row[8] = fmt.Sprintf("%+.0f %%", 100*c.Extra)
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rnnscope %s, %s, %s kernels, %d cores; FMA peak %.0f GFLOP/s, one core %.0f\n\n", r.Version, r.Go, r.Kernels, r.Cores, r.Peak, r.PeakOne)
	b.WriteString(Aligned(rows, 1))
	b.WriteString("\nmemory: beyond weights, two moments and the activations of backpropagation; allocations: of one step\n")
	for _, c := range r.Cases {
		if c.FarBytes > 0 {
			fmt.Fprintf(&b, "%s: a character reads at least %.1f MB that the second-level caches cannot hold, at %.0f %% of the %.0f GB/s at which the same cores read\n", c.Name, c.FarBytes/1e6, 100*c.ReadShare, c.ReadRate)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
