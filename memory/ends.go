package memory

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

const (
	endsKept    = 400 // pairs of a kind whose states are compared, chosen by hash; fewer of very wide networks
	endsFewest  = 60
	endsWidth   = 2048 // units of all sites up to which endsKept are
	endsLeast   = 20   // fewer are not compared
	endsRandom  = 4    // random places as far apart, for each pair
	endsDraws   = 200  // of the null of the most changing unit
	endsUnits   = 5    // units reported of a kind
	endsExample = 2    // pairs shown of a kind
)

// PairKind compares the states at both ends of matching pairs of one kind: after
// the opener and after the closer.
type PairKind struct {
	Kind      string  `json:"kind"`
	Count     int64   `json:"count"`  // in the reported part
	N         int64   `json:"n"`      // compared
	Median    float64 `json:"median"` // gap, characters
	Longest   int64   `json:"longest"`
	Depth     []int64 `json:"depth"` // pairs at nesting depth 1, 2, ...; the last stands for all deeper ones
	Outermost int64   `json:"outermost"`

	Cosine     stat.Interval `json:"cosine"`     // of h at both ends, centred on h's mean
	Random     stat.Interval `json:"random"`     // the same at random places as far apart
	Mismatched stat.Interval `json:"mismatched"` // the opener with the closer of another pair of the kind, gap within a factor of 2
	OverRandom stat.Interval `json:"over_random"`
	Over       stat.Interval `json:"over_mismatched"`

	Units []ChangedUnit `json:"units"` // that change most from end to end
	Null  stat.Number   `json:"null"`  // 95 % quantile of the largest Score over units when random places stand for the pairs
}

// ChangedUnit is a unit that changes between the ends of pairs more than between
// random places as far apart.
type ChangedUnit struct {
	Site   string        `json:"site"`
	Unit   int           `json:"unit"`
	Change stat.Interval `json:"change"` // mean |a(close) - a(open)|, in standard deviations of the unit
	Random stat.Number   `json:"random"` // the same at random places
	Score  stat.Number   `json:"score"`  // Change - Random
	P      stat.Number   `json:"p"`      // share of draws whose largest score reaches it
}

// Example is one pair of the text.
type Example struct {
	Kind       string `json:"kind"`
	Name       string `json:"name,omitempty"`
	OpenStart  int    `json:"open_start"`
	Open       int    `json:"open"`
	CloseStart int    `json:"close_start"`
	Close      int    `json:"close"`
	Depth      int    `json:"depth"`
}

// pairEnds compares the ends of pairs.
type pairEnds struct {
	found  *found
	most   int // pairs of a kind
	ask    *ask
	kinds  map[string][]ends
	sample []int // positions whose states give each unit's mean and spread
}

// ends is a pair with what it is compared with.
type ends struct {
	p        *pair
	random   []int // first of two places p.Close - p.Open apart
	mismatch int   // closer of another pair, -1 if none fits
}

const deepest = 6

// drawPositions are positions spread at random over the scored parts.
func drawPositions(f *found, n int, rng *rand.Rand) []int {
	var out []int
	for range n {
		b := f.blocks[rng.IntN(len(f.blocks))]
		out = append(out, b.Lo+rng.IntN(b.Len()))
	}
	return out
}

// newPairEnds asks for the states at the ends of pairs; width is the units of all sites.
func newPairEnds(f *found, kinds []string, a *ask, sample []int, width int, rng *rand.Rand) *pairEnds {
	e := &pairEnds{found: f, ask: a, most: max(endsFewest, min(endsKept, endsKept*endsWidth/width)), kinds: map[string][]ends{}, sample: sample}
	for _, kind := range kinds {
		e.want(kind, rng)
	}
	return e
}

func (e *pairEnds) want(kind string, rng *rand.Rand) {
	var whole []pair
	for _, p := range e.found.byKind[kind] {
		if p.inside && p.Close < int64(e.found.blocks[p.block].Hi) {
			whole = append(whole, p)
		}
	}
	if len(whole) < endsLeast {
		return
	}
	sample := thin(whole, e.most)
	for i := range sample {
		p := &sample[i]
		b, distance := e.found.blocks[p.block], int(p.Close-p.Open)
		x := ends{p: p, mismatch: drawMismatch(whole, p, rng)}
		e.ask.state(int(p.Open), int(p.Close))
		for range endsRandom {
			at := b.Lo + rng.IntN(b.Len()-distance)
			x.random = append(x.random, at)
			e.ask.state(at, at+distance)
		}
		if x.mismatch >= 0 {
			e.ask.state(x.mismatch)
		}
		e.kinds[kind] = append(e.kinds[kind], x)
	}
}

// drawMismatch is the closer of another pair, in the same block, about as far from
// p's opener as its own: the same characters stand at both ends, but they do not
// belong together.
func drawMismatch(all []pair, p *pair, rng *rand.Rand) int {
	distance := p.Close - p.Open
	var fit []int
	for i := range all {
		q := &all[i]
		d := q.Close - p.Open
		if q.block == p.block && q.Open != p.Open && 2*d >= distance && d <= 2*distance {
			fit = append(fit, int(q.Close))
		}
	}
	if len(fit) == 0 {
		return -1
	}
	return fit[rng.IntN(len(fit))]
}

// scale is the mean and standard deviation of each unit of each site over a sample.
type scale struct{ mean, sd [][]float64 } // [sites][H]

func scaleOf(s *snapshot, sample []int) *scale {
	c := &scale{}
	for k := range s.sites {
		mean, sd := make([]float64, s.units), make([]float64, s.units)
		for _, p := range sample {
			for u, a := range s.state(p, k) {
				mean[u] += float64(a)
				sd[u] += float64(a) * float64(a)
			}
		}
		n := float64(len(sample))
		for u := range mean {
			mean[u] /= n
			sd[u] = math.Sqrt(max(0, sd[u]/n-mean[u]*mean[u]))
		}
		c.mean, c.sd = append(c.mean, mean), append(c.sd, sd)
	}
	return c
}

// results compares the ends at the last layer's h; the units are of all sites.
func (e *pairEnds) results(s *snapshot, c *scale, rng *rand.Rand) ([]PairKind, []Example) {
	out, examples := []PairKind{}, []Example{}
	for _, kind := range PairKinds() {
		if len(e.kinds[kind]) == 0 {
			continue
		}
		k := e.describe(kind)
		e.similar(&k, s, c)
		e.findChanges(&k, s, c, rng)
		out = append(out, k)
		examples = append(examples, e.examples(kind)...)
	}
	slices.SortStableFunc(out, func(a, b PairKind) int { return cmp.Compare(b.Count, a.Count) })
	return out, examples
}

func (e *pairEnds) describe(kind string) PairKind {
	all := e.found.byKind[kind]
	k := PairKind{Kind: kind, Count: int64(len(all)), N: int64(len(e.kinds[kind])), Depth: make([]int64, deepest)}
	var gaps []float64
	for i := range all {
		gaps = append(gaps, float64(all[i].gap()))
		k.Longest = max(k.Longest, all[i].Gap())
		k.Depth[min(max(all[i].Depth, 1), deepest)-1]++
		if all[i].outmost {
			k.Outermost++
		}
	}
	slices.Sort(gaps)
	k.Median = stat.Quantile(gaps, 0.5)
	return k
}

// topH is the site of the last layer's h.
func topH(s *snapshot) int {
	for k := len(s.sites) - 1; k >= 0; k-- {
		if s.sites[k][len(s.sites[k])-2:] == ".h" {
			return k
		}
	}
	panic("memory: a network without a hidden state")
}

func (e *pairEnds) similar(k *PairKind, s *snapshot, c *scale) {
	site := topH(s)
	mean := c.mean[site]
	at := func(p int) []float32 { return s.state(p, site) }
	var matched, random, mismatch, overRandom, over sums
	for _, x := range e.kinds[k.Kind] {
		open, segment, distance := int(x.p.Open), x.p.segment(), int(x.p.Close-x.p.Open)
		m := cosine(at(open), at(open+distance), mean)
		matched.add(segment, m)
		for _, r := range x.random {
			v := cosine(at(r), at(r+distance), mean)
			random.add(segment, v)
			overRandom.add(segment, m-v)
		}
		if x.mismatch >= 0 {
			v := cosine(at(open), at(x.mismatch), mean)
			mismatch.add(segment, v)
			over.add(segment, m-v)
		}
	}
	k.Cosine, k.Random, k.Mismatched = matched.mean(), random.mean(), mismatch.mean()
	k.OverRandom, k.Over = overRandom.mean(), over.mean()
}

// cosine of two states, both less the mean state.
func cosine(a, b []float32, mean []float64) float64 {
	var ab, aa, bb float64
	for u, m := range mean {
		x, y := float64(a[u])-m, float64(b[u])-m
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// findChanges finds the units that change most, beside what the largest of as many
// units reaches when random places stand for the pairs.
func (e *pairEnds) findChanges(k *PairKind, s *snapshot, c *scale, rng *rand.Rand) {
	list := e.kinds[k.Kind]
	width := len(s.sites) * s.units
	matched := make([][]float64, len(list))  // by pair: |change| of every unit
	random := make([][][]float64, len(list)) // by pair and random place
	base := make([]float64, width)
	mean := make([]float64, width)
	for i, x := range list {
		distance := int(x.p.Close - x.p.Open)
		matched[i] = changes(s, c, int(x.p.Open), int(x.p.Close))
		addTo(mean, matched[i], 1/float64(len(list)))
		for _, r := range x.random {
			v := changes(s, c, r, r+distance)
			random[i] = append(random[i], v)
			addTo(base, v, 1/float64(len(list)*endsRandom))
		}
	}
	largest := make([]float64, endsDraws)
	for d := range largest {
		draw := make([]float64, width)
		for i := range list {
			addTo(draw, random[i][rng.IntN(endsRandom)], 1/float64(len(list)))
		}
		largest[d] = math.Inf(-1)
		for u := range draw {
			largest[d] = max(largest[d], draw[u]-base[u])
		}
	}
	slices.Sort(largest)
	k.Null = stat.Number(stat.Quantile(largest, 0.95))
	for _, u := range topOf(width, endsUnits, func(u int) float64 { return mean[u] - base[u] }) {
		var change sums
		for i, x := range list {
			change.add(x.p.segment(), matched[i][u])
		}
		score := mean[u] - base[u]
		reached := len(largest) - lowerBound(largest, score)
		k.Units = append(k.Units, ChangedUnit{
			Site: s.sites[u/s.units], Unit: u % s.units, Change: change.mean(), Random: stat.Number(base[u]), Score: stat.Number(score),
			P: stat.Number(float64(reached+1) / float64(endsDraws+1)),
		})
	}
}

func lowerBound(sorted []float64, v float64) int {
	i, _ := slices.BinarySearch(sorted, v)
	return i
}

func addTo(dst, src []float64, factor float64) {
	for u, v := range src {
		dst[u] += factor * v
	}
}

// changes is |a(q) - a(p)| of every unit of every site, in standard deviations.
func changes(s *snapshot, c *scale, p, q int) []float64 {
	out := make([]float64, len(s.sites)*s.units)
	for k := range s.sites {
		a, b := s.state(p, k), s.state(q, k)
		for u := range a {
			if sd := c.sd[k][u]; sd > 0 {
				out[k*s.units+u] = math.Abs(float64(b[u]-a[u])) / sd
			}
		}
	}
	return out
}

// topOf are the n indices of the largest values, the largest first.
func topOf(width, n int, value func(int) float64) []int {
	order := make([]int, width)
	for u := range order {
		order[u] = u
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(b), value(a)) })
	return order[:min(n, width)]
}

// examples are pairs of middling and long gaps.
func (e *pairEnds) examples(kind string) []Example {
	list := slices.Clone(e.kinds[kind])
	slices.SortStableFunc(list, func(a, b ends) int { return cmp.Compare(a.p.Gap(), b.p.Gap()) })
	var out []Example
	for i := range endsExample {
		out = append(out, exampleOf(list[(len(list)-1)*(i+1)/endsExample].p))
	}
	return out
}

func exampleOf(p *pair) Example {
	return Example{Kind: p.Kind, Name: p.Name, OpenStart: int(p.OpenStart), Open: int(p.Open), CloseStart: int(p.CloseStart), Close: int(p.Close), Depth: p.Depth}
}
