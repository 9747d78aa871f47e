package checkpoint

import (
	"bytes"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

// TestCounterSaved: the weights of an explicit counter and its carried count come back.
func TestCounterSaved(t *testing.T) {
	r := resume(t)
	c := network(t, rnn.Config{Cell: rnn.Elman, Hidden: 3, Layers: 1, Counter: true})
	r.Checkpoint = *c
	r.Hidden = c.Model.NewState(2)
	copy(r.Hidden.Count, []float32{-1.5, 7.25})
	r.Optimizer.Slots = map[string][]float32{"m": make([]float32, len(c.Model.Slab()))}
	var b bytes.Buffer
	if err := WriteResume(&b, r); err != nil {
		t.Fatal(err)
	}
	got, err := DecodeResume(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !got.Model.Config().Counter || !slices.Equal(got.Model.Slab(), c.Model.Slab()) || !slices.Equal(got.Hidden.Count, r.Hidden.Count) {
		t.Errorf("config %+v, count %v", got.Model.Config(), got.Hidden.Count)
	}
}
