package explain

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
)

// TestGoesOn: an explanation that is stopped between two untrained networks goes on there, and says
// what an undisturbed one says; what was saved of something else is not used.
func TestGoesOn(t *testing.T) {
	sp := random(t, "novel", 60_000, 4, rnn.LSTM, 4)
	opt := Options{Untrained: 4, Concepts: []concept.Concept{mustFind("in-quote")}}
	whole, err := Run(context.Background(), sp, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var kept []byte
	stopped := opt
	stopped.Keep = func(v *Saved) {
		if kept, err = json.Marshal(v); err != nil {
			t.Error(err)
		}
		if len(v.Networks) == 2 {
			stop()
		}
	}
	if _, err := Run(ctx, sp, stopped, nil); err == nil {
		t.Fatal("a stopped explanation gives no error")
	}
	var saved Saved
	if err := json.Unmarshal(kept, &saved); err != nil {
		t.Fatal(err)
	}
	measured := 0
	again := opt
	again.Saved, again.Keep = &saved, func(*Saved) { measured++ }
	rest, err := Run(context.Background(), sp, again, nil)
	if err != nil {
		t.Fatal(err)
	}
	if measured != 2 {
		t.Errorf("%d untrained networks were measured after two of four were kept", measured)
	}
	if d := cmp.Diff(toJSON(t, whole), toJSON(t, rest)); d != "" {
		t.Errorf("in two parts it says something else:\n%s", d)
	}
	if testing.Short() {
		return // once more with another seed
	}
	measured, again.Seed = 0, 1
	if _, err := Run(context.Background(), sp, again, nil); err != nil {
		t.Fatal(err)
	}
	if measured != 4 {
		t.Errorf("with another seed %d untrained networks were measured, want all 4", measured)
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
