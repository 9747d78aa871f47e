package concept

// Limits: characters after which a span that is still open is withdrawn.
const (
	quoteLimit   = 2_000
	urlLimit     = 500
	bracketLimit = 10_000
)

// opened is one open span of a nest.
type opened struct {
	start, at int64 // first and last character of the opener
	kind      int
	name      string
	parent    bool // a span was matched directly inside
}

// nest is a stack of open spans that forgives what real text does: a closer
// nothing waits for is ignored; a closer that waits below others closes those
// too and withdraws their labels, since they were never closed; a bottom span
// older than the limit empties the stack and withdraws everything since.
type nest struct {
	limit int64
	kinds []string // names of the kinds, for pairs
	quiet bool     // the labels are not the nest's: it withdraws none
	stack []opened
	count []int // open spans by kind
}

func newNest(limit int64, kinds ...string) nest {
	return nest{limit: limit, kinds: kinds, count: make([]int, len(kinds))}
}

func (n *nest) depth() int32 { return int32(len(n.stack)) }

// parity is 1 where an odd number of spans is open.
func (n *nest) parity() int32 { return n.depth() % 2 }

// top is the kind on top, counted from 1, or 0.
func (n *nest) top() int32 {
	if len(n.stack) == 0 {
		return 0
	}
	return int32(n.stack[len(n.stack)-1].kind) + 1
}

// hold is the first label that may still be withdrawn.
func (n *nest) hold() int64 {
	if len(n.stack) == 0 {
		return never
	}
	return n.stack[0].at
}

// open pushes a span whose opener ends at s.t and began at start.
func (n *nest) open(s *scan, start int64, kind int, name string) {
	n.stack = append(n.stack, opened{start: start, at: s.t, kind: kind, name: name})
	n.count[kind]++
}

// close pops the innermost span of that kind and name; the closer began at start
// and ends at s.t. It reports whether there was one.
func (n *nest) close(s *scan, start int64, kind int, name string) bool {
	if n.count[kind] == 0 {
		return false
	}
	i := len(n.stack) - 1
	for i >= 0 && (n.stack[i].kind != kind || n.stack[i].name != name) {
		i--
	}
	if i < 0 {
		return false
	}
	if !n.quiet {
		s.spans.closed++
	}
	if i+1 < len(n.stack) && !n.quiet {
		s.spans.lost += int64(len(n.stack) - i - 1)
		s.invalidate(n.stack[i+1].at)
	}
	o := n.stack[i]
	n.cut(i)
	if i > 0 {
		n.stack[i-1].parent = true
	}
	s.reportPair(Pair{OpenStart: o.start, Open: o.at, CloseStart: start, Close: s.t, Kind: n.kinds[kind], Name: name, Depth: i + 1})
	return true
}

// replace makes stack what is open.
func (n *nest) replace(stack []opened) {
	n.cut(0)
	for _, o := range stack {
		n.stack = append(n.stack, o)
		n.count[o.kind]++
	}
}

// cut drops all spans from i up.
func (n *nest) cut(i int) {
	for _, o := range n.stack[i:] {
		n.count[o.kind]--
	}
	n.stack = n.stack[:i]
}

// drop withdraws everything that is open and empties the stack.
func (n *nest) drop(s *scan) {
	if len(n.stack) == 0 {
		return
	}
	if !n.quiet {
		s.spans.lost += int64(len(n.stack))
		s.invalidate(n.stack[0].at)
	}
	n.cut(0)
}

// expire drops the stack when its bottom has been open for more than the limit.
func (n *nest) expire(s *scan) {
	if len(n.stack) > 0 && s.t-n.stack[0].at > n.limit {
		n.drop(s)
	}
}
