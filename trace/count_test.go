package trace

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// TestCount: a trace of a network with a counter holds what the network counts step by step.
func TestCount(t *testing.T) {
	a, err := text.NewAlphabet([]rune("ab"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: 2, Hidden: 4, Layers: 1, Counter: true})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 2)))
	ids := make([]int32, 300)
	for i := range ids {
		ids[i] = int32(i * i / 7 % 2)
	}
	tr, err := Passage(context.Background(), m, ids, Options{Sites: []string{"l0.h"}})
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	s := m.NewStepper(1)
	for i := range ids {
		s.Step(ids[i : i+1])
		want = append(want, s.State().Count[0])
	}
	if !slices.Equal(tr.Count, want) {
		t.Errorf("traced %v..., stepped %v...", tr.Count[:4], want[:4])
	}
	var csv, json bytes.Buffer
	if err := tr.WriteCSV(&csv, a); err != nil || !strings.HasPrefix(csv.String(), "index,symbol,code,count,l0.h0") {
		t.Errorf("%v, %.40q", err, csv.String())
	}
	if err := tr.WriteJSON(&json, a); err != nil || !strings.Contains(json.String(), `"count":[`) {
		t.Errorf("%v, %.60q", err, json.String())
	}
}
