package sample

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
)

// TestTextsAreThoseDrawnAlone: on a small network rounding changes no draw, so that every
// row must equal the text its stream gives alone, whatever rows stand beside it.
func TestTextsAreThoseDrawnAlone(t *testing.T) {
	a := alphabet(t, true)
	m := network(t, a)
	prompt := []int32{1, 0, 2}
	opt := Options{N: 60, Temperature: 0.9}
	var rngs []*rand.Rand
	for seed := range uint64(5) {
		rngs = append(rngs, stream(seed))
	}
	got, err := Texts(context.Background(), m, a, prompt, opt, rngs)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for seed := range uint64(5) {
		want, err := Text(context.Background(), m, a, prompt, opt, stream(seed))
		if err != nil {
			t.Fatal(err)
		}
		if got[seed] != want {
			t.Errorf("stream %d: %q, alone %q", seed, got[seed], want)
		}
		seen[want] = true
	}
	if len(seen) < 5 {
		t.Error("different streams gave the same text")
	}
}

func TestTextsRefuseAndStop(t *testing.T) {
	a := alphabet(t, false)
	m := network(t, a)
	if _, err := Texts(context.Background(), m, a, nil, Options{N: 5, Temperature: -1}, []*rand.Rand{stream(1)}); !errors.Is(err, ErrOptions) {
		t.Errorf("temperature -1: %v", err)
	}
	if got, err := Texts(context.Background(), m, a, nil, Options{N: 5}, nil); err != nil || len(got) != 0 {
		t.Errorf("no streams: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Texts(ctx, m, a, nil, Options{N: 5}, []*rand.Rand{stream(1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
