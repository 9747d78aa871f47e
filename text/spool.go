package text

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// spoolHeld is how many bytes a spool keeps in memory before it takes a
// temporary file.
const spoolHeld = 4 << 20

// spool collects bytes that cannot be read again where they came from (standard
// input, unpacked data): in memory while they are few, in a temporary file beyond.
type spool struct {
	mem      []byte
	file     *os.File
	nameless bool // the system keeps the file only while it is open
	size     int64
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && len(s.mem)+len(p) <= spoolHeld {
		s.mem = append(s.mem, p...)
		s.size += int64(len(p))
		return len(p), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "rnnscope-text-*")
		if err != nil {
			return 0, err
		}
		// Without its name now, where the system allows it: so nothing stays behind even if the program is killed.
		s.file, s.nameless = f, os.Remove(f.Name()) == nil
		if _, err := f.Write(s.mem); err != nil {
			return 0, err
		}
		s.mem = nil
	}
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, err
}

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, off)
	}
	return bytes.NewReader(s.mem).ReadAt(p, off)
}

// close removes the temporary file.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if !s.nameless {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

// stretch is a run of bytes of a text where they can be read again.
type stretch struct {
	source string
	r      io.ReaderAt
	off, n int64
}

// keeper is where a gatherer leaves what it finds when the text is not to be held.
type keeper struct {
	stretches []stretch
	spool     spool
	files     []*os.File
}

func (k *keeper) close() error {
	err := k.spool.close()
	for _, f := range k.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// put copies a source into the spool.
func (k *keeper) put(source string, r io.Reader) error {
	from := k.spool.size
	if _, err := io.Copy(&k.spool, r); err != nil {
		return err
	}
	k.stretches = append(k.stretches, stretch{source, &k.spool, from, k.spool.size - from})
	return nil
}

// mostFiles is how many files a text keeps open; further ones are spooled.
const mostFiles = 64

// keep is take for a text that is not to be held: a plain file stays where it is,
// anything else is unpacked into the spool. done is false for an archive, which take
// reads from rest.
func (g *gatherer) keep(source string, r io.Reader, found bool) (rest io.Reader, done bool, err error) {
	in := bufio.NewReaderSize(durable.Reader(g.ctx, r), 1<<16)
	head, err := in.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return nil, false, g.failure(source, err)
	}
	kind := packing(head)
	if want := packingByName(source); want != kind && want != notPacked && len(head) > 0 {
		return nil, false, fmt.Errorf("%s: %w: it is named %s but is not %s data; unpack or rename it", source, ErrCorrupt, filepath.Ext(source), want)
	}
	if kind == zipped {
		return in, false, nil
	}
	var data io.Reader = in
	switch kind {
	case gzipped:
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, false, corrupt(source, kind, err)
		}
		data = z
	case bzipped:
		data = bzip2.NewReader(in)
	}
	if kind != notPacked {
		unpacked := bufio.NewReaderSize(data, 1<<16)
		if head, err = unpacked.Peek(sniffLen); err != nil && err != io.EOF {
			return nil, false, corrupt(source, kind, err)
		}
		data = unpacked
	}
	if found && !g.opt.Bytes && bytes.IndexByte(head, 0) >= 0 {
		g.skip(skipBinary, source)
		return nil, true, nil
	}
	if f, ok := r.(*os.File); ok && kind == notPacked && !found && f.Name() == source && len(g.keeper.files) < mostFiles {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return nil, true, g.keepFile(source, info.Size())
		}
	}
	if err := g.keeper.put(source, io.LimitReader(data, g.limit+1)); err != nil {
		if ctxErr := g.ctx.Err(); ctxErr != nil {
			return nil, false, ctxErr
		}
		if kind != notPacked {
			return nil, false, corrupt(source, kind, err)
		}
		return nil, false, g.failure(source, err)
	}
	if g.limit -= g.keeper.stretches[len(g.keeper.stretches)-1].n; g.limit < 0 {
		return nil, false, tooLarge(source, maxStream)
	}
	return nil, true, nil
}

// keepFile leaves a plain file where it is.
func (g *gatherer) keepFile(source string, size int64) error {
	f, err := os.Open(source)
	if err != nil {
		return g.failure(source, err)
	}
	g.keeper.files = append(g.keeper.files, f)
	g.keeper.stretches = append(g.keeper.stretches, stretch{source, f, 0, size})
	return nil
}

func (g *gatherer) failure(source string, err error) error {
	if ctxErr := g.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	return fmt.Errorf("%s cannot be read: %w", source, err)
}

// maxStream bounds a text that is not held: counts of pairs of symbols are int64.
const maxStream = 1<<32 - 1
