package synth

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// ErrUnknown says that no domain has the name asked for.
var ErrUnknown = errors.New("unknown synthetic corpus")

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

// Section is one stretch of a text that one domain wrote: runes [Lo, Hi).
type Section struct {
	Domain string `json:"domain"`
	Lo     int    `json:"lo"`
	Hi     int    `json:"hi"`
}

// Text is a generated text. Labels[c][t] is the value of concept c after rune
// t; the names are those of package concept, and only concepts that the domain
// defines exactly are present.
type Text struct {
	Name   string
	S      string
	Runes  []rune
	Labels map[string][]int16
	Bounds []Section
}

// domain is one generator: write appends one self-contained section (a
// chapter, an article, a file) of about n runes, leaving every state at rest.
type domain struct {
	name    string
	columns []string
	write   func(w *writer, n int, rng *rand.Rand, opt Options)
}

// Names lists the corpora Generate knows: domains, their mixture, nested languages.
func Names() []string {
	var names []string
	for _, d := range domains() {
		names = append(names, d.name)
	}
	names = append(names, "mixed")
	for _, l := range languages() {
		names = append(names, l.name)
	}
	return names
}

// MaxSize bounds a generated text: with its labels a character takes about 100 bytes.
const MaxSize = 50_000_000

// Generate writes the corpus called name, at least n runes long and not much
// longer: it ends at the first section that passes n. The same rng state gives
// the same text. Errors match ErrUnknown or ErrOption.
func Generate(name string, n int, rng *rand.Rand, opt Options) (*Text, error) {
	if n < 1 || n > MaxSize {
		return nil, fmt.Errorf("%w: size %d, want 1 to %d characters", ErrOption, n, MaxSize)
	}
	for _, l := range languages() {
		if l.name == name {
			return l.write(n, rng, opt)
		}
	}
	opt, err := opt.normal()
	if err != nil {
		return nil, err
	}
	if name == "mixed" {
		return generateMixed(n, rng, opt), nil
	}
	all := domains()
	i := slices.IndexFunc(all, func(d domain) bool { return d.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w %q: choose one of %s", ErrUnknown, name, strings.Join(Names(), ", "))
	}
	d := all[i]
	w := newWriter(d.columns)
	for len(w.runes) < n {
		w.section(d, n-len(w.runes), rng, opt)
	}
	return w.text(name), nil
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
