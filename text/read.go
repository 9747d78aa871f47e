package text

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Read reads the inputs in the order given and makes their alphabet. An input
// is a file, a folder, a glob or "-" for standard input; gzip, bzip2 and zip
// data is recognised by its first bytes and unpacked. A folder is read with
// everything below it in the order of slash-separated paths, without hidden
// files (a name starting with a dot), binary files (a NUL in the first 8,000
// bytes; kept in byte mode) and symbolic links; the same holds inside a zip. A
// file met twice is read once. Notes tell what was left out.
//
// Errors match fs.ErrNotExist, ErrEmpty, ErrOneSymbol, ErrNoText, ErrEncoding,
// ErrCorrupt and ErrTooLarge, and are one line that says what to do.
func Read(ctx context.Context, inputs []string, opt Options) (*Corpus, error) {
	c, err := read(ctx, inputs, opt)
	if err != nil {
		return nil, err
	}
	if c.Alphabet, err = alphabetOf(c.Raw, opt.Bytes, opt.MinCount); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	c.IDs, err = c.Alphabet.Encode(c.Raw, UnknownError)
	return c, err
}

// ReadWith reads the inputs as Read does, but in the alphabet a network
// already has; opt.Bytes and opt.MinCount are ignored. With UnknownSkip the
// characters left out are taken out of Raw too, so that Raw and IDs agree, and
// Notes name them; SHA256 stays that of the text as it was.
func ReadWith(ctx context.Context, inputs []string, opt Options, a *Alphabet, u UnknownPolicy) (*Corpus, error) {
	opt.Bytes = a.Bytes()
	c, err := read(ctx, inputs, opt)
	if err != nil {
		return nil, err
	}
	c.Alphabet = a
	if c.IDs, err = a.Encode(c.Raw, u); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	if a.cuts() && isTokenList(c.Raw) {
		c.Raw = []byte(a.Decode(c.IDs))
		return c, nil
	}
	foreign := a.Foreign(c.Raw)
	if len(foreign) == 0 {
		return c, nil
	}
	_, masked := a.Unknown()
	c.Notes = append(c.Notes, foreignNote(foreign, a, masked))
	if masked {
		return c, nil
	}
	if len(c.IDs) == 0 {
		return nil, fmt.Errorf("%s: %w: none of its characters is in the alphabet of this network", c.Name, ErrEmpty)
	}
	c.Raw = []byte(a.Decode(c.IDs))
	return c, nil
}

func foreignNote(foreign []Foreign, a *Alphabet, masked bool) string {
	total := 0
	for _, f := range foreign {
		total += f.Count
	}
	what := "left out"
	if masked {
		what = "read as the unknown symbol"
	}
	if w := foreign[0].Word; w != "" {
		return fmt.Sprintf("outside the vocabulary, %s: %d of the %s, of %d different, most often %q", what, total, a.Kind(), len(foreign), w)
	}
	return fmt.Sprintf("outside the alphabet, %s: %d of the characters, of %d different, most often %s",
		what, total, len(foreign), describe(foreign[0].Rune, a.bytes))
}

// FromString makes a corpus of s. Errors are those of Read.
func FromString(name, s string, opt Options) (*Corpus, error) {
	c := &Corpus{Name: name, Sources: []string{name}}
	raw, err := c.clean(piece{source: name, data: []byte(s)}, opt)
	if err != nil {
		return nil, err
	}
	c.setRaw(raw)
	if c.Alphabet, err = alphabetOf(c.Raw, opt.Bytes, opt.MinCount); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c.IDs, err = c.Alphabet.Encode(c.Raw, UnknownError)
	return c, err
}

func read(ctx context.Context, inputs []string, opt Options) (*Corpus, error) {
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w: name a file, a folder, or - for standard input", ErrNoText)
	}
	g := newGatherer(ctx, opt)
	for _, in := range inputs {
		if err := g.input(in); err != nil {
			return nil, err
		}
	}
	c := &Corpus{Name: corpusName(inputs)}
	if len(g.pieces) == 0 {
		return nil, fmt.Errorf("%w in %s%s", ErrNoText, strings.Join(inputs, ", "), g.because())
	}
	var raw []byte
	for _, p := range g.pieces {
		data, err := c.clean(p, opt)
		if err != nil {
			return nil, err
		}
		raw = append(raw, data...)
		c.Sources = append(c.Sources, Printable(p.source))
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("%s: %w; give a file with text in it", c.Name, ErrEmpty)
	}
	c.Notes, c.Lost = append(g.notes(), c.Notes...), g.lost()
	var odd oddities
	odd.see(raw)
	c.Notes = append(c.Notes, odd.notes()...)
	c.setRaw(raw)
	return c, nil
}

func (c *Corpus) setRaw(raw []byte) {
	sum := sha256.Sum256(raw)
	c.Raw, c.SHA256 = raw, hex.EncodeToString(sum[:])
}

// corpusName is the first input's base name without its endings; of a pattern, what its name begins with or
// else its folder.
func corpusName(inputs []string) string {
	name := "stdin"
	if inputs[0] != "-" {
		path := inputs[0]
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		if _, err := os.Stat(path); err != nil {
			path = beforePattern(path)
		}
		name = filepath.Base(path)
		if packingByName(name) != notPacked {
			name = withoutEnding(name)
		}
		name = withoutEnding(name)
	}
	name = Printable(name)
	if len(inputs) > 1 {
		return fmt.Sprintf("%s and %d more", name, len(inputs)-1)
	}
	return name
}

// beforePattern is path up to its first part that is a pattern, and of that part the letters it begins with.
func beforePattern(path string) string {
	i := strings.IndexAny(path, wildcards)
	if i < 0 {
		return path
	}
	if before := strings.TrimRight(path[:i], "-_. "+string(filepath.Separator)); before != "" {
		return before
	}
	return "text"
}

func withoutEnding(name string) string {
	if short := strings.TrimSuffix(name, filepath.Ext(name)); short != "" {
		return short
	}
	return name
}
