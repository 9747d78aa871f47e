package explain

import (
	"context"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
)

// TestMemoryOfOneBlock: a report of one long block and one too short for a place has nobody to exchange states
// with; that is left out, and ends.
func TestMemoryOfOneBlock(t *testing.T) {
	for _, n := range []int{38_000, 40_000, 42_000} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() {
			_, err := Run(ctx, random(t, "novel", n, 4, rnn.LSTM, 1), Options{Sites: []string{"l0.h"}, Concepts: []concept.Concept{mustFind("in-quote")}}, nil)
			done <- err
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%d characters: %v", n, err)
			}
		case <-ctx.Done():
			t.Fatalf("%d characters: it does not end", n)
		}
	}
}
