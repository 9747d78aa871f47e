package concept

import "math"

// never is the hold of a machine that has nothing undecided.
const never = math.MaxInt64

// eof is the character "after" the last one.
const eof rune = -1

// machine is the state of one concept. step reads r, the character at s.t, and
// says the label there; next is the character after it (eof at the end) if the
// scan looks ahead, and meaningless otherwise. A machine that may still
// withdraw labels keeps s.hold at the first of them.
type machine interface {
	step(s *scan, r, next rune) (y int32, valid bool)
}

// finisher is a machine with something to decide when the text ends.
type finisher interface{ end(s *scan) }

// scan drives a machine: it counts gaps, holds labels back while they can be
// withdrawn, and looks one character ahead where the machine needs it.
type scan struct {
	fresh func() machine
	ahead bool
	pair  func(Pair) // told of every matched pair; nil where nobody asks
	spans spanCount  // what became of the spans opened

	m     machine
	t     int64 // position of the character being read
	hold  int64 // labels from here on may still be withdrawn
	last  int32 // label before t
	since int64 // where last began

	held []Label // labels of positions base.. that are not out yet
	head int     // held[:head] are out already
	base int64   // position of held[head]

	waiting rune // ahead: read but not yet labelled
	has     bool
}

func newScan(fresh func() machine, ahead bool) *scan {
	s := &scan{fresh: fresh, ahead: ahead}
	s.reset()
	return s
}

func (s *scan) reset() {
	*s = scan{fresh: s.fresh, ahead: s.ahead, pair: s.pair, spans: s.spans, m: s.fresh(), hold: never, held: s.held[:0]}
}

// Write implements Labeler.
func (s *scan) Write(dst []Label, src []rune) []Label {
	if !s.ahead {
		for _, r := range src {
			dst = s.push(dst, r, 0)
		}
		return dst
	}
	for _, r := range src {
		if s.has {
			dst = s.push(dst, s.waiting, r)
		}
		s.waiting, s.has = r, true
	}
	return dst
}

// Flush implements Labeler.
func (s *scan) Flush(dst []Label) []Label {
	if s.has {
		dst = s.push(dst, s.waiting, eof)
	}
	if m, ok := s.m.(finisher); ok {
		m.end(s)
	}
	dst = append(dst, s.held[s.head:]...)
	s.reset()
	return dst
}

func (s *scan) push(dst []Label, r, next rune) []Label {
	y, valid := s.m.step(s, r, next)
	if y != s.last {
		s.last, s.since = y, s.t
	}
	l := Label{Y: y, Valid: valid, Gap: int32(min(s.t-s.since, math.MaxInt32))}
	s.t++
	if s.head == len(s.held) && s.hold >= s.t {
		return append(dst, l)
	}
	if s.head == len(s.held) {
		s.held, s.head, s.base = s.held[:0], 0, s.t-1
	}
	s.held = append(s.held, l)
	return s.release(dst)
}

// release puts out the labels before s.hold.
func (s *scan) release(dst []Label) []Label {
	n := int(min(s.hold, s.t) - s.base)
	if n <= 0 {
		return dst
	}
	dst = append(dst, s.held[s.head:s.head+n]...)
	s.head += n
	s.base += int64(n)
	if s.head > 4096 && s.head > len(s.held)/2 {
		s.held = s.held[:copy(s.held, s.held[s.head:])]
		s.head = 0
	}
	return dst
}

// invalidate withdraws the labels of from .. s.t-1; they must have been held.
func (s *scan) invalidate(from int64) {
	i := s.head
	if s.head < len(s.held) {
		i += int(max(from-s.base, 0))
	}
	for ; i < len(s.held); i++ {
		s.held[i].Valid = false
	}
}

// withdraw takes one label that is held out of scoring.
func (s *scan) withdraw(at int64) { s.held[s.head+int(at-s.base)].Valid = false }

// spanCount is what became of the spans of a concept.
type spanCount struct {
	closed int64 // ended at their own closer, within their limit
	lost   int64 // did not, and were withdrawn
	other  int64 // openers that belong to another notation
}

// reportPair reports a pair to whoever asked.
func (s *scan) reportPair(p Pair) {
	if s.pair != nil {
		s.pair(p)
	}
}

// Pair is an opener and the closer that matches it. Positions are characters.
type Pair struct {
	OpenStart  int64  `json:"open_start"`  // first character of the opener
	Open       int64  `json:"open"`        // last character of the opener: the state after it is inside
	CloseStart int64  `json:"close_start"` // first character of the closer
	Close      int64  `json:"close"`       // last character of the closer: the state after it is outside
	Kind       string `json:"kind"`        // one of PairKinds
	Name       string `json:"name,omitempty"`
	Depth      int    `json:"depth"` // 1 for an outermost pair of its family
}

// Gap is the number of characters strictly between opener and closer.
func (p Pair) Gap() int64 { return p.CloseStart - p.Open - 1 }
