package ngram

import "slices"

// naive is the slow twin: the formulas of the package comment on maps of
// strings, level by level.
type naive struct {
	v, order int
	count    []map[string]int             // [level] c
	before   []map[string]map[string]bool // [level] what stands before
	followed []map[string][]int32         // [context length] symbols seen after it
}

func key(ids []int32) string {
	var b []byte
	for _, id := range ids {
		b = append(b, byte(id), byte(id>>8), byte(id>>16))
	}
	return string(b)
}

func newNaive(ids []int32, v, order int) *naive {
	m := &naive{v: v, order: order}
	for range order + 1 {
		m.count = append(m.count, map[string]int{})
		m.before = append(m.before, map[string]map[string]bool{})
		m.followed = append(m.followed, map[string][]int32{})
	}
	for level := 1; level <= order; level++ {
		for i := 0; i+level <= len(ids); i++ {
			gram := key(ids[i : i+level])
			if m.count[level][gram] == 0 {
				m.before[level][gram] = map[string]bool{}
				h := key(ids[i : i+level-1])
				m.followed[level-1][h] = append(m.followed[level-1][h], ids[i+level-1])
			}
			m.count[level][gram]++
			left := "start"
			if i > 0 {
				left = key(ids[i-1 : i])
			}
			m.before[level][gram][left] = true
		}
	}
	return m
}

// number is c(gram) or, for a continuation level, a(gram).
func (m *naive) number(gram []int32, continuation bool) int {
	if continuation {
		return len(m.before[len(gram)][key(gram)])
	}
	return m.count[len(gram)][key(gram)]
}

func (m *naive) discounts(level int, continuation bool) [4]float64 {
	var n [5]float64
	for gram, c := range m.count[level] {
		if continuation {
			c = len(m.before[level][gram])
		}
		if c <= 4 {
			n[c]++
		}
	}
	y := n[1] / (n[1] + 2*n[2])
	d := [4]float64{0, 1 - 2*y*n[2]/n[1], 2 - 3*y*n[3]/n[2], 3 - 4*y*n[4]/n[3]}
	ok := n[1] > 0 && n[2] > 0 && n[3] > 0 && n[4] > 0
	for i := 1; i <= 3; i++ {
		ok = ok && d[i] > 0 && d[i] <= float64(i)
	}
	if !ok {
		return [4]float64{0, .5, 1, 1.5}
	}
	return d
}

// prob is P_level(w|h) or, as a continuation, Q_level(w|h); h is level-1 long
// or, near the start of a text, shorter.
func (m *naive) prob(h []int32, w int32, level int, continuation bool) float64 {
	if level == 0 {
		return 1 / float64(m.v)
	}
	if len(h) < level-1 {
		return m.prob(h, w, level-1, true)
	}
	h = h[len(h)-level+1:]
	below := m.prob(h[min(1, len(h)):], w, level-1, true)
	d := m.discounts(level, continuation)
	total, free := 0, 0.0
	for _, s := range m.followed[level-1][key(h)] {
		c := m.number(append(slices.Clone(h), s), continuation)
		total += c
		free += d[min(c, 3)]
	}
	if total == 0 {
		return below
	}
	c := m.number(append(slices.Clone(h), w), continuation)
	return (float64(c)-d[min(c, 3)])/float64(total) + free/float64(total)*below
}
