package mechanism

import "github.com/rnnscope/rnnscope/stat"

// order is the fourth test: "([" against "[(".
func (s *suite) order() error {
	why := ""
	switch {
	case len(s.l.Kinds) < 2:
		why = "there is one kind of mark"
	case s.l.Depth < 2:
		why = neverNested
	case !s.l.Free:
		why = "the kinds follow a fixed order"
	}
	t := newTest(TestOrder, why)
	if !t.Applicable {
		s.done(t)
		return nil
	}
	// Scores for kind 0 against kind 1 as the next closer.
	top := func(kinds []int, closed int) ([]float64, error) {
		n := 2 * s.n
		seqs := make([]sequence, n)
		for i := range seqs {
			w := s.l.begin(s.rng)
			w.open(kinds...)
			w.shut(kinds[len(kinds)-closed:]...)
			w.lead(s.rng.IntN(2))
			seqs[i] = w.sequence
		}
		out := make([]float64, n)
		a, b := s.l.Kinds[0].Close, s.l.Kinds[1].Close
		err := s.reader.read(s.ctx, seqs, func(i, _, _ int, logits []float32) { out[i] = float64(logits[a] - logits[b]) })
		return out, err
	}
	compare := func(first, second []int, closed int) (v, w []float64, err error) {
		if v, err = top(first, closed); err != nil {
			return nil, nil, err
		}
		w, err = top(second, closed)
		return v, w, err
	}
	a, b, err := compare([]int{1, 0}, []int{0, 1}, 0)
	if err != nil {
		return err
	}
	known, _ := stat.IndependentAUROC(a, b)
	t.figure("order known", known)
	if a, b, err = compare([]int{0, 1}, []int{1, 0}, 1); err != nil {
		return err
	}
	popped, _ := stat.IndependentAUROC(a, b)
	t.figure("known after a pop", popped)
	// After "0 1 1 /" and "1 1 0 /" what was opened is the same but for the order in
	// which counters could not tell: a stack knows that kind 1 is on top in both, so the
	// content beneath is asked: close two.
	if s.l.Depth >= 3 {
		if a, b, err = compare([]int{0, 1, 1}, []int{1, 0, 0}, 2); err != nil {
			return err
		}
		deep, _ := stat.IndependentAUROC(a, b)
		t.figure("known after two pops", deep)
	}
	t.exclude(known.Lo > knows, Flag, "the order of two kinds is known")
	t.exclude(known.Lo > knows, Counter, "the order of two kinds is known")
	t.exclude(known.Hi < knows, Stack, "the order of two kinds is not known")
	s.done(t)
	return nil
}
