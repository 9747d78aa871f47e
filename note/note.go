// Package note holds what people write about a run: labels and comments on units and on places of the text. Notes lie beside the run in a
// file of their own, written whole or not at all, under a lock of their own, so that they never wait for a training that holds the run's.
package note

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// FileName is the name of a run's notes in its directory; LockName that of the file whose lock a writer holds.
const (
	FileName = "notes.json"
	LockName = "notes.lock"
)

// Limits of notes.
const (
	MostNotes   = 10_000
	MostLabel   = 120  // characters
	MostComment = 4000 // characters

	fileLimit = 64 << 20
	patience  = 5 * time.Second // with another writer
)

// Errors; match with errors.Is.
var (
	ErrInput   = errors.New("no such note can be kept")
	ErrNoNote  = errors.New("there is no such note")
	ErrCorrupt = errors.New("the notes are damaged")
	ErrBusy    = errors.New("somebody else is writing notes")
)

// Note is a label or a comment on a unit, on a place, or on a unit at a place.
type Note struct {
	ID      string    `json:"id"`      // hex, given by Put
	Site    string    `json:"site"`    // "" when not about a unit
	Unit    int       `json:"unit"`    // of the site, from 0; -1 when not about a unit
	At      int       `json:"at"`      // first symbol of the run's text, from 0; -1 when not about a place
	Length  int       `json:"length"`  // symbols of the place; 0 without a place
	Text    string    `json:"text"`    // what stands there, so that a reader need not look it up
	Step    int64     `json:"step"`    // of the weights that were looked at; -1: not said
	Label   string    `json:"label"`   // a few words
	Comment string    `json:"comment"` // as many as are needed
	Made    time.Time `json:"made"`
	Changed time.Time `json:"changed"`
}

// OfUnit reports whether a note is about a unit.
func (n Note) OfUnit() bool { return n.Site != "" }

// OfPlace reports whether a note is about a place.
func (n Note) OfPlace() bool { return n.At >= 0 }

var site = regexp.MustCompile(`^l[0-9]{1,4}\.[a-z]{1,8}$`)

// check refuses what is not about anything, says nothing or is too long; it takes out what no reader could see.
func (n *Note) check() error {
	n.Label, n.Comment = clean(n.Label, false), clean(n.Comment, true)
	n.Text = clean(n.Text, true)
	switch {
	case n.Site == "" && n.At < 0:
		return fmt.Errorf("%w: it is about no unit and no place", ErrInput)
	case n.Site != "" && (!site.MatchString(n.Site) || n.Unit < 0 || n.Unit > 1<<20):
		return fmt.Errorf("%w: unit %d of site %q", ErrInput, n.Unit, n.Site)
	case n.At > 1<<40 || n.Length < 0 || n.Length > 1<<20 || n.At >= 0 && n.Length == 0:
		return fmt.Errorf("%w: %d symbols at %d", ErrInput, n.Length, n.At)
	case n.Label == "" && n.Comment == "":
		return fmt.Errorf("%w: it says nothing", ErrInput)
	case utf8.RuneCountInString(n.Label) > MostLabel || utf8.RuneCountInString(n.Comment) > MostComment:
		return fmt.Errorf("%w: a label has at most %d characters, a comment %d", ErrInput, MostLabel, MostComment)
	}
	if n.Site == "" {
		n.Unit = -1
	}
	if n.At < 0 {
		n.At, n.Length, n.Text = -1, 0, ""
	}
	if r := []rune(n.Text); len(r) > MostComment {
		n.Text = string(r[:MostComment])
	}
	return nil
}

// clean is text as people write it: valid, without control characters; lines only where they are asked for.
func clean(s string, lines bool) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines || r == '\t' && lines:
			return r
		case r == '\n' || r == '\t':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), ""))
	return strings.TrimSpace(s)
}

// Read gives the notes of a run, the units' first, by unit and place; none where nothing was ever written. Errors match ErrCorrupt, or are
// the file system's.
func Read(ctx context.Context, dir string) ([]Note, error) {
	if err := plain(filepath.Join(dir, FileName)); err != nil {
		return nil, err
	}
	b, err := durable.ReadFile(ctx, filepath.Join(dir, FileName), fileLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return []Note{}, nil
	}
	if err != nil {
		return nil, err
	}
	all := []Note{}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", filepath.Join(dir, FileName), ErrCorrupt, err)
	}
	if len(all) > MostNotes {
		return nil, fmt.Errorf("%s: %w: %d notes, at most %d can have been written", filepath.Join(dir, FileName), ErrCorrupt, len(all), MostNotes)
	}
	for i := range all {
		if err := all[i].check(); err != nil {
			return nil, fmt.Errorf("%s: %w: note %d: %w", filepath.Join(dir, FileName), ErrCorrupt, i, err)
		}
	}
	order(all)
	return all, nil
}

// plain refuses what is no file of its own: a link would lead out of the run.
func plain(path string) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: it is no plain file", path, ErrCorrupt)
	}
	return nil
}

func order(all []Note) {
	slices.SortFunc(all, func(a, b Note) int {
		if a.OfUnit() != b.OfUnit() {
			return map[bool]int{true: -1, false: 1}[a.OfUnit()]
		}
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.At, b.At), a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID))
	})
}

// Put keeps a note: a new one when it has no ID, otherwise in the place of that one. It returns it as kept. Errors match ErrInput,
// ErrNoNote, ErrBusy or ErrCorrupt, or are the file system's.
func Put(ctx context.Context, dir string, n Note) (Note, error) {
	if err := n.check(); err != nil {
		return n, err
	}
	return n, change(ctx, dir, func(all []Note) ([]Note, error) {
		n.Changed = time.Now().UTC().Truncate(time.Second)
		if n.ID == "" {
			if len(all) == MostNotes {
				return nil, fmt.Errorf("%w: a run has at most %d", ErrInput, MostNotes)
			}
			var id [8]byte
			rand.Read(id[:])
			n.ID, n.Made = hex.EncodeToString(id[:]), n.Changed
			return append(all, n), nil
		}
		i := slices.IndexFunc(all, func(o Note) bool { return o.ID == n.ID })
		if i < 0 {
			return nil, fmt.Errorf("%w: %q", ErrNoNote, n.ID)
		}
		n.Made = all[i].Made
		all[i] = n
		return all, nil
	})
}

// Remove takes a note away. Errors are those of Put.
func Remove(ctx context.Context, dir, id string) error {
	return change(ctx, dir, func(all []Note) ([]Note, error) {
		i := slices.IndexFunc(all, func(o Note) bool { return o.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("%w: %q", ErrNoNote, id)
		}
		return slices.Delete(all, i, i+1), nil
	})
}

// change reads, changes and writes the notes while it holds their lock: two writers lose nothing of each other.
func change(ctx context.Context, dir string, do func([]Note) ([]Note, error)) error {
	if err := plain(filepath.Join(dir, LockName)); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := wait(ctx, lock); err != nil {
		return err
	}
	all, err := Read(ctx, dir)
	if err != nil {
		return err
	}
	if all, err = do(all); err != nil {
		return err
	}
	order(all)
	return durable.WriteFile(filepath.Join(dir, FileName), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(all)
	})
}

func wait(ctx context.Context, lock *os.File) error {
	for until := time.Now().Add(patience); ; {
		err := durable.TryLock(lock)
		if !errors.Is(err, durable.ErrLocked) {
			return err
		}
		if time.Now().After(until) {
			return ErrBusy
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
