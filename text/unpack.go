package text

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/internal/durable"
)

type packingKind string

const (
	notPacked packingKind = ""
	gzipped   packingKind = "gzip"
	bzipped   packingKind = "bzip2"
	zipped    packingKind = "zip"
)

var (
	magicGzip = []byte{0x1F, 0x8B}
	magicZip  = []byte("PK\x03\x04")
	emptyZip  = []byte("PK\x05\x06")
	// A bzip2 file is "BZh", its level, and then a block (pi) or the end (the
	// root of pi): text that merely starts with BZh9 is not taken for one.
	magicBzip2 = []byte("BZh")
	bzip2Block = []byte{0x31, 0x41, 0x59, 0x26, 0x53, 0x59}
	bzip2End   = []byte{0x17, 0x72, 0x45, 0x38, 0x50, 0x90}
)

// packing recognises compressed data by its first bytes.
func packing(data []byte) packingKind {
	switch {
	case bytes.HasPrefix(data, magicGzip):
		return gzipped
	case bytes.HasPrefix(data, magicZip), bytes.HasPrefix(data, emptyZip):
		return zipped
	case bytes.HasPrefix(data, magicBzip2) && len(data) > 4 &&
		(bytes.HasPrefix(data[4:], bzip2Block) || bytes.HasPrefix(data[4:], bzip2End)):
		return bzipped
	}
	return notPacked
}

func packingByName(name string) packingKind {
	switch strings.ToLower(path.Ext(name)) {
	case ".gz":
		return gzipped
	case ".bz2":
		return bzipped
	case ".zip":
		return zipped
	}
	return notPacked
}

func (g *gatherer) unpack(source string, packed []byte, kind packingKind) ([]byte, error) {
	open := func() (io.Reader, error) { return bzip2.NewReader(bytes.NewReader(packed)), nil }
	switch kind {
	case notPacked:
		return packed, nil
	case gzipped:
		open = func() (io.Reader, error) { return gzip.NewReader(bytes.NewReader(packed)) }
	}
	return g.readTwice(source, kind, open)
}

// readTwice unpacks what open gives: once to learn its size, before memory is taken for it,
// and once to keep it.
func (g *gatherer) readTwice(source string, kind packingKind, open func() (io.Reader, error)) ([]byte, error) {
	var data []byte
	for _, keep := range []bool{false, true} {
		r, err := open()
		if err != nil {
			return nil, corrupt(source, kind, err)
		}
		limited := io.LimitReader(durable.Reader(g.ctx, r), g.limit+1)
		if keep {
			_, err = io.ReadFull(limited, data)
		} else {
			var n int64
			if n, err = io.Copy(io.Discard, limited); n > g.limit {
				return nil, tooLarge(source, maxText)
			}
			data = make([]byte, 0)
			if err == nil {
				data = make([]byte, n)
			}
		}
		if err := g.ctx.Err(); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, corrupt(source, kind, err)
		}
	}
	return data, nil
}

func corrupt(source string, kind packingKind, err error) error {
	return fmt.Errorf("%s: %w (%s: %v); fetch it again", source, ErrCorrupt, kind, err)
}

// zip takes the text files of an archive in the order of their names.
func (g *gatherer) zip(source string, packed []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return corrupt(source, zipped, err)
	}
	files := slices.Clone(archive.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	before := g.count()
	for _, f := range files {
		name := source + ":" + f.Name
		if f.FileInfo().IsDir() {
			continue
		}
		if hiddenPath(f.Name) {
			g.skip(skipHidden, name)
			continue
		}
		if why := unreadable(f); why != "" {
			g.skip(why, name)
			continue
		}
		data, err := g.unpackEntry(name, f)
		if err != nil {
			return err
		}
		if err := g.add(name, data, true); err != nil {
			return err
		}
	}
	if g.count() == before {
		return fmt.Errorf("%s: %w in the archive%s; give one with a text in it", source, ErrNoText, g.because())
	}
	return nil
}

// unreadable says why an entry of a zip cannot be read, "" where it can.
func unreadable(f *zip.File) string {
	const encrypted = 1
	switch {
	case f.Flags&encrypted != 0:
		return skipEncrypted
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return skipMethod
	}
	return ""
}

func (g *gatherer) unpackEntry(name string, f *zip.File) ([]byte, error) {
	var open []io.Closer
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	return g.readTwice(name, zipped, func() (io.Reader, error) {
		r, err := f.Open()
		if err == nil {
			open = append(open, r)
		}
		return r, err
	})
}

// hiddenPath tells whether any part of a slash-separated path is hidden, or
// belongs to the resource forks that macOS adds to archives.
func hiddenPath(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return true
		}
	}
	return false
}

// clean drops a byte order mark, noting it, and checks that the piece is UTF-8.
// In byte mode nothing is dropped or checked.
func (c *Corpus) clean(p piece, opt Options) ([]byte, error) {
	if opt.Bytes {
		return p.data, nil
	}
	if i := firstInvalid(p.data); i >= 0 {
		return nil, encodingError(p.source, p.data, i)
	}
	data := withoutMarks(p.data)
	if n := (len(p.data) - len(data)) / len(bom); n > 0 {
		c.Notes = append(c.Notes, markNote(p.source, n))
		c.Dropped = append(c.Dropped, Span{c.given, c.given + n})
		c.given += n
	}
	c.given += utf8.RuneCount(data)
	return data, nil
}

// markNote tells of dropped byte order marks.
func markNote(source string, n int) string {
	if n == 1 {
		return Printable(source) + ": the byte order mark at its start was dropped"
	}
	return fmt.Sprintf("%s: the %d byte order marks at its start were dropped", Printable(source), n)
}

// firstInvalid returns the offset of the first byte that is not UTF-8, or -1.
func firstInvalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; ; {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size < 2 {
			return i
		}
		i += size
	}
}
