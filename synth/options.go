package synth

import (
	"errors"
	"fmt"
	"slices"
)

// ErrOption says that an option or a size cannot be used.
var ErrOption = errors.New("bad option for a synthetic corpus")

// QuoteStyle chooses the quotation marks of the novel.
type QuoteStyle string

// The quote styles.
const (
	QuotesMixed    QuoteStyle = "mixed"    // each chapter draws one of the two below
	QuotesStraight QuoteStyle = "straight" // " and, nested inside, '
	QuotesCurly    QuoteStyle = "curly"    // “ ” and, nested inside, ‘ ’
)

// Options are the choices of all domains; each domain reads its own. The zero
// value is the default of everything.
type Options struct {
	Quotes QuoteStyle // novel: quotation marks; "" is QuotesMixed
	Width  int        // novel, latex: column at which prose is wrapped; 0 is 70
	Kinds  int        // dyck: bracket kinds, 1..4; 0 is 3
	Depth  int        // dyck: greatest depth, 0 is 8
	Length int        // dyck: brackets on a line, made even; 0 is 60
	Spaced bool       // dyck: one space between brackets

	// Nested languages (Depth is theirs too, of the counting language the largest n;
	// Kinds that of dyck-shuffled).
	Gap    int     // most filler between two marks; 0 is 10, -1 none
	Filler string  // characters of the filler; "" is a to h
	Broken float64 // share of lines from which one mark is missing; 0 is the language's own

	topic *topic // what the next section is about; nil: it draws
}

// normal fills defaults in and checks ranges.
func (o Options) normal() (Options, error) {
	if o.Quotes == "" {
		o.Quotes = QuotesMixed
	}
	for _, d := range []struct {
		v   *int
		def int
	}{{&o.Width, 70}, {&o.Kinds, 3}, {&o.Depth, 8}, {&o.Length, 60}} {
		if *d.v == 0 {
			*d.v = d.def
		}
	}
	switch {
	case !slices.Contains([]QuoteStyle{QuotesMixed, QuotesStraight, QuotesCurly}, o.Quotes):
		return o, fmt.Errorf("%w: quote style %q, want mixed, straight or curly", ErrOption, o.Quotes)
	case o.Width < 40 || o.Width > 400:
		return o, fmt.Errorf("%w: width %d, want 40..400", ErrOption, o.Width)
	case o.Kinds < 1 || o.Kinds > 4:
		return o, fmt.Errorf("%w: %d bracket kinds, want 1..4", ErrOption, o.Kinds)
	case o.Depth < 1 || o.Depth > 1000:
		return o, fmt.Errorf("%w: depth %d, want 1..1000", ErrOption, o.Depth)
	case o.Length < 2 || o.Length > 1_000_000:
		return o, fmt.Errorf("%w: length %d, want 2..1000000", ErrOption, o.Length)
	}
	return o, nil
}
