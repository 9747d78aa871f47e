package explain

import (
	"context"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

// The large version is: rnnscope explain --experiment planted.
func TestPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("descriptions of planted units; TestCoresChangeNothing runs on several goroutines in short")
	}
	const seeds = 1
	for seed := range uint64(seeds) {
		in := random(t, "novel", 300_000, 8, rnn.LSTM, seed)
		units, err := Planted(context.Background(), in, seed, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range units {
			switch u.Kind {
			case "noise", "slow noise":
				if u.Leaves != 1 {
					t.Errorf("seed %d: %s keeps %d leaves, R2 %.3f", seed, u.Kind, u.Leaves, u.R2)
				}
			default:
				if u.R2 < 0.8 || !u.Root {
					t.Errorf("seed %d: %s has R2 %.3f, root right %v", seed, u.Kind, u.R2, u.Root)
				}
			}
		}
	}
}
