package concept

// Event says what a character may do to a concept.
type Event uint8

// The events.
const (
	NoEvent Event = iota
	Opener        // text that switches the concept on
	Closer        // text that switches it off
	Toggle        // text that does either
)

// pattern is a text whose last character is an event.
type pattern struct {
	text  string
	event Event
}
