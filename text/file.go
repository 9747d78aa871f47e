package text

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"unicode/utf8"
)

// File is a text that stays on its medium: a Source that decodes what is asked
// for. What it holds does not grow with the text but for eight bytes every 8,192
// symbols.
type File struct {
	Name     string
	Sources  []string // what was read, in order
	Notes    []string // one sentence each: what was skipped or dropped
	Lost     []string // those of Notes on files that could not be read
	Alphabet *Alphabet
	SHA256   string // of the text's bytes, in hex
	Dropped  []Span // characters of the text as it was given that are not in this copy of it, see Given

	held   []int32 // the symbols of a text that is cut into words or pieces; else nil
	keeper *keeper
	boms   []int64 // bytes before every byte order mark that was dropped
	skip   bool    // symbols outside the alphabet are left out
	size   int64   // bytes
	n      int     // symbols
	marks  []int64 // bytes before every markStep-th symbol
}

// markStep is the distance of two marks in symbols.
const markStep = 1 << 13

// chunkBytes is how much of a text is read at once.
const chunkBytes = 1 << 17

// Open reads the inputs as ReadWith does, in the alphabet of a network, but does
// not hold the text: it is gone through once, to find where symbols begin and
// whether all can be read, and read again where it is asked for. Plain files stay
// where they are; standard input and what has to be unpacked goes to a temporary
// file when it is large. Close the File. Errors are those of ReadWith.
func Open(ctx context.Context, inputs []string, opt Options, a *Alphabet, u UnknownPolicy) (*File, error) {
	opt.Bytes = a.Bytes()
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w: name a file, a folder, or - for standard input", ErrNoText)
	}
	if a.cuts() {
		return openTokens(ctx, inputs, opt, a, u)
	}
	g := newGatherer(ctx, opt)
	g.limit, g.keeper = maxStream, &keeper{}
	f := &File{Name: corpusName(inputs), Alphabet: a, keeper: g.keeper, skip: u == UnknownSkip}
	if err := f.open(ctx, g, inputs, opt); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openTokens reads a text of words or pieces, which is held: where its symbols begin
// is known by cutting all that stands before.
func openTokens(ctx context.Context, inputs []string, opt Options, a *Alphabet, u UnknownPolicy) (*File, error) {
	c, err := ReadWith(ctx, inputs, opt, a, u)
	if err != nil {
		return nil, err
	}
	return &File{Name: c.Name, Sources: c.Sources, Notes: c.Notes, Lost: c.Lost, Alphabet: a, SHA256: c.SHA256, held: c.IDs, n: len(c.IDs), keeper: &keeper{}}, nil
}

func (f *File) open(ctx context.Context, g *gatherer, inputs []string, opt Options) error {
	for _, in := range inputs {
		if err := g.input(in); err != nil {
			return err
		}
	}
	if len(f.keeper.stretches) == 0 {
		return fmt.Errorf("%w in %s%s", ErrNoText, f.Name, g.because())
	}
	f.Notes, f.Lost = g.notes(), g.lost()
	for i := range f.keeper.stretches {
		if err := f.begin(&f.keeper.stretches[i], opt); err != nil {
			return err
		}
	}
	if f.size == 0 {
		return fmt.Errorf("%s: %w; give a file with text in it", f.Name, ErrEmpty)
	}
	return f.index(ctx)
}

// begin drops the byte order marks from the start of a stretch, noting it.
func (f *File) begin(s *stretch, opt Options) error {
	if !opt.Bytes {
		dropped := 0
		for head := make([]byte, len(bom)); s.n >= int64(len(bom)); dropped++ {
			if err := readFull(s.r, head, s.off); err != nil {
				return fmt.Errorf("%s cannot be read: %w", s.source, err)
			}
			if !bytes.Equal(head, bom) {
				break
			}
			s.off, s.n = s.off+int64(len(bom)), s.n-int64(len(bom))
			f.boms = append(f.boms, f.size)
		}
		if dropped > 0 {
			f.Notes = append(f.Notes, markNote(s.source, dropped))
		}
	}
	f.Sources = append(f.Sources, Printable(s.source))
	if f.size += s.n; f.size > maxStream {
		return tooLarge(f.Name, maxStream)
	}
	return nil
}

// Len implements Source.
func (f *File) Len() int { return f.n }

// Close lets go of the medium.
func (f *File) Close() error { return f.keeper.close() }

var chunks = sync.Pool{New: func() any { return new([chunkBytes]byte) }}

// Read implements Source. It fails where the file is shorter than it was or holds
// characters that cannot be read; that others have taken their place goes unnoticed.
func (f *File) Read(dst []int32, at int) error {
	if at < 0 || at+len(dst) > f.n {
		panic(fmt.Sprintf("text: symbols %d to %d of %d", at, at+len(dst), f.n))
	}
	if f.held != nil {
		copy(dst, f.held[at:])
		return nil
	}
	skip, n := at%markStep, 0
	err := f.decode(f.marks[at/markStep], 2*(skip+len(dst)), func(_ rune, id int32, _ int64) bool {
		if id < 0 {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		if n < len(dst) {
			dst[n] = id
			n++
		}
		return n < len(dst)
	})
	if err == nil && n < len(dst) {
		err = fmt.Errorf("%s: %w: it has changed since it was opened", f.Name, ErrCorrupt)
	}
	return err
}

// index goes through the whole text.
func (f *File) index(ctx context.Context) error {
	sum, foreign := &summer{hash: sha256.New()}, foreignCounts{seen: map[rune]int{}}
	var failed error
	unknown, masked := f.Alphabet.Unknown()
	err := f.decodeAll(ctx, sum, func(r rune, id int32, offset int64) bool {
		if id < 0 || masked && id == unknown {
			foreign.add(r, offset)
			if id < 0 && !f.skip {
				failed = fmt.Errorf("%s: %w", f.Name, &SymbolError{Rune: r, Bytes: f.Alphabet.bytes, Index: f.n, Offset: int(offset)})
				return false
			}
			if id < 0 {
				return true
			}
		}
		if f.n%markStep == 0 {
			f.marks = append(f.marks, offset)
		}
		f.n++
		return true
	})
	if failed != nil || err != nil {
		return errors.Join(failed, err)
	}
	f.SHA256 = hex.EncodeToString(sum.hash.Sum(nil))
	f.Notes = append(f.Notes, sum.odd.notes()...)
	if list := foreign.sorted(); len(list) > 0 {
		f.Notes = append(f.Notes, foreignNote(list, f.Alphabet, masked))
	}
	if f.n == 0 {
		return fmt.Errorf("%s: %w: none of its characters is in the alphabet of this network", f.Name, ErrEmpty)
	}
	return nil
}

// summer sees every byte of a text once.
type summer struct {
	hash hash.Hash
	odd  oddities
}

func (s *summer) see(p []byte) {
	_, _ = s.hash.Write(p) // never fails
	s.odd.see(p)
}

// decodeAll decodes the whole text until visit says no.
func (f *File) decodeAll(ctx context.Context, sum *summer, visit func(r rune, id int32, offset int64) bool) error {
	return f.walk(0, chunkBytes, func(p []byte) error {
		sum.see(p)
		return ctx.Err()
	}, visit)
}

// decode decodes from a byte offset on, about want bytes at first.
func (f *File) decode(from int64, want int, visit func(r rune, id int32, offset int64) bool) error {
	return f.walk(from, want, nil, visit)
}

// walk reads the text chunk by chunk from a byte offset on and visits its
// characters with their ids (-1: not in the alphabet) and offsets.
func (f *File) walk(from int64, want int, see func(p []byte) error, visit func(r rune, id int32, offset int64) bool) error {
	buf := chunks.Get().(*[chunkBytes]byte)
	defer chunks.Put(buf)
	held := 0 // bytes of a character cut by the chunk before
	for at := from; at < f.size; {
		n := int(min(int64(chunkBytes-held), int64(max(want, utf8.UTFMax)), f.size-at))
		want = chunkBytes
		if err := f.readAt(buf[held:held+n], at); err != nil {
			return err
		}
		if see != nil {
			if err := see(buf[held : held+n]); err != nil {
				return err
			}
		}
		at += int64(n)
		p := buf[:held+n]
		used, more, err := f.characters(p, at-int64(len(p)), at == f.size, visit)
		if err != nil || !more {
			return err
		}
		held = copy(buf[:], p[used:])
	}
	return nil
}

// characters visits the characters that p, which begins at the byte offset, holds
// whole, and tells how many bytes they take. last: nothing follows p.
func (f *File) characters(p []byte, offset int64, last bool, visit func(r rune, id int32, offset int64) bool) (used int, more bool, err error) {
	a := f.Alphabet
	outside := int32(-1)
	if u, ok := a.Unknown(); ok {
		outside = u
	}
	for used < len(p) {
		r, size := rune(p[used]), 1
		if r >= utf8.RuneSelf && !a.bytes {
			if !last && !utf8.FullRune(p[used:]) {
				return used, true, nil
			}
			if r, size = utf8.DecodeRune(p[used:]); r == utf8.RuneError && size == 1 {
				return used, false, f.invalid(p[used:], offset+int64(used))
			}
		}
		id, ok := a.find(r)
		if !ok {
			id = outside
		}
		if !visit(r, id, offset+int64(used)) {
			return used, false, nil
		}
		used += size
	}
	return used, true, nil
}

// invalid is the error for bytes that are not UTF-8.
func (f *File) invalid(p []byte, offset int64) error {
	for _, s := range f.keeper.stretches {
		if offset < s.n {
			head := make([]byte, min(int64(utf8.UTFMax), s.n))
			if err := readFull(s.r, head, s.off); err != nil {
				return err
			}
			e := encodingError(s.source, head, 0)
			e.Offset, e.Byte, e.Cut = offset, p[0], !utf8.FullRune(p[:min(int64(len(p)), s.n-offset)])
			return e
		}
		offset -= s.n
	}
	panic("text: an offset behind the end")
}

// readAt reads bytes of the joined stretches.
func (f *File) readAt(p []byte, off int64) error {
	for _, s := range f.keeper.stretches {
		if off >= s.n {
			off -= s.n
			continue
		}
		n := min(int64(len(p)), s.n-off)
		if err := readFull(s.r, p[:n], s.off+off); err != nil {
			return fmt.Errorf("%s cannot be read: %w", s.source, err)
		}
		if p, off = p[n:], 0; len(p) == 0 {
			return nil
		}
	}
	return nil
}

// readFull fills p or fails.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
