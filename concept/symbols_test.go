package concept

import (
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/text"
	"pgregory.net/rapid"
)

func alphabet(t testing.TB, file string) *text.Alphabet {
	t.Helper()
	a, err := text.ParseAlphabet([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func find(t testing.TB, name string) Concept {
	t.Helper()
	c, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Words read `He said, "the old tree."` and a line end; the opening mark stands at the
// start of a word, the closing one at the end of one.
func TestLabelsOfWords(t *testing.T) {
	a := alphabet(t, `["He","said,","\"the","old","tree.\"","\n","<pad>"]`)
	ids := []int32{0, 1, 2, 3, 6, 4, 5, 0}
	for _, c := range []struct {
		concept string
		y       []int32
		valid   []bool
		gap     []int32
	}{
		{"in-quote", []int32{0, 0, 1, 1, 1, 0, 0, 0}, []bool{true, true, true, true, false, true, true, true}, []int32{0, 1, 0, 1, 2, 0, 1, 2}},
		{"line-end-next", []int32{0, 0, 0, 0, 0, 1, 0, 0}, []bool{true, true, true, true, false, true, true, false}, nil},
		{"capital-next", []int32{0, 0, 0, 0, 0, 0, 1, 0}, []bool{true, true, true, true, false, true, true, false}, nil},
	} {
		labels := LabelSymbols(find(t, c.concept), a, ids)
		if len(labels) != len(ids) {
			t.Fatalf("%s: %d labels for %d symbols", c.concept, len(labels), len(ids))
		}
		for i, l := range labels {
			if l.Valid != c.valid[i] || l.Valid && l.Y != c.y[i] || c.gap != nil && l.Gap != c.gap[i] {
				t.Errorf("%s at %s (%d): %+v", c.concept, a.Visible(ids[i]), i, l)
			}
		}
	}
}

// Labels of bytes are those of code points at each character's last byte, and are
// not scored elsewhere.
func TestLabelsOfBytesAreThoseOfCharacters(t *testing.T) {
	const passage = "他说：「我看见 \"the tree\" 了。」 See http://a.b/c，走。\n(一（二）) 3.5 é\n"
	a := alphabet(t, `{"bytes":true}`)
	ids, err := a.Encode([]byte(passage), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range All() {
		want := LabelAll(c, []rune(passage))
		got := LabelSymbols(c, a, ids)
		if len(got) != len(passage) {
			t.Fatalf("%s: %d labels for %d bytes", c.Name, len(got), len(passage))
		}
		n := 0
		for at, r := range passage {
			last := at + len(string(r)) - 1
			if got[last].Valid != want[n].Valid || got[last].Y != want[n].Y {
				t.Errorf("%s at %q: bytes say %+v, characters %+v", c.Name, r, got[last], want[n])
			}
			for i := at; i < last; i++ {
				if got[i].Valid {
					t.Errorf("%s: byte %d of %q is scored", c.Name, i-at, r)
				}
			}
			n++
		}
	}
}

// On an alphabet of one character a symbol nothing changes, in whatever pieces the
// text comes.
func TestOnSymbolsOfOneCharacterChangesNothing(t *testing.T) {
	letters := rapid.SampledFrom([]rune("ab \"'()[].\n\t/:htp中“”"))
	concepts := All()
	rapid.Check(t, func(t *rapid.T) {
		c := concepts[rapid.IntRange(0, len(concepts)-1).Draw(t, "concept")]
		rs := rapid.SliceOfN(letters, 0, 200).Draw(t, "text")
		l, e := OnSymbols(c.New()), c.NewEvents().OnSymbols()
		var got []Label
		var ages []int32
		for at := 0; at < len(rs); {
			n := rapid.IntRange(1, len(rs)-at).Draw(t, "piece")
			ends := make([]int, n)
			for i := range ends {
				ends[i] = at + i + 1
			}
			got = l.Write(got, rs[at:at+n], ends)
			ages = e.Ages(ages, rs[at:at+n], ends)
			at += n
		}
		got = l.Flush(got)
		if want := LabelAll(c, rs); !slices.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", c.Name, got, want)
		}
		if want := c.NewEvents().Ages(nil, rs); !slices.Equal(ages, want) {
			t.Fatalf("%s: ages %v, want %v", c.Name, ages, want)
		}
	})
}

// Where symbols have several characters, or none, each has the label of its last
// character; pieces change nothing.
func TestOnSymbolsProperty(t *testing.T) {
	a := alphabet(t, `["<unk>","<pad>","\n","He","\"the","tree\"","(see","this)","http://a.b/c","end."]`)
	concepts := All()
	rapid.Check(t, func(t *rapid.T) {
		c := concepts[rapid.IntRange(0, len(concepts)-1).Draw(t, "concept")]
		ids := rapid.SliceOfN(rapid.Int32Range(0, int32(a.Size()-1)), 0, 100).Draw(t, "ids")
		runes, ends := a.Spell().Write(nil, nil, ids)
		want := LabelAll(c, runes)
		got := LabelSymbols(c, a, ids)
		l, s := OnSymbols(c.New()), a.Spell()
		var pieces []Label
		for at := 0; at < len(ids); {
			n := rapid.IntRange(1, len(ids)-at).Draw(t, "piece")
			rs, es := s.Write(nil, nil, ids[at:at+n])
			pieces = l.Write(pieces, rs, es)
			at += n
		}
		if pieces = l.Flush(pieces); !slices.Equal(got, pieces) {
			t.Fatalf("%s: in pieces %v, at once %v", c.Name, pieces, got)
		}
		from := 0
		for i, to := range ends {
			if to == from && got[i].Valid {
				t.Fatalf("%s: symbol %d has no character and is scored", c.Name, i)
			}
			if to > from && (got[i].Y != want[to-1].Y || got[i].Valid != want[to-1].Valid) {
				t.Fatalf("%s: symbol %d has %+v, its last character %+v", c.Name, i, got[i], want[to-1])
			}
			from = to
		}
	})
}
