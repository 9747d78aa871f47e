package intervene

import (
	"cmp"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// Window is W, the characters of a window: one segment of every test and interval.
const Window = 500

// windowsOf gives the starts of windows that tile [lo,hi), each followed by one more
// character of it.
func windowsOf(lo, hi int) []int {
	var starts []int
	for s := lo; s+Window+1 <= hi; s += Window {
		starts = append(starts, s)
	}
	return starts
}

// shuffle is the numbers 0..n-1 in an order that the seed and the windows' starts alone
// decide: the same for every concept, so that what is read for one serves the next.
func shuffle(starts []int, seed uint64) []int {
	order := make([]int, len(starts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(stat.HashWith(seed, uint64(starts[a])), stat.HashWith(seed, uint64(starts[b]))), cmp.Compare(a, b))
	})
	return order
}

// choose picks windows for one concept: those in which it matters anywhere, the fuller half
// of them first, each half in the order given. count is by window. It looks at the text and
// this concept alone.
func choose(count, order []int, most int) []int {
	var some []int
	for _, w := range order {
		if count[w] > 0 {
			some = append(some, count[w])
		}
	}
	if len(some) == 0 {
		return nil
	}
	slices.Sort(some)
	full := some[len(some)/2]
	var out, rest []int
	for _, w := range order {
		switch {
		case count[w] >= full:
			out = append(out, w)
		case count[w] > 0:
			rest = append(rest, w)
		}
	}
	out = append(out, rest...)
	return out[:min(most, len(out))]
}

// set is weighted positions: by window, where in it and with what weight. The windows of a
// concept are numbered in the order in which they were chosen for it.
type set struct {
	at     [][]uint16  // [S]
	weight [][]float64 // [S], nil: all 1
}

func newSet(windows int) set { return set{at: make([][]uint16, windows)} }

// sum adds up x [W] over the set in one window.
func (s set) sum(window int, x []float64) float64 {
	total := 0.0
	if s.weight == nil {
		for _, i := range s.at[window] {
			total += x[i]
		}
		return total
	}
	for k, i := range s.at[window] {
		total += s.weight[window][k] * x[i]
	}
	return total
}

// total is the sum of weights in one window.
func (s set) total(window int) float64 {
	if s.weight == nil {
		return float64(len(s.at[window]))
	}
	t := 0.0
	for _, w := range s.weight[window] {
		t += w
	}
	return t
}

// contrast is P_c and M_c in the windows.
type contrast struct {
	p, m      set
	positions int     // |P_c|
	partnered int     // of them with a position of M_c of the same character and base loss
	effective float64 // effective size of M_c: (sum w)^2 / sum w^2
}

// stratum is a current character and a fifth of the base loss.
type stratum struct {
	char  int32
	fifth int
}

// match makes M_c from the other positions: weighted so that current characters and base
// losses are spread as in P_c. Positions of P_c without a partner are left out of
// both. on[w][i] is 1 in P_c, 0 elsewhere, -1 where the state is unknown.
func match(on [][]int8, strata [][]stratum) contrast {
	np, nm := map[stratum]float64{}, map[stratum]float64{}
	k := contrast{p: newSet(len(on)), m: newSet(len(on))}
	for w := range on {
		for i, p := range on[w] {
			switch p {
			case 1:
				np[strata[w][i]]++
				k.positions++
			case 0:
				nm[strata[w][i]]++
			}
		}
	}
	k.m.weight = make([][]float64, len(on))
	var sum, squares float64
	for w := range on {
		for i, p := range on[w] {
			s := strata[w][i]
			if p < 0 || np[s] == 0 || nm[s] == 0 {
				continue
			}
			if p == 1 {
				k.p.at[w] = append(k.p.at[w], uint16(i))
				k.partnered++
				continue
			}
			weight := np[s] / nm[s]
			k.m.at[w] = append(k.m.at[w], uint16(i))
			k.m.weight[w] = append(k.m.weight[w], weight)
			sum += weight
			squares += weight * weight
		}
	}
	if squares > 0 {
		k.effective = sum * sum / squares
	}
	return k
}

// strataOf gives the stratum of every position: char is the symbol read, loss the
// untouched network's.
func strataOf(chars [][]int32, loss [][]float32) [][]stratum {
	var all []float64
	for _, l := range loss {
		for _, x := range l {
			all = append(all, float64(x))
		}
	}
	slices.Sort(all)
	var cuts [4]float64
	for i := range cuts {
		if len(all) > 0 {
			cuts[i] = all[(i+1)*len(all)/5]
		}
	}
	out := make([][]stratum, len(chars))
	for w := range chars {
		out[w] = make([]stratum, len(chars[w]))
		for i, c := range chars[w] {
			fifth := 0
			for fifth < 4 && float64(loss[w][i]) >= cuts[fifth] {
				fifth++
			}
			out[w][i] = stratum{c, fifth}
		}
	}
	return out
}
