package console

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

// OpenWriter opens a run that this command adds to.
func OpenWriter(s *Session, dir string) (*run.Run, error) {
	return run.OpenWriter(dir, s.Console.CommandLine())
}

// OpenKeeper opens a run that this command adds to what it measured. One that cannot be written,
// or that another process is writing, is opened for reading, with a warning: the answer is
// printed all the same, see keep. Where writing fails for another reason (a full disk) the
// answer is printed, too, and the command fails. Where answers must be kept it is not opened.
func OpenKeeper(s *Session, dir string) (*run.Run, error) {
	r, err := OpenWriter(s, dir)
	if err == nil || errors.Is(err, run.ErrCorrupt) || errors.Is(err, run.ErrNotRun) || errors.Is(err, run.ErrNewer) {
		return r, err
	}
	reader, e := run.Open(dir)
	if e != nil {
		return nil, err
	}
	switch {
	case s.MustKeep:
		reader.Close()
		return nil, fmt.Errorf("what is measured could not be kept: %w", err)
	case errors.Is(err, run.ErrLocked):
		fmt.Fprintf(s.Console.Stderr, "rnnscope: %s is being written by another process: what is measured is printed and not kept\n", text.Printable(dir))
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, run.ErrReadOnly):
		fmt.Fprintf(s.Console.Stderr, "rnnscope: %s cannot be written: what is measured is printed and not kept\n", text.Printable(dir))
	default:
		s.NotKept = append(s.NotKept, err)
	}
	return reader, nil
}

// Keep stores what was measured, at once and durably, in a run from openKeeper. err is what
// putting it there said. Where it cannot be stored the command goes on to print it, and fails
// in the end; where that was told when the run was opened, it is no failure.
func (s *Session) Keep(r *run.Run, err error) {
	if err == nil {
		err = r.Keep()
	}
	if err != nil && !errors.Is(err, run.ErrReadOnly) {
		s.NotKept = append(s.NotKept, err)
	}
}

// Close lets go of a run. What still waited to be written and could not be is told.
func (s *Session) Close(r *run.Run) {
	if err := r.Close(); err != nil {
		s.NotKept = append(s.NotKept, err)
	}
}

// Weights reads the network of a run: of a step, or for -1, what --step is by default, the newest.
func Weights(s *Session, r *run.Run, step int64) (*checkpoint.Checkpoint, error) {
	if step < -1 {
		return nil, Misusef("--step %d: want a step of the training", step)
	}
	if step >= 0 {
		ck, err := r.Checkpoint(step)
		if errors.Is(err, run.ErrNoCheckpoint) {
			return nil, Misuse{err}
		}
		return ck, err
	}
	ck, err := r.Latest()
	for _, n := range r.Notes() {
		s.Note.Warnf("%s", text.Printable(n))
	}
	return ck, err
}

// ReadNetwork opens a run for reading, with its network of a step or the newest. The caller closes the run.
func ReadNetwork(s *Session, dir string, step int64) (*run.Run, *checkpoint.Checkpoint, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	ck, err := Weights(s, r, step)
	if err != nil {
		s.Close(r)
		return nil, nil, err
	}
	return r, ck, nil
}

// OpenNetwork is openKeeper, with the network of a step or the newest. The caller closes the run.
func OpenNetwork(s *Session, dir string, step int64) (*run.Run, *checkpoint.Checkpoint, error) {
	r, err := OpenKeeper(s, dir)
	if err != nil {
		return nil, nil, err
	}
	ck, err := Weights(s, r, step)
	if err != nil {
		s.Close(r)
		return nil, nil, err
	}
	return r, ck, nil
}

// MustNotExist refuses an output directory that is there already.
func MustNotExist(dir string) error {
	_, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s already exists; choose another name", dir)
}

// ShellWord quotes a word so that it can be pasted into a shell.
func ShellWord(w string) string {
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
