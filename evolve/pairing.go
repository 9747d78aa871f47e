package evolve

import (
	"context"

	"github.com/rnnscope/rnnscope/internal/crew"
)

// Pairing is how one kind of held-out items came, by share right and by log probability.
type Pairing struct {
	Name   string    `json:"name"` // of a Measure
	LogP   Emergence `json:"log_probability"`
	Right  Emergence `json:"right"`
	Metric Verdict   `json:"metric"` // of an abrupt share: MetricInduced, AbruptInBoth or CannotTell; else ""
}

// Where a share that came abruptly has its jump from.
const (
	AbruptInBoth Verdict = "abrupt_in_both" // the log probability jumps as well
	CannotTell   Verdict = "cannot_tell"
)

// MetricVerdict is, on the same items, whether the metric made a share right come abruptly: so
// where the log probability rises as well and surely does not jump, the lower bound of its width being
// above the bound of abrupt and above the upper bound of the share's. That the share is
// the narrower one is not enough: it cuts a curve at one height and nearly always is. A bound that
// the data do not set is NaN and compares false.
func MetricVerdict(right, logP Emergence) Verdict {
	switch {
	case right.Verdict != Abrupt:
		return ""
	case logP.Verdict == Abrupt:
		return AbruptInBoth
	case logP.Verdict != Unchanged && logP.Verdict != Declined && logP.To > logP.From && logP.W.Lo > max(abruptBelow, right.W.Hi):
		return MetricInduced
	}
	return CannotTell
}

// Pairings fits both curves of every measure. What is abrupt must be narrower than the
// loss's own fastest width, as in Emergences. The error is the context's.
func Pairings(ctx context.Context, measures []Measure, snapshots []Snapshot, workers int) ([]Pairing, error) {
	fastest := FastestWidth(lossPoints(snapshots))
	out := make([]Pairing, len(measures))
	err := crew.ForEach(ctx, len(measures), max(1, workers), func(i int) {
		logP, right := Curve{Name: measures[i].Name, LossWidth: fastest}, Curve{Name: measures[i].Name, LossWidth: fastest}
		for _, s := range snapshots {
			for _, h := range s.HeldOut {
				if h.Name == measures[i].Name {
					logP.Points = append(logP.Points, Point{s.Step, h.LogP.Estimate})
					right.Points = append(right.Points, Point{s.Step, h.Right.Estimate})
					right.Cases = append(right.Cases, h.Right.N)
				}
			}
		}
		p := Pairing{Name: measures[i].Name, LogP: Fit(logP), Right: Fit(right)}
		p.Metric = MetricVerdict(p.Right, p.LogP)
		out[i] = p
	})
	return out, err
}

// lossPoints is the validation loss by step.
func lossPoints(snapshots []Snapshot) []Point {
	var loss []Point
	for _, s := range snapshots {
		if s.ValLoss != 0 {
			loss = append(loss, Point{s.Step, s.ValLoss})
		}
	}
	return loss
}
