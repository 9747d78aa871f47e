package match

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Shared is something that places have in common.
type Shared struct {
	Concept string  `json:"concept,omitempty"` // or
	Gram    string  `json:"gram,omitempty"`    // an n-gram
	Where   Where   `json:"where"`
	Share   float64 `json:"share"`  // of the places
	Base    float64 `json:"base"`   // of all windows of that length, in the same part
	Excess  float64 `json:"excess"` // share less base, in standard errors of so many random places
	P       float64 `json:"p"`      // of so large an excess of anything of its kind, at the matches of random spans
}

const (
	baseWindows = 20_000
	leastPlaces = 3 // that an n-gram must be shared by to be looked at
)

// bases is how often features are met in windows of n symbols anywhere in a part.
type bases struct {
	t        *tracks
	n        int
	windows  int
	concepts [3][]int // by Where, by concept
	grams    map[gram]int32
}

// newBases counts features at random windows of a part.
func newBases(t *tracks, n int, report bool, rng *rand.Rand) *bases {
	b := &bases{t: t, n: n, grams: map[gram]int32{}}
	for w := range b.concepts {
		b.concepts[w] = make([]int, len(t.concepts))
	}
	starts := startsOf(t.x, n, report)
	if starts.total == 0 {
		return b
	}
	var on [3][]uint64
	for range min(baseWindows, starts.total) {
		row := starts.at(rng.IntN(starts.total))
		t.window(&on, row, n)
		addOn(&b.concepts, on)
		t.grams(row, n, func(g gram) { b.grams[g]++ })
		b.windows++
	}
	return b
}

// addOn counts the concepts that are on.
func addOn(counts *[3][]int, on [3][]uint64) {
	for w := range on {
		for i, word := range on[w] {
			for ; word != 0; word &= word - 1 {
				counts[w][64*i+bits.TrailingZeros64(word)]++
			}
		}
	}
}

// excess is how far the share of k of n places lies above what is met at all windows, in standard errors; a feature never met counts as met
// once.
func (b *bases) excess(k, n, met int) (share, base, z float64) {
	base = float64(met+1) / float64(b.windows+2)
	share = float64(k) / float64(n)
	return share, base, (share - base) / math.Sqrt(base*(1-base)/float64(n))
}

// shared lists what the places share, and the largest excess of a concept and of an n-gram.
func (b *bases) shared(places []Place, spell func([]int32) string) (all []Shared, concept, grams float64) {
	if len(places) == 0 || b.windows == 0 {
		return nil, 0, 0
	}
	var counts [3][]int
	for w := range counts {
		counts[w] = make([]int, len(b.t.concepts))
	}
	var on [3][]uint64
	met := map[gram]int{}
	for _, p := range places {
		b.t.window(&on, p.row, p.Hi-p.Lo)
		addOn(&counts, on)
		b.t.grams(p.row, p.Hi-p.Lo, func(g gram) { met[g]++ })
	}
	for w := range counts {
		for c, k := range counts[w] {
			s := Shared{Where: wheres[w], Concept: b.t.concepts[c]}
			s.Share, s.Base, s.Excess = b.excess(k, len(places), b.concepts[w][c])
			concept = max(concept, s.Excess)
			all = append(all, s)
		}
	}
	for g, k := range met {
		if k < leastPlaces {
			continue
		}
		s := Shared{Where: wheres[g.where]}
		s.Share, s.Base, s.Excess = b.excess(k, len(places), int(b.grams[g]))
		grams = max(grams, s.Excess)
		if spell != nil {
			s.Gram = spell(g.ids[:g.n])
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(x, y Shared) int {
		return cmp.Or(cmp.Compare(y.Excess, x.Excess), cmp.Compare(x.Concept, y.Concept), cmp.Compare(x.Gram, y.Gram), cmp.Compare(x.Where, y.Where))
	})
	return all, concept, grams
}

// starts are the rows at which a window of n symbols of a part may begin.
type starts struct {
	runs  []Piece
	n     int
	total int
}

func startsOf(x *Index, n int, report bool) starts {
	s := starts{n: n}
	for _, r := range x.Runs {
		if r.Report == report && r.Hi-r.Lo >= n {
			s.runs = append(s.runs, r)
			s.total += r.Hi - r.Lo - n + 1
		}
	}
	return s
}

// at is the i-th row, in order.
func (s starts) at(i int) int {
	for _, r := range s.runs {
		if k := r.Hi - r.Lo - s.n + 1; i < k {
			return r.Row + i
		} else {
			i -= k
		}
	}
	panic("match: no such window")
}
