package table

import (
	"fmt"
	"io"

	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/memory"
)

// Latches prints horizons of hand-wired latches beside what their leak says.
func Latches(w io.Writer, res []memory.LatchResult) error {
	rows := [][]string{{"leak a character", "ln 2 / leak", "measured horizon", "covered"}}
	for _, r := range res {
		covered := "no"
		if r.Covers() {
			covered = "yes"
		}
		rows = append(rows, []string{fmt.Sprintf("%.5f", r.Lambda), Fixed(r.Expected, 1), horizonWords(r.Measured.Horizon), covered})
	}
	_, err := fmt.Fprint(w, Aligned(rows, 0))
	return err
}

// Delays prints how far back networks remember that were trained on delays.
func Delays(w io.Writer, out []lab.DelayOutcome) error {
	rows := [][]string{{"delay", "updates", "right at the delay", "right at every gap up to it", "horizon"}}
	for _, o := range out {
		learned := "no"
		if o.Learned {
			learned = "yes"
		}
		rows = append(rows, []string{Grouped(o.Delay), Grouped(int(o.Steps)), Fixed(float64(o.Right), 2), learned, horizonWords(o.Result.Horizon)})
	}
	_, err := fmt.Fprint(w, Aligned(rows, 0)+"Lines keep one bit: half over the delay itself, half over less. Asked at gaps up to eight times the delay; 0.50 is knowing nothing.\n")
	return err
}

func horizonWords(h memory.Horizon) string {
	if h.None || h.Censored {
		return h.String()
	}
	return Fixed(h.Gap.Estimate, 1) + " " + Bounds(h.Gap, 1)
}
