package intervene

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// Reference is what units do when nobody touches them, on text the network did not
// learn from and that no figure is reported on: what they are set to instead. Means are
// over all of that text; single values, for quantiles and places to resample from, are
// kept of up to ten blocks of it.
type Reference struct {
	vocab int
	ids   []int32   // [N] the symbols whose values are kept
	at    []int     // [N] their positions in the text
	count []float64 // [V] how often each character was read
	sites map[string]*siteValues

	state  map[string][]int8            // by concept: [N] 1, 0, or -1 where unknown
	donors map[string]map[int64][]int32 // by concept: rows by character and state
}

// siteValues is one site of a reference, of U units.
type siteValues struct {
	units    int       // U
	values   []float32 // [N,U]
	mean, sd []float64 // [U] over all that was read
	sums     []float64 // [V,U] of the values after each character, while reading
	byChar   []float32 // [V,U] mean after each character; the mean where it was not read
}

// countPart is the explicit counter's site.
const countPart = "count"

// referenceBlocks is of how many blocks a reference keeps single values at most.
const referenceBlocks = 10

// NewReference reads all of the blocks: means are over them, single values are those of up
// to ten, evenly spread. Errors are those of trace.Blocks, and ErrText without a block.
func NewReference(ctx context.Context, m *rnn.Model, ids []int32, blocks []text.Block, sites []string, workers int) (*Reference, error) {
	if len(blocks) == 0 {
		return nil, fmt.Errorf("%w: no text to choose on", ErrText)
	}
	r := &Reference{vocab: m.Config().Vocab, sites: map[string]*siteValues{}}
	r.count = make([]float64, r.vocab)
	r.state, r.donors = map[string][]int8{}, map[string]map[int64][]int32{}
	var recorded []string // the count comes with every trace
	for _, s := range sites {
		site, err := m.Site(s)
		if err != nil {
			return nil, err
		}
		h := site.Units
		r.sites[s] = &siteValues{units: h, mean: make([]float64, h), sd: make([]float64, h), sums: make([]float64, r.vocab*h)}
		if site.Part != countPart {
			recorded = append(recorded, s)
		}
	}
	keep := map[int]bool{}
	for i := range min(referenceBlocks, len(blocks)) {
		keep[blocks[i*len(blocks)/min(referenceBlocks, len(blocks))].Lo] = true
	}
	err := trace.Blocks(ctx, m, ids, blocks, trace.Options{Sites: recorded, Loss: len(recorded) == 0, Workers: workers}, func(_ int, t *trace.Trace) error {
		for _, id := range t.IDs {
			r.count[id]++
		}
		if keep[t.Block.Lo] {
			r.ids = append(r.ids, t.IDs...)
			for i := range t.IDs {
				r.at = append(r.at, t.Block.Lo+i)
			}
		}
		for name, s := range r.sites {
			v := t.Site(name)
			if v == nil {
				v = t.Count
			}
			s.add(t.IDs, v)
			if keep[t.Block.Lo] {
				s.values = append(s.values, v...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range r.sites {
		s.finish(r.count)
	}
	return r, nil
}

// ReferenceOf is the reference of an input: sites over the part where things are chosen.
func ReferenceOf(ctx context.Context, sp *specimen.Specimen, sites []string, workers int) (*Reference, error) {
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
	return NewReference(ctx, in.Model, in.IDs, in.Choose, sites, workers)
}

func (r *Reference) site(name string) (*siteValues, error) {
	if r != nil {
		if s, ok := r.sites[name]; ok {
			return s, nil
		}
	}
	return nil, ErrMode
}

// add takes in the values v [n,U] after n characters; blocks come in order.
func (s *siteValues) add(ids []int32, v []float32) {
	h := s.units
	for i, id := range ids {
		row := s.sums[int(id)*h : (int(id)+1)*h]
		for u, x := range v[i*h : (i+1)*h] {
			row[u] += float64(x)
			s.sd[u] += float64(x) * float64(x)
		}
	}
}

// finish makes means and deviations of the sums; count [V] is how often each character was read.
func (s *siteValues) finish(count []float64) {
	h := s.units
	n := 0.0
	for v, k := range count {
		n += k
		for u := range h {
			s.mean[u] += s.sums[v*h+u]
		}
	}
	for u := range h {
		s.mean[u] /= n
		s.sd[u] = math.Sqrt(max(0, s.sd[u]/n-s.mean[u]*s.mean[u]))
	}
	s.byChar = make([]float32, len(s.sums))
	for v, k := range count {
		for u := range h {
			s.byChar[v*h+u] = float32(s.mean[u])
			if k > 0 {
				s.byChar[v*h+u] = float32(s.sums[v*h+u] / k)
			}
		}
	}
	s.sums = nil
}

// sorted is the values of one unit, ascending.
func (s *siteValues) sorted(u int) []float64 {
	out := make([]float64, 0, len(s.values)/s.units)
	for i := u; i < len(s.values); i += s.units {
		out = append(out, float64(s.values[i]))
	}
	slices.Sort(out)
	return out
}

func (s *siteValues) quantile(u int, q float64) float64 { return stat.Quantile(s.sorted(u), q) }

// Quantile is a quantile of a unit's values. The unit must be one of a recorded site.
func (r *Reference) Quantile(u Unit, q float64) float64 {
	return r.sites[u.Site].quantile(u.Unit, q)
}

// Quantiles is several quantiles of a unit's values, which are sorted once.
func (r *Reference) Quantiles(u Unit, q []float64) []float64 {
	sorted, out := r.sites[u.Site].sorted(u.Unit), make([]float64, len(q))
	for i := range q {
		out[i] = stat.Quantile(sorted, q[i])
	}
	return out
}

// Mean is the mean of a unit's values.
func (r *Reference) Mean(u Unit) float64 { return r.sites[u.Site].mean[u.Unit] }

// Deviation is the standard deviation of a unit's values.
func (r *Reference) Deviation(u Unit) float64 { return r.sites[u.Site].sd[u.Unit] }

// states picks the reference's own positions out of the states of a whole text.
func (r *Reference) states(y []int8) []int8 {
	out := make([]int8, len(r.at))
	for i, p := range r.at {
		out[i] = y[p]
	}
	return out
}

// learn takes in a concept's state at the reference's positions.
func (r *Reference) learn(concept string, state []int8) {
	donors := map[int64][]int32{}
	for i, y := range state {
		if y >= 0 {
			k := donorKey(r.ids[i], y)
			donors[k] = append(donors[k], int32(i))
		}
	}
	r.state[concept], r.donors[concept] = state, donors
}

func donorKey(char int32, state int8) int64 { return int64(char)<<1 | int64(state) }

// resampler sets units to their values at a place with the same character and the
// opposite state, drawn anew at every position but the same for the same position
// and seed. Where there is none the units are left alone.
func (r *Reference) resampler(s *siteValues, v Intervention, units []int, labels Labels) (setFunc, error) {
	donors, ok := r.donors[v.Concept]
	var state func(int) int8
	if labels != nil {
		state = labels(v.Concept)
	}
	if !ok || state == nil {
		return nil, fmt.Errorf("%w: resample knows no states of the concept %q here", ErrMode, v.Concept)
	}
	return func(row []float32, _, position int, char int32) bool {
		y := state(position)
		if y < 0 {
			return false
		}
		from := donors[donorKey(char, 1-y)]
		if len(from) == 0 {
			return false
		}
		i := int(from[stat.HashWith(v.Seed, uint64(position))%uint64(len(from))])
		for _, u := range units {
			row[u] = s.values[i*s.units+u]
		}
		return true
	}, nil
}

// ranks is the rank of every value among its unit's, [N,U], from 0 to 1.
func (r *Reference) ranks(site string, workers int) []float32 {
	s, n := r.sites[site], len(r.ids)
	out := make([]float32, len(s.values))
	// Each unit writes its own column; without a deadline there is no error.
	_ = crew.ForEach(context.Background(), s.units, workers, func(u int) { s.rank(u, n, out) })
	return out
}

// rank writes one unit's ranks into its column of out, [n,U].
func (s *siteValues) rank(u, n int, out []float32) {
	h := s.units
	value := func(k uint64) float32 { return s.values[int(uint32(k))*h+u] }
	order := make([]uint64, n) // value above, index below: plain numbers sort several times faster
	for i := range order {
		order[i] = uint64(ascending(s.values[i*h+u]))<<32 | uint64(i)
	}
	slices.Sort(order)
	for lo := 0; lo < n; {
		hi := lo + 1
		for hi < n && value(order[hi]) == value(order[lo]) {
			hi++
		}
		for _, k := range order[lo:hi] {
			out[int(uint32(k))*h+u] = float32(lo+hi) / 2 / float32(n)
		}
		lo = hi
	}
}

// ascending maps floats to integers of the same order.
func ascending(f float32) uint32 {
	b := math.Float32bits(f)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// auroc gives every unit of a site its AUROC for a concept from the site's ranks: half,
// plus the mean rank of the positives less that of the negatives (exact but for
// positions of unknown state). NaN when the reference has seen one side only.
func (r *Reference) auroc(concept string, ranks []float32) []float64 {
	h := len(ranks) / len(r.ids)
	var sums [2][]float64
	var n [2]float64
	for y := range sums {
		sums[y] = make([]float64, h)
	}
	for i, y := range r.state[concept] {
		if y < 0 {
			continue
		}
		n[y]++
		for u, f := range ranks[i*h : (i+1)*h] {
			sums[y][u] += float64(f)
		}
	}
	out, share := make([]float64, h), float64(len(r.ids))/(n[0]+n[1])
	for u := range out {
		out[u] = 0.5 + (sums[1][u]/n[1]-sums[0][u]/n[0])*share // 0/0 is NaN
	}
	return out
}
