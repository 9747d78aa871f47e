package synth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// surface are the labels every domain has: properties of a rune and of the one
// that follows it.
var surface = []string{"capital", "digit", "capital-next", "line-end-next"}

// writer appends runes and, for each, the present value of every concept.
type writer struct {
	runes   []rune
	columns []string
	now     []int16
	values  [][]int16
	bounds  []Section
}

func newWriter(columns []string) *writer {
	return &writer{
		columns: columns,
		now:     make([]int16, len(columns)),
		values:  make([][]int16, len(columns)),
	}
}

// put writes s with the present state.
func (w *writer) put(s string) {
	for _, r := range s {
		w.runes = append(w.runes, r)
		for i, v := range w.now {
			w.values[i] = append(w.values[i], v)
		}
	}
}

// at is the column of concept c, or -1 where the text does not label it.
func (w *writer) at(c string) int { return slices.Index(w.columns, c) }

// get is the present value of c; 0 where it is not labelled.
func (w *writer) get(c string) int16 {
	if i := w.at(c); i >= 0 {
		return w.now[i]
	}
	return 0
}

// set changes the present value of c for the runes to come.
func (w *writer) set(c string, v int16) {
	if i := w.at(c); i >= 0 {
		w.now[i] = v
	}
}

// add changes depth c by d.
func (w *writer) add(c string, d int16) {
	if i := w.at(c); i >= 0 {
		w.now[i] += d
		if w.now[i] < 0 {
			panic(fmt.Sprintf("synth: %s closed more often than opened at rune %d", c, len(w.runes)))
		}
	}
}

// raw writes s, following ( [ { < and the straight double quote rune by rune:
// the depths and the parity are defined on runes, whatever they stand for; only a
// quote behind a backslash is none.
func (w *writer) raw(s string) {
	var prev rune
	for _, r := range s {
		switch r {
		case '(', '[', '{':
			w.bracket(strings.IndexRune(dyckOpen, r), +1)
		case ')', ']', '}':
			w.bracket(strings.IndexRune(dyckClose, r), -1)
		case '"':
			if prev != '\\' {
				w.toggle()
			}
		}
		prev = r
		w.put(string(r))
	}
}

// toggle turns the straight double quote on or off.
func (w *writer) toggle() {
	w.set("quote-straight", 1-w.get("quote-straight"))
	w.refreshQuotes()
}

// refreshQuotes derives the parity from the depth, and in-quote from its two parts.
func (w *writer) refreshQuotes() {
	w.set("quote-parity", w.get("quote-depth")%2)
	w.set("in-quote", bit(w.get("quote-straight") > 0 || w.get("quote-depth") > 0))
}

// wrap turns spaces since rune lo into line ends so that no line is longer than
// width where words allow it.
func (w *writer) wrap(lo, width int) {
	start, space := lo-w.columnAt(lo), -1
	for i := lo; i < len(w.runes); i++ {
		switch w.runes[i] {
		case '\n':
			start, space = i+1, -1
			continue
		case ' ':
			if i-start > width && space < 0 {
				w.runes[i] = '\n'
				start = i + 1
				continue
			}
			space = i
		}
		if i-start >= width && space > start {
			w.runes[space] = '\n'
			start, space = space+1, -1
		}
	}
}

// last puts all but the last rune of s, then calls change, then puts the last
// rune: the way a multi-rune opener or closer takes effect.
func (w *writer) last(s string, change func()) {
	rs := []rune(s)
	w.raw(string(rs[:len(rs)-1]))
	change()
	w.raw(string(rs[len(rs)-1:]))
}

// columnAt is the number of runes between the line's start and rune at.
func (w *writer) columnAt(at int) int {
	for i := at - 1; i >= 0; i-- {
		if w.runes[i] == '\n' {
			return at - 1 - i
		}
	}
	return at
}

// section lets d write about n runes and checks that it left every state at rest.
func (w *writer) section(d domain, n int, rng *rand.Rand, opt Options) {
	lo := len(w.runes)
	d.write(w, n, rng, opt)
	for i, v := range w.now {
		if v != 0 {
			panic(fmt.Sprintf("synth: section of %s ends with %s = %d", d.name, w.columns[i], v))
		}
	}
	w.bounds = append(w.bounds, Section{Domain: d.name, Lo: lo, Hi: len(w.runes)})
}

// text closes the writer.
func (w *writer) text(name string) *Text {
	t := &Text{Name: name, S: string(w.runes), Runes: w.runes, Bounds: w.bounds, Labels: map[string][]int16{}}
	for i, c := range w.columns {
		t.Labels[c] = w.values[i]
	}
	for _, c := range surface {
		t.Labels[c] = make([]int16, len(w.runes))
	}
	for i, r := range w.runes {
		t.Labels["capital"][i] = bit(unicode.IsUpper(r))
		t.Labels["digit"][i] = bit(unicode.IsDigit(r))
		if i > 0 {
			t.Labels["capital-next"][i-1] = bit(unicode.IsUpper(r))
			t.Labels["line-end-next"][i-1] = bit(r == '\n')
		}
	}
	return t
}

func bit(b bool) int16 {
	if b {
		return 1
	}
	return 0
}

// domain is one generator: write appends one self-contained section (a
// chapter, an article, a file) of about n runes, leaving every state at rest.
type domain struct {
	name    string
	columns []string
	write   func(w *writer, n int, rng *rand.Rand, opt Options)
}
