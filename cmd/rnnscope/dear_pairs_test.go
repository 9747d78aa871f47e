package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// dear are commands whose work takes too long for TestFlagsInPairs: of each only is asked which pairs of
// flags it refuses. A context that is done ends those that would be heeded.
var dear = []flagged{
	{line: "dissect RUN", values: map[string]string{"bytes": "", "min-count": "2", "synth-size": "9000", "synth-seed": "2", "unknown": "skip", "concepts": "capital", "concept": "x=the", "labels": "LABELS",
		"sites": "l0.h", "untrained": "1", "step": "0", "workers": "1", "details": "", "matrix": "OUT.npz", "samples": "9000"}},
	{line: "ablate RUN", values: map[string]string{"units": "l0.h2", "concepts": "capital", "top": "1", "characters": "2000", "mode": "mean", "steer": "", "groups": "", "calibrate": "3", "seed": "2", "step": "0", "workers": "1", "unknown": "skip"}},
	{line: "memory RUN", values: map[string]string{"kinds": "paren", "pairs": "LABELS", "suites": "none", "at": "9", "order": "2", "step": "0", "seed": "2", "workers": "1", "experiment": "delays", "delays": "5", "delay-hidden": "4",
		"delay-steps": "3", "delay-seed": "2", "unknown": "skip", "bytes": "", "synth-size": "9000"}},
	{line: "quotes RUN", values: map[string]string{"marks": "()", "step": "0", "growth": "", "seed": "2", "experiment": "", "out": "OUT", "only": "straight", "lang": "zh", "networks": "1", "iterations": "2", "workers": "1", "unknown": "skip", "bytes": ""}},
	{line: "match RUN --passage=Hesaid --span=0:3", values: map[string]string{"file": "LABELS", "at": "4", "units": "l0.h2", "extreme": "4", "beyond": ".9", "off": ".7", "edges": "none", "within": "2", "right": "4:9", "wrong": "14:19",
		"places": "4", "as": "capital", "index": "", "refine": "", "draws": "9", "show": "3", "step": "0", "workers": "1", "unknown": "skip"}},
	{line: "patch RUN --clean=(a --corrupt=[a", values: map[string]string{"right": ")", "at": "1", "pairs": "LABELS", "sites": "l0.h", "top": "2", "step": "0", "workers": "1", "unknown": "skip"}},
	{line: "sweep GRID --out OUT", values: map[string]string{"workers": "1", "task": "0", "slurm": "", "requeue-code": "3", "lang": "zh"}},
}

// TestRefusedPairs holds which pairs of flags the dear commands refuse: testdata/refused_pairs.txt, written
// anew with -update. A pair that is not there is heeded, or one of its flags would be without effect.
func TestRefusedPairs(t *testing.T) {
	apart(t)
	dir, place := smallRun(t), t.TempDir()
	labels, grid := filepath.Join(place, "labels"), filepath.Join(place, "grid.yaml")
	for path, content := range map[string]string{labels: "He said so.\n", grid: "text: synth:play\ntrain:\n  hidden: 4\n"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	var got strings.Builder
	for _, c := range dear {
		command, _, _ := strings.Cut(c.line, " ")
		flags := slices.Sorted(maps.Keys(c.values))
		for i, a := range flags {
			var with []string
			for _, b := range flags[i+1:] {
				fill := strings.NewReplacer("RUN", dir, "GRID", grid, "LABELS", labels, "OUT", filepath.Join(t.TempDir(), "out"))
				words := strings.Fields(fill.Replace(c.line))
				for _, f := range []string{a, b} {
					words = append(words, "--"+f)
					if v := c.values[f]; v != "" {
						words[len(words)-1] += "=" + fill.Replace(v)
					}
				}
				var said bytes.Buffer
				m := &Main{Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said}
				switch status := m.Run(done, append([]string{"-q"}, words...)); status {
				case console.ExitUsage:
					with = append(with, b)
				case console.ExitOK, console.ExitFailed, console.ExitInterrupted:
				default:
					t.Errorf("%v: exit %d, %s", words, status, said.String())
				}
			}
			if len(with) > 0 {
				fmt.Fprintf(&got, "%s --%s: %s\n", command, a, strings.Join(with, " "))
			}
		}
	}
	path := filepath.Join("testdata", "refused_pairs.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("(-held +now):\n%s", d)
	}
}
