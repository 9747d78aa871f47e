package sweep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// keepGrid writes the grid into the directory, or takes its place there if it is a correction
// of the one that is there: every finished cell is in it with the same settings, and the same
// is measured. Runs that a changed or dropped cell had begun go to the folder replaced.
func (s *Sweep) keepGrid(grid []byte) error {
	path := filepath.Join(s.Dir, "grid.yaml")
	was, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case string(was) == string(grid):
		return nil
	default:
		old, err := Parse(was)
		if err != nil {
			return fmt.Errorf("%w: %s: its grid.yaml cannot be read: %w", ErrOther, s.Dir, err)
		}
		if err := s.correct(old); err != nil {
			return err
		}
	}
	return durable.WriteFile(path, func(w io.Writer) error { _, err := w.Write(grid); return err })
}

// correct puts aside what the cells of an older grid had begun under other settings.
func (s *Sweep) correct(old *Grid) error {
	other := func(why string, args ...any) error {
		return fmt.Errorf("%w: %s: %s; use another --out", ErrOther, s.Dir, fmt.Sprintf(why, args...))
	}
	if !s.hasAnswer(old) {
		return other("the grid differs from grid.yaml in it")
	}
	now := map[string]Cell{}
	for _, c := range s.cells {
		now[c.Name] = c
	}
	var changed []Cell
	for _, c := range old.Cells() {
		n, stays := now[c.Name]
		if stays && n.Text == c.Text && slices.EqualFunc(n.Flags, c.Flags, func(a, b Setting) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }) {
			continue
		}
		if _, err := os.Stat(s.donePath(c)); err == nil {
			return other("%s is finished in it, and the grid has it no longer or with other settings", c.Name)
		}
		changed = append(changed, c)
	}
	if !slices.Equal(old.Measures, s.Grid.Measures) {
		for _, c := range old.Cells() {
			if _, err := os.Stat(s.donePath(c)); err == nil {
				return other("%s is finished in it, and the grid measures something else", c.Name)
			}
		}
	}
	for _, c := range changed {
		if err := s.putAside(c); err != nil {
			return err
		}
	}
	return nil
}

// hasAnswer reports whether a cell of a grid has finished or failed: before that there is
// nothing to go on with under another grid.
func (s *Sweep) hasAnswer(g *Grid) bool {
	return slices.ContainsFunc(g.Cells(), func(c Cell) bool {
		_, done := os.Stat(s.donePath(c))
		_, failed := os.Stat(s.failedPath(c))
		return done == nil || failed == nil
	})
}

// putAside moves the run of a cell out of the way; nothing of it is lost.
func (s *Sweep) putAside(c Cell) error {
	if err := removeFile(s.failedPath(c)); err != nil {
		return err
	}
	if _, err := os.Stat(s.RunDir(c)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	folder := filepath.Join(s.Dir, "replaced")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for k := 1; ; k++ {
		to := filepath.Join(folder, fmt.Sprintf("%s.%d", c.Name, k))
		if _, err := os.Stat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(s.RunDir(c), to)
		}
	}
}
