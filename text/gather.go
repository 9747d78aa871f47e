package text

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// maxText bounds a decoded text: ids and counts are int32.
const maxText = 1<<31 - 1

// sniffLen is how far into a file a NUL makes it binary, as in git.
const sniffLen = 8000

// piece is one decoded file.
type piece struct {
	source string
	data   []byte
}

// gatherer collects the decoded files of the inputs.
type gatherer struct {
	ctx     context.Context
	opt     Options
	limit   int64 // decoded bytes that may still come
	pieces  []piece
	seen    map[string]bool
	skipped map[string][]string // reason -> paths
	keeper  *keeper             // where pieces go when the text is not to be held; nil: to pieces
}

func newGatherer(ctx context.Context, opt Options) *gatherer {
	return &gatherer{ctx: ctx, opt: opt, limit: maxText, seen: map[string]bool{}, skipped: map[string][]string{}}
}

// Reasons a file is left out.
const (
	skipHidden = "hidden"
	skipBinary = "binary"
	skipLink   = "symbolic link"
	skipTwice  = "named twice"

	skipEncrypted = "encrypted; unpack it with its password first"
	skipMethod    = "packed by a method other than deflate, such as LZMA; unpack it first"
	skipNoText    = "an archive without a text"
	skipDamaged   = "a damaged archive"
)

var skipReasons = []string{skipHidden, skipBinary, skipLink, skipTwice, skipNoText, skipEncrypted, skipMethod, skipDamaged}

// lostReasons is how many of them, the last, are of files that may hold text.
const lostReasons = 3

func (g *gatherer) skip(reason, path string) {
	g.skipped[reason] = append(g.skipped[reason], Printable(path))
}

// notes says what was left out, one sentence a reason.
func (g *gatherer) notes() []string { return g.told(skipReasons) }

// lost is the part of notes on files that could not be read though they may hold text.
func (g *gatherer) lost() []string { return g.told(skipReasons[len(skipReasons)-lostReasons:]) }

func (g *gatherer) told(reasons []string) []string {
	var out []string
	for _, reason := range reasons {
		paths := g.skipped[reason]
		if len(paths) == 0 {
			continue
		}
		shown := paths[:min(len(paths), 3)]
		more := ""
		if rest := len(paths) - len(shown); rest > 0 {
			more = fmt.Sprintf(" and %d more", rest)
		}
		out = append(out, fmt.Sprintf("left out (%s): %s%s", reason, strings.Join(shown, ", "), more))
	}
	return out
}

// count is the number of pieces found so far.
func (g *gatherer) count() int {
	if g.keeper != nil {
		return len(g.keeper.stretches)
	}
	return len(g.pieces)
}

func (g *gatherer) because() string {
	if notes := g.notes(); len(notes) > 0 {
		return "; " + strings.Join(notes, "; ")
	}
	return ""
}

// wildcards are the characters that make a name a pattern.
const wildcards = "*?["

func (g *gatherer) input(in string) error {
	switch in {
	case "":
		return fmt.Errorf("%w: an input has an empty name; name a file, a folder, or - for standard input", ErrNoText)
	case "-":
		return g.stdin()
	}
	info, err := os.Stat(in)
	switch {
	case err == nil && info.IsDir():
		return g.folder(in)
	case err == nil:
		return g.file(in, false)
	case !errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(in, wildcards):
		return fmt.Errorf("%s cannot be read: %w", in, err)
	case !strings.ContainsAny(in, wildcards):
		return fmt.Errorf("%s: %w; check the name", in, fs.ErrNotExist)
	}
	return g.glob(in)
}

func (g *gatherer) stdin() error {
	if g.opt.Stdin == nil {
		return fmt.Errorf("%w: there is no standard input to read", ErrNoText)
	}
	if g.seen["-"] {
		g.skip(skipTwice, "-")
		return nil
	}
	g.seen["-"] = true
	return g.take("stdin", g.opt.Stdin, false)
}

func (g *gatherer) glob(pattern string) error {
	paths, err := matches(pattern)
	if err != nil {
		return fmt.Errorf("%s is not a pattern: %w", pattern, err)
	}
	if len(paths) == 0 {
		return fmt.Errorf("%s: %w: nothing matches; check the pattern", pattern, fs.ErrNotExist)
	}
	slices.SortFunc(paths, comparePaths)
	wantsHidden := strings.HasPrefix(filepath.Base(pattern), ".")
	for _, path := range paths {
		if strings.HasPrefix(filepath.Base(path), ".") && !wantsHidden {
			g.skip(skipHidden, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("%s cannot be read: %w", path, err)
		}
		if info.IsDir() {
			err = g.folder(path)
		} else {
			err = g.file(path, true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// matches lists what a pattern names. ** stands for any number of folders, and names files
// alone; hidden folders are not entered.
func matches(pattern string) ([]string, error) {
	if !strings.Contains(pattern, "**") {
		return filepath.Glob(pattern)
	}
	paths, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
	fixed, _, _ := strings.Cut(filepath.ToSlash(pattern), "**")
	if fixed != "" {
		fixed = strings.TrimSuffix(path.Clean(fixed), "/") + "/"
	}
	return slices.DeleteFunc(paths, func(name string) bool {
		rest := strings.TrimPrefix(filepath.ToSlash(name), fixed)
		folder, _, nested := cutLast(rest, "/")
		return nested && hiddenPath(folder)
	}), err
}

// cutLast cuts s at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (g *gatherer) folder(root string) error {
	var files []string
	// A folder may be named through a link; links inside are left out.
	walked, err := filepath.EvalSymlinks(root)
	if err != nil {
		return fmt.Errorf("folder %s cannot be read: %w", root, err)
	}
	err = filepath.WalkDir(walked, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == walked {
			return g.ctx.Err()
		}
		path = filepath.Join(root, strings.TrimPrefix(path, walked))
		if strings.HasPrefix(entry.Name(), ".") {
			g.skip(skipHidden, path)
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case entry.Type()&fs.ModeSymlink != 0:
			g.skip(skipLink, path)
		case entry.Type().IsRegular():
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("folder %s cannot be read: %w", root, err)
	}
	slices.SortFunc(files, comparePaths)
	for _, path := range files {
		if err := g.file(path, true); err != nil {
			return err
		}
	}
	return nil
}

// comparePaths orders slash-separated paths, so that every system reads a
// folder in the same order.
func comparePaths(a, b string) int {
	return strings.Compare(filepath.ToSlash(a), filepath.ToSlash(b))
}

func (g *gatherer) file(path string, found bool) error {
	key := path
	if abs, err := filepath.Abs(path); err == nil {
		key = abs
	}
	if real, err := filepath.EvalSymlinks(key); err == nil {
		key = real
	}
	if g.seen[key] {
		g.skip(skipTwice, path)
		return nil
	}
	g.seen[key] = true
	f, err := durable.Open(g.ctx, path)
	if ctxErr := g.ctx.Err(); ctxErr != nil && err != nil {
		return ctxErr
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	defer f.Close()
	err = g.take(path, f, found)
	if !found {
		return err
	}
	switch { // in a folder, one archive that is of no use is left out like a picture
	case errors.Is(err, ErrNoText):
		g.skip(skipNoText, path)
		return nil
	case errors.Is(err, ErrCorrupt):
		g.skip(skipDamaged, path)
		return nil
	}
	return err
}

// take reads and unpacks one source. A found file (in a folder, a glob or a
// zip, so not named by the user) is left out when it is binary.
func (g *gatherer) take(source string, r io.Reader, found bool) error {
	if g.keeper != nil {
		rest, done, err := g.keep(source, r, found)
		if done || err != nil {
			return err
		}
		r = rest
	}
	packed, err := g.readAll(source, r, g.limit)
	if err != nil {
		return err
	}
	kind := packing(packed)
	if want := packingByName(source); want != kind && want != notPacked && len(packed) > 0 {
		return fmt.Errorf("%s: %w: it is named %s but is not %s data; unpack or rename it", source, ErrCorrupt, filepath.Ext(source), want)
	}
	if kind == zipped {
		return g.zip(source, packed)
	}
	data, err := g.unpack(source, packed, kind)
	if err != nil {
		return err
	}
	return g.add(source, data, found)
}

func (g *gatherer) add(source string, data []byte, found bool) error {
	if found && !g.opt.Bytes && bytes.IndexByte(data[:min(len(data), sniffLen)], 0) >= 0 {
		g.skip(skipBinary, source)
		return nil
	}
	g.limit -= int64(len(data))
	if g.limit < 0 {
		return tooLarge(source, maxText)
	}
	if g.keeper != nil {
		return g.keeper.put(source, bytes.NewReader(data))
	}
	g.pieces = append(g.pieces, piece{source: source, data: data})
	return nil
}

func tooLarge(source string, most int64) error {
	return fmt.Errorf("%s: %w: more than %d bytes; give a part of it", source, ErrTooLarge, most)
}

// readAll reads r whole, at most limit bytes, until the context is done.
func (g *gatherer) readAll(source string, r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(durable.Reader(g.ctx, r), limit+1))
	if ctxErr := g.ctx.Err(); ctxErr != nil {
		return nil, ctxErr
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", source, err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(source, maxText)
	}
	return data, nil
}
