package evolve

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
)

// Simulation is how often the verdicts and intervals of Fit are right on curves of known width.
type Simulation struct {
	Width       float64       `json:"width"`       // of the rise, decades; 0: the curve does not change
	Noise       float64       `json:"noise"`       // standard deviation, share of the rise; 0: that of Cases alone
	Cases       int64         `json:"cases"`       // behind each point of a share; 0: no share
	Checkpoints int           `json:"checkpoints"` // even in the logarithm of steps, to 10,000
	Curves      int           `json:"curves"`
	Abrupt      int           `json:"abrupt"`
	Gradual     int           `json:"gradual"`
	Unresolved  int           `json:"unresolved"`
	Unchanged   int           `json:"unchanged"`
	Declined    int           `json:"declined"`
	Right       stat.Interval `json:"right"`     // verdicts that the width does not contradict (Wilson)
	CoversW     stat.Interval `json:"covers_w"`  // intervals of W that hold the width; undefined of curves that do not change
	CoversX0    stat.Interval `json:"covers_x0"` // intervals of the middle that hold the middle; likewise
}

// What is simulated: widths from a jump to half of the training, two levels of noise, a sparse
// and a dense schedule.
var (
	simulatedWidths      = []float64{.05, .1, .2, .3, .5, .7, 1, 1.4, 2}
	simulatedNoise       = []float64{.02, .08}
	simulatedCheckpoints = []int{24, 150}
)

// simulatedPhi is the autocorrelation of the noise of neighbouring checkpoints, where it is not that
// of cases, which are drawn anew at each.
const simulatedPhi = .3

// simulatedCases is how many cases are behind each point of a simulated share.
const simulatedCases = 100

// simulations are the kinds of curves, still without fits.
func simulations(curves int) (out []Simulation) {
	add := func(w, noise float64, cases int64) {
		for _, n := range simulatedCheckpoints {
			out = append(out, Simulation{Width: w, Noise: noise, Cases: cases, Checkpoints: n, Curves: curves})
		}
	}
	for _, w := range simulatedWidths {
		for _, noise := range simulatedNoise {
			add(w, noise, 0)
		}
	}
	for _, noise := range simulatedNoise {
		add(0, noise, 0)
	}
	for _, w := range append([]float64{0}, simulatedWidths...) {
		add(w, 0, simulatedCases)
	}
	return out
}

// Simulate fits curves of every width, noise and schedule, and curves that do not change. A curve is a
// sigmoid from .1 to .9 whose middle lies anywhere in the middle half of a training of 10,000 updates,
// beside a loss that falls evenly (as in the rule of abrupt); a share goes from 0 to 1 and counts
// cases. A verdict is right unless it is abrupt at a width of .3 and more, gradual at .7 and less, no
// change, or a decline; of a curve that does not change (at .1, a share at .3), unless it says that it does.
func Simulate(ctx context.Context, curves int, seed uint64, workers int, progress func(done, total int64)) ([]Simulation, error) {
	out := simulations(curves)
	fits := make([][]Emergence, len(out))
	middles := make([][]float64, len(out))
	for i := range fits {
		fits[i], middles[i] = make([]Emergence, curves), make([]float64, curves)
	}
	var mu sync.Mutex
	var done int64
	err := crew.ForEach(ctx, len(out)*curves, max(1, workers), func(k int) {
		i, j := k/curves, k%curves
		rng := rand.New(rand.NewPCG(seed, uint64(k)))
		fits[i][j], middles[i][j] = simulateOne(out[i], rng)
		if progress != nil {
			mu.Lock()
			defer mu.Unlock()
			done++
			progress(done, int64(len(out)*curves))
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].count(fits[i], middles[i])
	}
	return out, nil
}

// simulateOne fits one curve.
func simulateOne(s Simulation, rng *rand.Rand) (e Emergence, middle float64) {
	const decades = 4
	middle = decades * (.25 + .5*rng.Float64())
	var points, loss []Point
	noise := s.Noise * .8
	wander := rng.NormFloat64() * noise
	for k := range s.Checkpoints {
		x := decades * float64(k) / float64(s.Checkpoints-1)
		step := int64(math.Round(math.Pow(10, x))) - 1
		x = math.Log10(1 + float64(step))
		points = append(points, Point{step, s.level(x-middle, rng) + wander})
		loss = append(loss, Point{step, 4 - x/2 + .01*rng.NormFloat64()})
		wander = simulatedPhi*wander + math.Sqrt(1-simulatedPhi*simulatedPhi)*noise*rng.NormFloat64()
	}
	same := func(a, b Point) bool { return a.Step == b.Step } // the first steps lie closer than one update
	c := Curve{Name: "simulated", Points: slices.CompactFunc(points, same), LossWidth: FastestWidth(slices.CompactFunc(loss, same))}
	if s.Cases > 0 {
		c.Cases = slices.Repeat([]int64{s.Cases}, len(c.Points))
	}
	return Fit(c), middle
}

// level is a simulated figure, still without wander, so many decades after the middle of its rise.
func (s Simulation) level(after float64, rng *rand.Rand) float64 {
	risen := 1 / (1 + math.Exp(-width*after/s.Width))
	if s.Cases == 0 {
		if s.Width == 0 {
			return .1
		}
		return .1 + .8*risen
	}
	if s.Width == 0 {
		risen = .3
	}
	right := 0.0
	for range s.Cases {
		if rng.Float64() < risen {
			right++
		}
	}
	return right / float64(s.Cases)
}

// count sums the fits of one setting up.
func (s *Simulation) count(fits []Emergence, middles []float64) {
	var right, w, x0 int64
	holds := func(i stat.Interval, v float64) int64 {
		if lo, hi := i.Lo, i.Hi; (math.IsNaN(lo) || lo <= v) && (math.IsNaN(hi) || v <= hi) { // a bound that is not set excludes nothing
			return 1
		}
		return 0
	}
	for j, e := range fits {
		wrong, flat := false, s.Width == 0
		switch e.Verdict {
		case Abrupt:
			s.Abrupt++
			wrong = flat || s.Width >= abruptBelow
		case Gradual:
			s.Gradual++
			wrong = flat || s.Width <= gradualAbove
		case Declined:
			s.Declined++
			wrong = true
		case Unchanged:
			s.Unchanged++
			wrong = !flat
		default:
			s.Unresolved++
		}
		if !wrong {
			right++
		}
		w += holds(e.W, s.Width)
		x0 += holds(e.X0, middles[j])
	}
	n := int64(len(fits))
	s.Right, s.CoversW, s.CoversX0 = stat.Wilson(right, n), stat.Wilson(w, n), stat.Wilson(x0, n)
	if s.Width == 0 {
		s.CoversW, s.CoversX0 = stat.Point(math.NaN(), n), stat.Point(math.NaN(), n)
	}
}
