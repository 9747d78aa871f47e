package memory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Symbols of the texts in which one bit must be kept: a line is the bit, filler,
// the question, and the bit again.
const (
	delayBits     = "AB"
	delayFiller   = "abcdefgh"
	delayQuestion = '?'
)

// DelayAlphabet is the alphabet of delay texts.
func DelayAlphabet() *text.Alphabet {
	a, err := text.NewAlphabet([]rune("\n"+string(delayQuestion)+delayBits+delayFiller), false, false)
	if err != nil {
		panic(err)
	}
	return a
}

// DelayText is a text of about n characters whose lines keep one bit over filler:
// half of them over gap characters, the others over fewer, evenly in log(1+g), from
// which the longer can be learned.
func DelayText(n, gap int, rng *rand.Rand) string {
	var b strings.Builder
	for b.Len() < n {
		bit := delayBits[rng.IntN(2)]
		g := gap
		if rng.IntN(2) == 0 {
			g = logUniform(gap, rng)
		}
		b.WriteByte(bit)
		b.WriteString(filler(g, rng))
		b.WriteRune(delayQuestion)
		b.WriteByte(bit)
		b.WriteByte('\n')
	}
	return b.String()
}

// logUniform draws from 0..most, evenly in log(1+g).
func logUniform(most int, rng *rand.Rand) int {
	return min(most, int(math.Exp(rng.Float64()*math.Log(float64(most)+2)))-1)
}

func filler(n int, rng *rand.Rand) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = delayFiller[rng.IntN(len(delayFiller))]
	}
	return string(out)
}

// DelaySuite asks for the bit after gaps from 0 to longest, evenly in log(1+gap).
func DelaySuite(longest, n int, rng *rand.Rand) Suite {
	s := Suite{Name: "delay", About: "one of two marks, then filler, then which mark it was"}
	for i := range n {
		bit := i % 2
		gap := logUniform(longest, rng)
		right, wrong := delayBits[bit:bit+1], delayBits[1-bit:2-bit]
		s.Pairs = append(s.Pairs, MinimalPair{
			Prefix: string(delayQuestion) + wrong + "\n" + right + filler(gap, rng) + string(delayQuestion),
			Right:  right, Wrong: wrong, Gap: gap,
		})
	}
	return s
}

// Sizes of a latch.
const (
	latchLevel = 0.1 // c after a mark: small, so that tanh is nearly straight
	latchGain  = 60  // logits per unit of h
)

// NewLatch wires an LSTM of one unit that keeps a mark as c = +-0.1 and loses it at
// the rate lambda a character: its margin after g characters of filler falls as
// exp(-lambda g), and half of it is gone after ln 2 / lambda. noise is the size of
// the kick each filler symbol gives to c.
func NewLatch(lambda, noise float64, rng *rand.Rand) (*rnn.Model, *text.Alphabet) {
	if !(lambda > 0) {
		panic(fmt.Sprintf("memory: a latch that leaks %v a character", lambda))
	}
	a := DelayAlphabet()
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: a.Size(), Hidden: 1, Layers: 1})
	if err != nil {
		panic(err)
	}
	w := wiring{m: m, a: a, h: 1, gates: 4}
	kicks := kicks(noise, rng)
	const open = 20 // sigmoid(20) is 1 to eight digits
	w.bias(0, 0, -open)
	w.bias(1, 0, math.Log(1/math.Expm1(lambda))) // sigmoid = exp(-lambda)
	w.bias(3, 0, open)
	for i, mark := range delayBits {
		w.input(0, 0, mark, 2*open)
		w.input(1, 0, mark, -60)
		w.input(2, 0, mark, math.Atanh(latchLevel)*float64(1-2*i))
		w.readout(mark, 0, latchGain*float64(1-2*i))
	}
	for i, f := range delayFiller {
		w.input(0, 0, f, 2*open)
		w.input(2, 0, f, kicks[i])
	}
	w.done()
	return m, a
}

// kicks are what each filler symbol adds: random, but 0 on average, so that filler
// blurs what is kept without pushing it to one side.
func kicks(size float64, rng *rand.Rand) []float64 {
	out := make([]float64, len(delayFiller))
	mean := 0.0
	for i := range out {
		out[i] = size * rng.NormFloat64()
		mean += out[i] / float64(len(out))
	}
	for i := range out {
		out[i] -= mean
	}
	return out
}

// wiring sets weights of a one-layer network one by one, in PyTorch's order.
type wiring struct {
	m        *rnn.Model
	a        *text.Alphabet
	h, gates int
	weights  map[string][]float32
}

func (w *wiring) of(name string) []float32 {
	if w.weights == nil {
		w.weights = map[string][]float32{}
		for _, p := range w.m.Params() {
			w.weights[p.Name] = make([]float32, p.Len())
		}
	}
	s, ok := w.weights[name]
	if !ok {
		panic("memory: no parameter " + name)
	}
	return s
}

func (w *wiring) symbol(r rune) int {
	id, ok := w.a.Lookup(r)
	if !ok {
		panic("memory: no symbol " + string(r))
	}
	return int(id)
}

func (w *wiring) bias(gate, unit int, v float64) {
	w.of("rnn.bias_ih_l0")[gate*w.h+unit] = float32(v)
}

func (w *wiring) input(gate, unit int, r rune, v float64) {
	w.of("rnn.weight_ih_l0")[(gate*w.h+unit)*w.a.Size()+w.symbol(r)] = float32(v)
}

func (w *wiring) readout(r rune, unit int, v float64) {
	w.of("fc.weight")[w.symbol(r)*w.h+unit] = float32(v)
}

func (w *wiring) done() {
	for _, p := range w.m.Params() {
		p.Import(w.of(p.Name))
	}
}

// LatchResult is a latch's horizon beside what its leak says.
type LatchResult struct {
	Lambda   float64     `json:"lambda"`
	Expected float64     `json:"expected"` // ln 2 / lambda
	Measured SuiteResult `json:"measured"`
}

// Covers reports whether the interval of the measured horizon holds the expected one.
func (r LatchResult) Covers() bool {
	h := r.Measured.Horizon
	return h.Gap.Lo <= r.Expected && (h.Open || r.Expected <= h.Gap.Hi)
}

// Latches measures the horizon of hand-wired latches with the given leaks. The
// n-gram line is left out: after filler drawn at random it knows nothing.
func Latches(ctx context.Context, lambdas []float64, pairs, workers int, rng *rand.Rand) ([]LatchResult, error) {
	var out []LatchResult
	for _, lambda := range lambdas {
		expected := math.Ln2 / lambda
		// The noise that has gathered in c stays near half its level.
		m, a := NewLatch(lambda, latchLevel*math.Sqrt(2*lambda)/2, rng)
		res, err := Scorer{Model: m, Alphabet: a, Workers: workers}.Score(ctx, DelaySuite(max(8, int(6*expected)), pairs, rng), rng)
		if err != nil {
			return nil, err
		}
		out = append(out, LatchResult{Lambda: lambda, Expected: expected, Measured: res})
	}
	return out, nil
}
