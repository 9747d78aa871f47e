package concept

import (
	"errors"
	"strings"
)

// ErrUnknown says that no concept has the name asked for.
var ErrUnknown = errors.New("unknown concept")

// Label is what a concept says of one character.
type Label struct {
	Y     int32 // 0 or 1, a depth, a count, or a category, by Kind
	Valid bool  // false: not to be scored
	Gap   int32 // characters since Y last changed; 0 where it changes and at the start of the text
}

// Labeler turns a text into labels, chunk by chunk. Labels come out in order,
// one a character, possibly late. Flush puts out those held back and ends the
// text: the labeler then stands before a new text. A Labeler serves one
// goroutine.
type Labeler interface {
	Write(dst []Label, src []rune) []Label
	Flush(dst []Label) []Label
}

// Kind says what the numbers of a concept mean.
type Kind string

// The kinds.
const (
	Binary   Kind = "binary"   // Y is 0 or 1
	Depth    Kind = "depth"    // Y counts what is open; Y > 0 is the binary concept "inside"
	Numeric  Kind = "numeric"  // Y is a quantity
	Category Kind = "category" // Y names a kind; 0 is none
)

// Class says what a reader must remember to know the label.
type Class string

// The classes. Concept.Class is what the definition lets expect; Classify measures.
const (
	Surface    Class = "surface"    // x_t alone tells
	Window     Class = "window"     // the last few characters tell
	State      Class = "state"      // something must be held
	Predictive Class = "predictive" // a property of x_{t+1}
)

// Concept is one property of characters.
type Concept struct {
	Name       string
	Definition string // exact, one paragraph, English
	Kind       Kind
	Class      Class
	Delay      int            // most characters a label is held back
	New        func() Labeler // a labeler before the first character
	Labels     string         // of a label file: SHA-256 of what it says, in hex; empty for rules

	events  []pattern
	title   [2]string // English, Chinese
	plain   [2]string
	builtIn bool
}

// BuiltIn reports whether the concept is one of All, not a user's own.
func (c Concept) BuiltIn() bool { return c.builtIn }

// Title is the short heading of the concept; lang is "en" or "zh", anything else reads English.
func (c Concept) Title(lang string) string { return pick(c.title, lang, c.Name) }

// Plain is one sentence for a reader who has never heard of the concept.
func (c Concept) Plain(lang string) string { return pick(c.plain, lang, c.Definition) }

func pick(s [2]string, lang, otherwise string) string {
	i := 0
	if lang == "zh" || strings.HasPrefix(lang, "zh-") {
		i = 1
	}
	if s[i] == "" {
		return otherwise
	}
	return s[i]
}

// LabelAll labels a whole text: one label a character.
func LabelAll(c Concept, rs []rune) []Label {
	l := c.New()
	return l.Flush(l.Write(make([]Label, 0, len(rs)), rs))
}
