package stat

import (
	"fmt"
	"math"
	"math/bits"
)

// Bins is B, the number of histogram bins of an activation.
const Bins = 128

// Edges are the Bins-1 inner borders of a histogram, ascending: bin b holds
// edges[b-1] <= a < edges[b]. They are frozen before counting starts, so that
// counts of any two shards add. The keys are the borders as ordered integers.
//
// A grid of equal cells over the borders tells how many lie in the cells below a
// value's: mostly one comparison is left.
type Edges struct {
	Values [Bins - 1]float32
	keys   [Bins]int32      // one more than there are borders, above all
	tree   [Bins]int32      // node i, 1..127, above nodes 2i and 2i+1: what is left of it is below it
	below  [cells + 1]uint8 // borders in the cells below
	lo     float32          // where the grid begins
	scale  float32          // cells per unit of activation
}

// cells of the grid.
const cells = 1024

// NewEdges freezes ascending borders; it panics on any other order.
func NewEdges(values [Bins - 1]float32) *Edges {
	e := &Edges{Values: values, lo: values[0]}
	for i, v := range values {
		e.keys[i] = orderedKey(v)
		if i > 0 && e.keys[i] < e.keys[i-1] {
			panic(fmt.Sprintf("stat: edges %d and %d descend: %g, %g", i-1, i, values[i-1], v))
		}
	}
	e.keys[Bins-1] = math.MaxInt32
	for i := 1; i < Bins; i++ {
		// Node i is the k-th of its level, which cuts the keys into 2^level equal parts.
		level := bits.Len(uint(i)) - 1
		k := i - 1<<level
		e.tree[i] = e.keys[(2*k+1)*(Bins>>(level+1))-1]
	}
	if width := values[Bins-2] - e.lo; width > 0 && isFinite(float64(cells/width)) {
		e.scale = cells / width
	}
	for _, v := range values {
		e.below[e.cell(v)+1]++
	}
	for i := range cells {
		e.below[i+1] += e.below[i]
	}
	return e
}

// cell of a value: it never falls as the value rises, and is in 0..cells-1. A NaN is in the last.
func (e *Edges) cell(a float32) int {
	x := (a - e.lo) * e.scale
	if x < 0 {
		return 0
	}
	if !(x < cells-1) {
		return cells - 1
	}
	return int(x)
}

// QuantileEdges are borders at the sample's k/Bins quantiles: every bin then
// holds about as much, which bounds what binning can do to AUROC by about 1/256
// whatever the unit's range. (Bins uniform in atanh do as well on saturated
// units, but lost .09 of AUROC on a unit that stays near 0; TestQuantileBins measures
// both.) Equal values share one bin. An empty sample gives all borders at 0.
func QuantileEdges(sample []float32) *Edges {
	var v [Bins - 1]float32
	if len(sample) == 0 {
		return NewEdges(v)
	}
	keys := sortedKeys(sample)
	for i := range v {
		v[i] = fromKey(int32(keys[(i+1)*len(keys)/Bins] ^ 1<<31))
	}
	return NewEdges(v)
}

// sortedKeys is the ordered keys of a sample, ascending, as unsigned integers: their top bit
// is turned round. They are sorted by 11 bits at a time, lowest first, which takes an
// eighth of the time of comparing them.
func sortedKeys(sample []float32) []uint32 {
	const digit, radix = 11, 1 << 11
	keys, other := make([]uint32, len(sample)), make([]uint32, len(sample))
	var counts [3][radix]int32
	for i, a := range sample {
		k := uint32(orderedKey(a)) ^ 1<<31
		keys[i] = k
		for d := range counts {
			counts[d][k>>(d*digit)&(radix-1)]++
		}
	}
	for d := range counts {
		at := int32(0)
		for b, n := range counts[d] {
			counts[d][b], at = at, at+n
		}
		for _, k := range keys {
			b := k >> (d * digit) & (radix - 1)
			other[counts[d][b]] = k
			counts[d][b]++
		}
		keys, other = other, keys
	}
	return keys
}

// Bin is the number of borders <= a: a bin in 0..Bins-1.
func (e *Edges) Bin(a float32) uint8 {
	if e.scale == 0 || a != a {
		return e.search(a)
	}
	c := e.cell(a)
	b, rest := e.below[c], e.below[c+1]-e.below[c]
	if rest > 1 {
		return e.search(a)
	}
	// One step without a branch: past the border when it is this cell's and reached.
	reached := uint8(uint64(int64(e.keys[b&(Bins-1)])-int64(orderedKey(a))-1) >> 63)
	return b + rest&reached
}

// Column is Bin and Fixed of the values a[0], a[stride], ... of a unit, one for
// each of bins.
func (e *Edges) Column(bins []uint8, fixed []int32, a []float32, stride int) {
	lo, scale := e.lo, e.scale
	fixed = fixed[:len(bins)]
	for t := range bins {
		x := a[t*stride]
		fixed[t] = Fixed(x)
		// As in Bin, with the common case first.
		c := (x - lo) * scale
		if c >= 0 && c < cells-1 && scale != 0 {
			k := int(c) & (cells - 1)
			b := e.below[k]
			if rest := e.below[k+1] - b; rest <= 1 {
				reached := uint8(uint64(int64(e.keys[b&(Bins-1)])-int64(orderedKey(x))-1) >> 63)
				bins[t] = b + rest&reached
				continue
			}
		}
		bins[t] = e.Bin(x)
	}
}

// search takes seven halvings without a branch, because the branches of a
// histogram are what costs.
func (e *Edges) search(a float32) uint8 {
	k := int64(orderedKey(a))
	keys := &e.keys
	i := 64 & int((int64(keys[63])-1-k)>>63)
	i += 32 & int((int64(keys[i+31])-1-k)>>63)
	i += 16 & int((int64(keys[i+15])-1-k)>>63)
	i += 8 & int((int64(keys[i+7])-1-k)>>63)
	i += 4 & int((int64(keys[i+3])-1-k)>>63)
	i += 2 & int((int64(keys[i+1])-1-k)>>63)
	i += 1 & int((int64(keys[i])-1-k)>>63)
	return uint8(i)
}

// orderedKey maps a float32 to an integer of the same order; -0 becomes 0. NaN
// sorts beyond the infinities.
func orderedKey(a float32) int32 {
	if a == 0 {
		return 0
	}
	k := int32(math.Float32bits(a))
	return k ^ int32(uint32(k>>31)>>1)
}

// fromKey undoes orderedKey.
func fromKey(k int32) float32 {
	return math.Float32frombits(uint32(k ^ int32(uint32(k>>31)>>1)))
}

// FixedBits is the number of fractional bits of an accumulated activation.
const FixedBits = 20

// FixedOne is 1.0 as an accumulated activation.
const FixedOne = 1 << FixedBits

// Fixed is the activation as an integer multiple of 2^-FixedBits, rounded to
// nearest and held within +-2^31: sums of integers do not depend on their order.
func Fixed(a float32) int32 {
	x := float64(a)*FixedOne + 0.5
	if !(x > math.MinInt32+0.5) { // NaN too
		return math.MinInt32 + 1
	}
	if x >= math.MaxInt32 {
		return math.MaxInt32
	}
	// int32() cuts towards zero, rounding needs the floor: one less where the rest is
	// negative, without a branch because signs are as good as random.
	q := int32(x)
	return q + int32(int64(math.Float64bits(x-float64(q)))>>63)
}

// MidRanks is the mid-distribution function F of each bin as an integer in
// 0..RankOne: (count below + half the count in the bin) / total, rounded. An empty
// histogram gives the middle everywhere.
func MidRanks(h []int64) []int32 {
	ranks := make([]int32, len(h))
	var total, below int64
	for _, n := range h {
		total += n
	}
	for b, n := range h {
		f := 0.5
		if total > 0 {
			f = (float64(below) + float64(n)/2) / float64(total)
		}
		ranks[b] = int32(math.Round(f * RankOne))
		below += n
	}
	return ranks
}

// RankOne is F = 1 as a bin rank.
const RankOne = 1 << 16
