package evolve

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/stat"
)

// Point is a figure at a step.
type Point struct {
	Step  int64   `json:"step"`
	Value float64 `json:"value"`
}

// Model is a shape a learning curve may have in x = log10(1+step).
type Model string

// The models. Each has besides its own parameters the variance and the
// autocorrelation of AR(1) residuals.
const (
	Constant Model = "constant" // y = a
	Linear   Model = "linear"   // y = a + b x
	TwoKnot  Model = "two-knot" // a broken line with two knots: three slopes
	Sigmoid  Model = "sigmoid"  // y = a + b sigma(4.394 (x - x0)/W)
)

// parameters counts the free parameters of each model, residuals included.
var parameters = map[Model]float64{Constant: 3, Linear: 4, TwoKnot: 8, Sigmoid: 6}

// Verdict is how a skill came.
type Verdict string

// UnmarshalText reads a verdict; older runs have it in words.
func (v *Verdict) UnmarshalText(b []byte) error {
	*v = Verdict(strings.NewReplacer(" ", "_", "-", "_").Replace(string(b)))
	return nil
}

// Words are the verdict in words.
func (v Verdict) Words() string {
	if v == MetricInduced {
		return "metric-induced"
	}
	return strings.ReplaceAll(string(v), "_", " ")
}

// The verdicts of docs/methods.md, section 7.
const (
	Unchanged     Verdict = "no_change"      // the constant has the lowest BIC
	Abrupt        Verdict = "abrupt"         // W surely below 0.3 decades and below the loss's own fastest width
	Gradual       Verdict = "gradual"        // W surely above 0.7 decades
	Unresolved    Verdict = "unresolved"     // neither
	PerhapsAbrupt Verdict = "perhaps_abrupt" // of counts over runs: abrupt where too few checkpoints lie inside W, see Emergence.Trusted
	MetricInduced Verdict = "metric_induced" // abrupt in a share only, not in the continuous metric beside it
)

// The bounds of the verdicts, in decades.
const (
	abruptBelow  = 0.3
	gradualAbove = 0.7
)

// fewestPoints below which no curve is fitted.
const fewestPoints = 10

// width is ln 81: sigma rises from 10 % to 90 % over width/slope.
var width = math.Log(81)

// Emergence says how one figure changed over training.
type Emergence struct {
	Name      string                `json:"name"`
	Points    int                   `json:"points"`
	Best      Model                 `json:"best"` // lowest BIC
	BIC       map[Model]stat.Number `json:"bic"`
	Phi       stat.Number           `json:"phi"`        // AR(1) of the sigmoid's residuals
	From      stat.Number           `json:"from"`       // level before, of the sigmoid
	To        stat.Number           `json:"to"`         // level after
	X0        stat.Interval         `json:"x0"`         // middle, log10(1+step)
	W         stat.Interval         `json:"w"`          // 10-90 % width, decades; a bound that the data do not set is null
	Inside    int                   `json:"inside"`     // points within W around x0
	Spacing   int64                 `json:"spacing"`    // updates between neighbouring points there, at most; 0 without a fit
	LossWidth stat.Number           `json:"loss_width"` // fastest width of the loss, decades
	Verdict   Verdict               `json:"verdict"`
	Trusted   bool                  `json:"trusted"` // the width rests on enough checkpoints: an abrupt rise without it is only perhaps one
}

// UnmarshalJSON reads an emergence; whether it is trusted follows from the rest.
func (e *Emergence) UnmarshalJSON(b []byte) error {
	type plain Emergence
	if err := json.Unmarshal(b, (*plain)(e)); err != nil {
		return err
	}
	e.Trusted = e.enough()
	return nil
}

// Fit compares the four models on a learning curve by BIC, with exact AR(1)
// likelihoods, and gives 95 % profile-likelihood intervals of the sigmoid's
// middle and width. Points without a value are left aside; lossWidth is
// FastestWidth of the validation loss, NaN when not known (then nothing is
// called abrupt). Fewer than ten points are unresolved.
func Fit(name string, points []Point, lossWidth float64) Emergence {
	x, y := curve(points)
	e := Emergence{
		Name: name, Points: len(x), BIC: map[Model]stat.Number{}, LossWidth: stat.Number(lossWidth), Verdict: Unresolved,
		Phi: stat.Undefined(), From: stat.Undefined(), To: stat.Undefined(),
		X0: stat.Point(math.NaN(), int64(len(x))), W: stat.Point(math.NaN(), int64(len(x))),
	}
	if len(x) < fewestPoints || x[0] == x[len(x)-1] {
		return e
	}
	f := newFitter(x, y)
	logL := map[Model]float64{Constant: f.constant(), Linear: f.linear(), TwoKnot: f.twoKnot()}
	s := newSigmoids(x, y)
	logL[Sigmoid] = s.logL
	e.Best = Constant
	for _, m := range []Model{Constant, Linear, TwoKnot, Sigmoid} {
		e.BIC[m] = stat.Number(parameters[m]*math.Log(float64(len(x))) - 2*logL[m])
		if e.BIC[m] < e.BIC[e.Best] {
			e.Best = m
		}
	}
	phi, from, to := s.level(stat.Mean(y))
	e.Phi, e.From, e.To = stat.Number(phi), stat.Number(from), stat.Number(to)
	e.X0.Estimate, e.W.Estimate = s.x0, math.Exp(s.lw)
	e.X0.Lo, e.X0.Hi, e.W.Lo, e.W.Hi = s.intervals()
	e.Inside, e.Spacing = coverage(x, s.x0-e.W.Estimate/2, s.x0+e.W.Estimate/2)
	e.Trusted, e.Verdict = e.enough(), e.verdict()
	return e
}

// coverage is how many of x, ascending, lie within lo..hi, and the most updates between
// two neighbours whose interval meets it.
func coverage(x []float64, lo, hi float64) (inside int, spacing int64) {
	for i, v := range x {
		if lo <= v && v <= hi {
			inside++
		}
		if i > 0 && v >= lo && x[i-1] <= hi {
			spacing = max(spacing, stepAt(v)-stepAt(x[i-1]))
		}
	}
	return inside, spacing
}

// stepAt is the step nearest to x.
func stepAt(x float64) int64 { return int64(math.Round(math.Pow(10, x))) - 1 }

// verdict is the rule of docs/methods.md, section 7. A bound that the data do not set is NaN and
// compares false.
func (e Emergence) verdict() Verdict {
	switch {
	case e.Best == Constant:
		return Unchanged
	case e.W.Lo > gradualAbove:
		return Gradual
	case e.Best == Sigmoid && e.W.Hi < abruptBelow && e.W.Estimate < float64(e.LossWidth):
		return Abrupt
	}
	return Unresolved
}

// insideWanted is how many checkpoints must lie inside W for it to be trusted.
const insideWanted = 5

// enough reports whether the width rests on enough checkpoints, as docs/methods.md, section 7
// asks before a rise is called abrupt: five lie inside, or every step was looked at.
func (e Emergence) enough() bool { return e.Inside >= insideWanted || e.Spacing == 1 }

// Refine lists the steps at which to look again, by running the training anew,
// until five checkpoints lie inside W or the spacing is one step: steps evenly over
// the rise, and halfway between those of have around it. Empty when that is so already or there is no sigmoid to refine.
func (e Emergence) Refine(have []int64) []int64 {
	if e.Best != Sigmoid || e.Trusted {
		return nil
	}
	var out []int64
	for i := range insideWanted + 2 {
		out = append(out, stepAt(e.X0.Estimate+e.W.Estimate*(float64(i)/(insideWanted+1)-0.5)))
	}
	have = slices.Sorted(slices.Values(have))
	first, last := out[0], out[len(out)-1]
	for i := 1; i < len(have); i++ {
		if have[i] >= first && have[i-1] <= last {
			out = append(out, have[i-1]+(have[i]-have[i-1])/2)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(step int64) bool { return step < 0 || slices.Contains(have, step) })
}

// FastestWidth is the width, in decades, that a sigmoid between a curve's
// extremes would have if its steepest slope were the curve's: 1.0986 range /
// max |dy/dx|, slopes over four neighbouring points by least squares. NaN for
// fewer than four points and for a curve that does not move.
func FastestWidth(points []Point) float64 {
	x, y := curve(points)
	const span = 4
	if len(x) < span {
		return math.NaN()
	}
	steepest := 0.0
	for i := 0; i+span <= len(x); i++ {
		steepest = max(steepest, math.Abs(slope(x[i:i+span], y[i:i+span])))
	}
	if steepest == 0 {
		return math.NaN()
	}
	return width / 4 * (slices.Max(y) - slices.Min(y)) / steepest
}

func slope(x, y []float64) float64 {
	mx, my := stat.Mean(x), stat.Mean(y)
	var xy, xx float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	if xx == 0 {
		return 0
	}
	return xy / xx
}

// curve sorts points by step, drops what has no value and takes the logarithm.
func curve(points []Point) (x, y []float64) {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.Step, b.Step) })
	for _, p := range points {
		if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) && p.Step >= 0 {
			x = append(x, math.Log10(1+float64(p.Step)))
			y = append(y, p.Value)
		}
	}
	return x, y
}
