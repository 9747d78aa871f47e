package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/run"
)

// exampleName is what open calls the example, and the file a release carries it in.
const exampleName = "example"

// exampleCommands make the example: RUN is its directory. The same seeds give the same run.
var exampleCommands = [][]string{
	{"train", "synth:wiki", "--synth-size", "600000", "--hidden", "48", "--iterations", "2500", "--out", "RUN"},
	{"evolution", "RUN"},
	{"dissect", "RUN"},
	{"ablate", "RUN", "--concepts", "url,wiki-link"},
	{"memory", "RUN"},
	{"explain", "RUN", "--untrained", "3"},
}

// example gives the directory of the example, which is unpacked or trained where it is not there yet.
func example(ctx context.Context, s *console.Session) (string, error) {
	dir, err := readyExample()
	if dir != "" || err != nil {
		return dir, err
	}
	if dir, err = exampleDir(); err != nil {
		return "", err
	}
	s.Note.Printf("training the example, once; it takes about a minute")
	return dir, wholeFolder(dir, func(half string) error { return makeExample(ctx, s, half) })
}

// makeExample runs the commands that make the example.
func makeExample(ctx context.Context, s *console.Session, dir string) error {
	for _, words := range exampleCommands {
		var args []string
		if s.Quiet {
			args = append(args, "-q")
		}
		for _, w := range words {
			args = append(args, strings.ReplaceAll(w, "RUN", dir))
		}
		m := &Main{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: s.Console.Stderr}
		if status := m.Run(ctx, args); status != console.ExitOK {
			return console.ExitWith{Status: status, Err: fmt.Errorf("the example could not be made: rnnscope %s failed", words[0])}
		}
	}
	return nil
}

// readyExample is the example's directory if it was made before or the release carries it; "" if neither.
func readyExample() (string, error) {
	dir, err := exampleDir()
	if err != nil {
		return "", nil // a machine without a home: it can be made nowhere, and nothing is wrong with that
	}
	if r, err := run.Open(dir); err == nil {
		return dir, r.Close()
	}
	for _, path := range examplePaths() {
		z, err := zip.OpenReader(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		defer z.Close()
		return dir, wholeFolder(dir, func(half string) error { return os.CopyFS(half, z) })
	}
	return "", nil
}

// exampleDir is where the example of this version is kept.
func exampleDir() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "rnnscope", console.ProgramVersion(), exampleName), err
}

// examplePaths are the places to which a release puts the example: beside the program, or under share where packages go.
func examplePaths() []string {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return nil
	}
	beside := filepath.Dir(program)
	return []string{filepath.Join(beside, exampleName+".zip"), filepath.Join(beside, "..", "share", "rnnscope", exampleName+".zip")}
}

// wholeFolder makes dir whole or not at all: it is filled under another name first. What stood there and could not be opened goes.
func wholeFolder(dir string, fill func(half string) error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	parent, err := os.MkdirTemp(filepath.Dir(dir), ".unfinished-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(parent)
	half := filepath.Join(parent, exampleName)
	if err := fill(half); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	err = os.Rename(half, dir)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	return err
}
