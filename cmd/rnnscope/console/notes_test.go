package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/web/jobs"
)

// TestProgressAsJSON: a program that asks for it gets the first and the last state and at most one in
// 200 ms between, a line each; notes stay lines of text, and --quiet silences both.
func TestProgressAsJSON(t *testing.T) {
	t.Setenv("RNNSCOPE_PROGRESS", "json")
	var out bytes.Buffer
	n := newNotes(&out, false)
	p := n.Progress("dissecting", "symbol", 1000)
	for done := range int64(1001) {
		p.Set(done, "")
	}
	p.Done()
	n.Printf("kept in %s", "a-run")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) < 3 || len(lines) > 20 || lines[len(lines)-1] != "kept in a-run" {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	for i, line := range lines[:len(lines)-1] {
		var state struct{ Progress *jobs.Progress }
		if err := json.Unmarshal([]byte(line), &state); err != nil || state.Progress == nil {
			t.Fatalf("%q: %v", line, err)
		}
		if first, last := i == 0, i == len(lines)-2; first && state.Progress.Done != 0 || last && state.Progress.Done != 1000 || state.Progress.Total != 1000 {
			t.Errorf("line %d says %+v", i, *state.Progress)
		}
	}
	out.Reset()
	n.Quiet = true
	n.Progress("dissecting", "symbol", 10).Set(10, "")
	if out.Len() > 0 {
		t.Errorf("with --quiet: %q", out.String())
	}
}
