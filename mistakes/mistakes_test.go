package mistakes

import (
	"context"
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
	"github.com/rnnscope/rnnscope/text"
)

// TestCausesOfAPassage: every character of a passage by hand.
func TestCausesOfAPassage(t *testing.T) {
	passage := "The vicar saw the Vicarage. The vicar " + strings.Repeat("x ", 60) + "Vicarage.\n"
	corpus, err := text.FromString("passage", passage, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := lookAround(corpus.Alphabet, corpus.IDs, trainedWords)
	names := func(i int) string {
		var out []string
		for k, name := range Causes() {
			if at.causes(i)&(1<<k) != 0 {
				out = append(out, name)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		before string // the character behind this is meant
		want   string
	}{
		{"", "first"}, {"T", ""}, {"The ", "first"}, {"The vicar", ""}, {"The vicar ", "rare_word first"}, {"The vicar s", "rare_word"},
		{"The vicar saw the ", "rare_word first"}, {"The vicar saw the Vicarage", "punctuation"},
		{"The vicar saw the Vicarage. ", "word_100 word_500 word_1000 word_5000 first"},
		{"The vicar saw the Vicarage. Th", "word_100 word_500 word_1000 word_5000"},
	} {
		if got := names(len(c.before)); got != c.want {
			t.Errorf("behind %q: %q, want %q", c.before, got, c.want)
		}
	}
	again := strings.LastIndex(passage, "Vicarage")
	if got := names(again + 1); got != "word_500 word_1000 word_5000 rare_word" {
		t.Errorf("a word 138 characters back: %q", got)
	}
	if got := names(len(passage) - 1); got != "punctuation" {
		t.Errorf("the line end: %q", got)
	}
}

// trainedWords are the counts of words of a training text.
var trainedWords = map[string]int{"The": 100, "vicar": 6, "saw": 5, "the": 90, "x": 1000}

// TestCausesOfSymbols: a symbol of several characters has the causes of its first letter, and begins a word
// where that letter does; without a letter it has those of its characters together.
func TestCausesOfSymbols(t *testing.T) {
	passage := "The vicar saw the Vicarage. The vicar " + strings.Repeat("x ", 60) + "“Vicarage”.\n"
	chars, err := text.FromString("passage", passage, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	plain := lookAround(chars.Alphabet, chars.IDs, trainedWords)
	names, err := json.Marshal([]string{"\u0120the", "The", "\u0120vic", "ar", "\u0120saw", "\u0120V", "ic", "age", ".\u010a", ".", "\u0120The", "\u0120x", "\u0120", "\u00e2\u0122\u013e", "\u00e2\u0122\u013f", "V"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := text.ParseAlphabet(names)
	if err != nil {
		t.Fatal(err)
	}
	id := func(name string) int32 {
		k, ok := a.Find(name)
		if !ok {
			t.Fatalf("no symbol %s", name)
		}
		return k
	}
	var ids []int32
	for _, name := range strings.Fields("The \u0120vic ar \u0120saw \u0120the \u0120V ic ar age . \u0120The \u0120vic ar" + strings.Repeat(" \u0120x", 60) + " \u0120 \u00e2\u0122\u013e V ic ar age \u00e2\u0122\u013f .\u010a") {
		ids = append(ids, id(name))
	}
	at := lookAround(a, ids, trainedWords)
	if string(at.rs) != passage {
		t.Fatalf("it spells %q", string(at.rs))
	}
	for i := range ids {
		lo, hi := at.span(i)
		want := uint16(0)
		for k := lo; k < hi; k++ {
			if inWord(at.rs[k]) {
				want = plain.causes(k)
				break
			}
			want |= plain.causes(k)
		}
		if got := at.causes(i); got != want {
			t.Errorf("symbol %d, %q: causes %b, its characters %b", i, string(at.rs[lo:hi]), got, want)
		}
	}
}

// TestShapleyIsTheMeanOverAllOrders: the closed form equals what removal in every order gives on average.
func TestShapleyIsTheMeanOverAllOrders(t *testing.T) {
	const k = 5
	rng := rand.New(rand.NewPCG(3, 4))
	var sets []uint16
	var losses []float64
	for range 40 {
		sets, losses = append(sets, 1+uint16(rng.IntN(1<<k-1))), append(losses, .7+rng.Float64())
	}
	var mean, closed [k]float64
	orders := permutations(k)
	for _, order := range orders {
		for e, set := range sets {
			for _, cause := range order {
				if set&(1<<cause) != 0 {
					mean[cause] += losses[e] / float64(len(orders))
					break
				}
			}
		}
	}
	p := &piece{}
	tl := newTally(&specimen.Specimen{}, &surroundings{}, nil, Options{})
	for e, set := range sets {
		tl.explain(0, losses[e], p, set, nil)
	}
	copy(closed[:], p.nats[:])
	for i := range k {
		if math.Abs(mean[i]-closed[i]) > 1e-9 {
			t.Errorf("cause %d: %g over all orders, %g in closed form", i, mean[i], closed[i])
		}
	}
	if first := bits.TrailingZeros16(sets[0]); p.removed[first] == 0 {
		t.Errorf("the first cause in the order removed nothing")
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for at := 0; at <= len(p); at++ {
			one := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			out = append(out, one)
		}
	}
	return out
}

func small(t *testing.T) *specimen.Specimen {
	t.Helper()
	c, _ := specimentest.Novel(t, 250_000, 5, 1)
	return specimen.OwnText(specimentest.Network(t, c, rnn.Config{Cell: rnn.GRU, Hidden: 6, Layers: 1}, 1, 2), specimen.InMemory(c), specimentest.Split(t, c))
}

// TestRunAddsUp: shares add to one, Shapley values to the loss on errors, gains to what the network
// gains over the n-gram, and no result depends on the number of workers.
func TestRunAddsUp(t *testing.T) {
	s := small(t)
	r, err := Run(context.Background(), s, Options{Examples: 2, Workers: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	share, nats, shapley, gain := 0., 0., 0., 0.
	for _, c := range r.Causes {
		share, nats, shapley = share+c.Share.Estimate, nats+c.Nats.Estimate, shapley+c.Shapley.Estimate
		if !(c.Share.Lo <= c.Share.Estimate && c.Share.Estimate <= c.Share.Hi) || c.Removed > c.Holds || c.Removed > 0 && len(c.Worst) == 0 {
			t.Errorf("%+v", c)
		}
		for _, e := range c.Worst {
			if e.P >= right || e.Char == e.Expected && e.P > e.Q || len(c.Worst) > 2 {
				t.Errorf("%s: %+v", c.Name, e)
			}
		}
	}
	for _, g := range r.Gains {
		gain += g.Gain.Estimate
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %g, want %g", what, got, want)
		}
	}
	near("shares", share, 1)
	near("Shapley shares", shapley, 1)
	near("Shapley values", nats, r.Loss.Estimate*r.LossShare.Estimate)
	near("gains", gain, r.NGramLoss.Estimate-r.Loss.Estimate)
	if r.Rate.Estimate < .9 { // an untrained network gives nothing half of the probability
		t.Errorf("an untrained network is wrong at %v of the characters", r.Rate)
	}
	if r.Best < 4 || r.NGramLoss.Estimate > 2 {
		t.Errorf("best order %d with %v nats", r.Best, r.NGramLoss)
	}
	if gained := r.Gains[0].Gain.Estimate; gained > 0.02 {
		t.Errorf("an untrained network gains %g nats over the n-gram on %q", gained, r.Gains[0].Char)
	}
	two, err := Run(context.Background(), small(t), Options{Examples: 2, Workers: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, two, cmpopts.EquateNaNs()); d != "" {
		t.Errorf("with two workers (-one +two):\n%s", d)
	}
}
