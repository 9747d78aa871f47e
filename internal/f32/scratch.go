package f32

// scratch is the working memory of one call. What most calls need none of is taken when it
// is first asked for.
type scratch struct{ *memory }

type memory struct {
	b          Packed
	a, c, sums []float32
}

// freeMemory is a free list: it keeps as many as were in use at once, so nothing is
// allocated in the steady state. Its lock is a cache line that all workers want, which
// costs more than a small product.
var freeMemory = make(chan *memory, 64)

func takeScratch() *scratch { return &scratch{} }

// take makes sure that there is memory.
func (s *scratch) take() {
	if s.memory != nil {
		return
	}
	select {
	case s.memory = <-freeMemory:
	default:
		s.memory = new(memory)
	}
}

func (s *scratch) release() {
	if s.memory == nil {
		return
	}
	select {
	case freeMemory <- s.memory:
	default:
	}
}

func (s *scratch) roomA(n int) []float32    { s.take(); return room(&s.a, n) }
func (s *scratch) roomC(n int) []float32    { s.take(); return room(&s.c, n) }
func (s *scratch) roomSums(n int) []float32 { s.take(); return room(&s.sums, n) }

// packed is a matrix to pack into.
func (s *scratch) packed() *Packed { s.take(); return &s.b }

// room is n floats of m, which grows if need be.
func room(m *[]float32, n int) []float32 {
	if len(*m) < n {
		*m = Make(n)
	}
	return (*m)[:n]
}
