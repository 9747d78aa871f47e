package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/text"
)

// drawer turns logits into a symbol. Its buffers are reused from symbol to symbol.
type drawer struct {
	opt   Options
	never []int32   // never drawn: the unknown symbol and those that stand for no text, ascending
	p     []float64 // [V] unnormalised probabilities after the filters
	quick []float32 // [V] the same where nothing is filtered, the largest 1
	order []int32   // [<=V] candidates, the likeliest first
	sum   float64   // of p before the filters, in the order of symbols
}

func newDrawer(a *text.Alphabet, opt Options) (*drawer, error) {
	d := &drawer{opt: opt, p: make([]float64, a.Size()), quick: make([]float32, a.Size()), order: make([]int32, 0, a.Size())}
	unknown, masked := a.Unknown()
	for id := range int32(a.Size()) {
		if masked && id == unknown || a.Special(id) {
			d.never = append(d.never, id)
		}
	}
	if len(d.never) == a.Size() {
		return nil, fmt.Errorf("%w: the alphabet has nothing but the unknown symbol", ErrOptions)
	}
	if d.opt.Temperature == 0 {
		d.opt.Temperature = 1
	}
	return d, nil
}

// draw returns a symbol and its log-probability under the unfiltered distribution
// at temperature 1. Ties go to the lower id, so that the order is total.
func (d *drawer) draw(logits []float32, rng *rand.Rand) (id int32, logProb float64) {
	best := d.likeliest(logits)
	id = best
	if !d.opt.Greedy {
		id = d.pick(logits, best, rng.Float64())
	}
	return id, float64(logits[id]) - d.logSum(logits, best)
}

func (d *drawer) likeliest(logits []float32) int32 {
	best := int32(-1)
	for i, v := range logits {
		if _, never := slices.BinarySearch(d.never, int32(i)); never {
			continue
		}
		if best < 0 || v > logits[best] {
			best = int32(i)
		}
	}
	return best
}

// pick is the inverse of the filtered cumulative distribution at u in [0, 1).
func (d *drawer) pick(logits []float32, best int32, u float64) int32 {
	if !d.filters() {
		return d.pickQuick(logits, best, u)
	}
	for i, v := range logits {
		// The largest exponent is 0, so nothing overflows at any temperature.
		d.p[i] = math.Exp((float64(v) - float64(logits[best])) / d.opt.Temperature)
	}
	for _, id := range d.never {
		d.p[id] = 0
	}
	d.sum = total(d.p)
	d.filter()
	return at(d.p, u*total(d.p), best)
}

// pickQuick is pick where nothing is filtered, by the vector kernel: rounding by 1e-7
// matters only to a filter, whose order could turn. It is half of what a character of a small
// network costs beside its products.
func (d *drawer) pickQuick(logits []float32, best int32, u float64) int32 {
	top := logits[best]
	if d.opt.Temperature == 1 {
		for i, v := range logits {
			d.quick[i] = v - top
		}
	} else {
		for i, v := range logits {
			d.quick[i] = float32((float64(v) - float64(top)) / d.opt.Temperature)
		}
	}
	f32.Exp(d.quick, d.quick)
	for _, id := range d.never {
		d.quick[id] = 0
	}
	d.sum = total(d.quick)
	return at(d.quick, u*d.sum, best)
}

// at is the first symbol at which the running sum of p exceeds target; best stands in if
// there is none.
func at[F float32 | float64](p []F, target float64, best int32) int32 {
	last := best
	for i, v := range p {
		if v == 0 {
			continue
		}
		last = int32(i)
		if target < float64(v) {
			return last
		}
		target -= float64(v)
	}
	return last // rounding left a crumb behind the last symbol
}

func total[F float32 | float64](p []F) (sum float64) {
	for _, v := range p {
		sum += float64(v)
	}
	return sum
}

// logSum is logSumExp, to about 1e-7. Where pick has just summed the very same terms they
// are not made twice.
func (d *drawer) logSum(logits []float32, best int32) float64 {
	if d.opt.Greedy || d.opt.Temperature != 1 || len(d.never) > 0 {
		return logSumExp(logits)
	}
	return float64(logits[best]) + math.Log(d.sum)
}

// filters reports whether filter would leave anything out.
func (d *drawer) filters() bool {
	k, p := d.opt.TopK, d.opt.TopP
	return k > 0 && k < len(d.p) || p > 0 && p < 1
}

// filter zeroes what TopK and TopP leave out. TopP keeps the smallest set of
// likeliest symbols whose share of what TopK kept reaches P (Holtzman et al. 2020,
// "The Curious Case of Neural Text Degeneration", section 3.1).
func (d *drawer) filter() {
	k, p := d.opt.TopK, d.opt.TopP
	d.order = d.order[:0]
	for i, v := range d.p {
		if v > 0 {
			d.order = append(d.order, int32(i))
		}
	}
	slices.SortStableFunc(d.order, func(a, b int32) int {
		switch {
		case d.p[a] > d.p[b]:
			return -1
		case d.p[a] < d.p[b]:
			return 1
		}
		return 0
	})
	candidates := d.order
	if k > 0 && k < len(candidates) {
		candidates = candidates[:k]
	}
	if p > 0 && p < 1 {
		candidates = candidates[:d.nucleus(candidates, p)]
	}
	for _, id := range d.order[len(candidates):] {
		d.p[id] = 0
	}
}

// nucleus returns how many of the symbols in order hold share p, at least one.
func (d *drawer) nucleus(order []int32, p float64) int {
	var total, sum float64
	for _, id := range order {
		total += d.p[id]
	}
	for i, id := range order {
		sum += d.p[id]
		if sum >= p*total {
			return i + 1
		}
	}
	return len(order)
}

// logSumExp is ln sum exp(logits), in float64.
func logSumExp(logits []float32) float64 {
	top := float64(slices.Max(logits))
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}
