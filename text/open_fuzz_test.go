package text

import (
	"bytes"
	"strings"
	"testing"
)

// A text that is not held is the text that is held: the same symbols, hash and notes, or an
// error of both.
func FuzzOpenIsRead(f *testing.F) {
	f.Add([]byte("plain text\r\n"), false, false)
	f.Add([]byte("\xEF\xBB\xBF\xEF\xBB\xBFmarked"), false, true)
	f.Add([]byte(gzipOf(f, "zipped text")), false, true)
	f.Add([]byte(zipOf(f, [2]string{"a.txt", "archived"}, [2]string{"b.txt", "too"})), false, true)
	f.Add([]byte("p\x00l\x00a\x00i\x00n\x00"), false, true)
	f.Add([]byte("old\rmac\r"), false, true)
	f.Add([]byte{0xFF, 0xE4}, true, true)
	a, err := alphabetOf([]byte("abcdefghijklmnopqrstuvwxyz \r\n\x00"), false, 0)
	if err != nil {
		f.Fatal(err)
	}
	every, err := everyByte()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, asBytes, skip bool) {
		a, policy := a, UnknownError
		if asBytes {
			a = every
		}
		if skip {
			policy = UnknownSkip
		}
		c, errRead := ReadWith(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(data)}, a, policy)
		o, errOpen := Open(t.Context(), []string{"-"}, Options{Stdin: bytes.NewReader(data)}, a, policy)
		if errOpen == nil {
			defer o.Close()
		}
		if (errRead == nil) != (errOpen == nil) {
			t.Fatalf("held %v, not held %v", errRead, errOpen)
		}
		if errRead != nil {
			return
		}
		ids := make([]int32, o.Len())
		if err := o.Read(ids, 0); err != nil {
			t.Fatal(err)
		}
		if a.Decode(ids) != a.Decode(c.IDs) || o.SHA256 != c.SHA256 {
			t.Errorf("%q and %q, %s and %s", a.Decode(c.IDs), a.Decode(ids), c.SHA256, o.SHA256)
		}
		if held, opened := strings.Join(c.Notes, "\n"), strings.Join(o.Notes, "\n"); held != opened {
			t.Errorf("notes %q and %q", held, opened)
		}
	})
}
