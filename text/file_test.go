package text

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// longText is n characters of one to four bytes, so that chunks cut through them.
func longText(n int, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	kinds := []rune("abcdefghij \r\né中文😀x")
	var b strings.Builder
	for range n {
		b.WriteRune(kinds[rng.IntN(len(kinds))])
	}
	return b.String()
}

func write(t *testing.T, name, s string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sameAsHeld opens the inputs and holds every symbol and note against ReadWith.
func sameAsHeld(t *testing.T, inputs []string, stdin string, a *Alphabet, u UnknownPolicy) {
	t.Helper()
	ctx := context.Background()
	want, wantErr := ReadWith(ctx, inputs, Options{Stdin: strings.NewReader(stdin)}, a, u)
	f, err := Open(ctx, inputs, Options{Stdin: strings.NewReader(stdin)}, a, u)
	// A text that is not held names its first fault, whichever it is.
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() && !(errors.Is(err, ErrUnknown) && errors.Is(wantErr, ErrEncoding)) {
		t.Fatalf("error %v, held %v", err, wantErr)
	}
	if err != nil {
		return
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	got := make([]int32, f.Len())
	if err := f.Read(got, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want.IDs) {
		t.Fatalf("%d symbols, held %d, or other ones", len(got), len(want.IDs))
	}
	if d := cmp.Diff(want.Notes, f.Notes); d != "" || f.Name != want.Name {
		t.Errorf("notes of %s (want first): %s", f.Name, d)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		lo := rng.IntN(f.Len())
		n := min(f.Len()-lo, rng.IntN(6000))
		part := make([]int32, n)
		if err := f.Read(part, lo); err != nil || !slices.Equal(part, want.IDs[lo:lo+n]) {
			t.Fatalf("symbols %d to %d differ: %v", lo, lo+n, err)
		}
	}
}

func TestFileEqualsHeld(t *testing.T) {
	long := longText(100_000, 1)
	all, err := NewAlphabet([]rune("abcdefghij \r\né中文😀x"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	few, err := NewAlphabet([]rune("abc \n中"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	masked, err := NewAlphabet([]rune("abc \n中"), false, true)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]rune, 256)
	for i := range raw {
		raw[i] = rune(i)
	}
	bytewise, err := NewAlphabet(raw, true, false)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(long)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	plain, marked := write(t, "long.txt", long), write(t, "marked.txt", "\uFEFFabc\r\nabc")
	inputs := [][]string{
		{plain}, {marked, plain}, {filepath.Dir(plain)}, {write(t, "long.txt.gz", packed.String())}, {"-"}, {marked, "-", plain, plain},
		{write(t, "cut.txt", long+"\xE4\xB8")}, {write(t, "bad.txt", long+"\xFFabc")}, {write(t, "empty.txt", "")},
		{write(t, "damaged.gz", packed.String()[:packed.Len()/2])}, {write(t, "not.gz", "abc")}, {filepath.Join(t.TempDir(), "none")},
	}
	for _, in := range inputs {
		for _, a := range []*Alphabet{all, few, masked, bytewise} {
			for _, u := range []UnknownPolicy{UnknownError, UnknownSkip} {
				sameAsHeld(t, in, long, a, u)
			}
		}
	}
}

// TestLargeSpool: what does not fit into memory goes to a file, which Close removes; where
// open files may lose their name, a program that is killed leaves nothing either.
func TestLargeSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, err := NewAlphabet([]rune("abcdefghij \r\né中文😀x"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	long := longText(3_000_000, 2)
	sameAsHeld(t, []string{"-"}, long, a, UnknownError)
	f, err := Open(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(long)}, a, UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	if f.keeper.spool.file == nil {
		t.Error("the text is held in memory")
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); runtime.GOOS != "windows" && (err != nil || len(left) > 0) {
		t.Errorf("a temporary file with a name: %v %v", left, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestFileThatChanges(t *testing.T) {
	path := write(t, "text.txt", longText(100_000, 3))
	a, err := NewAlphabet([]rune("abcdefghij \r\né中文😀x"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(context.Background(), []string{path}, Options{}, a, UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	if err := f.Read(make([]int32, 100), f.Len()-100); err == nil {
		t.Error("a text cut short can still be read")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("中", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Read(make([]int32, f.Len()), 0); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrEncoding) {
		t.Errorf("another text in its place: %v", err)
	}
}

func TestTilingsAreTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 900).Draw(t, "size")
		lo := rapid.IntRange(0, 3000).Draw(t, "lo")
		hi := lo + rapid.IntRange(0, 5000).Draw(t, "n")
		var want []Block
		for at := max(lo, WarmUp); at < hi; at += size {
			want = append(want, Block{Index: len(want), Warm: at - WarmUp, Lo: at, Hi: min(at+size, hi)})
		}
		if d := cmp.Diff(want, Grid{Size: size}.Tiling(Span{lo, hi}).list()); d != "" {
			t.Fatal(d)
		}
		var even, odd []Block
		for i, warm := 0, 0; warm+WarmUp < hi; i, warm = i+1, warm+WarmUp+size {
			b := Block{Index: i, Warm: warm, Lo: warm + WarmUp, Hi: min(warm+WarmUp+size, hi)}
			if i%2 == 0 {
				even = append(even, b)
			} else {
				odd = append(odd, b)
			}
		}
		e, o := AlternatingTilings(hi, size)
		if d := cmp.Diff(even, e.list()) + cmp.Diff(odd, o.list()); d != "" {
			t.Fatal(d)
		}
	})
}

func BenchmarkFile(b *testing.B) {
	s := strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 200_000)
	path := filepath.Join(b.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := Read(context.Background(), []string{path}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			f, err := Open(context.Background(), []string{path}, Options{}, c.Alphabet, UnknownError)
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	f, err := Open(context.Background(), []string{path}, Options{}, c.Alphabet, UnknownError)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		dst := make([]int32, 1<<18)
		for b.Loop() {
			for at := 0; at+len(dst) <= f.Len(); at += len(dst) {
				if err := f.Read(dst, at); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("block", func(b *testing.B) {
		dst := make([]int32, 4500)
		for b.Loop() {
			if err := f.Read(dst, 1_000_000); err != nil {
				b.Fatal(err)
			}
		}
	})
}
