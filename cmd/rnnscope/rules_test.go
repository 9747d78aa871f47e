package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestRulesOfOtherTexts: a concept that is a rule for another kind of text gets a verdict
// neither from dissect nor from ablate, and both say why.
func TestRulesOfOtherTexts(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "wiki.txt")
	line := "see [//host.org/x one] and ''this'' for $10 or $20 of \"it\" and /* that */ here.\n"
	if err := os.WriteFile(file, []byte(strings.Repeat(line, 900)), 0o644); err != nil {
		t.Fatal(err)
	}
	net := filepath.Join(dir, "run")
	mustRun(t, "-q", "train", file, "--out", net, "--hidden", "4", "--iterations", "3", "--sample-length", "10")
	var out struct {
		Concepts []struct{ Concept string }
		Others   []struct{ Concept, Reason string } `json:"other_rules"`
	}
	a := mustRun(t, "-q", "--json", "dissect", net, "--untrained", "0", "--concepts", "comment,quote-straight,latex-math")
	if err := json.Unmarshal([]byte(a.out), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Concepts) != 1 || out.Concepts[0].Concept != "quote-straight" || len(out.Others) != 2 || out.Others[0].Reason == "" {
		t.Errorf("%+v", out)
	}
	if a := mustRun(t, "-q", "dissect", net, "--untrained", "0", "--details", "--concepts", "comment,quote-straight"); !strings.Contains(a.out, "rule for another kind of text") {
		t.Errorf("no word of it in\n%s", a.out)
	}
	if a := mustRun(t, "-q", "dissect", net, "--untrained", "0", "--concepts", "comment"); !strings.Contains(a.out, "Inside a comment") {
		t.Errorf("no word of it in\n%s", a.out)
	}
	b := rnnscope(t, "", "ablate", net, "--concepts", "comment", "--units", "l0.h1")
	if b.status != console.ExitFailed || !strings.Contains(b.err, "comment is a rule for another kind of text") {
		t.Errorf("exit %d\n%s", b.status, b.err)
	}
}
