package synth

import (
	"fmt"
	"math/rand/v2"
)

// Mark is a pair of marks that open and close; for a straight mark both are the same.
type Mark struct {
	Open  rune `json:"open"`
	Close rune `json:"close"`
}

// The marks of the nested languages.
var (
	StraightMarks    = []Mark{{'"', '"'}}
	AlternatingMarks = []Mark{{'"', '"'}, {'\'', '\''}}
	CurlyMarks       = []Mark{{'“', '”'}, {'‘', '’'}}
	CornerMarks      = []Mark{{'「', '」'}, {'『', '』'}}
	BracketMarks     = []Mark{{'(', ')'}, {'[', ']'}, {'{', '}'}, {'<', '>'}}
)

// PlantedDepth is the label of nested texts: how many marks are open, as the
// generator meant it. Straight marks do not show it; broken lines contradict it.
const PlantedDepth = "planted-depth"

// Nesting describes a language of nested marks. A line is a random walk in depth
// that starts and ends outside: outside, the line ends with probability End once
// Least marks are written; inside, a mark opens or closes with equal chance, and at
// the greatest depth it closes.
type Nesting struct {
	Marks []Mark
	// Free: every opener draws its kind. Otherwise depth d uses Marks[(d-1) mod kinds].
	Free bool
	// Shuffle: any open kind may be closed, not only the last (shuffled Dyck: one
	// counter a kind suffices).
	Shuffle bool
	Depth   int     // greatest depth
	Least   int     // marks before the line may end
	Most    int     // marks on a line: longer ones are drawn again; 0 is no limit
	End     float64 // probability that the line ends, each time it is outside
	// Between any two marks stand GapLow..GapHigh characters of Filler.
	GapLow, GapHigh int
	Filler          string
	// Cues: spaces show which end a mark is, as in print: one before an opener and
	// one after a closer. They count as filler; the gap is then at least 1 where one
	// is needed.
	Cues bool
	// Broken is the share of lines from which one mark, drawn evenly, is left out.
	Broken float64
}

// Nest writes lines of the language, at least n runes. Labels: PlantedDepth; and,
// where no line is broken, those of package concept that the marks define:
// quote-depth, quote-parity and in-quote, or quote-straight, or the bracket depths. Errors match
// ErrOption.
func Nest(n int, rng *rand.Rand, lang Nesting) (*Text, error) {
	if err := lang.check(n); err != nil {
		return nil, err
	}
	w := newWriter(lang.columns())
	for len(w.runes) < n {
		lo := len(w.runes)
		lang.line(w, rng)
		w.bounds = append(w.bounds, Section{Domain: "nest", Lo: lo, Hi: len(w.runes)})
	}
	return w.text("nest"), nil
}

func (l Nesting) check(n int) error {
	switch {
	case n < 1:
		return fmt.Errorf("%w: size %d, want at least 1", ErrOption, n)
	case len(l.Marks) == 0:
		return fmt.Errorf("%w: a nested language needs marks", ErrOption)
	case l.Depth < 1 || l.Depth > 1000:
		return fmt.Errorf("%w: depth %d, want 1..1000", ErrOption, l.Depth)
	case l.Most != 0 && l.Most < max(2, l.Least):
		return fmt.Errorf("%w: lines of at most %d marks", ErrOption, l.Most)
	case l.GapLow < 0 || l.GapHigh < l.GapLow:
		return fmt.Errorf("%w: gaps of %d..%d characters", ErrOption, l.GapLow, l.GapHigh)
	case l.GapHigh > 0 && l.Filler == "":
		return fmt.Errorf("%w: gaps need filler", ErrOption)
	case !(l.End > 0 && l.End <= 1):
		return fmt.Errorf("%w: lines end with probability %v", ErrOption, l.End)
	case !(l.Broken >= 0 && l.Broken <= 1):
		return fmt.Errorf("%w: %v of the lines broken", ErrOption, l.Broken)
	}
	return nil
}

// columns are the labels that the marks define.
func (l Nesting) columns() []string {
	c := []string{PlantedDepth}
	if l.Broken > 0 || l.Shuffle {
		return c
	}
	switch l.Marks[0] {
	case StraightMarks[0]:
		return append(c, "quote-straight")
	case CurlyMarks[0], CornerMarks[0]:
		return append(c, "quote-depth", "quote-parity", "in-quote")
	case BracketMarks[0]:
		return append(c, brackets()...)
	}
	return c
}

// step is one mark of a line.
type step struct {
	kind int
	open bool
}

// walk draws the marks of a line of at most l.Most.
func (l Nesting) walk(rng *rand.Rand) []step {
	for {
		if s := l.anyWalk(rng); l.Most == 0 || len(s) <= l.Most {
			return s
		}
	}
}

// anyWalk draws the marks of a line.
func (l Nesting) anyWalk(rng *rand.Rand) []step {
	var s []step
	var stack []int
	for {
		open := rng.IntN(2) == 0
		if len(stack) == 0 {
			if len(s) >= max(2, l.Least) && rng.Float64() < l.End {
				return s
			}
			open = true
		}
		if len(stack) == l.Depth {
			open = false
		}
		if open {
			k := len(stack) % len(l.Marks)
			if l.Free || l.Shuffle {
				k = rng.IntN(len(l.Marks))
			}
			stack = append(stack, k)
			s = append(s, step{k, true})
			continue
		}
		top := len(stack) - 1
		if l.Shuffle {
			i := rng.IntN(len(stack))
			stack[i], stack[top] = stack[top], stack[i]
		}
		s = append(s, step{stack[top], false})
		stack = stack[:top]
	}
}

// line writes one line.
func (l Nesting) line(w *writer, rng *rand.Rand) {
	s := l.walk(rng)
	missing := -1
	if rng.Float64() < l.Broken {
		missing = rng.IntN(len(s))
	}
	filler := []rune(l.Filler)
	before := step{open: true} // a line starts as after an opener: no space is due
	l.gap(w, rng, filler, before, s[0], true)
	for i, m := range s {
		w.add(PlantedDepth, map[bool]int16{true: 1, false: -1}[m.open])
		if i != missing {
			l.mark(w, m)
		} // the planted depth goes on as if it were there
		if i+1 < len(s) {
			l.gap(w, rng, filler, m, s[i+1], false)
		}
	}
	l.gap(w, rng, filler, s[len(s)-1], step{}, true)
	w.put("\n")
}

// mark writes one mark with the labels that follow it.
func (l Nesting) mark(w *writer, m step) {
	kind := l.Marks[m.kind]
	r, d := kind.Close, int16(-1)
	if m.open {
		r, d = kind.Open, 1
	}
	switch {
	case r == '"':
		w.toggle()
	case w.at("quote-depth") >= 0:
		w.add("quote-depth", d)
		w.refreshQuotes()
	case w.at("bracket-depth") >= 0:
		w.bracket(m.kind, d)
	}
	w.put(string(r))
}

// gap writes the filler between two marks; edge: one side is an end of the line.
func (l Nesting) gap(w *writer, rng *rand.Rand, filler []rune, a, b step, edge bool) {
	n := l.GapLow + rng.IntN(l.GapHigh-l.GapLow+1)
	out := make([]rune, n)
	for i := range out {
		out[i] = filler[rng.IntN(len(filler))]
	}
	if l.Cues {
		out = addCues(out, !a.open, b.open && !(edge && n == 0))
	}
	w.put(string(out))
}

// addCues puts a space after a closer and before an opener.
func addCues(out []rune, afterCloser, beforeOpener bool) []rune {
	if (afterCloser || beforeOpener) && len(out) == 0 {
		return []rune{' '}
	}
	if afterCloser {
		out[0] = ' '
	}
	if beforeOpener {
		out[len(out)-1] = ' '
	}
	return out
}

// Count writes lines of the counting language a^k b^k (with three letters a^k b^k
// c^k), k drawn evenly from 1..most: at least n runes. Label PlantedDepth is how
// many of the second letter are still due. Errors match ErrOption.
func Count(n, most int, letters string, rng *rand.Rand) (*Text, error) {
	rs := []rune(letters)
	if n < 1 || most < 1 || len(rs) < 2 {
		return nil, fmt.Errorf("%w: counting language of %d runes, up to %d of each of %q", ErrOption, n, most, letters)
	}
	w := newWriter([]string{PlantedDepth})
	for len(w.runes) < n {
		lo, k := len(w.runes), 1+rng.IntN(most)
		for i, r := range rs {
			for range k {
				switch i {
				case 0:
					w.add(PlantedDepth, 1)
				case 1:
					w.add(PlantedDepth, -1)
				}
				w.put(string(r))
			}
		}
		w.put("\n")
		w.bounds = append(w.bounds, Section{Domain: "count", Lo: lo, Hi: len(w.runes)})
	}
	return w.text("count"), nil
}
