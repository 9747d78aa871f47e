package explain

import "github.com/rnnscope/rnnscope/explain/vocabulary"

const (
	vocabularyContexts = 5 // symbols of the longest context that means are given
	contextLeast       = 3 // rows; a rarer context backs off to a shorter one
)

// contextMeans are the mean states given the last symbols: what a table could say in
// the place of a description.
type contextMeans struct {
	base  *vocabulary.Base
	mean  []float32 // [H]
	units int
	of    [vocabularyContexts]map[vocabulary.Gram]int // by symbols less one: where in sums
	table [vocabularyContexts][]float32               // [contexts,H]
}

// newContextMeans counts over the growing rows.
func newContextMeans(j *job, s *study) *contextMeans {
	h, n := s.col.units, j.plan.grow
	m := &contextMeans{base: j.base, mean: make([]float32, h), units: h}
	rows := make([]int, h) // a row of q, [H]
	read := func(r int) {
		for u := range rows {
			rows[u] = int(s.col.q[u*s.col.rows+r])
		}
	}
	var sums [vocabularyContexts][]int
	var counts [vocabularyContexts][]int
	for k := range m.of {
		m.of[k], counts[k] = frequentContexts(j.base, k+1, n)
		sums[k] = make([]int, len(counts[k])*h)
	}
	total := make([]int, h)
	for r := range n {
		read(r)
		for u, q := range rows {
			total[u] += q
		}
		for k := range m.of {
			g, _ := j.base.Last(r, k+1)
			i, ok := m.of[k][g]
			if !ok {
				continue
			}
			sum := sums[k][i*h : (i+1)*h]
			for u, q := range rows {
				sum[u] += q
			}
		}
	}
	value := func(u, sum, n int) float32 { return float32(s.col.lo[u] + s.col.step[u]*float64(sum)/float64(n)) }
	for u := range total {
		m.mean[u] = value(u, total[u], n)
	}
	for k := range m.table {
		m.table[k] = make([]float32, len(sums[k]))
		for i, sum := range sums[k] {
			m.table[k][i] = value(i%h, sum, counts[k][i/h])
		}
	}
	return m
}

// frequentContexts numbers the contexts of n symbols that come often enough.
func frequentContexts(b *vocabulary.Base, n, rows int) (of map[vocabulary.Gram]int, counts []int) {
	seen := map[vocabulary.Gram]int{}
	for r := range rows {
		if g, whole := b.Last(r, n); whole {
			seen[g]++
		}
	}
	of = map[vocabulary.Gram]int{}
	for r := range rows {
		g, whole := b.Last(r, n)
		if _, known := of[g]; whole && !known && seen[g] >= contextLeast {
			of[g] = len(counts)
			counts = append(counts, seen[g])
		}
	}
	return of, counts
}

// at is the mean state [H] given the last symbols at a row, or fewer of them where so
// many were hardly seen.
func (m *contextMeans) at(row, last int) []float32 {
	for k := last; k > 0; k-- {
		g, whole := m.base.Last(row, k)
		if i, ok := m.of[k-1][g]; ok && whole {
			return m.table[k-1][i*m.units : (i+1)*m.units]
		}
	}
	return m.mean
}
