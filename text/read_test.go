package text

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bzip2 of "the cat\n" (the standard library has no writer).
const bzip2Cat = "425a68393141592653595f3be786000003d180001040002a4004002000221a63508600b6103c5dc914e142417cef9e18"

func gzipOf(t testing.TB, s string) string {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func zipOf(t testing.TB, files ...[2]string) string {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		e, err := w.Create(f[0])
		if err == nil {
			_, err = e.Write([]byte(f[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// tree writes files (slash-separated names) into a new folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadOneFile(t *testing.T) {
	root := tree(t, map[string]string{"novel.en.txt": "It was\r\nraining.\x00"})
	c, err := Read(t.Context(), []string{filepath.Join(root, "novel.en.txt")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("It was\r\nraining.\x00"))
	if c.Name != "novel.en" || string(c.Raw) != "It was\r\nraining.\x00" || c.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("name %q, text %q, sum %s", c.Name, c.Raw, c.SHA256)
	}
	if len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "CR LF, both characters kept: 1") {
		t.Errorf("notes %q", c.Notes)
	}
}

func TestCorpusName(t *testing.T) {
	for in, want := range map[string]string{"a/novel.txt.gz": "novel", "x.zip": "x", "v1.2": "v1", ".": "text", "dir/": "dir", ".env": ".env", "-": "stdin",
		"dir/*.go": "dir", "dir/**/*.go": "dir", "*.txt": "text", "a.b/part-*.txt": "part", "dir/[0-9]?.txt": "dir", "/*": "text"} {
		if got := corpusName([]string{in}); got != want {
			t.Errorf("corpusName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestReadFolder(t *testing.T) {
	root := tree(t, map[string]string{
		"b.txt": "B", "a/z.txt": "Z", "a.txt": "A", "a/.hidden": "no", ".git/config": "no",
		"a/b/deep.md": "D", "image.png": "\x89PNG\x00\x01", "packed.txt.gz": gzipOf(t, "G"), "archive.zip": zipOf(t, [2]string{"in.txt", "I"}),
	})
	c, err := Read(t.Context(), []string{root}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(c.Raw); got != "ADZIBG" {
		t.Errorf("read %q, want the files in path order", got)
	}
	notes := strings.Join(c.Notes, "\n")
	for _, want := range []string{"(hidden)", ".git", ".hidden", "(binary)", "image.png"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes do not tell %q: %s", want, notes)
		}
	}
	c, err = Read(t.Context(), []string{root}, Options{Bytes: true})
	if err != nil || !strings.Contains(string(c.Raw), "PNG") {
		t.Errorf("byte mode leaves binary files out: %v", err)
	}
}

func TestReadFolderSkipsLinks(t *testing.T) {
	root := tree(t, map[string]string{"a.txt": "ab"})
	if err := os.Symlink(root, filepath.Join(root, "loop")); err != nil {
		t.Skip("this system makes no symbolic links here: ", err)
	}
	c, err := Read(t.Context(), []string{root}, Options{})
	if err != nil || string(c.Raw) != "ab" || !strings.Contains(strings.Join(c.Notes, ""), "loop") {
		t.Errorf("%v, notes %v", err, c)
	}
}

func TestReadSeveral(t *testing.T) {
	root := tree(t, map[string]string{"one.txt": "1", "two.txt": "2", ".three.txt": "3", "x.md": "x"})
	glob := filepath.Join(root, "*.txt")
	c, err := Read(t.Context(), []string{filepath.Join(root, "x.md"), "-", glob, filepath.Join(root, "two.txt")}, Options{Stdin: strings.NewReader("in")})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(c.Raw); got != "xin12" || c.Name != "x and 3 more" {
		t.Errorf("read %q as %q", got, c.Name)
	}
	if got := strings.Join(c.Notes, "\n"); !strings.Contains(got, "two.txt") || !strings.Contains(got, ".three.txt") {
		t.Errorf("notes %s", got)
	}
}

func TestReadPacked(t *testing.T) {
	bz, err := hex.DecodeString(bzip2Cat)
	if err != nil {
		t.Fatal(err)
	}
	archive := zipOf(t, [2]string{"b/two.txt", "cat\n"}, [2]string{"a.txt", "the "}, [2]string{"__MACOSX/._a.txt", "no"}, [2]string{"b/", ""}, [2]string{"c.bin", "\x00"})
	for name, content := range map[string]string{"a.gz": gzipOf(t, "the cat\n"), "a.bz2": string(bz), "a.zip": archive, "plain": "the cat\n", "unnamed": string(bz)} {
		c, err := Read(t.Context(), []string{filepath.Join(tree(t, map[string]string{name: content}), name)}, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(c.Raw) != "the cat\n" {
			t.Errorf("%s reads as %q", name, c.Raw)
		}
		c, err = Read(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader(content)})
		if err != nil || string(c.Raw) != "the cat\n" || c.Name != "stdin" {
			t.Errorf("%s on standard input: %v", name, err)
		}
	}
	c := mustRead(t, "BZh9 is how a bzip2 file starts")
	if string(c.Raw) != "BZh9 is how a bzip2 file starts" {
		t.Error("text that starts like a bzip2 file was changed")
	}
}

func mustRead(t *testing.T, stdin string) *Corpus {
	t.Helper()
	c, err := Read(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader(stdin)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestByteOrderMark(t *testing.T) {
	c := mustRead(t, "\uFEFFab\uFEFF")
	if string(c.Raw) != "ab\uFEFF" || len(c.Notes) != 1 {
		t.Errorf("text %q, notes %q", c.Raw, c.Notes)
	}
	b, err := FromString("s", "\uFEFFab", Options{Bytes: true})
	if err != nil || string(b.Raw) != "\uFEFFab" || len(b.Notes) != 0 {
		t.Errorf("byte mode: %q %v", b.Raw, err)
	}
}

func TestBadInput(t *testing.T) {
	big := gzipOf(t, strings.Repeat("the quick brown fox ", 1000))
	bz, _ := hex.DecodeString(bzip2Cat)
	archive := zipOf(t, [2]string{"a.txt", strings.Repeat("hello", 50)})
	root := tree(t, map[string]string{
		"empty.txt": "", "one.txt": "aaaa", "latin.txt": "caf\xE9 au", "cut.txt": "caf\xC3", "utf16.txt": "\xFF\xFEa\x00b\x00",
		"cut.gz": big[:len(big)/2], "sum.gz": big[:len(big)-8] + "12345678", "plain.gz": "hello", "cut.bz2": string(bz[:len(bz)-9]), "cut.zip": archive[:len(archive)-5],
		"binary.zip": zipOf(t, [2]string{"a.o", "\x7FELF\x00"}), "nothing.zip": zipOf(t), "empty.gz": gzipOf(t, ""), "dir/a.o": "\x00",
	})
	cases := []struct {
		input string
		is    error
		says  []string
	}{
		{"missing.txt", fs.ErrNotExist, []string{"missing.txt", "check the name"}},
		{"no*match", fs.ErrNotExist, []string{"no*match", "pattern"}},
		{"empty.txt", ErrEmpty, []string{"empty", "give a file"}},
		{"empty.gz", ErrEmpty, []string{"empty"}},
		{"one.txt", ErrOneSymbol, []string{"one distinct symbol", "at least two"}},
		{"latin.txt", ErrEncoding, []string{"latin.txt", "byte 3", "0xE9", "--bytes"}},
		{"cut.txt", ErrEncoding, []string{"byte 3", "middle of a character"}},
		{"utf16.txt", ErrEncoding, []string{"UTF-16"}},
		{"cut.gz", ErrCorrupt, []string{"cut.gz", "gzip", "fetch it again"}},
		{"sum.gz", ErrCorrupt, []string{"checksum"}},
		{"plain.gz", ErrCorrupt, []string{"not gzip data"}},
		{"cut.bz2", ErrCorrupt, []string{"bzip2"}},
		{"cut.zip", ErrCorrupt, []string{"zip"}},
		{"binary.zip", ErrNoText, []string{"binary", "a.o"}},
		{"nothing.zip", ErrNoText, []string{"archive"}},
		{"dir", ErrNoText, []string{"binary"}},
	}
	for _, c := range cases {
		_, err := Read(t.Context(), []string{filepath.Join(root, c.input)}, Options{})
		if !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want %v", c.input, err, c.is)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", c.input, err, want)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %q", c.input, err)
		}
	}
	if _, err := Read(t.Context(), nil, Options{}); !errors.Is(err, ErrNoText) {
		t.Errorf("no inputs: %v", err)
	}
	if _, err := Read(t.Context(), []string{""}, Options{}); !errors.Is(err, ErrNoText) {
		t.Errorf("an empty name: %v", err)
	}
	if _, err := Read(t.Context(), []string{"-"}, Options{}); !errors.Is(err, ErrNoText) {
		t.Errorf("no standard input: %v", err)
	}
}

func TestReadHonoursContextAndLimit(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, []string{"-"}, Options{Stdin: strings.NewReader("ab")}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, content := range []string{strings.Repeat("ab", 100), gzipOf(t, strings.Repeat("ab", 1000)), zipOf(t, [2]string{"a", strings.Repeat("ab", 1000)})} {
		g := newGatherer(t.Context(), Options{})
		g.limit = 180
		if err := g.take("bomb", strings.NewReader(content), false); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes against a limit of 180: %v", len(content), err)
		}
	}
}

func TestReadWith(t *testing.T) {
	a := mustCorpus(t, "abc", Options{}).Alphabet
	in := func() Options { return Options{Stdin: strings.NewReader("a中b中c!")} }
	if _, err := ReadWith(t.Context(), []string{"-"}, in(), a, UnknownError); !errors.Is(err, ErrUnknown) {
		t.Errorf("reject: %v", err)
	}
	c, err := ReadWith(t.Context(), []string{"-"}, in(), a, UnknownSkip)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int32{0, 1, 2}, c.IDs); diff != "" || string(c.Raw) != "abc" {
		t.Errorf("text %q %s", c.Raw, diff)
	}
	if len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "3 of the characters, of 2 different") || !strings.Contains(c.Notes[0], "U+4E2D") {
		t.Errorf("notes %q", c.Notes)
	}
	if _, err := ReadWith(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader("中")}, a, UnknownSkip); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing left: %v", err)
	}
	masked := mustCorpus(t, "aabbc", Options{MinCount: 2}).Alphabet
	c, err = ReadWith(t.Context(), []string{"-"}, in(), masked, UnknownError)
	if err != nil || string(c.Raw) != "a中b中c!" || len(c.IDs) != 6 {
		t.Errorf("unknown symbol: %q %v", c.Raw, err)
	}
}

// Whatever the bytes, reading ends in a text or in one line that says why not.
func FuzzRead(f *testing.F) {
	f.Add([]byte("plain text\n"), false)
	f.Add([]byte(gzipOf(f, "zipped text")), false)
	f.Add([]byte(zipOf(f, [2]string{"a.txt", "archived"})), true)
	bz, _ := hex.DecodeString(bzip2Cat)
	f.Add(bz, false)
	f.Add([]byte("\xEF\xBB\xBFmarked"), false)
	f.Fuzz(func(t *testing.T, data []byte, asBytes bool) {
		c, err := Read(t.Context(), []string{"-"}, Options{Bytes: asBytes, Stdin: bytes.NewReader(data)})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("more than one line: %q", err)
			}
			return
		}
		if got := c.Alphabet.Decode(c.IDs); got != string(c.Raw) {
			t.Fatalf("%q became %q", c.Raw, got)
		}
	})
}
