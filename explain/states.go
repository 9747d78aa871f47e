package explain

import (
	"math"
	"sort"

	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/text"
)

// gather is the text of some blocks and their warm-up, wherever they stand.
func gather(src text.Source, blocks []text.Block) ([]int32, []text.Block, error) {
	n := 0
	for _, b := range blocks {
		n += b.Hi - b.Warm
	}
	ids, shifted := make([]int32, n), make([]text.Block, len(blocks))
	at := 0
	for i, b := range blocks {
		if err := src.Read(ids[at:at+b.Hi-b.Warm], b.Warm); err != nil {
			return nil, nil, err
		}
		shifted[i] = text.Block{Index: i, Warm: at, Lo: at + b.Lo - b.Warm, Hi: at + b.Hi - b.Warm}
		at = shifted[i].Hi
	}
	return ids, shifted, nil
}

// rowsOf finds the rows [lo,hi) in ascending blocks: for each symbol of a block its row or -1.
func rowsOf(blocks []text.Block, at []int, lo, hi int) [][]int32 {
	out := make([][]int32, len(blocks))
	for i, b := range blocks {
		out[i] = make([]int32, b.Len())
		for t := range out[i] {
			out[i][t] = -1
		}
	}
	for r := lo; r < hi; r++ {
		i := sort.Search(len(blocks), func(i int) bool { return blocks[i].Lo > at[r] }) - 1
		if i >= 0 && at[r] < blocks[i].Hi {
			out[i][at[r]-blocks[i].Lo] = int32(r)
		}
	}
	return out
}

// column is the activations of a site at the rows, unit by unit, as 16-bit steps over
// the range that each unit has on the choosing part. What lies outside is clipped to
// a quarter of the range beyond it.
type column struct {
	units, rows int
	q           []uint16  // [units,rows]
	lo, step    []float64 // [units] value = lo + step*q
}

func (c *column) unit(u int) []uint16 { return c.q[u*c.rows : (u+1)*c.rows] }

// survey is what is seen of a site before it is binned: ranges, and sums by gram.
type survey struct {
	lo, hi []float32
	total  []int64                     // [H] fixed point, over the growing rows
	sums   [vocabulary.Longest][]int64 // by length-1 [candidates,H]
	grams  *vocabulary.Grams
	rows   int
	q      []int64 // scratch [H]

	nominated [][vocabulary.Longest][]int32 // by unit, once all is seen
}

const (
	fixed   = 1 << 20
	outside = 0.25 // of the range, on either side
)

func newSurvey(units int, g *vocabulary.Grams) *survey {
	s := &survey{lo: make([]float32, units), hi: make([]float32, units), total: make([]int64, units), grams: g, q: make([]int64, units)}
	for u := range units {
		s.lo[u], s.hi[u] = math.MaxFloat32, -math.MaxFloat32
	}
	for n := range s.sums {
		s.sums[n] = make([]int64, len(g.Count[n])*units)
	}
	return s
}

// add takes one row of values; grows: trees are grown on it.
func (s *survey) add(row int, values []float32, grows bool) {
	for u, a := range values {
		s.lo[u], s.hi[u] = min(s.lo[u], a), max(s.hi[u], a)
	}
	if !grows {
		return
	}
	s.rows++
	q := s.q
	for u, a := range values {
		q[u] = int64(math.RoundToEven(float64(a) * fixed))
		s.total[u] += q[u]
	}
	for n := range s.sums {
		k := s.grams.Of[n][row]
		if k < 0 {
			continue
		}
		sum := s.sums[n][int(k)*len(q):][:len(q)]
		for u, x := range q {
			sum[u] += x
		}
	}
}

// nominate lists the suffixes of one unit.
func (s *survey) nominate(u int) [vocabulary.Longest][]int32 {
	units := len(s.total)
	return s.grams.Nominate(func(n, k int) float64 { return float64(s.sums[n][k*units+u]) / fixed },
		float64(s.total[u])/fixed/float64(max(1, s.rows)))
}

// newColumn makes room for a site's activations.
func (s *survey) newColumn(rows int) *column {
	units := len(s.lo)
	c := &column{units: units, rows: rows, q: make([]uint16, units*rows), lo: make([]float64, units), step: make([]float64, units)}
	for u := range units {
		width := float64(s.hi[u] - s.lo[u])
		if !(width > 0) {
			width = 1
		}
		c.lo[u] = float64(s.lo[u]) - outside*width
		c.step[u] = width * (1 + 2*outside) / math.MaxUint16
	}
	return c
}

func (c *column) set(row int, values []float32) {
	for u, a := range values {
		q := (float64(a)-c.lo[u])/c.step[u] + 0.5
		c.q[u*c.rows+row] = uint16(min(math.MaxUint16, max(0, q)))
	}
}
