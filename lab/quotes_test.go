package lab

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rnnscope/rnnscope/mechanism"
)

// TestQuotesGoOn: an experiment that was stopped goes on with the networks it has, and finds what one
// that was not stopped finds; other settings and finished experiments are left alone.
func TestQuotesGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("networks trained and measured one after the other, by one worker")
	}
	opt := QuotesOptions{Seed: 1, Only: []string{"straight"}, Networks: 1, Iterations: 2, Workers: 1}
	figures := func(x *mechanism.Experiment) string {
		t.Helper()
		x.Seconds = 0
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	whole, err := Quotes(context.Background(), opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	opt.Dir = filepath.Join(t.TempDir(), "lab")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_, err = Quotes(ctx, opt, func(done, total int64, _ string) {
		if done == 2*opt.Iterations {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	// A network whose file a dying disk has cut is trained again.
	if err := os.WriteFile(filepath.Join(opt.Dir, unfinishedName, "1.json"), []byte(`{"name":`), 0o644); err != nil {
		t.Fatal(err)
	}
	other := opt
	other.Iterations++
	if _, err := Quotes(context.Background(), other, nil); !errors.Is(err, ErrNameTaken) {
		t.Errorf("other settings: %v", err)
	}
	first := int64(-1)
	again, err := Quotes(context.Background(), opt, func(done, _ int64, _ string) {
		if first < 0 {
			first = done
		}
	})
	if err != nil || first != opt.Iterations {
		t.Fatalf("going on began at %d updates, %v", first, err)
	}
	if figures(again) != figures(whole) {
		t.Error("an experiment that went on finds something else than one that was not stopped")
	}
	if err := FinishQuotes(opt.Dir, again, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(opt.Dir); err != nil || len(entries) != 1 || entries[0].Name() != experimentName {
		t.Errorf("a finished experiment holds %v, %v", entries, err)
	}
	// Killed while it removed what it no longer needed: what is left goes with the next attempt.
	if err := os.Mkdir(filepath.Join(opt.Dir, unfinishedName), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(opt.Dir, unfinishedName, "2.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Quotes(context.Background(), opt, nil); !errors.Is(err, ErrNameTaken) {
		t.Errorf("a finished experiment: %v", err)
	}
	if entries, err := os.ReadDir(opt.Dir); err != nil || len(entries) != 1 {
		t.Errorf("after the next attempt a finished experiment holds %v, %v", entries, err)
	}
}
