package intervene

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// The wired language: letters, with stretches in brackets. Inside, a-d are likelier,
// outside e-h. After an x any letter comes; what follows that one has nothing to do with
// brackets either, but depends on it in the same way: a, b, e, f or c, d, g, h.
const (
	insideLetters  = "abcd"
	outsideLetters = "efgh"
	firstLetters   = "abef" // likelier after x and one of a, c, e, g
	secondLetters  = "cdgh"
	pairing        = "aceg"
)

func wiredText(n int, rng *rand.Rand) string {
	var b strings.Builder
	inside, since, last := false, 0, byte(0) // since: 1 after an x, 2 a letter later
	for b.Len() < n {
		likely, other := outsideLetters, insideLetters
		if inside {
			likely, other = other, likely
		}
		if since == 2 {
			likely, other = secondLetters, firstLetters
			if strings.IndexByte(pairing, last) >= 0 {
				likely, other = other, likely
			}
		}
		if rng.IntN(10) == 0 {
			likely = other
		}
		k := rng.IntN(100)
		switch {
		case since == 1:
			last = (insideLetters + outsideLetters)[rng.IntN(8)]
			since = 2
		case k < 25:
			last, since = 'x', 1
		case k < 30 && since == 0:
			last = "()"[btoi(inside)]
			inside = !inside
		default:
			last, since = likely[rng.IntN(4)], 0
		}
		b.WriteByte(last)
	}
	return b.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Units of the wired network.
const (
	unitFlag   = 0 // 1 from "(", -1 from ")" on; shows itself to the readout where brackets matter
	unitCopy   = 1 // the same, and nothing reads it
	unitX      = 2 // 1 after an x: closes the flag's output a character later
	unitPair   = 3 // 1 or -1 after an x and a letter: which letters follow
	wiredUnits = 24
)

// wired sets weights of a one-layer LSTM by name, in PyTorch's order.
type wired struct {
	m *rnn.Model
	a *text.Alphabet
	w map[string][]float32
}

func newWired(t testing.TB) *wired {
	t.Helper()
	a, err := text.NewAlphabet([]rune("()x"+insideLetters+outsideLetters), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: a.Size(), Hidden: wiredUnits, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := &wired{m: m, a: a, w: map[string][]float32{}}
	for _, p := range m.Params() {
		w.w[p.Name] = make([]float32, p.Len())
	}
	return w
}

func (w *wired) symbol(r rune) int {
	id, ok := w.a.Lookup(r)
	if !ok {
		panic("no symbol " + string(r))
	}
	return int(id)
}

func (w *wired) bias(gate, u int, v float64) {
	w.w["rnn.bias_ih_l0"][gate*wiredUnits+u] = float32(v)
}

func (w *wired) in(gate, u int, r rune, v float64) {
	w.w["rnn.weight_ih_l0"][(gate*wiredUnits+u)*w.a.Size()+w.symbol(r)] = float32(v)
}

func (w *wired) out(r rune, u int, v float64) {
	w.w["fc.weight"][w.symbol(r)*wiredUnits+u] = float32(v)
}

func (w *wired) done() *rnn.Model {
	for _, p := range w.m.Params() {
		p.Import(w.w[p.Name])
	}
	return w.m
}

func (w *wired) rec(gate, u, from int, v float64) {
	w.w["rnn.weight_hh_l0"][(gate*wiredUnits+u)*wiredUnits+from] = float32(v)
}

// flag wires a unit that "(" turns to 1 and ")" to -1, and whose output is closed after
// an x and the letter that follows it.
func (w *wired) flag(u int) {
	const i, f, g, o, on = 0, 1, 2, 3, 12
	w.bias(i, u, -on)
	w.bias(f, u, on)
	w.bias(o, u, on)
	for k, r := range "()" {
		w.in(i, u, r, 2*on)
		w.in(f, u, r, -2*on)
		w.in(g, u, r, float64(3-6*k))
	}
	w.in(o, u, 'x', -2*on)
	w.rec(o, u, unitX, -3*on)
}

// latch wires the unit that is 1 after an x and 0 otherwise.
func (w *wired) latch(u int) {
	const i, f, g, o, on = 0, 1, 2, 3, 12
	w.bias(i, u, on)
	w.bias(f, u, -on)
	w.bias(o, u, on)
	w.in(g, u, 'x', 3)
}

// pair wires the unit that tells, after an x and a letter, which letters follow.
func (w *wired) pair(u int) {
	const i, f, g, o, on = 0, 1, 2, 3, 12
	w.bias(i, u, -on)
	w.rec(i, u, unitX, 3*on)
	w.bias(f, u, -on)
	w.bias(o, u, on)
	for _, r := range insideLetters + outsideLetters {
		sign := -3.0
		if strings.ContainsRune(pairing, r) {
			sign = 3
		}
		w.in(g, u, r, sign)
	}
	h := math.Tanh(1)
	for _, r := range firstLetters {
		w.out(r, u, 1.1/h)
	}
	for _, r := range secondLetters {
		w.out(r, u, -1.1/h)
	}
}

// wiredNetwork reads the bracket with one unit, keeps it in another that nothing reads,
// and has leaky sums of letters besides, which bend the prediction a little.
func wiredNetwork(t testing.TB, rng *rand.Rand) (*rnn.Model, *text.Alphabet) {
	w := newWired(t)
	w.flag(unitFlag)
	w.flag(unitCopy)
	w.latch(unitX)
	w.pair(unitPair)
	h := math.Tanh(1)
	for _, r := range insideLetters {
		w.out(r, unitFlag, 1.1/h)
	}
	for _, r := range outsideLetters {
		w.out(r, unitFlag, -1.1/h)
	}
	w.out(')', unitFlag, 3/h)
	w.out('(', unitFlag, -3/h)
	for _, r := range "()" {
		w.w["fc.bias"][w.symbol(r)] = -3
	}
	w.w["fc.bias"][w.symbol('x')] = 1
	w.out('x', unitX, -5/h)
	for u := unitPair + 1; u < wiredUnits; u++ {
		keep := 0.3 + 0.65*rng.Float64()
		w.bias(0, u, 12)
		w.bias(1, u, math.Log(keep/(1-keep)))
		w.bias(3, u, 12)
		for id := range w.a.Size() {
			r := w.a.Rune(int32(id))
			w.in(2, u, r, 0.3*rng.NormFloat64())
			w.out(r, u, 0.25*rng.NormFloat64())
		}
	}
	return w.done(), w.a
}

func wiredInput(t testing.TB, seed uint64, n int) *input {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	m, a := wiredNetwork(t, rng)
	ids, err := a.Encode([]byte(wiredText(n, rng)), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.TailSplit(len(ids), 0.5, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	return examined(t, specimen.OwnText(specimen.Network{Model: m, Alphabet: a}, specimen.Text{Name: "brackets", Source: text.InMemory(ids)}, split))
}

// examined is a specimen as interventions read it.
func examined(t testing.TB, s *specimen.Specimen) *input {
	t.Helper()
	in, err := newInput(s)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func find(t testing.TB, name string) concept.Concept {
	t.Helper()
	k, err := concept.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
