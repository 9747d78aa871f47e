package calibrate

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

// TestCalibration is the calibration of docs/methods.md, section 3, in small: networks and texts, labels
// from a region apart laid over them position by position. The tests hold their
// level, hardly anything survives the correction, and untrained networks have
// learned nothing. `rnnscope calibrate` runs it at full size.
func TestCalibration(t *testing.T) {
	if testing.Short() {
		t.Skip("shares over 16 networks; TestCalibrationOnWorkers calibrates two on several goroutines")
	}
	opt := LevelOptions{
		Pairs: 16, Characters: 42_000, Hidden: 6, Untrained: 3,
		Concepts: []string{"in-quote", "url", "bracket-depth", "column", "capital", "word-start", "indentation", "xml-tag", "wiki-link", "latex-math", "line-end-next", "comment"},
	}
	c, err := Levels(context.Background(), opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("p <= .05: %s; any false: %s; false share %s; learned: %s", c.Level, c.AnyFalse, c.FalseShare, c.Learned)
	if c.Level.Lo > 0.09 || c.Level.Hi < 0.02 {
		t.Errorf("share of p <= .05 is %s, want .02 to .08", c.Level)
	}
	if c.FalseShare.Lo > 0.05 {
		t.Errorf("%s of what is found is false", c.FalseShare)
	}
	if c.Learned.Lo > 0.25 { // one of 3 + 1 networks is the best
		t.Errorf("untrained networks have learned %s of the concepts", c.Learned)
	}
	if len(c.Concepts) < 10 || c.Level.N < 150 || len(c.Findings("test")) < 24 {
		t.Errorf("%d concepts calibrated", len(c.Concepts))
	}
}

func TestCalibrationOnWorkers(t *testing.T) {
	opt := LevelOptions{Pairs: 2, Characters: 42_000, Hidden: 6, Untrained: 3, Workers: 1, Concepts: []string{"in-quote", "url", "column", "capital"}}
	one, err := Levels(context.Background(), opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	opt.Workers = 2
	two, err := Levels(context.Background(), opt, nil)
	a, _ := json.Marshal(one)
	b, _ := json.Marshal(two)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("the calibration depends on the number of workers: %v", err)
	}
}
