package text

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func alphabetFor(t testing.TB, s string, bytes bool) *Alphabet {
	t.Helper()
	a, err := alphabetOf([]byte(s), bytes, 0)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestGiven: byte order marks at the start of files and characters outside the alphabet are
// told where they stood, and nothing else is.
func TestGiven(t *testing.T) {
	a := alphabetFor(t, "abc\n", false)
	dir := t.TempDir()
	var paths []string
	for i, s := range []string{"\uFEFFaéb\n", "ccéé", "\uFEFFab"} {
		paths = append(paths, filepath.Join(dir, string(rune('1'+i))+".txt"))
		if err := os.WriteFile(paths[i], []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(context.Background(), paths, Options{}, a, UnknownSkip)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g, err := f.Original(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := Original{Len: 12, Omissions: []Span{{0, 1}, {2, 3}, {7, 10}}}
	if d := cmp.Diff(want, g); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	c, err := Read(context.Background(), paths, Options{})
	if err != nil || !slices.Equal(c.Dropped, []Span{{0, 1}, {9, 10}}) {
		t.Errorf("dropped of a text that is held: %v, %v", c.Dropped, err)
	}
	with, err := ReadWith(context.Background(), paths, Options{}, a, UnknownSkip)
	if err != nil || with.SHA256 != f.SHA256 || with.SHA256 != c.SHA256 {
		t.Errorf("one text has several digests: held %s, on its medium %s, with all characters %s; %v", with.SHA256, f.SHA256, c.SHA256, err)
	}
}

func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		read := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "read")
		g, before := Original{Len: n}, 0
		var at, want []int
		for i := range n + 1 {
			at, want = append(at, i), append(want, before)
			if i < n && read[i] {
				before++
			} else if i < n {
				g.leave(i)
			}
		}
		if got := g.Places(at); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for _, p := range at {
			if g.Place(p) != want[p] {
				t.Fatalf("%d stands at %d, want %d", p, g.Place(p), want[p])
			}
		}
	})
}

// TestGivenBytes: of bytes, characters are counted; a byte left out leaves no text to refer to.
func TestGivenBytes(t *testing.T) {
	raw := []byte("né「x」\n")
	a := alphabetFor(t, string(raw), true)
	path := filepath.Join(t.TempDir(), "b.txt")
	for _, s := range [][]byte{raw, append(bytes.Clone(raw), 'Z')} {
		if err := os.WriteFile(path, s, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(context.Background(), []string{path}, Options{}, a, UnknownSkip)
		if err != nil {
			t.Fatal(err)
		}
		g, err := f.Original(context.Background())
		f.Close()
		if len(s) == len(raw) && (err != nil || g.Len != 6 || g.Omissions != nil) {
			t.Errorf("%+v, %v", g, err)
		}
		if len(s) > len(raw) && !errors.Is(err, ErrUnknown) {
			t.Errorf("a byte was left out: %v", err)
		}
	}
}
