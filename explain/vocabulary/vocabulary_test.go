package vocabulary

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// made is a vocabulary over a generated text at scattered places in any order.
func made(t *testing.T, workers int) (*Base, []int, []rune) {
	t.Helper()
	x, err := synth.Generate("mixed", 60_000, rand.New(rand.NewPCG(5, 1)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString("mixed", string(x.Runes), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := rand.New(rand.NewPCG(6, 1)).Perm(len(c.IDs))[:8000]
	p := Places{At: at, Decide: make([]int, 6000)}
	for i := range p.Decide {
		p.Decide[i] = i
	}
	b, err := Read(context.Background(), text.InMemory(c.IDs), p, Options{Alphabet: c.Alphabet, Symbols: c.Alphabet.Size(), Concepts: concept.All(), Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return b, at, x.Runes
}

// nominees takes every candidate.
func nominees(g *Grams) [][Longest][]int32 {
	var all [Longest][]int32
	for n := range all {
		for i := range min(nominated, len(g.Count[n])) {
			all[n] = append(all[n], int32(i))
		}
	}
	return [][Longest][]int32{all}
}

// Every value of every column against its definition, read off the text directly.
func TestColumnsAreTheirDefinitions(t *testing.T) {
	b, at, rs := made(t, 2)
	v := b.With(b.Grams(), nominees(b.Grams()))
	labels := map[string][]concept.Label{}
	for _, c := range concept.All() {
		labels[c.Name] = concept.LabelAll(c, rs)
	}
	seen := map[Kind]int{}
	for c := range v.Columns {
		k := &v.Columns[c]
		seen[k.Kind]++
		if k.Short() != (c < v.Short) {
			t.Fatalf("column %d (%s) stands on the wrong side", c, k.Kind)
		}
		for r, pos := range at[:100] {
			if want, ok := defined(k, labels, rs, pos); ok && want != v.Values[c][r] {
				t.Fatalf("column %+v at %d: bin %d, by definition %d", k, pos, v.Values[c][r], want)
			}
		}
	}
	for _, kind := range []Kind{Symbol, Suffix, Concept, Changed, Since} {
		if seen[kind] == 0 {
			t.Errorf("no column of kind %s", kind)
		}
	}
}

// defined is the bin of a position by the column's definition.
func defined(k *Column, labels map[string][]concept.Label, rs []rune, pos int) (uint8, bool) {
	ago := func(is func(p int) bool) uint8 {
		for p := pos; p >= 0; p-- {
			if is(p) {
				return binOf(k.Lows, int32(pos-p))
			}
		}
		return binOf(k.Lows, unseenSince)
	}
	shown := func(p int) string { return text.Visible(rs[p]) }
	switch k.Kind {
	case Symbol:
		if pos < k.Lag {
			return 0, false
		}
		for b, s := range k.Texts[:k.Bins] {
			if s == shown(pos-k.Lag) {
				return uint8(b), true
			}
		}
		return 0, false // shares a bin
	case Suffix:
		if pos < k.Length {
			return 0, false
		}
		end := text.VisibleString(string(rs[pos-k.Length+1 : pos+1]))
		for b, s := range k.Texts {
			if b > 0 && s == end {
				return uint8(b), true
			}
		}
		return 0, true
	case Since:
		switch {
		case k.Class != "":
			for _, c := range classes {
				if c.name == k.Class {
					return ago(func(p int) bool { return c.has(rs[p]) }), true
				}
			}
		case k.Concept != "":
			return ago(func(p int) bool { y := labels[k.Concept][p]; return y.Valid && y.Y > 0 }), true
		}
		return ago(func(p int) bool { return shown(p) == k.Texts[0] }), true
	}
	y := labels[k.Concept][pos]
	if k.Kind == Changed {
		return binOf(k.Lows, y.Gap), true
	}
	if !y.Valid {
		y.Y = 0
	}
	return binOf(k.Lows, y.Y), true
}

func TestWorkersChangeNothing(t *testing.T) {
	one, _, _ := made(t, 1)
	four, _, _ := made(t, 4)
	a, b := one.With(one.Grams(), nominees(one.Grams())), four.With(four.Grams(), nominees(four.Grams()))
	if !slices.EqualFunc(a.Values, b.Values, slices.Equal) {
		t.Error("four goroutines read other values than one")
	}
}

// Every question can be put in both languages, and no placeholder is left.
func TestEveryQuestionHasWords(t *testing.T) {
	b, _, _ := made(t, 2)
	v := b.With(b.Grams(), nominees(b.Grams()))
	for _, lang := range Languages {
		w := NewWords(lang)
		for c, k := range v.Columns {
			var qs []tree.Question
			if k.Ordered {
				for i := 1; i < k.Bins; i++ {
					qs = append(qs, tree.Question{Column: c, Kind: tree.AtLeast, Arg: i})
				}
			} else {
				qs = append(qs, tree.Question{Column: c, Kind: tree.Equal, Arg: 1})
				for i := range k.Sets {
					qs = append(qs, tree.Question{Column: c, Kind: tree.In, Arg: i})
				}
			}
			for _, q := range qs {
				yes, no := w.Phrase(v.Columns, Answer{q, true}), w.Phrase(v.Columns, Answer{q, false})
				if yes == no || yes == "" || no == "" {
					t.Errorf("%s: %q and %q", lang, yes, no)
				}
				for _, hole := range []string{"{x}", "{n}", "{place}"} {
					if strings.Contains(yes+no, hole) {
						t.Errorf("%s: %s is left in %q or %q", lang, hole, yes, no)
					}
				}
			}
		}
	}
	en, zh := NewWords("en"), NewWords("zh")
	for key := range en.of {
		if _, ok := zh.of[key]; !ok && key != "lag.2" {
			t.Errorf("no Chinese for %s", key)
		}
	}
}

// A rule leaves out what the rest implies, and means the same rows.
func TestSimplify(t *testing.T) {
	columns := []Column{
		{Kind: Symbol, Texts: []string{"a", "b", "c"}, Column: tree.Column{Bins: 3}},
		{Kind: Since, Texts: []string{"a"}, Lows: timeLows, Column: tree.Column{Bins: len(timeLows), Ordered: true}},
	}
	values := [][]uint8{{0, 1, 2, 0, 1, 2, 2, 2}, {0, 1, 2, 0, 1, 2, 3, 4}}
	s := simplifier{columns: columns, values: values, where: map[Answer][]uint64{}}
	path := []Answer{
		{tree.Question{Column: 0, Kind: tree.Equal, Arg: 1}, false},
		{tree.Question{Column: 1, Kind: tree.AtLeast, Arg: 2}, false},
		{tree.Question{Column: 0, Kind: tree.Equal, Arg: 0}, true},
	}
	got := s.simplify(path)
	if d := cmp.Diff([]Answer{path[2]}, got); d != "" {
		t.Error(d)
	}
	if en := NewWords("en").When(columns, got); en != "the last character is ‘a’" {
		t.Errorf("words: %q", en)
	}
}
