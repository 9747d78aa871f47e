package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// GroupSize is the number of neighbouring segments whose labels are exchanged.
const GroupSize = 4

// orders are the 24 orders of a group: segment i of the activations meets the
// labels of segment orders[k][i]. The first is the text as it stands.
var orders = permutationsOf4()

func permutationsOf4() [][GroupSize]int {
	var all [][GroupSize]int
	for a := range GroupSize {
		for b := range GroupSize {
			for c := range GroupSize {
				d := 6 - a - b - c
				if a != b && b != c && a != c {
					all = append(all, [GroupSize]int{a, b, c, d})
				}
			}
		}
	}
	return all
}

// Segments of the report part, in symbols: every interval and every null of a dissection, of explanations and of the
// live page rests on the same.
const (
	ShortestSegment = 1000
	longestSegment  = 4000
	LeastGroups     = 10
)

// SegmentLength is the largest segment length between ShortestSegment and 4,000 that cuts n
// positions into at least ten groups of GroupSize; ok is false when even the
// shortest does not ("too little text").
func SegmentLength(n int64) (length int, ok bool) {
	length = int(min(longestSegment, n/(LeastGroups*GroupSize)))
	return length, length >= ShortestSegment
}

// SwapTest is the local-4 swap of one concept against all units of a site.
type SwapTest struct {
	Z      []float64 // [U] observed statistic, centred on its null mean, in null standard deviations
	SD     []float64 // [U] that standard deviation, in bin ranks, widened by Spread
	Spread float64   // variance of arrangements that keep neighbours together over that of all, at least 1; Z is divided by its root
	MaxZ   float64   // largest |Z|
	P      float64   // one p for the site, of no unit of it: share of draws whose largest |z| reaches MaxZ (Westfall and Young 1993)
	Draws  int
	Groups int
}

// LocalSwap permutes labels between the four neighbouring segments of a group,
// position by position, in every group at once. Text is autocorrelated, so
// permuting positions calls nearly everything significant; whole segments keep
// the dependence, and neighbours keep the topic.
//
// cross[G,4,4,U] holds in [g,i,j,u] the sum of unit u's bin ranks in segment i
// at the positions where the label of segment j is on: all that a permutation
// can ask for. The null mean and variance over the 24 orders of each group are
// exact: variance = sum over groups of sum_ij d_ij^2 / 3, d doubly centred
// (Hoeffding 1951).
//
// The text as it stands keeps neighbouring segments together, which most orders
// do not. Where labels and activations both outlast a segment its sum therefore
// varies more than theirs, and the bare test is too eager. One other order keeps
// every distance: the reverse. Its sums, freed of what the observed order puts
// into them, tell the true variance; see neighbourSpread. Over 150 pairs of an
// untrained network and a text of short mixed sections, labels borrowed from
// elsewhere had p <= .05 in 8.4 % of 1,347 tests without it and in 7.0 % with it
// at 6 units, in 5.6 % at 16.
func LocalSwap(cross []int64, units, draws int, rng *rand.Rand) *SwapTest {
	const cells = GroupSize * GroupSize
	if units < 1 || len(cross)%(cells*units) != 0 {
		panic(fmt.Sprintf("stat: %d cross sums for %d units", len(cross), units))
	}
	groups := len(cross) / (cells * units)
	t := &SwapTest{Z: make([]float64, units), Draws: draws, Groups: groups}
	scores, variance := standardOrders(cross, groups, units)
	t.SD = variance
	for g := 0; g < groups; g++ {
		for u, z := range scores[g*len(orders)*units:][:units] {
			t.Z[u] += float64(z)
		}
	}
	t.Spread = neighbourSpread(cross, groups, units)
	for u := range t.Z {
		t.Z[u] /= math.Sqrt(t.Spread)
		t.SD[u] = math.Sqrt(t.SD[u] * t.Spread)
		t.MaxZ = max(t.MaxZ, math.Abs(t.Z[u]))
	}
	reached := make([]float64, draws)
	acc := make([]float32, units)
	for d := range reached {
		clear(acc)
		for g := 0; g < groups; g++ {
			row := scores[(g*len(orders)+rng.IntN(len(orders)))*units:][:units]
			for u, z := range row {
				acc[u] += z
			}
		}
		reached[d] = largest(acc)
	}
	t.P = shareReaching(reached, t.MaxZ)
	return t
}

// OwnSwap is the two-sided p of one unit alone, chosen elsewhere: the share of swaps whose |z|
// reaches that of t.
func (t *SwapTest) OwnSwap(cross []int64, unit, draws int, rng *rand.Rand) float64 {
	const cells = GroupSize * GroupSize
	units := len(t.Z)
	own := make([]int64, t.Groups*cells)
	for i := range own {
		own[i] = cross[i*units+unit]
	}
	scores, _ := standardOrders(own, t.Groups, 1)
	reached := make([]float64, draws)
	for d := range reached {
		var sum float32
		for g := range t.Groups {
			sum += scores[g*len(orders)+rng.IntN(len(orders))]
		}
		reached[d] = math.Abs(float64(sum))
	}
	return shareReaching(reached, math.Abs(t.Z[unit]))
}

// Power is how often CouldShow's unit is found.
const Power = 0.8

// CouldShow is the smallest AUROC of a unit that a test at level alpha finds with Power in
// this text: of the kept positions on of all are positive. It is above 1 where no unit
// would be found. The observed order is one of the 24, so that of a shift of the
// statistic three quarters are seen.
func (t *SwapTest) CouldShow(unit int, on, all int64, alpha float64) float64 {
	quantile := func(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
	sd := t.SD[unit] / (RankOne * float64(on) * (1 - float64(on)/float64(all)))
	return 0.5 + (quantile(1-alpha/2)+quantile(Power))*sd*GroupSize/(GroupSize-1)
}

func largest(x []float32) float64 {
	var m float32
	for _, z := range x {
		m = max(m, z, -z)
	}
	return float64(m)
}

// shareReaching counts the observation itself among the draws, so p is never 0.
// The tolerance covers float32 sums of an order that equals the observed one.
func shareReaching(draws []float64, observed float64) float64 {
	k := 1
	for _, z := range draws {
		if z >= observed*(1-1e-5) {
			k++
		}
	}
	return float64(k) / float64(len(draws)+1)
}

// standardOrders gives, for every group, order and unit, the order's sum minus
// the group's mean over all orders, in the unit's null standard deviations over
// the whole text: [G,24,U]; and the variances [U].
func standardOrders(cross []int64, groups, units int) ([]float32, []float64) {
	const cells = GroupSize * GroupSize
	scores := make([]float32, groups*len(orders)*units)
	centred := make([]float64, groups*cells*units)
	variance := make([]float64, units)
	for g := 0; g < groups; g++ {
		for u := 0; u < units; u++ {
			d := centre(cross[g*cells*units:], units, u)
			for i, x := range d {
				variance[u] += x * x / (GroupSize - 1)
				centred[(g*cells+i)*units+u] = x
			}
		}
	}
	for g := 0; g < groups; g++ {
		for k, order := range orders {
			out := scores[(g*len(orders)+k)*units:][:units]
			for i, j := range order {
				row := centred[(g*cells+i*GroupSize+j)*units:][:units]
				for u, x := range row {
					if variance[u] > 0 {
						out[u] += float32(x / math.Sqrt(variance[u]))
					}
				}
			}
		}
	}
	return scores, variance
}

// neighbourSpread is the median over units of
//
//	9/8 sum_g (R_g + D_g/3)^2 / sum_g v_g
//
// but at least 1, where D_g = sum_i d_ii is the observed order's sum, R_g =
// sum_i d_i,3-i that of the reverse, and v_g = sum_ij d_ij^2 / 3 the variance over
// all orders. An effect e on the diagonal alone enters R_g as -e/3, which D_g/3
// takes out; over all orders R + D/3 has the variance 8/9 v.
func neighbourSpread(cross []int64, groups, units int) float64 {
	const cells = GroupSize * GroupSize
	ratios := make([]float64, 0, units)
	for u := 0; u < units; u++ {
		var reversed, variance float64
		for g := 0; g < groups; g++ {
			d := centre(cross[g*cells*units:], units, u)
			var sum float64
			for i := range GroupSize {
				sum += d[i*GroupSize+GroupSize-1-i] + d[i*GroupSize+i]/3
			}
			reversed += sum * sum
			for _, x := range d {
				variance += x * x / (GroupSize - 1)
			}
		}
		if variance > 0 {
			ratios = append(ratios, reversed*9/8/variance)
		}
	}
	if len(ratios) == 0 {
		return 1
	}
	slices.Sort(ratios)
	return max(1, Quantile(ratios, 0.5))
}

// centre is the doubly centred 4 x 4 table of unit u.
func centre(cross []int64, units, u int) [GroupSize * GroupSize]float64 {
	var d [GroupSize * GroupSize]float64
	var rows, cols [GroupSize]float64
	var all float64
	for i := range d {
		d[i] = float64(cross[i*units+u])
		rows[i/GroupSize] += d[i] / GroupSize
		cols[i%GroupSize] += d[i] / GroupSize
		all += d[i] / (GroupSize * GroupSize)
	}
	for i := range d {
		d[i] += all - rows[i/GroupSize] - cols[i%GroupSize]
	}
	return d
}

// DrawOrders draws one order for each of n groups: for nulls of figures that are
// not sums (mutual information), which recount the text with exchanged labels.
func DrawOrders(n int, rng *rand.Rand) [][GroupSize]int {
	drawn := make([][GroupSize]int, n)
	for g := range drawn {
		drawn[g] = orders[rng.IntN(len(orders))]
	}
	return drawn
}
