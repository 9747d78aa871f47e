package vocabulary

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/text"
)

// Rule is one leaf of a description: where it holds and what the unit does there.
type Rule struct {
	When  []Answer `json:"when"`  // all of these; empty: always
	Share float64  `json:"share"` // of the rows it was grown on
	Z     float64  `json:"z"`     // mean of the unit there, in its standard deviations from its mean
}

// Rules are the leaves of a cut, those that explain most first. sd is the unit's
// standard deviation on the rows of the tree, in the tree's own unit; values are
// those of the rows.
func Rules(columns []Column, values [][]uint8, t *tree.Tree, cut tree.Cut, sd float64) []Rule {
	var out []Rule
	root := t.Nodes[0]
	var walk func(i int, path []Answer)
	walk = func(i int, path []Answer) {
		n := &t.Nodes[i]
		if cut.Asks(t, i) {
			walk(n.Yes, append(slices.Clone(path), Answer{n.Question, true}))
			walk(n.No, append(slices.Clone(path), Answer{n.Question, false}))
			return
		}
		z := 0.0
		if sd > 0 {
			z = (n.Mean - root.Mean) / sd
		}
		out = append(out, Rule{When: path, Share: float64(n.N) / float64(root.N), Z: z})
	}
	walk(0, nil)
	slices.SortStableFunc(out, func(a, b Rule) int { return cmp.Compare(b.Share*b.Z*b.Z, a.Share*a.Z*a.Z) })
	s := simplifier{columns: columns, values: values, where: map[Answer][]uint64{}}
	for i := range out[:min(len(out), MostRules)] {
		out[i].When = s.simplify(out[i].When)
	}
	return out
}

// MostRules are written of a unit; the rest explains least.
const MostRules = 8

// simplifier leaves conditions out that the others imply: on the rows of the tree, as
// good as the same rows are meant without them.
type simplifier struct {
	columns []Column
	values  [][]uint8
	where   map[Answer][]uint64 // rows as bits
}

// spare is the share of a rule's rows that may change when a condition is left out.
const spare = 0.002

// simplify tries conditions answered no first, then from the root down.
func (s *simplifier) simplify(path []Answer) []Answer {
	shorter := slices.Clone(path)
	want := s.all(path)
	size := count(want)
	for _, yes := range []bool{false, true} {
		for _, a := range path {
			i := slices.Index(shorter, a)
			if a.Yes != yes || i < 0 || len(shorter) == 1 {
				continue
			}
			without := slices.Delete(slices.Clone(shorter), i, i+1)
			if rows := s.all(without); float64(count(rows)-size) <= spare*float64(size) {
				shorter = without
			}
		}
	}
	return shorter
}

// all is the rows that answer all conditions so.
func (s *simplifier) all(path []Answer) []uint64 {
	var out []uint64
	for _, a := range path {
		rows := s.rows(a)
		if out == nil {
			out = slices.Clone(rows)
			continue
		}
		for i, x := range rows {
			out[i] &= x
		}
	}
	return out
}

func (s *simplifier) rows(a Answer) []uint64 {
	if rows, ok := s.where[a]; ok {
		return rows
	}
	values := s.values[a.Column]
	c := []tree.Column{s.columns[a.Column].Column}
	q := a.Question
	q.Column = 0
	mask := q.Mask(c)
	rows := make([]uint64, (len(values)+63)/64)
	for r, v := range values {
		if mask.Has(v) == a.Yes {
			rows[r>>6] |= 1 << (r & 63)
		}
	}
	s.where[a] = rows
	return rows
}

func count(rows []uint64) int {
	n := 0
	for _, x := range rows {
		n += bits.OnesCount64(x)
	}
	return n
}

// Sentence puts a rule into words: "high (+1.8 SD) when the last character is a space".
func (w *Words) Sentence(columns []Column, r Rule) string {
	level, sign := w.get("high"), "+"
	if r.Z < 0 {
		level, sign = w.get("low"), "−"
	}
	return w.Say("rule", "level", level, "z", sign+strconv.FormatFloat(math.Abs(r.Z), 'f', 1, 64), "when", w.When(columns, r.When))
}

// When joins conditions; what several symbols of one place are not is said at once.
func (w *Words) When(columns []Column, all []Answer) string {
	if len(all) == 0 {
		return w.get("always")
	}
	var parts []string
	done := map[int]bool{}
	for i, a := range all {
		if done[i] {
			continue
		}
		if not := sameNo(columns, all, i); len(not) > 1 {
			var asked []Answer
			for _, j := range not {
				done[j] = true
				asked = append(asked, all[j])
			}
			parts = append(parts, w.none(&columns[a.Column], asked)...)
			continue
		}
		parts = append(parts, w.Phrase(columns, a))
	}
	return strings.Join(parts, w.get("and"))
}

// sameNo are the conditions, from i on, that say what the same unordered column is not.
func sameNo(columns []Column, all []Answer, i int) []int {
	if a := all[i]; a.Yes || columns[a.Column].Ordered {
		return nil
	}
	var out []int
	for j := i; j < len(all); j++ {
		if all[j].Column == all[i].Column && !all[j].Yes {
			out = append(out, j)
		}
	}
	return out
}

// bin is the symbol, class or string that an unordered question asks for.
func (w *Words) bin(c *Column, a Answer) string {
	if a.Kind == tree.In {
		return w.get("class." + c.Texts[c.Bins+a.Arg])
	}
	return w.symbolText(c.Texts[a.Arg])
}

// none says at once what one place is not. Symbols of several characters end in a class and are not one.
func (w *Words) none(c *Column, all []Answer) (parts []string) {
	var classes, symbols []string
	for _, a := range all {
		switch {
		case c.Kind == Suffix && c.Texts[a.Arg] == "":
			parts = append(parts, w.Say("suffix.other.no", "x", someOf(c.Texts)))
		case a.Kind == tree.In && (w.kind == text.Words || w.kind == text.Pieces):
			classes = append(classes, w.bin(c, a))
		default:
			symbols = append(symbols, w.bin(c, a))
		}
	}
	if len(classes) > 0 {
		parts = append(parts, w.Say("class.none", "place", w.place(c), "x", strings.Join(classes, " ")))
	}
	switch x := strings.Join(symbols, " "); {
	case len(symbols) == 0:
	case c.Kind == Suffix:
		parts = append(parts, w.Say("suffix.none", "x", x))
	default:
		parts = append(parts, w.Say("symbol.none", "place", w.place(c), "x", x))
	}
	return parts
}
