package sample

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"pgregory.net/rapid"
)

func alphabet(t testing.TB, unknown bool) *text.Alphabet {
	t.Helper()
	a, err := text.NewAlphabet([]rune("\n abcde"), false, unknown)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func network(t testing.TB, a *text.Alphabet) *rnn.Model {
	t.Helper()
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: a.Size(), Hidden: 6, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.InitUniform(rand.New(rand.NewPCG(1, 1)), 1.5)
	return m
}

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// reference gives the probabilities Options define, by their definition, and whether more than rounding says what TopP keeps.
func reference(logits []float32, opt Options, unknown int32) ([]float64, bool) {
	p := make([]float64, len(logits))
	for i, v := range logits {
		if int32(i) != unknown {
			p[i] = math.Exp(float64(v) / opt.Temperature)
		}
	}
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if p[a] == p[b] {
			return a - b
		}
		if p[a] > p[b] {
			return -1
		}
		return 1
	})
	normalise := func() {
		var sum float64
		for _, v := range p {
			sum += v
		}
		for i := range p {
			p[i] /= sum
		}
	}
	if opt.TopK > 0 {
		for _, i := range order[min(opt.TopK, len(order)):] {
			p[i] = 0
		}
	}
	normalise()
	decided := true
	if opt.TopP > 0 && opt.TopP < 1 {
		var sum float64
		for _, i := range order {
			decided = decided && math.Abs(sum-opt.TopP) > 1e-6
			if sum >= opt.TopP {
				p[i] = 0
			}
			sum += p[i]
		}
		normalise()
	}
	return p, decided
}

// The share of u in [0,1) that pick maps to a symbol is that symbol's probability.
func TestPickFollowsTheDistribution(t *testing.T) {
	a := alphabet(t, true)
	unknown, _ := a.Unknown()
	rapid.Check(t, func(t *rapid.T) {
		logits := make([]float32, a.Size())
		for i := range logits {
			logits[i] = float32(rapid.Float64Range(-4, 4).Draw(t, "logit"))
		}
		opt := Options{
			Temperature: rapid.Float64Range(0.3, 3).Draw(t, "temperature"),
			TopK:        rapid.IntRange(0, 9).Draw(t, "k"),
			TopP:        rapid.Float64Range(0, 1).Draw(t, "p"),
		}
		d, err := newDrawer(a, opt)
		if err != nil {
			t.Fatal(err)
		}
		const n = 2000
		counts := make([]float64, a.Size())
		for i := range n {
			counts[d.pick(logits, d.likeliest(logits), (float64(i)+0.5)/n)] += 1.0 / n
		}
		probabilities, decided := reference(logits, opt, unknown)
		if !decided {
			return // the likeliest symbols have this share to the last bit: rounding says whether one more belongs to them
		}
		for i, want := range probabilities {
			// A boundary of the cumulative distribution moves each side by one point.
			if math.Abs(counts[i]-want) > 2.0/n {
				t.Fatalf("symbol %d: share %v, probability %v, options %+v", i, counts[i], want, opt)
			}
		}
	})
}

func TestUnknownIsNeverDrawn(t *testing.T) {
	a := alphabet(t, true)
	m := network(t, a)
	unknown, _ := a.Unknown()
	for _, p := range m.Params() {
		if p.Name == "fc.bias" {
			p.Data[unknown] = 50 // the network would say nothing else
		}
	}
	for _, opt := range []Options{{N: 200}, {N: 200, Greedy: true}, {N: 200, TopK: 1}, {N: 200, TopP: 0.01}, {N: 200, Temperature: 100}} {
		err := Generator{Model: m, Alphabet: a}.Generate(context.Background(), nil, opt, stream(1), func(tok Token) error {
			if tok.ID == unknown {
				t.Errorf("%+v drew the unknown symbol", opt)
			}
			// The network's own distribution still has the unknown symbol in it.
			if tok.LogProb > -10 {
				t.Errorf("%+v: log-probability %v, though the unknown symbol has nearly all", opt, tok.LogProb)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSameSeedSameText(t *testing.T) {
	a := alphabet(t, false)
	m := network(t, a)
	ctx := context.Background()
	texts := map[uint64]string{}
	for _, seed := range []uint64{1, 2, 1, 2} {
		s, err := Text(ctx, m, a, nil, Options{N: 100}, stream(seed))
		if err != nil {
			t.Fatal(err)
		}
		if was, ok := texts[seed]; ok && was != s {
			t.Errorf("seed %d gave %q and %q", seed, was, s)
		}
		texts[seed] = s
	}
	if texts[1] == texts[2] {
		t.Error("two seeds gave one text")
	}
	greedy, _ := Text(ctx, m, a, nil, Options{N: 60, Greedy: true}, nil)
	cold, _ := Text(ctx, m, a, nil, Options{N: 60, Temperature: 1e-9}, stream(9))
	one, _ := Text(ctx, m, a, nil, Options{N: 60, TopK: 1}, stream(10))
	if greedy != cold || greedy != one || len(greedy) != 60 {
		t.Errorf("greedy %q, temperature near 0 %q, top-k 1 %q", greedy, cold, one)
	}
}

// A text's log-probabilities must be those a Pass gives when it reads prompt and text.
func TestLogProbIsThePassesOwn(t *testing.T) {
	a := alphabet(t, true)
	m := network(t, a)
	prompt, err := a.Encode([]byte("ab\n"), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	ids := slices.Clone(prompt)
	var logProbs []float64
	err = Generator{Model: m, Alphabet: a}.Generate(context.Background(), prompt, Options{N: 40, Temperature: 0.7, TopK: 4}, stream(3), func(tok Token) error {
		if tok.Index != len(logProbs) || tok.Symbol != a.Symbol(tok.ID) {
			t.Errorf("token %+v at %d", tok, len(logProbs))
		}
		ids, logProbs = append(ids, tok.ID), append(logProbs, tok.LogProb)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := len(ids) - 1
	p, err := m.NewPass(rnn.PassOptions{T: n, B: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.Forward(ids[:n], m.NewState(1), nil)
	losses := make([]float32, n)
	p.Score(ids[1:], losses)
	for i, lp := range logProbs {
		if want := -float64(losses[len(prompt)-1+i]); math.Abs(lp-want) > 1e-5 {
			t.Errorf("token %d: %v, the pass says %v", i, lp, want)
		}
	}
}

func TestGenerateStops(t *testing.T) {
	a := alphabet(t, false)
	m := network(t, a)
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	err := Generator{Model: m, Alphabet: a}.Generate(ctx, nil, Options{N: 1000}, stream(1), func(Token) error {
		if seen++; seen == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 5 {
		t.Errorf("%v after %d symbols", err, seen)
	}
	full := errors.New("pipe closed")
	err = Generator{Model: m, Alphabet: a}.Generate(context.Background(), nil, Options{N: 10}, stream(1), func(Token) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("emit's error became %v", err)
	}
	if s, err := Text(context.Background(), m, a, nil, Options{}, stream(1)); s != "" || err != nil {
		t.Errorf("no symbols: %q, %v", s, err)
	}
}

func TestImpossibleOptions(t *testing.T) {
	a := alphabet(t, false)
	m := network(t, a)
	for says, opt := range map[string]Options{
		"symbols":     {N: -1},
		"temperature": {Temperature: -1},
		"top-k":       {TopK: -1},
		"top-p":       {TopP: 1.5},
	} {
		_, err := Text(context.Background(), m, a, nil, opt, stream(1))
		if !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		if err := (Options{Temperature: bad}).Validate(); !errors.Is(err, ErrOptions) {
			t.Errorf("temperature %v: %v", bad, err)
		}
	}
	if err := (Options{TopP: math.NaN()}).Validate(); !errors.Is(err, ErrOptions) {
		t.Errorf("top-p NaN: %v", err)
	}
	if _, err := Text(context.Background(), m, alphabet(t, true), nil, Options{N: 1}, stream(1)); !errors.Is(err, ErrOptions) {
		t.Errorf("an alphabet of another size: %v", err)
	}
}

// TestLogProbReused demands the same value whether or not pick's sum is used again; the
// quick one is in float32.
func TestLogProbReused(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		a := alphabet(t, unknown)
		for _, opt := range []Options{{}, {TopK: 2}, {TopP: .5}, {Temperature: .7}, {Greedy: true}} {
			d, err := newDrawer(a, opt)
			if err != nil {
				t.Fatal(err)
			}
			rng := stream(3)
			for range 200 {
				logits := make([]float32, a.Size())
				for i := range logits {
					logits[i] = float32(4 * rng.NormFloat64())
				}
				id, got := d.draw(logits, rng)
				if want := float64(logits[id]) - logSumExp(logits); math.Abs(got-want) > 2e-7 {
					t.Fatalf("%+v, unknown %v: log-probability %v, want %v", opt, unknown, got, want)
				}
			}
		}
	}
}
