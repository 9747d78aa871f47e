package concept

// host follows what stands behind //: the host of an address that leaves out its
// scheme (//cdn.example.org/x, [//example.org name]) or something else, such as a
// comment. The zero host follows nothing.
type host struct {
	state  hostState
	square bool // [ stands before it: the host may be the whole address
	n      int  // characters
	dots   int
	label  int // letters since the last dot; -1: something else too
}

type hostState int8

const (
	noHost    hostState = iota
	mayBeHost           // so far
	isHost              // it is one, and the address goes on
)

// newHost stands behind //; before is the character that stands before it.
func newHost(before rune) host { return host{state: mayBeHost, square: before == '['} }

// read takes the next character and reports whether it shows that what stands
// behind // is an address: the / behind a host, or the end of one behind [.
func (h *host) read(r rune) (found bool) {
	if h.state != mayBeHost {
		return false
	}
	switch {
	case r == '.' && h.n > 0:
		h.dots++
		h.label = 0
	case letter(r):
		if h.label >= 0 {
			h.label++
		}
	case r < 0x80 && isDigit(r), r == '-' && h.n > 0:
		h.label = -1
	default:
		whole := h.dots > 0 && h.label >= 2
		if h.state = noHost; whole && r == '/' {
			h.state = isHost
		}
		return whole && (r == '/' || h.square && (r == ' ' || r == ']'))
	}
	if h.n++; h.n > nameLimit {
		h.state = noHost
	}
	return false
}

// inside reports whether the address goes on.
func (h *host) inside() bool { return h.state == isHost }

// ends reports whether r stands behind the address.
func (h *host) ends(r rune) bool {
	if !endsURL(r) {
		return false
	}
	h.state = noHost
	return true
}
