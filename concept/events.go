package concept

// Event says what a character may do to a concept.
type Event uint8

// The events.
const (
	NoEvent Event = iota
	Opener        // text that can switch the concept on
	Closer        // text that can switch it off
	Toggle        // text that can do either
)

// pattern is a text whose last character is an event.
type pattern struct {
	text  string
	event Event
}

// compiled is a pattern read backwards.
type compiled struct {
	before []rune // what stands before the last character, nearest first
	event  Event
}

// EventText is a text whose last character may switch a concept.
type EventText struct {
	Text  string
	Event Event
}

// EventTexts lists what the concept's event scanner looks for; none for a concept
// without events.
func (c Concept) EventTexts() []EventText {
	var out []EventText
	for _, p := range c.events {
		out = append(out, EventText{p.text, p.event})
	}
	return out
}

const longestPattern = 8

// EventScanner finds the characters that can switch a concept: the last one of
// every opener, closer or toggle, whether or not the label changed there. It is
// a streaming function of the text; chunking changes nothing.
type EventScanner struct {
	byLast map[rune][]compiled
	ascii  [128]bool            // may be a last character
	past   [longestPattern]rune // the last characters, a ring
	n      int64                // characters read
	last   int64                // position of the last event, or -1
}

// NewEvents makes a scanner that stands before the first character. A concept a
// user brought along has no events.
func (c Concept) NewEvents() *EventScanner {
	e := &EventScanner{byLast: map[rune][]compiled{}, last: -1}
	for _, p := range c.events {
		rs := []rune(p.text)
		k := compiled{event: p.event}
		for i := len(rs) - 2; i >= 0; i-- {
			k.before = append(k.before, rs[i])
		}
		r := rs[len(rs)-1]
		e.byLast[r] = append(e.byLast[r], k)
		if r < 128 {
			e.ascii[r] = true
		}
	}
	return e
}

// Write appends one event a character.
func (e *EventScanner) Write(dst []Event, src []rune) []Event {
	for _, r := range src {
		dst = append(dst, e.read(r))
	}
	return dst
}

// Ages appends, for each character, the number of characters since the last
// event: 0 at an event, t+1 where there was none yet. No event character stands
// among the last g characters exactly where the age is at least g.
func (e *EventScanner) Ages(dst []int32, src []rune) []int32 {
	for _, r := range src {
		e.read(r)
		dst = append(dst, int32(min(e.n-1-e.last, 1<<31-1)))
	}
	return dst
}

func (e *EventScanner) read(r rune) Event {
	found := NoEvent
	if uint32(r) >= 128 || e.ascii[r] {
		for _, p := range e.byLast[r] {
			if e.behind(p.before) {
				found = p.event
				break
			}
		}
	}
	e.past[e.n%longestPattern] = r
	if found != NoEvent {
		e.last = e.n
	}
	e.n++
	return found
}

// behind reports whether the characters just read are before, nearest first.
func (e *EventScanner) behind(before []rune) bool {
	for i, r := range before {
		at := e.n - 1 - int64(i)
		if at < 0 || e.past[at%longestPattern] != r {
			return false
		}
	}
	return true
}

// FarFromEvents reports whether a position belongs to S_g: the label is valid and has
// not changed for at least g characters, and none of the last g characters
// could have changed it. Only a unit that holds the state tells it there.
func FarFromEvents(g int32, l Label, age int32) bool { return l.Valid && l.Gap >= g && age >= g }
