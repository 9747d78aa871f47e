package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/text"
)

// Source is the run's text without holding it; close it. Errors match ErrNoText or
// ErrCorrupt, or are the context's.
func (r *Run) Source(ctx context.Context) (*text.File, error) {
	if r.info.SHA256 == "" {
		return nil, fmt.Errorf("%s: %w", r.dir, ErrNoText)
	}
	path := r.textPath()
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, r.noText()
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, path, durable.ErrNotFile)
	}
	f, err := text.Open(ctx, []string{path}, text.Options{}, r.info.Alphabet, text.UnknownError)
	if ctxErr := ctx.Err(); ctxErr != nil && err != nil {
		return nil, ctxErr
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if f.SHA256 != r.info.SHA256 {
		return nil, errors.Join(fmt.Errorf("%w: %s is not the text the run was made of", ErrCorrupt, path), f.Close())
	}
	f.Name, f.Dropped = r.info.Name, r.info.Dropped
	return f, nil
}
