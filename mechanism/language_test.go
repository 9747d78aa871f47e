package mechanism

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

func corpus(t *testing.T, s string) *text.Corpus {
	t.Helper()
	c, err := text.FromString("test", s, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPlantedLabels: what the generator plants is what the labelers read.
func TestPlantedLabels(t *testing.T) {
	marks := map[string]synth.Nesting{"curly": oneKind(3), "corner": twoKinds(3), "flat": flat()}
	spaced := flat()
	spaced.Cues = true
	marks["flat with spaces"] = spaced
	brackets := twoKinds(4)
	brackets.Marks = synth.BracketMarks[:3]
	marks["brackets"] = brackets
	for name, n := range marks {
		s, err := synth.Nest(8000, rand.New(rand.NewPCG(2, 3)), n)
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for label, want := range s.Labels {
			if label == synth.PlantedDepth {
				continue
			}
			c, err := concept.Find(label)
			if err != nil {
				t.Fatal(err)
			}
			compared++
			for i, l := range concept.LabelAll(c, s.Runes) {
				if l.Valid && l.Y != int32(want[i]) {
					t.Fatalf("%s: %s is %d at %d, planted %d: %q", name, label, l.Y, i, want[i], string(s.Runes[max(0, i-20):i+1]))
				}
			}
		}
		if compared < 5 {
			t.Errorf("%s: %d labels compared", name, compared)
		}
	}
}

func TestFindLanguage(t *testing.T) {
	novel := strings.Repeat("He said: \"I don't know; it's late.\" Then, after a while, he left the house.\n", 60)
	cases := []struct {
		name, s  string
		marks    string
		depth    int
		straight bool
	}{
		{"straight", novel, `""`, 1, true},
		{"curly with apostrophes", strings.Repeat("“You said ‘it’s late’ and left,” he didn’t say. It’s over now.\n", 60), "“”‘’", 2, false},
		{"corner", strings.Repeat("他說:「古人云『不知』,我也不知。」於是走了,頭也不回。\n", 60), "「」『』", 2, false},
	}
	for _, c := range cases {
		co := corpus(t, c.s)
		l, err := FindLanguage(c.name, co.Alphabet, co.IDs)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var marks string
		for _, m := range l.Marks {
			marks += string(m.Open) + string(m.Close)
		}
		if marks != c.marks || l.Depth != c.depth || l.straight() != c.straight || l.Pairs < 50 {
			t.Errorf("%s: marks %s, depth %d, straight %v, %d pairs", c.name, marks, l.Depth, l.straight(), l.Pairs)
		}
	}
}

// TestNothingToCount: a text without quotes, and an alphabet that lacks them, get a
// sentence that says so.
func TestNothingToCount(t *testing.T) {
	plain := corpus(t, strings.Repeat("No marks at all in here. ", 200))
	if _, err := FindLanguage("plain", plain.Alphabet, plain.IDs); !errors.Is(err, ErrNoMarks) || !strings.Contains(err.Error(), "alphabet has no quotation marks") {
		t.Errorf("an alphabet without marks: %v", err)
	}
	some := corpus(t, `"`+strings.Repeat("A mark, and then none. ", 200))
	if _, err := FindLanguage("none", some.Alphabet, some.IDs[1:]); !errors.Is(err, ErrNoMarks) || !strings.Contains(err.Error(), "text has no quotation marks") {
		t.Errorf("a text without marks: %v", err)
	}
	if _, err := FindLanguage("few", some.Alphabet, some.IDs); !errors.Is(err, ErrNoMarks) {
		t.Errorf("one mark: %v", err)
	}
}

// TestMiddleOfQuote: a part of a text that begins inside a quotation is read the right
// way round.
func TestMiddleOfQuote(t *testing.T) {
	s, err := synth.Nest(20000, rand.New(rand.NewPCG(2, 9)), flat())
	if err != nil {
		t.Fatal(err)
	}
	c := corpus(t, s.S)
	for _, cut := range []int{1, 7, 12, 33, 51} {
		l, err := NewLanguage("flat", c.Alphabet, c.IDs[cut:], synth.StraightMarks)
		if err != nil {
			t.Fatal(err)
		}
		if l.End < 0 {
			t.Errorf("cut at %d: line ends seem to stand inside", cut)
		}
	}
}

// TestProbes: filler has no marks, walks stay within the depth of the text, and marks
// stand as far apart as there.
func TestProbes(t *testing.T) {
	l := nest(t, twoKinds(3))
	rng := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		for _, id := range l.filler(nil, 20, rng) {
			for _, k := range l.Kinds {
				if id == k.Open || id == k.Close || id == l.End {
					t.Fatalf("filler holds %q", l.alphabet.Symbol(id))
				}
			}
		}
		s, depth := l.walk(10, rng)
		if len(depth) != 10 || slices.Max(depth) > 3 || slices.Min(depth) < 0 {
			t.Fatalf("depths %v", depth)
		}
		for i := 1; i < len(s.at); i++ {
			if gap := s.at[i] - s.at[i-1]; gap < 1 || gap > 2+2*l.GapHigh {
				t.Fatalf("marks %d apart; the text has %d to %d", gap, l.GapLow, l.GapHigh)
			}
		}
	}
}

// TestReferences: hand-wired counters count on, and read Dyck-1, as far as one looks.
func TestReferences(t *testing.T) {
	n := oneKind(6)
	n.GapHigh, n.Filler, n.Marks = 0, "", synth.BracketMarks[:1]
	l := nest(t, n)
	m := cellCounter(t, l, rand.New(rand.NewPCG(1, 1)))
	score, err := ReadLines(context.Background(), m, l.alphabet, Lines{Language: n, N: 30, Marks: 100, Depth: 100}, rand.New(rand.NewPCG(3, 3)))
	if err != nil || score.Right.Estimate < 1 || score.Each.Estimate < 1 {
		t.Errorf("a counter reads %v of the lines, %v of the marks, %v", score.Right, score.Each, err)
	}
	untrained := m.Clone()
	untrained.Init(rand.New(rand.NewPCG(2, 2)))
	if score, _ = ReadLines(context.Background(), untrained, l.alphabet, Lines{Language: n, N: 30, Marks: 100, Depth: 100}, rand.New(rand.NewPCG(3, 3))); score.Right.Estimate > 0 {
		t.Errorf("an untrained network reads %v of the lines", score.Right)
	}
	a, err := text.NewAlphabet([]rune("\nab"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	k := &Language{alphabet: a, Kinds: []Kind{{1, 2}}, End: 0}
	if got, within, err := CountsTo(context.Background(), adder(t, k, rand.New(rand.NewPCG(1, 1))), a, 20, 40); err != nil || got < 30 || within.Estimate != 1 {
		t.Errorf("a counter counts to %d of 40, within its training %v, %v", got, within, err)
	}
	latched := latch(t, k, rand.New(rand.NewPCG(1, 1)))
	if got, within, _ := CountsTo(context.Background(), latched, a, 20, 40); got > 0 || within.Estimate > 0.1 {
		t.Errorf("a flag counts to %d, within its training %v", got, within)
	}
}

// TestWritten: a network that keeps count writes marks that fit, one that does not no
// better than shuffled.
func TestWritten(t *testing.T) {
	l := nest(t, oneKind(3))
	stack := shelves(t, l, 3, rand.New(rand.NewPCG(1, 2)))
	for _, p := range stack.Params() {
		if p.Name == "fc.bias" { // so that it writes all kinds of marks
			p.Data[l.End] -= 4
			p.Data[l.Kinds[0].Open] += 2
			p.Data[l.Kinds[0].Close] += 5
		}
	}
	kept, err := Write(context.Background(), stack, l, rand.New(rand.NewPCG(5, 5)))
	if err != nil {
		t.Fatal(err)
	}
	if !(kept.Fitting.Lo > kept.Shuffled.Hi) {
		t.Errorf("a stack writes %v, shuffled %v", kept.Fitting, kept.Shuffled)
	}
	m, err := rnn.New(stack.Config())
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(7, 7)))
	random, err := Write(context.Background(), m, l, rand.New(rand.NewPCG(5, 5)))
	if err != nil {
		t.Fatal(err)
	}
	if random.Fitting.Lo > random.Shuffled.Hi || random.Marks < 100 {
		t.Errorf("an untrained network writes %v, shuffled %v, %d marks", random.Fitting, random.Shuffled, random.Marks)
	}
}

// TestResultJSON: a result comes back from its JSON as it was.
func TestResultJSON(t *testing.T) {
	r := &Result{Language: "x", Verdict: "flag", Left: []Mechanism{Flag}, Candidates: []Mechanism{Flag}, Tests: []Test{{Name: TestGrid, Applicable: true}}}
	r.Tests[0].figure(knownWithin, mean([]float64{1, 2, 3}))
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Test(TestGrid).Find(knownWithin); got != r.Tests[0].Figures[0].Interval {
		t.Errorf("%v came back as %v from %s", r.Tests[0].Figures[0], got, b)
	}
}

func TestSummarize(t *testing.T) {
	entry := func(seed uint64, verdict string, known float64) Entry {
		r := &Result{Verdict: verdict, Tests: []Test{{Name: TestGrid, Applicable: true}, {Name: TestGeometry}}}
		r.Tests[0].figure(knownWithin, mean([]float64{known, known + .01}))
		return Entry{Language: "one kind", Cell: "gru", Depth: 2, Seed: seed, Loss: float64(seed), Result: r}
	}
	var list []Entry
	for s := range uint64(5) {
		verdict := "stack"
		if s == 3 {
			verdict = "mixed"
		}
		list = append(list, entry(s, verdict, 0.8))
	}
	g := Summarize(list)
	if len(g) != 1 || g[0].Verdict != "stack" || g[0].Networks != 5 || g[0].Loss.Estimate != 2 || !g[0].Loss.Defined() {
		t.Errorf("%+v", g)
	}
	list[0].Result.Verdict = "flag"
	if g := Summarize(list); g[0].Verdict != "varies" {
		t.Errorf("three of five agree: %q", g[0].Verdict)
	}
	if g := Summarize(list[:4]); g[0].Verdict != "too few networks" {
		t.Errorf("four networks: %q", g[0].Verdict)
	}
	with := entry(1, "stack", 0.9)
	with.Cell, with.Loss = "gru + counter", 0.5
	c := Compare(append(list, with), "gru + counter", "gru")
	if len(c) != 1 || c[0].Loss.Estimate != -0.5 || c[0].Within.Estimate < 0.09 {
		t.Errorf("%+v", c)
	}
}
