package f32

// scratch is the working memory of one call; a free list keeps as many as
// ran at once, so nothing is allocated in the steady state.
type scratch struct {
	b          Packed
	a, c, sums []float32
}

var freeScratch = make(chan *scratch, 64)

func takeScratch() *scratch {
	select {
	case s := <-freeScratch:
		return s
	default:
		return new(scratch)
	}
}

func (s *scratch) release() {
	select {
	case freeScratch <- s:
	default:
	}
}

func (s *scratch) roomA(n int) []float32 {
	if len(s.a) < n {
		s.a = Make(n)
	}
	return s.a[:n]
}

func (s *scratch) roomC(n int) []float32 {
	if len(s.c) < n {
		s.c = Make(n)
	}
	return s.c[:n]
}

func (s *scratch) roomSums(n int) []float32 {
	if len(s.sums) < n {
		s.sums = Make(n)
	}
	return s.sums[:n]
}
