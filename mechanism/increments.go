package mechanism

import (
	"fmt"

	"github.com/rnnscope/rnnscope/stat"
)

const neverNested = "the text nests nothing"

func (s *suite) increments() error {
	why := ""
	if s.l.Depth < 2 {
		why = neverNested
	}
	t := newTest(TestIncrements, why)
	if !t.Applicable {
		s.done(t)
		return nil
	}
	levels := s.l.Depth
	var ups, downs clouds
	st := &Steps{}
	for d := 1; d <= levels; d++ {
		up, down, err := s.stepsAt(d)
		if err != nil {
			return err
		}
		ups, downs = append(ups, up), append(downs, down)
		st.Depth = append(st.Depth, d)
		st.Open = append(st.Open, mean(s.alongAll(up)))
		st.Close = append(st.Close, mean(s.alongAll(down)))
	}
	g := ups.gram(-1)
	st.Cosine, st.Length = cosines(g), lengths(g)
	s.res.Steps = st
	cos := t.figure("cosine of steps", ups.jackknife(meanCosine))
	more := t.figure("later steps beside the first", ups.jackknife(later))
	even := t.figure("shortest step beside the longest", ups.jackknife(evenness))
	both := append(append(clouds{}, ups...), downs...)
	back := t.figure("given back by the closer", both.jackknife(func(g [][]float64) float64 { return givenBack(g, levels) }))
	flagless := more.Lo > vanishes
	t.exclude(flagless, Flag, "an opener inside changes what is held")
	t.exclude(cos.Hi < parallel, Counter, "openers at different depths change different things")
	t.exclude(even.Hi < unequal, Counter, "openers at different depths change it by different amounts")
	t.exclude(back.Hi < restored, Counter, "the closer does not undo the opener")
	t.exclude(cos.Lo > orthogonal, Stack, "openers at different depths change the same thing")
	t.exclude(more.Hi < vanishes, Stack, "an opener inside changes nothing")
	t.exclude(more.Hi < vanishes, Counter, "an opener inside changes nothing")
	s.done(t)
	return nil
}

// stepsAt records the changes at an opener from depth d-1 to d and at its closer.
func (s *suite) stepsAt(d int) (up, down [][]float64, err error) {
	seqs := make([]sequence, s.n)
	kinds := s.l.plain(d)
	for i := range seqs {
		w := s.l.begin(s.rng)
		w.open(kinds[:d-1]...)
		w.record()
		w.put(kinds[d-1], true)
		w.record()
		w.put(kinds[d-1], false)
		w.record()
		seqs[i] = w.sequence
	}
	mem, err := s.reader.memories(s.ctx, seqs)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range mem {
		if len(m) != 3 {
			panic(fmt.Sprintf("mechanism: %d states recorded, want 3", len(m)))
		}
		up, down = append(up, minus(m[1], m[0])), append(down, minus(m[2], m[1]))
	}
	return up, down, nil
}

func minus(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

// alongAll reads changes along the depth direction.
func (s *suite) alongAll(v [][]float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = s.res.Axis.along(v[i]) - s.res.Axis.bias
	}
	return out
}

// givenBack is the mean over depths of -<up, down> / |up|^2: 1 where the closer
// undoes the opener. The two are recorded on the same sequences, whose noise is part
// of the product.
func givenBack(g [][]float64, levels int) float64 {
	var sum float64
	n := 0
	for d := range levels {
		if g[d][d] > 0 {
			sum += max(-2, min(2, -g[d][levels+d]/g[d][d]))
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func cosines(g [][]float64) [][]stat.Number {
	c := make([][]stat.Number, len(g))
	for a := range g {
		for b := range g {
			v := stat.Undefined()
			if g[a][a] > 0 && g[b][b] > 0 {
				v = stat.Number(meanCosine([][]float64{{g[a][a], g[a][b]}, {g[a][b], g[b][b]}}))
			}
			c[a] = append(c[a], v)
		}
	}
	return c
}

func lengths(g [][]float64) []stat.Number {
	var out []stat.Number
	for i := range g {
		out = append(out, stat.Number(later([][]float64{{g[0][0], 0}, {0, g[i][i]}})))
	}
	return out
}
