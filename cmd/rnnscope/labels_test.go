package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/dissect"
)

// TestLabelsStandWhereTheyWereGiven: spans and a regular expression that name the same places of
// a text get the same figures, whatever is left out of the text: characters the network does
// not know, a byte order mark; on the run's own text as on another.
func TestLabelsStandWhereTheyWereGiven(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	write := func(name, s string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := strings.Repeat("the cat sat on the mat; then it ate another the and left.\n", 1200)
	foreign := "\uFEFF" + strings.ReplaceAll(plain, "on ", "on Žž ")
	spans := func(s string) string {
		var b strings.Builder
		runes := []rune(s)
		for i := range len(runes) - 2 {
			if string(runes[i:i+3]) == "the" {
				fmt.Fprintf(&b, "{\"lo\":%d,\"hi\":%d}\n", i, i+3)
			}
		}
		return b.String()
	}
	run := filepath.Join(dir, "run")
	own := write("own.txt", "\uFEFF"+plain)
	mustRun(t, "-q", "train", own, "--out", run, "--hidden", "12", "--iterations", "40", "--batch", "8", "--seq", "32", "--sample-length", "40")
	for name, args := range map[string][]string{
		"own":     {"--labels", "spans=" + write("own.jsonl", spans("\uFEFF"+plain))},
		"foreign": {write("foreign.txt", foreign), "--unknown", "skip", "--labels", "spans=" + write("foreign.jsonl", spans(foreign))},
	} {
		args = append([]string{"-q", "--json", "dissect", run, "--concepts", "digit", "--concept", "the=the", "--untrained", "0"}, args...)
		var r dissect.Result
		if err := json.Unmarshal([]byte(mustRun(t, args...).out), &r); err != nil {
			t.Fatal(err)
		}
		the, spans := r.Concepts[1], r.Concepts[2]
		if the.Best == nil || spans.Best == nil || the.Positive != spans.Positive || the.Best.AUROC != spans.Best.AUROC || the.Verdict != spans.Verdict {
			t.Errorf("%s: as a regular expression %s %+v, as spans %s %+v", name, the.Verdict, the.Best, spans.Verdict, spans.Best)
		}
	}
	late := write("late.jsonl", `{"lo":70,"hi":999999}`)
	if a := rnnscope(t, "", "dissect", run, "--labels", late); a.status != console.ExitFailed || !strings.Contains(a.err, "past the end") {
		t.Errorf("a span past the end: %d %q", a.status, a.err)
	}
}
