package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/sweep"
	"github.com/rnnscope/rnnscope/synth"
)

// check parses every command line that the grid will run, and looks for its texts, before the
// first cell starts: a wrong flag in the last cell must not cost the others' hours. The error
// names all that is wrong.
func (c *sweepCmd) check(g *sweep.Grid, cells []sweep.Cell) error {
	var wrong []string
	say := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(wrong, s) {
			wrong = append(wrong, s)
		}
	}
	for _, t := range g.Texts {
		if err := textIsThere(t); err != nil {
			say("text: %v", err)
		}
	}
	for _, cell := range cells {
		cli, err := parsed(trainArgs(cell, "DIR")...)
		if err == nil {
			_, err = cli.Train.possible()
		}
		if err != nil {
			say("train: %v", err)
		}
	}
	for _, m := range g.Measures {
		words := strings.Fields(m)
		if !slices.Contains(measuring(), words[0]) {
			say("measures: %s: want one of %s", words[0], strings.Join(measuring(), ", "))
			continue
		}
		if _, err := parsed(append([]string{words[0], "DIR"}, words[1:]...)...); err != nil {
			say("measures: %s: %v", m, err)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return console.AsMisuse(fmt.Errorf("%w: nothing was started: %s", sweep.ErrGrid, strings.Join(wrong, "; ")))
}

// parsed reads a command line and runs nothing.
func parsed(args ...string) (*commands, error) {
	var cli commands
	m := &Main{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
	left := false
	_, err := m.parser(&cli, func(int) { left = true }).Parse(args)
	if err == nil && left {
		err = fmt.Errorf("%s asks for help", strings.Join(args, " "))
	}
	return &cli, err
}

// textIsThere reports what keeps a text of a grid from being found.
func textIsThere(t string) error {
	if name, ok := strings.CutPrefix(t, "synth:"); ok {
		if !slices.Contains(synth.Names(), name) {
			return fmt.Errorf("%s: choose one of synth:%s", t, strings.Join(synth.Names(), ", synth:"))
		}
		return nil
	}
	if t == "-" {
		return fmt.Errorf("-: every cell reads its text anew; give a file")
	}
	if _, err := os.Stat(t); err == nil {
		return nil
	}
	if found, err := filepath.Glob(t); err == nil && len(found) > 0 || strings.Contains(t, "**") {
		return nil
	}
	return fmt.Errorf("%s: there is no such file", t)
}
