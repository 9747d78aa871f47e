package why

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/text"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/trace"
	"github.com/rnnscope/rnnscope/web/reading"
)

// What a replaced symbol costs is what the network says of the whole passage with that symbol.
func TestWhyIsWhatReplacingDoes(t *testing.T) {
	a, err := text.NewAlphabet([]rune("\n \".HIadehinostw"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Hidden: 12, Layers: 2, Vocab: a.Size()})
	if err != nil {
		t.Fatal(err)
	}
	m.InitUniform(rand.New(rand.NewPCG(1, 2)), 1)
	ids, err := a.Encode([]byte(strings.Repeat("He said \"I do\" and sat. ", 6)), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	ck := &checkpoint.Checkpoint{Model: m, Alphabet: a}
	r, _, done, err := reading.NewStore().Begin("a", 0, ck, "", &reading.Passage{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	defer r.Unlock()
	if _, _, err := r.Live.Next(context.Background(), len(ids)); err != nil {
		t.Fatal(err)
	}
	target := ids[100]
	logp := func(ids []int32) float64 {
		p, err := trace.Passage(context.Background(), m, ids[:100], trace.Options{Predictions: true})
		if err != nil {
			t.Fatal(err)
		}
		return float64(p.LogProb[99*m.Config().Vocab+int(target)])
	}
	w, err := Ask(context.Background(), r, 100, -1, -1)
	if err != nil {
		t.Fatal(err)
	}
	q := newAsker(r, 100, target, -1)
	for _, k := range []int{0, 40, 63} {
		drawn := q.others(k)
		want := 0.0
		for _, other := range drawn {
			if other == q.ids[k] || q.class(other) != q.class(q.ids[k]) {
				t.Fatalf("symbol %d stands for %d", other, q.ids[k])
			}
			changed := slices.Clone(ids)
			changed[36+k] = other
			want += (logp(ids) - logp(changed)) / float64(len(drawn))
		}
		if math.Abs(w.Replaced[k]-want) > 1e-4 || want == 0 {
			t.Errorf("symbol %d: %v, want %v", k, w.Replaced[k], want)
		}
	}
	if w.Lo != 36 || len(w.Replaced) != 64 || len(w.Null) != whyOthers || w.Target != target {
		t.Fatalf("%+v", w)
	}
}
