package text

import "context"

// Original says where a text as the network reads it stands in the text as it was given: what
// is said of the one by position can then be carried to the other.
type Original struct {
	Len       int    // characters of the text as given
	Omissions []Span // characters of it that the network does not read, ascending: byte order marks, what its alphabet lacks
}

// Place is the position among the characters that are read of the first one at or behind
// position at of the text as given.
func (g Original) Place(at int) int {
	out := at
	for _, s := range g.Omissions {
		if s.Lo >= at {
			break
		}
		out -= min(s.Hi, at) - s.Lo
	}
	return out
}

// Places is Place of ascending positions, in one pass.
func (g Original) Places(at []int) []int {
	out, gone, k := make([]int, len(at)), 0, 0
	for i, p := range at {
		for k < len(g.Omissions) && g.Omissions[k].Hi <= p {
			gone += g.Omissions[k].Len()
			k++
		}
		out[i] = p - gone
		if k < len(g.Omissions) && g.Omissions[k].Lo < p {
			out[i] -= p - g.Omissions[k].Lo
		}
	}
	return out
}

// leave adds the character at a position to what is left out.
func (g *Original) leave(at int) {
	if n := len(g.Omissions); n > 0 && g.Omissions[n-1].Hi == at {
		g.Omissions[n-1].Hi++
		return
	}
	g.Omissions = append(g.Omissions, Span{at, at + 1})
}

// Original goes through the text once more and tells what of the text as it was given is not
// read. Of an alphabet of bytes characters are counted as they are spelled, and none may have
// been left out; the same holds for words and pieces, where positions are those of the text
// that the symbols spell. Errors match ErrUnknown or are the context's.
func (f *File) Original(ctx context.Context) (Original, error) {
	if !f.Alphabet.OneEach() {
		return f.originalSpelled(ctx)
	}
	g := Original{}
	marks := f.boms
	err := f.walk(0, chunkBytes, func([]byte) error { return ctx.Err() }, func(_ rune, id int32, offset int64) bool {
		for ; len(marks) > 0 && marks[0] <= offset; marks = marks[1:] {
			g.leave(g.Len)
			g.Len++
		}
		if id < 0 {
			g.leave(g.Len)
		}
		g.Len++
		return true
	})
	if err != nil || len(f.Dropped) == 0 {
		return g, err
	}
	// A text that a run keeps lacks marks; nothing else was left out of it.
	for _, s := range f.Dropped {
		g.Len += s.Len()
	}
	g.Omissions = f.Dropped
	return g, nil
}

// originalSpelled is Original for symbols that are not one character each.
func (f *File) originalSpelled(ctx context.Context) (Original, error) {
	spell, g := f.Alphabet.Spell(), Original{}
	ids, runes, ends := make([]int32, chunkBytes), []rune{}, []int{}
	if f.skip && f.Alphabet.Bytes() {
		var left error
		err := f.walk(0, chunkBytes, func([]byte) error { return ctx.Err() }, func(r rune, id int32, offset int64) bool {
			if id < 0 {
				left = &SymbolError{Rune: r, Bytes: true, Offset: int(offset)}
			}
			return left == nil
		})
		if err != nil || left != nil {
			return g, firstError(err, left)
		}
	}
	for at := 0; at < f.n; at += len(ids) {
		ids = ids[:min(len(ids), f.n-at)]
		if err := f.Read(ids, at); err != nil {
			return g, err
		}
		if err := ctx.Err(); err != nil {
			return g, err
		}
		runes, ends = spell.Write(runes[:0], ends[:0], ids)
		g.Len = ends[len(ends)-1]
	}
	return g, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
