package evolve

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// TestPlaces against passages marked by hand: the items are what stands between « and ».
func TestPlaces(t *testing.T) {
	f := &facts{words: map[string]bool{"word": true, "again": true, "cut": true}, unit: 4}
	for _, c := range []struct {
		name   string
		find   func(*facts, []rune) []place
		marked string
	}{
		{"words", wordPlaces, "word Wo«rd» unseen, ag«ain» cut\nword"},
		{"brackets", bracketPlaces, "f(a[1«]», {b«}»«)» ] ("},
		{"brackets crossed", bracketPlaces, "([)]"},
		{"quotes", quotePlaces, "“a ‘b«’» c«”» it’s \"x«\"» y"},
		{"tags", tagPlaces, `<a href="x"><b>t</«b»></«a»> \begin{ab} \end{«ab»} </c>`},
		{"speakers", speakerPlaces, "x\n\nANNA«:\n»Hello.\nhe said:\nx"},
		{"sections", sectionPlaces, "x\n== A b «==\n»=== C =\n=== D «===\n»x"},
		{"verse", versePlaces, "x\nThe sailor mends the rusty net at dawn.«\n»And so it goes, a line as long as this.«\n»\nx"},
	} {
		plain, want := unmarked(c.marked)
		var got [][2]int
		for _, p := range c.find(f, []rune(plain)) {
			got = append(got, [2]int{p.from, p.to})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	got := indentPlaces(f, []rune("x;\nif (a) {\n    b;\n  c;\n    if (d) {\n        e;\n    }\n}\ny"))
	want := []place{{12, 16, 0, true}, {37, 45, 0, true}, {48, 52, 0, true}, {54, 54, 0, true}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(place{})); d != "" {
		t.Errorf("indentation: %s", d)
	}
}

func unmarked(s string) (plain string, marks [][2]int) {
	at := 0
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '«':
			marks = append(marks, [2]int{at, at})
			continue
		case '»':
			marks[len(marks)-1][1] = at
			continue
		}
		b.WriteRune(r)
		at++
	}
	return b.String(), marks
}

func TestClassesOfGaps(t *testing.T) {
	for gap, want := range map[int]string{1: "1-7", 7: "1-7", 8: "8-31", 31: "8-31", 127: "32-127", 128: "128-", 9999: "128-"} {
		if got := className(classOf(gap)); got != want {
			t.Errorf("gap %d is of class %s, want %s", gap, got, want)
		}
	}
}

// heldOutText is a text with an observer and the items of its test part.
func heldOutText(t *testing.T, domain string) (*text.Corpus, text.Split, *Items) {
	t.Helper()
	c, err := text.FromString(domain, string(planted(t, domain, 300_000)), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.TailSplit(len(c.IDs), .7, .1)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewObserver(c, split)
	if err != nil {
		t.Fatal(err)
	}
	return c, split, o.NewItems(c, split)
}

// TestItems against the plain way: every block a passage of its own.
func TestItems(t *testing.T) {
	c, split, items := heldOutText(t, "mixed")
	if len(items.Measures) < 8 {
		t.Fatalf("only %d measures", len(items.Measures))
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: c.Alphabet.Size(), Hidden: 9, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 1)))
	got, err := items.Measure(context.Background(), m, 2)
	if err != nil {
		t.Fatal(err)
	}
	one, err := items.Measure(context.Background(), m, 1)
	if d := cmp.Diff(got, one); d != "" || err != nil {
		t.Errorf("figures depend on the workers: %v %s", err, d)
	}
	read := 0
	for _, b := range items.blocks {
		read += b.Len()
		if b.Lo < split.Test.Lo {
			t.Errorf("block %v reads what is not of the test part", b)
		}
	}
	if read > itemsRead {
		t.Errorf("%d symbols are read", read)
	}
	plain := make([]*trace.Trace, len(items.blocks)) // each block as a passage of its own
	for i, b := range items.blocks {
		if plain[i], err = trace.Passage(context.Background(), m, c.IDs[b.Warm:b.Hi], trace.Options{Predictions: true}); err != nil {
			t.Fatal(err)
		}
	}
	for k, x := range items.Measures {
		if got[k].Name != x.Name || got[k].LogP.N != x.Items || x.Items != int64(len(items.of[k])) || x.Items < itemsLeast {
			t.Errorf("%s: %d items, measured %s of %d", x.Name, x.Items, got[k].Name, got[k].LogP.N)
		}
		logp, right := 0.0, 0.0
		for _, p := range items.of[k] {
			b := items.blocks[p.block]
			tr := plain[p.block]
			v := c.Alphabet.Size()
			n, sum, all := 0, 0.0, true
			for at := p.from; at < p.to; at++ {
				row := tr.LogProb[(at-1-b.Warm)*v:][:v]
				sum += float64(row[c.IDs[at]])
				n++
				for _, other := range row {
					all = all && other <= row[c.IDs[at]]
				}
			}
			if p.stops {
				rest := 0.0
				for id, l := range tr.LogProb[(p.to-1-b.Warm)*v:][:v] {
					if r := c.Alphabet.Rune(int32(id)); r != ' ' && r != '\t' {
						rest += math.Exp(float64(l))
					}
				}
				sum, n, all = sum+math.Log(rest), n+1, all && rest > .5
			}
			logp += sum / float64(n)
			if all {
				right++
			}
		}
		n := float64(len(items.of[k]))
		if math.Abs(got[k].LogP.Estimate-logp/n) > 1e-4 || math.Abs(got[k].Right.Estimate-right/n) > 1e-9 {
			t.Errorf("%s: log probability %v, right %v; the plain way %v, %v", x.Name, got[k].LogP.Estimate, got[k].Right.Estimate, logp/n, right/n)
		}
	}
}

// TestItemsOfOtherTexts: no structure, no items; symbols that are no characters have none.
func TestItemsOfOtherTexts(t *testing.T) {
	c, split, items := heldOutText(t, "dyck")
	for _, m := range items.Measures {
		if m.Skill != "brackets" {
			t.Errorf("a text of brackets has %s", m.Name)
		}
	}
	o, err := NewObserver(c, split)
	if err != nil {
		t.Fatal(err)
	}
	split.Test = text.Span{}
	if got := o.NewItems(c, split); len(got.Measures) != 0 {
		t.Errorf("without a test part there are %v", got.Measures)
	}
}

// TestInduced: every item is right once its margin, growing slowly, passes what it needs.
// Where all need about the same, the share jumps and the log probability does not.
func TestInduced(t *testing.T) {
	measured := func(spread, width float64) Pairing {
		rng := rand.New(rand.NewPCG(5, 5))
		var shots []Snapshot
		needs := make([]float64, 400)
		for i := range needs {
			needs[i] = spread * rng.NormFloat64()
		}
		for k := range 120 {
			x := 4 * float64(k) / 119
			margin := 8/(1+math.Exp(-math.Log(81)*(x-2)/width)) - 4
			logp, right := 0.0, 0.0
			for _, need := range needs {
				logp -= math.Log1p(math.Exp(-(margin - need))) / float64(len(needs))
				if margin > need {
					right += 1 / float64(len(needs))
				}
			}
			logp += .01 * rng.NormFloat64()
			right += .003 * rng.NormFloat64()
			step := int64(math.Round(math.Pow(10, x))) - 1
			if n := len(shots); n > 0 && shots[n-1].Step == step {
				continue
			}
			shots = append(shots, Snapshot{Step: step, ValLoss: 4 - x/2, HeldOut: []HeldOut{{Name: "m", LogP: stat.Point(logp, 400), Right: stat.Point(right, 400)}}})
		}
		all, err := Pairings(context.Background(), []Measure{{Definition: Definition{Name: "m"}}}, shots, 1)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	if p := measured(.05, 1.5); p.Right.Verdict != Abrupt || p.Metric != MetricInduced || p.LogP.Verdict == Abrupt {
		t.Errorf("a share that the metric makes jump: %s, W %v beside %v: %s", p.Right.Verdict, p.Right.W, p.LogP.W, p.Metric)
	}
	if p := measured(.05, .1); p.Right.Verdict != Abrupt || p.Metric != AbruptInBoth {
		t.Errorf("a margin that jumps itself: %s, W %v beside %v: %s", p.Right.Verdict, p.Right.W, p.LogP.W, p.Metric)
	}
	if p := measured(3, 1.5); p.Right.Verdict == Abrupt || p.Metric != "" {
		t.Errorf("a slow share: %s, %q", p.Right.Verdict, p.Metric)
	}
}
