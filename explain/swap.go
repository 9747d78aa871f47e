package explain

import (
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/stat"
)

// swapDraws is how many arrangements a site's units are held against, per unit of it:
// enough for a unit to pass the correction over all of them.
const swapDraws = 40

// swapTest is the local-4 swap of what lies beyond the last five characters: the
// description stays, and in groups of four neighbouring segments the columns beyond
// the short vocabulary are exchanged, position by position, while the last
// characters and the unit stay where they are. If what the tree asks beyond short
// context said nothing, its error would be the same in any order. cross[g][i][j] is the
// error in segment i with segment j's columns; an order adds up four of them.
type swapTest struct {
	cross [][stat.GroupSize][stat.GroupSize]float64
}

func (w *worker) swap(s *study, u int) *swapTest {
	g := &s.units[u].full
	cut := g.cuts[Sizes-1]
	if !asksBeyond(s, g.tree, cut) {
		return nil
	}
	y, test := s.col.unit(u), &swapTest{}
	for first := 0; first+stat.GroupSize <= len(s.plan.report); first += stat.GroupSize {
		var cross [stat.GroupSize][stat.GroupSize]float64
		for i := range cross {
			at := s.plan.report[first+i]
			n := at.hi - at.lo
			sums := g.tree.NewSums(stat.GroupSize)
			for j := range cross {
				far := s.plan.report[first+j].lo
				sums.Add(j, w.walk.Walk(g.tree, w.at(s, at.lo, far, n), n), y[at.lo:at.hi])
			}
			copy(cross[i][:], sums.Errors(g.tree, cut))
		}
		test.cross = append(test.cross, cross)
	}
	return test
}

// asksBeyond reports whether a cut asks anything beyond the short vocabulary.
func asksBeyond(s *study, t *tree.Tree, cut tree.Cut) bool {
	for i := range t.Nodes {
		if cut.Asks(t, i) && t.Nodes[i].Column >= s.words.Short {
			return true
		}
	}
	return false
}

// p is the share of arrangements with an error as small as that of the text as it
// stands, which counts as one of them.
func (t *swapTest) p(orders [][stat.GroupSize]int, draws int, rng *rand.Rand) float64 {
	byOrder := make([][]float64, len(t.cross))
	own := 0.0
	for g, cross := range t.cross {
		for _, order := range orders {
			e := 0.0
			for i, j := range order {
				e += cross[i][j]
			}
			byOrder[g] = append(byOrder[g], e)
		}
		for i := range cross {
			own += cross[i][i]
		}
	}
	slack := 1e-12 * math.Abs(own) // sums in another order
	reached := 1
	for range draws {
		e := 0.0
		for _, of := range byOrder {
			e += of[rng.IntN(len(of))]
		}
		if e <= own+slack {
			reached++
		}
	}
	return float64(reached) / float64(draws+1)
}

// orders4 are the 24 orders of four segments.
func orders4() [][stat.GroupSize]int {
	var out [][stat.GroupSize]int
	for a := range 4 {
		for b := range 4 {
			for c := range 4 {
				if d := 6 - a - b - c; a != b && b != c && a != c {
					out = append(out, [stat.GroupSize]int{a, b, c, d})
				}
			}
		}
	}
	return out
}

// newWalker is a worker that grows nothing.
func (s *study) newWalker() *worker {
	return &worker{walk: tree.NewWalker(s.words.TreeColumns()), values: make([][]uint8, len(s.words.Columns))}
}
