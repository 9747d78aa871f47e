package memory

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// slowLogProb reads prefix and continuation symbol by symbol: the slow twin of
// everything that scores continuations.
func slowLogProb(m *rnn.Model, prefix, continuation []int32) float64 {
	s := m.NewStepper(1)
	var logits []float32
	for _, id := range prefix {
		logits = s.Step([]int32{id})
	}
	sum := 0.0
	for _, id := range continuation {
		sum += float64(logits[id]) - logSum(logits)
		logits = s.Step([]int32{id})
	}
	return sum
}

func randomModel(t *testing.T, cell rnn.Cell, layers int) (*rnn.Model, []int32) {
	t.Helper()
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: 11, Hidden: 20, Layers: layers})
	if err != nil {
		t.Fatal(err)
	}
	rng := testRand(21)
	m.Init(rng)
	for i := range m.Slab() {
		m.Slab()[i] *= 3
	}
	ids := make([]int32, 9000)
	for i := range ids {
		ids[i] = int32(rng.IntN(11))
	}
	return m, ids
}

func TestPrefixedAgainstSingleSteps(t *testing.T) {
	rng := testRand(22)
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU} {
		m, ids := randomModel(t, cell, 2)
		var prefixes [][]int32
		var continuations [][2][]int32
		for range 80 {
			at, n, k, j := rng.IntN(5000), 1+rng.IntN(200), 1+rng.IntN(9), 1+rng.IntN(9)
			prefixes = append(prefixes, ids[at:at+n])
			continuations = append(continuations, [2][]int32{ids[at+n : at+n+k], ids[:j]})
		}
		got, err := scoreContinuations(context.Background(), m, prefixes, continuations, 2)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			for side := range 2 {
				if want := slowLogProb(m, prefixes[i], continuations[i][side]); math.Abs(got[i][side]-want) > 1e-4 {
					t.Errorf("%s: pair %d: %v, want %v", cell, i, got[i][side], want)
				}
			}
		}
	}
}

// Continuations from recorded states, as whole names are scored.
func TestContinuerAgainstSingleSteps(t *testing.T) {
	rng := testRand(23)
	places := 150
	if testing.Short() {
		places = 30
	}
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU} {
		m, ids := randomModel(t, cell, 2)
		in := &input{Model: m, IDs: stretch{ids: ids}}
		blocks := text.Grid{Size: 3000}.Blocks(text.Span{Lo: 1000, Hi: 8000})
		a := &ask{}
		var from []int
		for range places {
			from = append(from, 1000+rng.IntN(6900))
		}
		a.state(from...)
		a.prediction(from...)
		s, err := gather(context.Background(), in, blocks, 2, a)
		if err != nil {
			t.Fatal(err)
		}
		c := newContinuer(m, 2)
		for _, p := range from {
			c.add(s, p, ids[p+1:p+2+rng.IntN(20)])
		}
		got, err := c.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range from {
			warm := 0
			for _, b := range blocks {
				if b.Lo <= p && p < b.Hi {
					warm = b.Warm
				}
			}
			if want := slowLogProb(m, ids[warm:p+1], c.jobs[i].ids); math.Abs(got[i]-want) > 1e-3 {
				t.Errorf("%s: at %d: %v, want %v", cell, p, got[i], want)
			}
		}
	}
}

// In a latch that leaks lambda a character the gradient by an input k characters
// back falls as exp(-lambda k).
func TestReachOfALatch(t *testing.T) {
	rng := testRand(24)
	const lambda = 0.02
	m, a := NewLatch(lambda, 0.01, rng)
	ids, err := a.Encode([]byte(filler(40_000, rng)), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	in := &input{Model: m, Alphabet: a, IDs: stretch{ids: ids}, Report: text.Grid{Size: BlockSize}.Blocks(text.Span{Lo: 0, Hi: len(ids)})}
	f := &found{blocks: in.Report, byKind: map[string][]pair{}}
	q := &ask{}
	r := newReacher(in, f, 2, q, rng)
	r.targets = nil // far enough apart that no window holds another's mark
	for at := in.Report[0].Lo + reachSteps + 1; at < in.Report[0].Hi; at += reachSteps + 50 {
		r.targets = append(r.targets, place{SortOrdinary, at})
		q.state(at - 1 - reachSteps)
	}
	s, err := gather(context.Background(), in, in.Report, 2, q)
	if err != nil {
		t.Fatal(err)
	}
	mark, _ := a.Lookup('A')
	for i := range r.targets { // what is predicted is a mark
		ids[r.targets[i].at] = mark
	}
	curve, err := r.gradient(context.Background(), s, bySort(r.targets, SortOrdinary))
	if err != nil {
		t.Fatal(err)
	}
	first := curve.Points[0].Value.Estimate
	for _, p := range curve.Points {
		mid := float64(p.Lo+p.Hi) / 2
		want := first * math.Exp(-lambda*(mid-1))
		if got := p.Value.Estimate; mid < 100 && math.Abs(got-want) > 0.3*want {
			t.Errorf("gradient %d–%d back: %v, want about %v", p.Lo, p.Hi, got, want)
		}
	}
}

func TestReadPairs(t *testing.T) {
	good := `{"prefix":"a (","right":")","wrong":"]","gap":0}

{"prefix":"x","right":"y","wrong":"z","gap":3,"item":2}`
	ps, err := ReadPairs(strings.NewReader(good))
	if err != nil || len(ps) != 2 || ps[1].Item != 2 || ps[0].Right != ")" {
		t.Fatalf("%v %v", ps, err)
	}
	for _, bad := range []string{
		"", "not json", `{"prefix":"","right":"a","wrong":"b","gap":1}`, `{"prefix":"p","right":"a","wrong":"a","gap":1}`,
		`{"prefix":"p","right":"a","wrong":"b","gap":-1}`, `{"prefix":"p","right":"a","wrong":"b","distance":1}`,
	} {
		if _, err := ReadPairs(strings.NewReader(bad)); !errors.Is(err, ErrInput) {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

// Pairs in a text written out by hand: names, nesting, blocks, and what is cut off.
func TestPairsOfABlock(t *testing.T) {
	s := "<a><b>x</b><br/>(y)</a> {\n z {} }\n<c>"
	corpus, err := text.FromString("pairs", s, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rs := []rune(s)
	in := &input{Alphabet: corpus.Alphabet, IDs: stretch{ids: corpus.IDs}}
	whole, cut := pairsOf(in, text.Block{Warm: 0, Lo: 0, Hi: len(rs)}, 0, PairKinds())
	if len(cut) != 0 {
		t.Errorf("cut pairs: %+v", cut)
	}
	got := map[string]int{}
	for _, p := range whole {
		got[p.Kind+p.Name]++
		if p.Kind == "tag" && p.Name == "b" && (p.outmost || len(p.around) != 1 || p.around[0] != "a") {
			t.Errorf("b stands in a: %+v", p)
		}
		if p.Kind == "tag" {
			if at := in.nameStart(&p); at < 0 || string(rs[at:at+1]) != p.Name {
				t.Errorf("name of %+v at %d", p, at)
			}
		}
	}
	for kind, n := range map[string]int{"taga": 1, "tagb": 1, "paren": 1, blockKind: 1, "brace": 1} {
		if got[kind] != n {
			t.Errorf("%s: %d, want %d (%v)", kind, got[kind], n, got)
		}
	}
	_, cut = pairsOf(&input{Alphabet: corpus.Alphabet, IDs: stretch{ids: corpus.IDs}}, text.Block{Warm: 2, Lo: 2, Hi: len(rs)}, 0, []string{"tag"})
	if len(cut) != 1 || cut[0].Name != "a" {
		t.Errorf("the element opened before the block: %+v", cut)
	}
}
