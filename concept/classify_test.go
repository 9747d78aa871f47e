package concept

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/synth"
)

// parts cuts a labelled text in two.
func parts(c Concept, rs []rune) (train, test Part) {
	ids := make([]int32, len(rs))
	copy(ids, rs)
	labels := LabelAll(c, rs)
	cut := len(rs) * 4 / 5
	return Part{ids[:cut], labels[:cut]}, Part{ids[cut:], labels[cut:]}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		domain, concept string
		want            Class
	}{
		{"novel", "capital", Surface}, {"novel", "word-start", Window}, {"novel", "in-quote", State}, {"novel", "column", State},
		{"novel", "line-end-next", Predictive}, {"dyck", "bracket-depth", State}, {"latex", "latex-environment", State},
		{"wiki", "wiki-template", State}, {"xml", "xml-depth", State},
	} {
		text, err := synth.Generate(c.domain, 60_000, rand.New(rand.NewPCG(2, 2)), synth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		concept, err := Find(c.concept)
		if err != nil {
			t.Fatal(err)
		}
		train, test := parts(concept, text.Runes)
		m, err := Classify(concept, train, test)
		if err != nil {
			t.Errorf("%s %s: %v", c.domain, c.concept, err)
			continue
		}
		if m.Class != c.want {
			t.Errorf("%s %s is %s by %v, want %s", c.domain, c.concept, m.Class, m.AUROC, c.want)
		}
		if m.Class == Window && m.Window != 2 {
			t.Errorf("%s %s: window %d", c.domain, c.concept, m.Window)
		}
	}
}

func TestClassifyRefuses(t *testing.T) {
	c, err := Find("url")
	if err != nil {
		t.Fatal(err)
	}
	train, test := parts(c, []rune("no address here at all"))
	if _, err := Classify(c, train, test); !errors.Is(err, ErrTooLittle) {
		t.Errorf("got %v", err)
	}
	if _, err := Classify(c, Part{}, Part{}); !errors.Is(err, ErrTooLittle) {
		t.Errorf("got %v", err)
	}
}

// TestAUROC against all pairs.
func TestAUROC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s []scored
		for range rapid.IntRange(2, 40).Draw(t, "n") {
			s = append(s, scored{float64(rapid.IntRange(0, 6).Draw(t, "p")) / 6, rapid.Bool().Draw(t, "on")})
		}
		won, pairs := 0.0, 0.0
		for _, a := range s {
			for _, b := range s {
				if !a.on || b.on {
					continue
				}
				pairs++
				switch {
				case a.p > b.p:
					won++
				case a.p == b.p:
					won += .5
				}
			}
		}
		if pairs == 0 {
			t.Skip("one side is empty")
		}
		if got := auroc(s); math.Abs(got-won/pairs) > 1e-12 {
			t.Fatalf("%v, want %v", got, won/pairs)
		}
	})
}

func TestThreshold(t *testing.T) {
	ls := func(ys ...int32) (out []Label) {
		for _, y := range ys {
			out = append(out, Label{Y: y, Valid: true})
		}
		return out
	}
	for _, c := range []struct {
		kind Kind
		ys   []Label
		want int32
	}{{Numeric, ls(5, 1, 9), 5}, {Numeric, ls(4, 4, 4, 0), 0}, {Depth, ls(5, 6, 7), 0}, {Numeric, nil, 0}, {Numeric, ls(3, 3), 3}} {
		if got := threshold(c.kind, c.ys); got != c.want {
			t.Errorf("threshold of %v: %d, want %d", c.ys, got, c.want)
		}
	}
}
