package run

import (
	"compress/gzip"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// Head is the first bytes of the run's text, at most n of them and whole characters, without
// reading the rest: what can be shown at once of a text that is long. Errors are Source's.
func (r *Run) Head(n int) ([]byte, error) {
	if r.info.SHA256 == "" {
		return nil, fmt.Errorf("%s: %w", r.dir, ErrNoText)
	}
	f, err := durable.OpenRegular(r.textPath())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	b, err := io.ReadAll(io.LimitReader(z, int64(n)))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name(), err)
	}
	if r.info.Alphabet.Bytes() {
		return b, nil
	}
	for cut := len(b); cut > 0 && cut > len(b)-utf8.UTFMax; cut-- {
		if utf8.RuneStart(b[cut-1]) {
			if !utf8.FullRune(b[cut-1:]) {
				b = b[:cut-1]
			}
			break
		}
	}
	return b, nil
}
