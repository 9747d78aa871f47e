package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// answer is what one command line printed.
type answer struct {
	status   int
	out, err string
}

func rnnscope(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	m := &Main{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs}
	status := m.Run(context.Background(), args)
	return answer{status, out.String(), errs.String()}
}

func mustRun(t *testing.T, args ...string) answer {
	t.Helper()
	a := rnnscope(t, "", args...)
	if a.status != console.ExitOK {
		t.Fatalf("rnnscope %s: exit %d\n%s", strings.Join(args, " "), a.status, a.err)
	}
	answeredBySchema(t, args, a.out)
	return a
}

// apart skips in short a test of many command lines, one after the other, or of what they print: what they run on
// several goroutines is run in short, too, by TestGolden and in the rooms below.
func apart(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("many command lines, one after the other; what they run on several goroutines other tests run in short")
	}
}

// smallRun trains a small network once for all tests of this package.
func smallRun(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", dir,
		"--hidden", "16", "--iterations", "30", "--batch", "8", "--seq", "32", "--sample-length", "60")
	return dir
}

func TestHelpSaysEverything(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"train", "--help"}, {"corpus", "synth", "--help"}} {
		a := rnnscope(t, "", args...)
		if a.status != console.ExitOK || !strings.Contains(a.out, "Usage: rnnscope") || a.err != "" {
			t.Errorf("%v: exit %d, %q, %q", args, a.status, a.out, a.err)
		}
	}
	for _, command := range []string{"demo", "train", "resume", "sample", "evolution", "trace", "dissect", "report", "import"} {
		if a := rnnscope(t, "", command, "--help"); !strings.Contains(a.out, "Examples:") {
			t.Errorf("%s --help has no examples:\n%s", command, a.out)
		}
	}
}

// TestRefusals: one clear line, the right status, nothing left behind.
func TestRefusals(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	small := smallRun(t)
	novel := file("novel.txt", strings.Repeat("The cat sat on the mat, and so on. ", 400))
	out := filepath.Join(dir, "out")
	cases := []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"no such command", []string{"nonsense"}, console.ExitUsage, "nonsense"},
		{"missing file", []string{"train", filepath.Join(dir, "no.txt"), "--out", out}, console.ExitFailed, "no.txt"},
		{"empty text", []string{"train", file("empty.txt", ""), "--out", out}, console.ExitFailed, "empty"},
		{"one symbol", []string{"train", file("one.txt", strings.Repeat("a", 5000)), "--out", out}, console.ExitFailed, "one distinct symbol"},
		{"too short", []string{"train", file("short.txt", "abcabc"), "--out", out}, console.ExitFailed, "too short"},
		{"not UTF-8", []string{"train", file("latin.txt", "caf\xe9"+strings.Repeat(" ab", 4000)), "--out", out}, console.ExitFailed, "--bytes"},
		{"existing directory", []string{"train", novel, "--out", dir}, console.ExitFailed, "exists"},
		{"no hidden units", []string{"train", novel, "--out", out, "--hidden", "0"}, console.ExitUsage, "0 hidden units"},
		{"absurd size", []string{"train", novel, "--out", out, "--hidden", "90000000"}, console.ExitUsage, "90000000 units"},
		{"bad rate", []string{"train", novel, "--out", out, "--lr=-1"}, console.ExitUsage, ""},
		{"foreign prompt for samples", []string{"train", novel, "--out", out, "--prompt", "中"}, console.ExitFailed, "中"},
		{"unknown synth", []string{"train", "synth:nothing", "--out", out}, console.ExitUsage, "nothing"},
		{"not a run", []string{"sample", dir}, console.ExitFailed, "not a run"},
		{"foreign prompt", []string{"sample", small, "--prompt", "中"}, console.ExitFailed, "U+4E2D"},
		{"bad temperature", []string{"sample", small, "--temperature=-1"}, console.ExitUsage, "temperature"},
		{"no such step", []string{"sample", small, "--step", "12345"}, console.ExitUsage, "12345"},
		{"step below the first", []string{"sample", small, "--step=-3"}, console.ExitUsage, "--step -3"},
		{"fewer samples than none", []string{"dissect", small, "--samples=-1"}, console.ExitUsage, "--samples -1"},
		{"no such site", []string{"trace", small, "--text", "a", "--sites", "l7.h"}, console.ExitUsage, "l7.h"},
		{"nothing to trace", []string{"trace", small}, console.ExitUsage, "--text or --file"},
		{"unknown ending", []string{"trace", small, "--text", "a", "--out", filepath.Join(dir, "x.docx")}, console.ExitUsage, "ending"},
		{"unknown concept", []string{"dissect", small, "--concepts", "rhymes"}, console.ExitUsage, "rhymes"},
		{"foreign weights", []string{"import", file("w.safetensors", "not one"), "--alphabet", file("a.json", `["a","b"]`), "--out", out}, console.ExitFailed, "w.safetensors"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := rnnscope(t, "", c.args...)
			if a.status != c.status {
				t.Errorf("exit %d, want %d: %s", a.status, c.status, a.err)
			}
			if !strings.Contains(a.err, c.says) || !strings.HasPrefix(a.err, "rnnscope: ") {
				t.Errorf("error %q does not say %q", a.err, c.says)
			}
			if a.status == console.ExitFailed && strings.Count(strings.TrimSpace(a.err), "\n") > 0 {
				t.Errorf("more than one line: %q", a.err)
			}
			if a.out != "" {
				t.Errorf("standard output is not empty: %q", a.out)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}

func TestSampleRepeats(t *testing.T) {
	dir := smallRun(t)
	first := mustRun(t, "sample", dir, "-n", "100", "--seed", "7").out
	if second := mustRun(t, "sample", dir, "-n", "100", "--seed", "7").out; second != first {
		t.Errorf("same seed, other text:\n%q\n%q", first, second)
	}
	if other := mustRun(t, "sample", dir, "-n", "100", "--seed", "8").out; other == first {
		t.Error("another seed gave the same text")
	}
}

func TestJSONIsOneObject(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	for _, args := range [][]string{
		{"sample", dir, "-n", "20"},
		{"evolution", dir},
		{"trace", dir, "--text", "The cat"},
		{"dissect", dir, "--untrained", "1", "--concepts", "capital,in-quote"},
		{"report", dir},
		{"corpus", "stat", "synth:dyck", "--synth-size", "2000"},
		{"corpus", "synth", "dyck", "-n", "500"},
		{"version"},
	} {
		a := mustRun(t, append([]string{"--json"}, args...)...)
		dec := json.NewDecoder(strings.NewReader(a.out))
		var object map[string]any
		if err := dec.Decode(&object); err != nil || len(object) == 0 {
			t.Errorf("%v: %v", args, err)
		}
		if dec.More() {
			t.Errorf("%v: more than one object", args)
		}
	}
}

// TestResumeEqualsUndisturbed: a training cut in two at any step ends in the same weights.
func TestResumeEqualsUndisturbed(t *testing.T) {
	common := []string{"-q", "train", "synth:dyck", "--synth-size", "20000", "--hidden", "8", "--batch", "4", "--seq", "16",
		"--schedule", "constant", "--sample-length", "20"}
	dir := t.TempDir()
	whole, cut := filepath.Join(dir, "whole"), filepath.Join(dir, "cut")
	mustRun(t, append(common, "--iterations", "40", "--out", whole)...)
	mustRun(t, append(common, "--iterations", "23", "--out", cut)...)
	mustRun(t, "-q", "resume", cut, "--iterations", "40")
	name := filepath.Join("checkpoints", "step-00000040.safetensors")
	a, b := tensors(t, filepath.Join(whole, name)), tensors(t, filepath.Join(cut, name))
	if !bytes.Equal(a, b) {
		t.Error("the weights differ")
	}
}

// tensors is a safetensors file without its header, whose metadata name the run.
func tensors(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := int(b[0]) | int(b[1])<<8 | int(b[2])<<16 | int(b[3])<<24
	return b[8+header:]
}

// TestDamageComesWithAdvice: one line that names the damage and says what to do about it.
func TestDamageComesWithAdvice(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	path := filepath.Join(dir, "checkpoints", "step-00000030.safetensors")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-9] ^= 4
	for name, damaged := range map[string][]byte{"a flipped bit": flipped, "a cut": whole[:len(whole)/2]} {
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		a := rnnscope(t, "", "sample", dir, "--step", "30")
		if a.status != console.ExitFailed || !strings.Contains(a.err, "--step N") || strings.Count(strings.TrimSpace(a.err), "\n") > 0 {
			t.Errorf("%s: exit %d, %q", name, a.status, a.err)
		}
		mustRun(t, "-q", "sample", dir, "--step", "0", "-n", "5") // what the advice names works
	}
}

func TestUnknownKernels(t *testing.T) {
	t.Setenv(f32.KernelsEnv, "bogus")
	if a := rnnscope(t, "", "version"); a.status != console.ExitUsage || !strings.Contains(a.err, "RNNSCOPE_KERNELS") {
		t.Errorf("exit %d, %q", a.status, a.err)
	}
}
