package main

import (
	"bytes"
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// offered is what the program offers a shell after line.
func offered(t *testing.T, line string) []string {
	t.Helper()
	t.Setenv("COMP_LINE", line)
	t.Setenv("COMP_POINT", strconv.Itoa(len(line)))
	var out, errs bytes.Buffer
	m := &Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}
	if status := m.Run(context.Background(), nil); status != console.ExitOK {
		t.Fatalf("completing %q: status %d, %s", line, status, errs.String())
	}
	return strings.Fields(out.String())
}

func TestCompletionOffersWhatTheParserKnows(t *testing.T) {
	for line, want := range map[string]string{
		"rnnscope dis":                "dissect",
		"rnnscope corpus ":            "synth",
		"rnnscope report r --lang ":   "zh",
		"rnnscope train x --hid":      "--hidden",
		"rnnscope completion powersh": "powershell",
	} {
		found := false
		for _, word := range offered(t, line) {
			found = found || word == want
		}
		if !found {
			t.Errorf("after %q the program does not offer %q but %v", line, want, offered(t, line))
		}
	}
	for _, word := range offered(t, "rnnscope ") {
		if word == "man" {
			t.Error("a hidden command is offered")
		}
	}
}

// Bash itself must accept its script: a shell that is not there has its script only printed.
func TestCompletionScripts(t *testing.T) {
	check := map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "--no-execute"}}
	for shell, script := range completionScripts {
		var out bytes.Buffer
		m := &Main{Stdout: &out, Stderr: &out}
		if status := m.Run(context.Background(), []string{"completion", shell}); status != console.ExitOK || out.String() != script {
			t.Errorf("completion %s: status %d, %q", shell, status, out.String())
		}
		if check[shell] == nil {
			continue
		}
		if _, err := exec.LookPath(check[shell][0]); err != nil {
			continue
		}
		cmd := exec.Command(check[shell][0], check[shell][1:]...)
		cmd.Stdin = strings.NewReader(script)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v\n%s", shell, err, said)
		}
	}
}

func TestManualPageNamesEveryCommand(t *testing.T) {
	var out bytes.Buffer
	m := &Main{Stdout: &out, Stderr: &out}
	if status := m.Run(context.Background(), []string{"man"}); status != console.ExitOK {
		t.Fatalf("status %d: %s", status, out.String())
	}
	for _, want := range []string{".TH RNNSCOPE 1", "rnnscope dissect", "completion", "\\-\\-hidden=H"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the manual page lacks %q", want)
		}
	}
}
