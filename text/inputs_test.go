package text

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// folderOf makes files in a new folder; a name that ends in > links to what follows.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		link, target, isLink := strings.Cut(name, ">")
		path := filepath.Join(dir, link)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if isLink {
			if runtime.GOOS == "windows" {
				t.Skip("links need a privilege on Windows")
			}
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFoldersLinksAndPatterns(t *testing.T) {
	dir := folderOf(t, map[string]string{
		"tree/a/x.txt": "ab", "tree/a/b/y.txt": "cd", "tree/.hidden/z.txt": "no", "tree/a/.secret.txt": "no",
		"linked>tree": "", "twin.txt>tree/a/x.txt": "", "tree/b/loop>..": "",
	})
	for pattern, want := range map[string]string{
		"tree": "cdab", "linked": "cdab", "tree/**": "cdab", "tree/**/*.txt": "cdab", "**/y.txt": "cd", "linked/a": "cdab",
		"tree/a/*.txt": "ab", "tree/a/**/x.txt": "ab", "./tree/../tree/**/x.txt": "ab", "linked/**/y.txt": "cd",
	} {
		for _, in := range []string{filepath.Join(dir, pattern), dir + "/" + pattern} {
			c, err := Read(t.Context(), []string{in}, Options{})
			if err != nil || string(c.Raw) != want {
				t.Errorf("%s: %v, %v, want %q", pattern, c, err, want)
			}
		}
	}
	// The same file under three names is read once.
	c, err := Read(t.Context(), []string{filepath.Join(dir, "twin.txt"), filepath.Join(dir, "tree/a/x.txt"), filepath.Join(dir, "linked")}, Options{})
	if err != nil || string(c.Raw) != "abcd" {
		t.Errorf("%q, %v", c.Raw, err)
	}
}

func TestByteOrderMarks(t *testing.T) {
	dir := folderOf(t, map[string]string{"two.txt": "\ufeff\ufeffab", "only.txt": "\ufeff\ufeff"})
	path := filepath.Join(dir, "two.txt")
	c, err := Read(t.Context(), []string{path}, Options{})
	if err != nil || string(c.Raw) != "ab" || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "2 byte order marks") {
		t.Fatalf("%v, %v", c, err)
	}
	f, err := Open(t.Context(), []string{path}, Options{}, c.Alphabet, UnknownError)
	if err != nil || f.Len() != 2 || f.SHA256 != c.SHA256 || f.Notes[0] != c.Notes[0] {
		t.Fatalf("%v, %v", f, err)
	}
	defer f.Close()
	if g, err := f.Original(t.Context()); err != nil || g.Len != 4 || g.Place(2) != 0 || g.Place(3) != 1 {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := Read(t.Context(), []string{filepath.Join(dir, "only.txt")}, Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing but marks: %v", err)
	}
}

func TestNotesOnOtherEncodings(t *testing.T) {
	words := strings.Repeat("the cat sat on the mat\r", 50)
	var wide []byte
	for _, u := range utf16.Encode([]rune(strings.Repeat("the cat sat. ", 50))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, c := range map[string]struct{ content, says string }{
		"mac.txt":  {words, "CR alone"},
		"le.txt":   {string(wide), "UTF-16LE"},
		"be.txt":   {string(append([]byte{0}, wide[:len(wide)-1]...)), "UTF-16BE"},
		"dos.txt":  {strings.ReplaceAll(words, "\r", "\r\n"), "CR LF"},
		"unix.txt": {strings.ReplaceAll(words, "\r", "\n"), ""},
	} {
		path := filepath.Join(folderOf(t, map[string]string{name: c.content}), name)
		got, err := Read(t.Context(), []string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(got.Notes, "\n")
		if c.says == "" && notes != "" || !strings.Contains(notes, c.says) || len(got.Notes) > 1 {
			t.Errorf("%s: %q", name, notes)
		}
		f, err := Open(t.Context(), []string{path}, Options{}, got.Alphabet, UnknownError)
		if err != nil || strings.Join(f.Notes, "\n") != notes {
			t.Errorf("%s: %q, %v", name, f.Notes, err)
		}
		f.Close()
	}
}

// packedBy is a zip with one text, and flags and method set in its headers.
func packedBy(t *testing.T, flags, method byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("t.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "abab"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	for sig, off := range map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8} {
		i := bytes.Index(raw, []byte(sig))
		raw[i+off] |= flags
		if method != 0 {
			raw[i+off+2] = method
		}
	}
	return string(raw)
}

func TestArchivesThatCannotBeRead(t *testing.T) {
	encrypted, lzma, picture := packedBy(t, 1, 0), packedBy(t, 0, 14), zipOf(t, [2]string{"a.png", "\x89PNG\x00"})
	dir := folderOf(t, map[string]string{"t.txt": "cdcd", "e.zip": encrypted, "l.zip": lzma, "p.zip": picture, "d.zip": "PK\x03\x04 damaged"})
	for name, says := range map[string]string{"e.zip": "encrypted", "l.zip": "LZMA", "p.zip": "binary", "d.zip": "damaged"} {
		if _, err := Read(t.Context(), []string{filepath.Join(dir, name)}, Options{}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "fetch it again") != (name == "d.zip") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := Read(t.Context(), []string{dir}, Options{})
	if err != nil || string(c.Raw) != "cdcd" {
		t.Fatalf("%v", err)
	}
	for _, name := range []string{"e.zip", "l.zip", "p.zip", "d.zip"} {
		if !strings.Contains(strings.Join(c.Notes, "\n"), name) {
			t.Errorf("nothing tells of %s: %q", name, c.Notes)
		}
	}
}

func TestNamesAreMadeVisible(t *testing.T) {
	archive := zipOf(t, [2]string{"red \x1b[31m.txt", "abab"}, [2]string{"new\nline.txt", "abab"}, [2]string{"\x1b]0;x\x07.png", "\x89PNG\x00"})
	dir := folderOf(t, map[string]string{"names.zip": archive})
	c, err := Read(t.Context(), []string{filepath.Join(dir, "names.zip")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(c.Notes, append(c.Sources, c.Name)...) {
		if Printable(s) != s {
			t.Errorf("%q", s)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	raw := filepath.Join(dir, "caf\xe9\x1b.txt")
	if err := os.WriteFile(raw, []byte("abab"), 0o644); err != nil {
		t.Skip(err) // the file system takes UTF-8 only
	}
	if c, err = Read(t.Context(), []string{raw}, Options{}); err != nil || c.Name != `caf\xe9\x1b` || !strings.HasSuffix(c.Sources[0], `caf\xe9\x1b.txt`) {
		t.Errorf("%v, %v", c, err)
	}
}

// Reading stops where the input never comes.
func TestABlockedInput(t *testing.T) {
	for _, read := range []func(ctx context.Context, in io.Reader) error{
		func(ctx context.Context, in io.Reader) error {
			_, err := Read(ctx, []string{"-"}, Options{Stdin: in})
			return err
		},
		func(ctx context.Context, in io.Reader) error {
			f, err := Open(ctx, []string{"-"}, Options{Stdin: in}, mustCorpus(t, "ab", Options{}).Alphabet, UnknownSkip)
			if f != nil {
				f.Close()
			}
			return err
		},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, stop)
		if err := read(ctx, r); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		w.Close()
		r.Close()
	}
}
