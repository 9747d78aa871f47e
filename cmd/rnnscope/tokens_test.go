package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/run"
)

// TestTokens goes through the commands with networks of words, of pieces and of the bytes of
// Chinese: what they show of the text is the text, and what they cannot do they say in a line.
func TestTokens(t *testing.T) {
	apart(t)
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
			if c.name != "bytes" {
				tokensToTheEnd(t, dir, c.name)
			}
		})
	}
	for _, flag := range []string{"words:1", "bpe", "bpe:256", "syllables"} {
		if a := rnnscope(t, "", "train", "synth:play", "--out", filepath.Join(t.TempDir(), "x"), "--tokens", flag); a.status != console.ExitUsage || !strings.Contains(a.err, "--tokens") {
			t.Errorf("--tokens %s: exit %d, %q", flag, a.status, a.err)
		}
	}
}

// tokensToTheEnd explains units of a network of tokens, matches a span and sorts its errors: sentences and
// fields speak of its symbols and not of characters, excerpts are the text's, places are where they say.
func tokensToTheEnd(t *testing.T, dir, kind string) {
	t.Helper()
	answer := func(v any, args ...string) {
		t.Helper()
		if err := json.Unmarshal([]byte(mustRun(t, append([]string{"-q", "--json"}, args...)...).out), v); err != nil {
			t.Fatal(err)
		}
	}
	one := strings.TrimSuffix(kind, "s")
	text := []string{dir, "synth:novel", "--synth-size", "240000", "--synth-seed", "7", "--unknown", "skip"}
	explained := mustRun(t, append([]string{"-q", "explain", "--sites", "l0.h", "--untrained", "0"}, text...)...).out
	for _, says := range []string{"scored on", "the last " + one + " ", "five " + kind + " fix", "nats a " + one} {
		if !strings.Contains(explained, says) {
			t.Errorf("explain does not say %q:\n%s", says, explained)
		}
	}
	var matched match.Result
	answer(&matched, "match", dir, "--passage", "He said that the old friend must not go.", "--span", "2:4", "--draws", "20")
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	corpus, err := r.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range matched.Places {
		if got := corpus.Alphabet.ShowString(corpus.IDs[p.Lo:p.Hi]); got != p.Text || p.Hi-p.Lo != 2 || strings.ContainsRune(p.Before+p.Text+p.After, '\uFFFD') {
			t.Errorf("match: %q at %d to %d, where the text has %q", p.Text, p.Lo, p.Hi, got)
		}
	}
	var sorted mistakes.Result
	answer(&sorted, append([]string{"errors"}, text...)...)
	if string(sorted.Symbols) != kind || sorted.Wrong == 0 || len(sorted.Gains) < 50 || len(matched.Places) == 0 {
		t.Errorf("%d places; errors: %d of %d %s, %d gains", len(matched.Places), sorted.Wrong, sorted.Characters, sorted.Symbols, len(sorted.Gains))
	}
	for _, k := range sorted.Causes {
		for _, e := range k.Worst {
			if strings.ContainsRune(e.Before+e.Char+e.After, '\uFFFD') || e.Char == "" {
				t.Errorf("errors: %q %q %q", e.Before, e.Char, e.After)
			}
		}
	}
	if i := strings.Index(explained, "character"); i >= 0 {
		t.Errorf("a table of %s speaks of characters: %q", kind, explained[max(0, i-60):i+20])
	}
}
