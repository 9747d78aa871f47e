package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestTokens goes through the commands with networks of words, of pieces and of the bytes of
// Chinese: what they show of the text is the text, and what they cannot do they say in a line.
func TestTokens(t *testing.T) {
	chinese := filepath.Join(t.TempDir(), "chinese.txt")
	if err := os.WriteFile(chinese, []byte(strings.Repeat("他说：「天下大势，分久必合。」又说：「合久必分。」\n", 700)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		train []string
		sees  string // an excerpt has it
	}{
		{"words", []string{"synth:novel", "--synth-size", "100000", "--tokens", "words:400", "--embed", "8"}, "the"},
		{"pieces", []string{"synth:novel", "--synth-size", "60000", "--tokens", "bpe:400", "--embed", "8"}, "the"},
		{"bytes", []string{chinese, "--bytes"}, "天下大势"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			small := []string{"-q", "train", "--out", dir, "--hidden", "8", "--iterations", "4", "--batch", "4", "--seq", "16", "--sample-length", "30", "--snapshots", "4"}
			mustRun(t, append(small, c.train...)...)
			if c.name != "bytes" {
				mustRun(t, "-q", "verify", dir) // trained again from the text as it is cut again
			}
			mustRun(t, "-q", "evolution", dir)
			mustRun(t, "-q", "sample", dir, "-n", "20")
			shown := mustRun(t, "-q", "--json", "dissect", dir, "--untrained", "0", "--concepts", "word-start,in-quote,line-end-next").out
			if c.name == "words" {
				shown += mustRun(t, "-q", "--json", "memory", dir).out
			}
			if !strings.Contains(shown, c.sees) {
				t.Errorf("no excerpt has %q", c.sees)
			}
			mustRun(t, "-q", "report", dir)
			page, err := os.ReadFile(filepath.Join(dir, "report.html"))
			if err != nil {
				t.Fatal(err)
			}
			looked := map[string]string{"--json": shown}
			if c.name == "words" { // what bytes and pieces of bytes write may be no text
				looked["the report"] = string(page)
			}
			for what, s := range looked {
				if i := strings.IndexRune(s, '\uFFFD'); i >= 0 {
					t.Errorf("%s has U+FFFD: %q", what, s[max(0, i-60):min(len(s), i+20)])
				}
			}
			heat := filepath.Join(dir, "heat.svg")
			mustRun(t, "-q", "trace", dir, "--text", c.sees, "--out", heat)
			if a := rnnscope(t, "", "errors", dir); a.status != console.ExitFailed || strings.Count(a.err, "\n") != 1 {
				t.Errorf("errors: exit %d, %q", a.status, a.err)
			}
		})
	}
	for _, flag := range []string{"words:1", "bpe", "bpe:256", "syllables"} {
		if a := rnnscope(t, "", "train", "synth:play", "--out", filepath.Join(t.TempDir(), "x"), "--tokens", flag); a.status != console.ExitUsage || !strings.Contains(a.err, "--tokens") {
			t.Errorf("--tokens %s: exit %d, %q", flag, a.status, a.err)
		}
	}
}
