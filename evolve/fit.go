package evolve

import (
	"cmp"
	"encoding/json"
	"errors"
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
	Declined      Verdict = "declined"       // it surely got worse: no emergence, however fast
	PerhapsAbrupt Verdict = "perhaps_abrupt" // of counts over runs: abrupt where too few checkpoints lie inside W, see Emergence.Trusted
	MetricInduced Verdict = "metric_induced" // abrupt in a share only, not in the continuous metric beside it
)

// The bounds of the verdicts, in decades.
const (
	abruptBelow  = 0.3
	gradualAbove = 0.7
)

// strong is by how much the BIC of a curve without change must exceed that of the best model before
// a verdict says how the figure changed: strong evidence by Kass and Raftery 1995, section 3.2.
const strong = 6

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
	Before    int                   `json:"before"`     // points before the rise
	Inside    int                   `json:"inside"`     // points within W around x0
	After     int                   `json:"after"`      // points after it
	Spacing   int64                 `json:"spacing"`    // updates between neighbouring points there, at most; 0 without a fit
	LossWidth stat.Number           `json:"loss_width"` // fastest width of the loss, decades
	Verdict   Verdict               `json:"verdict"`
	Trusted   bool                  `json:"trusted"` // the width rests on enough checkpoints: an abrupt rise without it is only perhaps one
}

// UnmarshalJSON reads an emergence. The oldest runs do not say whether it is trusted: it follows
// from the rest by the rule of then.
func (e *Emergence) UnmarshalJSON(b []byte) error {
	type plain Emergence
	var says struct {
		Trusted *bool `json:"trusted"`
	}
	if err := errors.Join(json.Unmarshal(b, (*plain)(e)), json.Unmarshal(b, &says)); err != nil {
		return err
	}
	if says.Trusted == nil {
		e.Trusted = e.Close()
	}
	return nil
}

// Curve is a figure over a training.
type Curve struct {
	Name      string
	Points    []Point
	Cases     []int64 // of a share: how many cases are behind each point; else nil
	Lower     bool    // lower is better
	LossWidth float64 // FastestWidth of the validation loss; NaN: not known, then nothing is abrupt
}

// Fit compares the four models on a learning curve by BIC, with exact AR(1) likelihoods, and
// gives 95 % intervals of the sigmoid's middle and width, for a share with no less noise than its
// number of cases makes (binomial). Points without a value are left aside. Fewer than ten points are
// unresolved.
func Fit(c Curve) Emergence {
	x, y := curve(c.Points)
	e := Emergence{
		Name: c.Name, Points: len(x), BIC: map[Model]stat.Number{}, LossWidth: stat.Number(c.LossWidth), Verdict: Unresolved,
		Phi: stat.Undefined(), From: stat.Undefined(), To: stat.Undefined(),
		X0: stat.Point(math.NaN(), int64(len(x))), W: stat.Point(math.NaN(), int64(len(x))),
	}
	if len(x) < fewestPoints || x[0] == x[len(x)-1] {
		return e
	}
	f := newFitter(x, y)
	straight, broken := f.linear(), f.twoKnot()
	logL := map[Model]float64{Constant: f.constant(), Linear: straight.logL, TwoKnot: broken.logL}
	s := newSigmoids(x, y, c.chance())
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
	e.cover(x)
	e.Trusted = e.Close() && e.between()
	way := map[Model]float64{Linear: straight.rise, TwoKnot: broken.rise, Sigmoid: to - from}[e.Best]
	if n := len(y) - pieceLeast; way*(stat.Mean(y[n:])-stat.Mean(y[:pieceLeast])) < 0 {
		way = 0 // the model describes a part of the curve only, and the rest of it goes back
	}
	if c.Lower {
		way, from, to = -way, -from, -to
	}
	e.Verdict = e.verdict(way, to-from)
	return e
}

// chance is the sum of squared residuals that a share's numbers of cases make on average beside a
// sigmoid, which takes up four degrees of freedom; 0 of other figures. Half a case is added on both sides: a
// share of exactly 0 or 1 is no certainty.
func (c Curve) chance() float64 {
	sum, n := 0.0, 0.0
	for i, cases := range c.Cases {
		if p := c.Points[i]; usable(p) && cases > 0 {
			k := float64(cases)
			share := (p.Value*k + .5) / (k + 1)
			sum, n = sum+share*(1-share)/k, n+1
		}
	}
	return sum * max(0, 1-4/max(1, n))
}

// cover counts the points before, inside and after the rise, of x, ascending, and finds the most updates between
// two neighbours whose interval meets it.
func (e *Emergence) cover(x []float64) {
	lo, hi := e.rise()
	for i, v := range x {
		switch {
		case v < lo:
			e.Before++
		case v > hi:
			e.After++
		default:
			e.Inside++
		}
		if i > 0 && v >= lo && x[i-1] <= hi {
			e.Spacing = max(e.Spacing, stepAt(v)-stepAt(x[i-1]))
		}
	}
}

// rise is where the figure goes from 10 to 90 % of its change, log10(1+step).
func (e Emergence) rise() (lo, hi float64) {
	return e.X0.Estimate - e.W.Estimate/2, e.X0.Estimate + e.W.Estimate/2
}

// stepAt is the step nearest to x.
func stepAt(x float64) int64 { return int64(math.Round(math.Pow(10, x))) - 1 }

// verdict is the rule of docs/methods.md, section 7. way is by how much the figure got better by the
// best model (0: the curve's ends contradict it), sigmoid by how much by the sigmoid, whose width is judged;
// below 0 it got worse. A bound that the data do not set is NaN and compares false.
func (e Emergence) verdict(way, sigmoid float64) Verdict {
	switch {
	case e.Best == Constant:
		return Unchanged
	case e.BIC[Constant]-e.BIC[e.Best] < strong:
		return Unresolved
	case way < 0 && (e.Best != Sigmoid || e.between()):
		return Declined
	case !(way > 0 && sigmoid > 0):
		return Unresolved
	case e.W.Lo > gradualAbove:
		return Gradual
	case e.Best == Sigmoid && e.W.Hi < abruptBelow && e.W.Estimate < float64(e.LossWidth):
		return Abrupt
	}
	return Unresolved
}

// How many checkpoints must lie inside W and on either side of it for an abrupt rise to be trusted, and for a fall to be told. A
// sigmoid that only cuts off the first two or the last two checkpoints is no rise between two levels.
const (
	insideWanted = 5
	besideWanted = pieceLeast
)

// between reports whether the sigmoid goes from one level to another, each seen at several checkpoints.
func (e Emergence) between() bool { return e.Before >= besideWanted && e.After >= besideWanted }

// Close reports whether the rise was looked at closely enough: five checkpoints lie inside, or
// every step was looked at.
func (e Emergence) Close() bool { return e.Inside >= insideWanted || e.Spacing == 1 }

// Refine lists the steps at which to look again, by running the training anew, until five
// checkpoints lie inside W or the spacing is one step: steps evenly over the rise, and halfway between
// those of have around it; and beside an abrupt rise, until five lie there. Empty when
// that is so already, or there is no sigmoid to refine, or no rise.
func (e Emergence) Refine(have []int64) []int64 {
	if e.Best != Sigmoid || e.Verdict == Declined || e.Trusted {
		return nil
	}
	lo, hi := e.rise()
	first, last := stepAt(lo), stepAt(hi)
	var out []int64
	if !e.Close() {
		for i := range insideWanted + 2 {
			out = append(out, stepAt(lo+e.W.Estimate*float64(i)/(insideWanted+1)))
		}
	}
	have = slices.Sorted(slices.Values(have))
	for i := 1; i < len(have); i++ {
		around := !e.Close() && have[i] >= first && have[i-1] <= last
		before := e.Verdict == Abrupt && e.Before < besideWanted && have[i-1] < first
		after := e.Verdict == Abrupt && e.After < besideWanted && have[i] > last
		if around || before || after {
			out = append(out, have[i-1]+(have[i]-have[i-1])/2)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(step int64) bool { return step < 0 || slices.Contains(have, step) })
}

// slopePoints and slopeSpan are the least points and decades over which FastestWidth takes a slope.
// The schedule's points lie so far apart; where a refinement looked at every step, four
// neighbours lie so close that their slope is that of the noise.
const (
	slopePoints = 4
	slopeSpan   = .1
)

// FastestWidth is the width, in decades, that a sigmoid between a curve's extremes would have
// if its steepest slope were the curve's: 1.0986 range / max |dy/dx|, slopes by least squares over
// at least four neighbouring points and a tenth of a decade. NaN for a curve that has not as much, or does not move.
func FastestWidth(points []Point) float64 {
	x, y := curve(points)
	steepest, end := 0.0, 0
	for i := range x {
		end = max(end, i+slopePoints)
		for end < len(x) && x[end-1]-x[i] < slopeSpan {
			end++
		}
		if end > len(x) || x[end-1]-x[i] < slopeSpan {
			break
		}
		steepest = max(steepest, math.Abs(slope(x[i:end], y[i:end])))
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
		if usable(p) {
			x = append(x, math.Log10(1+float64(p.Step)))
			y = append(y, p.Value)
		}
	}
	return x, y
}

// usable reports whether a point has a value and a place.
func usable(p Point) bool { return !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) && p.Step >= 0 }
