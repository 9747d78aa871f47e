package train

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/rnnscope/rnnscope/checkpoint"
)

// Whatever settings and counters a resume file holds: a training that goes on, or an error.
func FuzzResumeSettings(f *testing.F) {
	d, store := data(f), &memory{}
	cfg := tiny()
	cfg.Iterations, cfg.Snapshots = 12, []int64{3}
	t, err := New(cfg, d, Options{Store: store, Workers: 1})
	if err != nil {
		f.Fatal(err)
	}
	if err := t.Run(context.Background(), Listener{}); err != nil {
		f.Fatal(err)
	}
	whole, err := checkpoint.DecodeResume(store.file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(whole.Config), int64(12), int64(0), 2, int64(3), int64(12), int64(12), int64(0))
	for _, change := range []string{
		`{"batch":0}`, `{"seq":-1}`, `{"batch":9223372036854775807}`, `{"iterations":9223372036854775807}`, `{"epochs":1e300}`,
		`{"samples":{"length":1000000000000}}`, `{"optim":{"name":"adam","lr":-1}}`, `{"snapshots":[-1,9223372036854775807]}`,
		`{"model":{"hidden":1000000000}}`, `{"init_bound":-1}`, `{"validate_every":-9223372036854775808}`,
		`{"optim":{"schedule":{"name":"step","factor":0.5,"every":0}}}`,
	} {
		f.Add([]byte(change), int64(12), int64(0), 2, int64(3), int64(12), int64(12), int64(0))
	}
	f.Add([]byte("{}"), int64(-1), int64(-1), -1, int64(-9), int64(1)<<62, int64(-1), int64(1)<<62)
	f.Fuzz(func(t *testing.T, settings []byte, step, epoch int64, chunk int, best, last, updates, iterations int64) {
		r, err := checkpoint.DecodeResume(store.file)
		if err != nil {
			t.Fatal(err)
		}
		// The settings of a real file, with what the input says in their place.
		var cfg Config
		if json.Unmarshal(r.Config, &cfg) != nil || json.Unmarshal(settings, &cfg) != nil {
			return
		}
		if r.Config, err = json.Marshal(cfg); err != nil {
			return
		}
		r.Step, r.Cursor.Epoch, r.Cursor.Chunk, r.BestStep, r.LastStep, r.Optimizer.Steps = step, epoch, chunk, best, last, updates
		tr, err := Resume(r, d, Extend{Iterations: min(iterations, 1<<20)}, Options{Workers: 1})
		if err != nil {
			return
		}
		// One step more must be possible.
		enough := errors.New("enough")
		err = tr.Run(context.Background(), Listener{Step: func(Step) error { return enough }})
		var bad *DivergedError
		if err != nil && !errors.Is(err, enough) && !errors.As(err, &bad) {
			t.Errorf("%v", err)
		}
	})
}
