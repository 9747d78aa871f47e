package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/run"
)

// openWriter opens a run that this command adds to.
func openWriter(s *session, dir string) (*run.Run, error) {
	return run.OpenWriter(dir, s.main.commandLine())
}

// openKeeper opens a run that this command adds to what it measured. One that cannot be written
// is opened for reading, with a warning: the answer is printed all the same, see kept.
func openKeeper(s *session, dir string) (*run.Run, error) {
	r, err := openWriter(s, dir)
	denied := errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, run.ErrReadOnly)
	if !denied {
		return r, err
	}
	reader, e := run.Open(dir)
	if e != nil {
		return nil, err
	}
	fmt.Fprintf(s.main.Stderr, "rnnscope: %s cannot be written: what is measured is printed and not kept\n", dir)
	return reader, nil
}

// kept is what came of storing a measurement, in a run from openKeeper: where nothing can be
// kept, which was told when the run was opened, that is no failure.
func kept(err error) error {
	if errors.Is(err, run.ErrReadOnly) {
		return nil
	}
	return err
}

// weights reads the network of a run: of a step, or for -1, what --step is by default, the newest.
func weights(r *run.Run, step int64) (*checkpoint.Checkpoint, error) {
	if step < -1 {
		return nil, fmt.Errorf("--step %d: want a step of the training", step)
	}
	if step >= 0 {
		return r.Checkpoint(step)
	}
	return r.Latest()
}

// readNetwork opens a run for reading, with its network of a step or the newest. The caller closes the run.
func readNetwork(dir string, step int64) (*run.Run, *checkpoint.Checkpoint, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	ck, err := weights(r, step)
	if err != nil {
		r.Close()
		return nil, nil, err
	}
	return r, ck, nil
}

// openNetwork is openKeeper, with the network of a step or the newest. The caller closes the run.
func openNetwork(s *session, dir string, step int64) (*run.Run, *checkpoint.Checkpoint, error) {
	r, err := openKeeper(s, dir)
	if err != nil {
		return nil, nil, err
	}
	ck, err := weights(r, step)
	if err != nil {
		r.Close()
		return nil, nil, err
	}
	return r, ck, nil
}

// mustNotExist refuses an output directory that is there already.
func mustNotExist(dir string) error {
	_, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s already exists; choose another name", dir)
}

// shellWord quotes a word so that it can be pasted into a shell.
func shellWord(w string) string {
	plain := func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '/' || r == ':' || r == ',' || r == '=' || r == '@' || r == '+' ||
			'0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 0x7f
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	if strings.ContainsAny(w, "\n\t") {
		return "$" + strings.ReplaceAll("'"+strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "'", `\'`).Replace(w)+"'", "\x00", "")
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
