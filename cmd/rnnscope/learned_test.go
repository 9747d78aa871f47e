package main

import (
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/text"
)

// TestLearnedStretches: as many stretches are found as were taken from the training part, over
// the borders of pieces too, and none in text that is elsewhere.
func TestLearnedStretches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	own := make([]int32, 200_000)
	for i := range own {
		own[i] = int32(rng.IntN(40))
	}
	fresh := make([]int32, 90_000)
	for i := range fresh {
		fresh[i] = int32(rng.IntN(40))
	}
	train := text.Span{Lo: 0, Hi: 160_000}
	for name, c := range map[string]struct {
		other []int32
		want  int
	}{
		"a piece of it": {own[60_000:70_000], console.Stretches}, "other text": {fresh, 0}, "its test part": {own[165_000:], 0},
		"half": {append(append([]int32{}, own[1000:46_000]...), fresh[:45_000]...), console.Stretches / 2},
	} {
		if found, asked := console.LearnedStretches(text.InMemory(own), train, text.InMemory(c.other)); found != c.want || asked != console.Stretches {
			t.Errorf("%s: %d of %d, want %d", name, found, asked, c.want)
		}
	}
	if found, asked := console.LearnedStretches(text.InMemory(own[:100]), text.Span{Hi: 100}, text.InMemory(fresh)); found+asked != 0 {
		t.Errorf("a training part shorter than a stretch: %d of %d", found, asked)
	}
}
