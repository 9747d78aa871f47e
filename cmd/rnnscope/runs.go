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
	"github.com/rnnscope/rnnscope/text"
)

// openWriter opens a run that this command adds to.
func openWriter(s *session, dir string) (*run.Run, error) {
	return run.OpenWriter(dir, s.main.commandLine())
}

// openKeeper opens a run that this command adds to what it measured. One that cannot be written,
// or that another process is writing, is opened for reading, with a warning: the answer is
// printed all the same, see keep. Where writing fails for another reason (a full disk) the
// answer is printed, too, and the command fails.
func openKeeper(s *session, dir string) (*run.Run, error) {
	r, err := openWriter(s, dir)
	if err == nil || errors.Is(err, run.ErrCorrupt) || errors.Is(err, run.ErrNotRun) || errors.Is(err, run.ErrNewer) {
		return r, err
	}
	reader, e := run.Open(dir)
	if e != nil {
		return nil, err
	}
	switch {
	case errors.Is(err, run.ErrLocked):
		fmt.Fprintf(s.main.Stderr, "rnnscope: %s is being written by another process: what is measured is printed and not kept\n", text.Printable(dir))
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, run.ErrReadOnly):
		fmt.Fprintf(s.main.Stderr, "rnnscope: %s cannot be written: what is measured is printed and not kept\n", text.Printable(dir))
	default:
		s.notKept = append(s.notKept, err)
	}
	return reader, nil
}

// keep stores what was measured, at once and durably, in a run from openKeeper. err is what
// putting it there said. Where it cannot be stored the command goes on to print it, and fails
// in the end; where that was told when the run was opened, it is no failure.
func (s *session) keep(r *run.Run, err error) {
	if err == nil {
		err = r.Keep()
	}
	if err != nil && !errors.Is(err, run.ErrReadOnly) {
		s.notKept = append(s.notKept, err)
	}
}

// close lets go of a run. What still waited to be written and could not be is told.
func (s *session) close(r *run.Run) {
	if err := r.Close(); err != nil {
		s.notKept = append(s.notKept, err)
	}
}

// weights reads the network of a run: of a step, or for -1, what --step is by default, the newest.
func weights(s *session, r *run.Run, step int64) (*checkpoint.Checkpoint, error) {
	if step < -1 {
		return nil, misused("--step %d: want a step of the training", step)
	}
	if step >= 0 {
		ck, err := r.Checkpoint(step)
		if errors.Is(err, run.ErrNoCheckpoint) {
			return nil, misuse{err}
		}
		return ck, err
	}
	ck, err := r.Latest()
	for _, n := range r.Notes() {
		s.note.Printf("%s", text.Printable(n))
	}
	return ck, err
}

// readNetwork opens a run for reading, with its network of a step or the newest. The caller closes the run.
func readNetwork(s *session, dir string, step int64) (*run.Run, *checkpoint.Checkpoint, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	ck, err := weights(s, r, step)
	if err != nil {
		s.close(r)
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
	ck, err := weights(s, r, step)
	if err != nil {
		s.close(r)
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
	if text.Printable(w) != w {
		return "$'" + text.Printable(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(w)) + "'"
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
