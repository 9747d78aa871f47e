package memory

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const (
	reachSteps  = 512 // characters a replacement or a gradient is followed
	reachPlaces = 256 // characters of each sort
	reachRows   = 32  // rows of a batch
	reachGap    = 20  // openers with a shorter gap are no triggers here
)

// ReachCurve is how much a character matters k characters later. By replacement:
// K(k) = E KL(p_t || p_t with x_{t-k} replaced by another of its class), p_t the
// prediction of x_t, in nats. By gradient: E |d logit(x_t) / d x_{t-k}|, the norm of
// the gradient by the one-hot input.
type ReachCurve struct {
	Method string       `json:"method"` // Replacement or Gradient
	Sort   string       `json:"sort"`   // what is replaced; for the gradient: what is predicted
	N      int64        `json:"n"`
	Points []ReachPoint `json:"points"`
	Tenth  stat.Number  `json:"tenth"` // first k at which the curve is below a tenth of its value at k = 1; null: beyond 512
}

// ReachPoint is a mean over distances from Lo to Hi.
type ReachPoint struct {
	Lo    int           `json:"lo"`
	Hi    int           `json:"hi"`
	Value stat.Interval `json:"value"`
}

// Methods and sorts of a ReachCurve.
const (
	Replacement    = "replacement"
	Gradient       = "gradient"
	SortOrdinary   = "ordinary characters"
	SortTriggers   = "openers"
	SortClosers    = "closers"
	reachPerOctave = 2
)

// reacher measures the reach of characters.
type reacher struct {
	in      *input
	workers int
	ask     *ask
	places  []place // replaced
	targets []place // predicted
	replace *replacer
}

// place is a position of some sort.
type place struct {
	sort string
	at   int
}

func newReacher(in *input, f *found, workers int, a *ask, rng *rand.Rand) *reacher {
	r := &reacher{in: in, workers: workers, ask: a, replace: newReplacer(in.Alphabet, in.IDs.ids)}
	var openers, closers []int
	marks := map[int]bool{}
	for _, kind := range PairKinds() {
		for i := range f.byKind[kind] {
			p := &f.byKind[kind][i]
			for at := p.OpenStart; at <= p.Open; at++ {
				marks[int(at)] = true
			}
			for at := p.CloseStart; at <= p.Close; at++ {
				marks[int(at)] = true
			}
			if p.gap() < reachGap {
				continue
			}
			openers, closers = append(openers, opener(p)), append(closers, int(p.CloseStart))
		}
	}
	var ordinary []int
	for _, p := range drawPositions(f, 8*reachPlaces, rng) {
		if !marks[p] {
			ordinary = append(ordinary, p)
		}
	}
	r.choose(f, SortTriggers, openers, rng, &r.places, r.mayReplace)
	r.choose(f, SortOrdinary, ordinary, rng, &r.places, r.mayReplace)
	r.choose(f, SortClosers, closers, rng, &r.targets, r.mayPredict)
	r.choose(f, SortOrdinary, ordinary, rng, &r.targets, r.mayPredict)
	for _, p := range r.places {
		a.state(p.at - 1)
	}
	for _, p := range r.targets {
		a.state(p.at - 1 - reachSteps)
	}
	return r
}

// opener is the character of an opener that carries what must be remembered: the
// last mark, or the first letter of a name.
func opener(p *pair) int {
	switch p.Kind {
	case "tag":
		return int(p.OpenStart) + len("<")
	case "environment":
		return int(p.OpenStart) + len(`\begin{`)
	}
	return int(p.Open)
}

// choose keeps reachPlaces of the positions that the blocks leave room for.
func (r *reacher) choose(f *found, sort string, at []int, rng *rand.Rand, to *[]place, may func(f *found, at int) bool) {
	var fit []int
	for _, p := range distinct(at) {
		if may(f, p) {
			fit = append(fit, p)
		}
	}
	rng.Shuffle(len(fit), func(i, j int) { fit[i], fit[j] = fit[j], fit[i] })
	for _, p := range fit[:min(len(fit), reachPlaces)] {
		*to = append(*to, place{sort, p})
	}
}

func (r *reacher) mayReplace(f *found, at int) bool {
	return slices.ContainsFunc(f.blocks, func(b text.Block) bool { return b.Lo < at && at+reachSteps < b.Hi })
}

func (r *reacher) mayPredict(f *found, at int) bool {
	return slices.ContainsFunc(f.blocks, func(b text.Block) bool { return b.Lo <= at-1-reachSteps && at < b.Hi })
}

// curves measures all of them.
func (r *reacher) curves(ctx context.Context, s *snapshot, rng *rand.Rand) ([]ReachCurve, error) {
	out := []ReachCurve{}
	for _, sort := range []string{SortTriggers, SortOrdinary} {
		curve, err := r.traceReplaced(ctx, s, bySort(r.places, sort), rng)
		if err != nil {
			return nil, err
		}
		if curve.N > 0 {
			curve.Sort = sort
			out = append(out, curve)
		}
	}
	for _, sort := range []string{SortClosers, SortOrdinary} {
		curve, err := r.gradient(ctx, s, bySort(r.targets, sort))
		if err != nil {
			return nil, err
		}
		if curve.N > 0 {
			curve.Sort = sort
			out = append(out, curve)
		}
	}
	return out, nil
}

func bySort(ps []place, sort string) []int {
	var out []int
	for _, p := range ps {
		if p.sort == sort {
			out = append(out, p.at)
		}
	}
	return out
}

// traceReplaced follows each place twice, as it is and replaced: rows 2i and 2i+1.
func (r *reacher) traceReplaced(ctx context.Context, s *snapshot, places []int, rng *rand.Rand) (ReachCurve, error) {
	const steps = 64
	curve := newCurveSums()
	pass, err := r.in.Model.NewPass(rnn.PassOptions{T: steps, B: reachRows, Workers: r.workers})
	if err != nil {
		return ReachCurve{}, err
	}
	v := s.v
	st, x := r.in.Model.NewState(reachRows), make([]int32, steps*reachRows)
	for ; len(places) > 0; places = places[min(len(places), reachRows/2):] {
		n := min(len(places), reachRows/2)
		st.Zero()
		other := make([]int32, n)
		for i, p := range places[:n] {
			s.load(st, 2*i, p-1)
			s.load(st, 2*i+1, p-1)
			var ok bool
			if other[i], ok = r.replace.draw(r.in.IDs.at(p), rng); !ok {
				return ReachCurve{}, ctx.Err()
			}
		}
		for at := 0; at < reachSteps; at += steps {
			if err := ctx.Err(); err != nil {
				return ReachCurve{}, err
			}
			for i := range x {
				x[i] = -1
			}
			for i, p := range places[:n] {
				for k := range steps {
					id := r.in.IDs.at(p + at + k)
					x[k*reachRows+2*i], x[k*reachRows+2*i+1] = id, id
				}
				if at == 0 {
					x[2*i+1] = other[i]
				}
			}
			pass.Forward(x, st, nil)
			logits := pass.Logits()
			for k := range steps {
				for i, p := range places[:n] {
					row := logits[(k*reachRows+2*i)*v:]
					curve.add(at+k+1, p/segmentSize, divergence(row[:v], row[v:2*v]))
				}
			}
		}
	}
	return curve.curve(Replacement), nil
}

// divergence is KL(p || q) in nats of the distributions of two rows of logits.
func divergence(a, b []float32) float64 {
	za, zb := logSum(a), logSum(b)
	kl := 0.0
	for i := range a {
		la, lb := float64(a[i])-za, float64(b[i])-zb
		kl += math.Exp(la) * (la - lb)
	}
	return max(0, kl)
}

func logSum(a []float32) float64 {
	top := float64(slices.Max(a))
	sum := 0.0
	for _, v := range a {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

// gradient follows the logit of each target back through reachSteps characters.
func (r *reacher) gradient(ctx context.Context, s *snapshot, targets []int) (ReachCurve, error) {
	curve := newCurveSums()
	rows := gradientRows(r.in.Model.Config())
	pass, err := r.in.Model.NewPass(rnn.PassOptions{T: reachSteps, B: rows, Workers: r.workers, Backward: true})
	if err != nil {
		return ReachCurve{}, err
	}
	st, x, norms := r.in.Model.NewState(rows), make([]int32, reachSteps*rows), make([]float32, reachSteps*rows)
	for ; len(targets) > 0; targets = targets[min(len(targets), rows):] {
		if err := ctx.Err(); err != nil {
			return ReachCurve{}, err
		}
		n := min(len(targets), rows)
		st.Zero()
		for i := range x {
			x[i] = -1
		}
		for i, p := range targets[:n] {
			s.load(st, i, p-1-reachSteps)
			for k := range reachSteps {
				x[k*rows+i] = r.in.IDs.at(p - reachSteps + k)
			}
		}
		pass.Forward(x, st, nil)
		pass.InputGradient(func(t, row int, _, d []float32) {
			if t == reachSteps-1 && row < n {
				d[r.in.IDs.at(targets[row])] = 1
			}
		}, norms)
		for i, p := range targets[:n] {
			for k := range reachSteps {
				curve.add(reachSteps-k, p/segmentSize, float64(norms[k*rows+i]))
			}
		}
	}
	return curve.curve(Gradient), nil
}

// gradientRows bounds the memory of a pass that keeps all of reachSteps steps.
func gradientRows(c rnn.Config) int {
	bytes := 4 * reachSteps * (8*c.Hidden*c.Layers + c.Vocab)
	return max(1, min(reachRows, (512<<20)/bytes))
}

// curveSums add a curve up by distance and segment.
type curveSums struct {
	bins []sums
	n    int64
}

func newCurveSums() *curveSums { return &curveSums{bins: make([]sums, reachBin(reachSteps)+1)} }

// reachBin is the bin of distance k, 1.. : one each up to 4, then two an octave.
func reachBin(k int) int {
	if k <= 4 {
		return k - 1
	}
	return 3 + int(math.Ceil(reachPerOctave*math.Log2(float64(k)/4)-1e-9))
}

func (c *curveSums) add(k, segment int, v float64) {
	if k == 1 {
		c.n++
	}
	c.bins[reachBin(k)].add(segment, v)
}

func (c *curveSums) curve(method string) ReachCurve {
	out := ReachCurve{Method: method, N: c.n, Tenth: stat.Undefined()}
	for k := 1; k <= reachSteps && c.n > 0; {
		hi := k
		for hi < reachSteps && reachBin(hi+1) == reachBin(k) {
			hi++
		}
		p := ReachPoint{Lo: k, Hi: hi, Value: c.bins[reachBin(k)].mean()}
		p.Value.N = c.n
		out.Points = append(out.Points, p)
		if !out.Tenth.Defined() && p.Value.Estimate < out.Points[0].Value.Estimate/10 {
			out.Tenth = stat.Number(k)
		}
		k = hi + 1
	}
	return out
}
