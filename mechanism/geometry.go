package mechanism

import "github.com/rnnscope/rnnscope/stat"

func (s *suite) geometry() error {
	why := ""
	if s.l.Depth < 2 {
		why = neverNested
	}
	t := newTest(TestGeometry, why)
	deepest := 2 * s.l.Depth
	if s.l.straight() {
		deepest = 1
	}
	var c clouds
	for d := range deepest + 1 {
		v, err := s.statesAt(s.l.plain(d), s.n)
		if err != nil {
			return err
		}
		c = append(c, v)
	}
	g := &Geometry{}
	for d := range c {
		g.Depth = append(g.Depth, d)
	}
	whole := c.gram(-1)
	var shown float64
	g.Place, shown = plane(whole)
	g.Shown = stat.Number(shown)
	s.res.Geometry = g
	steps := stepRows(s.l.Depth, len(c))
	g.Cosine, g.Length = cosines(combine(whole, steps)), lengths(combine(whole, steps))
	if !t.Applicable {
		s.done(t)
		return nil
	}
	within := c[:s.l.Depth+1]
	steps = stepRows(s.l.Depth, len(within))
	of := func(f func([][]float64) float64) stat.Interval {
		return within.jackknife(func(g [][]float64) float64 { return f(combine(g, steps)) })
	}
	cos := t.figure("cosine of steps", of(meanCosine))
	more := t.figure("later steps beside the first", of(later))
	even := t.figure("shortest step beside the longest", of(evenness))
	t.exclude(more.Lo > vanishes, Flag, "there are more than two points")
	t.exclude(cos.Hi < parallel, Counter, "the steps are not parallel")
	t.exclude(even.Hi < unequal, Counter, "the steps are not equal")
	t.exclude(more.Hi < vanishes, Counter, "there are two points")
	t.exclude(cos.Lo > orthogonal, Stack, "the steps are parallel")
	t.exclude(more.Hi < vanishes, Stack, "there are two points")
	s.done(t)
	return nil
}

// stepRows are the differences of neighbouring groups.
func stepRows(steps, groups int) [][]float64 {
	rows := make([][]float64, steps)
	for d := range rows {
		rows[d] = make([]float64, groups)
		rows[d][d], rows[d][d+1] = -1, 1
	}
	return rows
}

// statesAt records what is held after openers of the kinds given.
func (s *suite) statesAt(kinds []int, n int) ([][]float64, error) {
	seqs := make([]sequence, n)
	for i := range seqs {
		w := s.l.begin(s.rng)
		w.open(kinds...)
		w.record()
		seqs[i] = w.sequence
	}
	mem, err := s.reader.memories(s.ctx, seqs)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, n)
	for i := range mem {
		out[i] = mem[i][0]
	}
	return out, nil
}
