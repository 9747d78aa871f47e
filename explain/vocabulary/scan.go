package vocabulary

import (
	"context"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/text"
)

// scanner goes through the text and notes, at the places, what takes memory to know.
type scanner struct {
	at      []int
	symbols *symbols
	follow  []*follower

	tracked []int32   // symbols whose last occurrence is noted
	slot    []int32   // by symbol: index in tracked, -1
	inClass [][]uint8 // by symbol: its classes
	last    []int     // of classes, then of tracked symbols: position, -1
	since   [][]uint8 // likewise [N]
	row     int
}

func newScanner(at []int, sy *symbols, concepts []concept.Concept) *scanner {
	s := &scanner{at: at, symbols: sy, slot: make([]int32, len(sy.runes)), inClass: make([][]uint8, len(sy.runes))}
	for v, r := range sy.runes {
		s.slot[v] = -1
		for i, k := range classes {
			if k.has(r) {
				s.inClass[v] = append(s.inClass[v], uint8(i))
			}
		}
	}
	for _, v := range sy.order[:min(sinceMost, len(sy.order))] {
		if sy.runes[v] != '\n' { // the class says the same
			s.slot[v] = int32(len(s.tracked))
			s.tracked = append(s.tracked, v)
		}
	}
	for range len(classes) + len(s.tracked) {
		s.last, s.since = append(s.last, -1), append(s.since, make([]uint8, len(at)))
	}
	for _, c := range concepts {
		if c.Class != concept.Predictive && c.Kind != concept.Category {
			s.follow = append(s.follow, newFollower(c, at))
		}
	}
	return s
}

func (s *scanner) scan(ctx context.Context, src text.Source, opt Options) error {
	ids := make([]int32, piece)
	var runes []rune
	var ends []int
	spelling := opt.Alphabet.Spell()
	for lo := 0; lo < src.Len() && !s.done(); lo += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(piece, src.Len()-lo)
		if err := src.Read(ids[:n], lo); err != nil {
			return err
		}
		runes, ends = spelling.Write(runes[:0], ends[:0], ids[:n])
		end := lo+n == src.Len()
		forEach(len(s.follow)+1, opt.Workers, func(i int) {
			if i == 0 {
				s.times(ids[:n], lo)
				return
			}
			s.follow[i-1].feed(runes, ends, end)
		})
	}
	return nil
}

func (s *scanner) done() bool {
	if s.row < len(s.at) {
		return false
	}
	for _, f := range s.follow {
		if f.row < len(s.at) {
			return false
		}
	}
	return true
}

// times notes how long ago classes and symbols were seen.
func (s *scanner) times(ids []int32, from int) {
	for i, v := range ids {
		if s.row == len(s.at) {
			return
		}
		pos := from + i
		for _, k := range s.inClass[v] {
			s.last[k] = pos
		}
		if k := s.slot[v]; k >= 0 {
			s.last[len(classes)+int(k)] = pos
		}
		if s.at[s.row] != pos {
			continue
		}
		for k, last := range s.last {
			ago := unseenSince
			if last >= 0 {
				ago = pos - last
			}
			s.since[k][s.row] = binOf(timeLows, int32(ago))
		}
		s.row++
	}
}

// columns are all that was noted: concepts first, then classes, then symbols by
// frequency. What the last five symbols fix of a time is a column of its own, of the
// short vocabulary: "a vowel is among the last three" needs no memory.
func (s *scanner) columns() (near, rest []filled) {
	for _, f := range s.follow {
		rest = append(rest, f.columns()...)
	}
	farLows := append([]int32{0}, timeLows[ShortLags+1:]...)
	for k, values := range s.since {
		c := Column{Kind: Since}
		if k < len(classes) {
			c.Class = classes[k].name
		} else {
			c.Texts = []string{s.symbols.shown[s.tracked[k-len(classes)]]}
		}
		short, long := c, c
		short.Near, short.Lows = true, timeLows[:ShortLags+1]
		long.Lows = farLows
		for _, c := range []*Column{&short, &long} {
			c.Column = tree.Column{Bins: len(c.Lows), Ordered: true}
		}
		shortValues := make([]uint8, len(values))
		for r, v := range values {
			shortValues[r] = min(v, ShortLags)
			values[r] = max(v, ShortLags) - ShortLags
		}
		near, rest = append(near, filled{short, shortValues}), append(rest, filled{long, values})
	}
	return near, rest
}

// follower notes what a concept says at the places.
type follower struct {
	concept concept.Concept
	labeler *concept.SymbolLabeler
	at      []int
	row     int // the next place
	base    int // position of out[0]
	out     []concept.Label
	onAt    int // position where it was last on, -1

	value, changed, since []uint8
}

func newFollower(c concept.Concept, at []int) *follower {
	f := &follower{concept: c, labeler: concept.OnSymbols(c.New()), at: at, onAt: -1, value: make([]uint8, len(at))}
	if c.Kind != concept.Numeric && c.Class == concept.State {
		f.changed = make([]uint8, len(at))
	}
	if c.Kind == concept.Binary && c.Class != concept.Surface {
		f.since = make([]uint8, len(at))
	}
	return f
}

func (f *follower) feed(runes []rune, ends []int, end bool) {
	if f.row == len(f.at) {
		return
	}
	f.out = f.labeler.Write(f.out[:0], runes, ends)
	if end {
		f.out = f.labeler.Flush(f.out)
	}
	for i, y := range f.out {
		f.take(f.base+i, y)
	}
	f.base += len(f.out)
}

// take notes a label. One that is invalid reads as off: that a span is never closed is
// not known yet when the network reads it.
func (f *follower) take(pos int, y concept.Label) {
	if !y.Valid {
		y.Y = 0
	}
	if y.Y > 0 {
		f.onAt = pos
	}
	if f.row == len(f.at) || f.at[f.row] != pos {
		return
	}
	if f.concept.Kind == concept.Binary {
		f.value[f.row] = uint8(min(y.Y, 1))
	} else {
		f.value[f.row] = binOf(depthLows, y.Y)
	}
	if f.changed != nil {
		f.changed[f.row] = binOf(timeLows, y.Gap)
	}
	if f.since != nil {
		ago := unseenSince
		if f.onAt >= 0 {
			ago = pos - f.onAt
		}
		f.since[f.row] = binOf(timeLows, int32(ago))
	}
	f.row++
}

func (f *follower) columns() []filled {
	value := Column{Kind: Concept, Concept: f.concept.Name, title: f.concept, Lows: depthLows}
	value.Column = tree.Column{Bins: len(depthLows), Ordered: true}
	if f.concept.Kind == concept.Binary {
		value.Bins, value.Lows = 2, []int32{0, 1}
	}
	out := []filled{{value, f.value}}
	times := tree.Column{Bins: len(timeLows), Ordered: true}
	add := func(kind Kind, values []uint8) {
		if values != nil {
			out = append(out, filled{Column{Column: times, Kind: kind, Concept: f.concept.Name, title: f.concept, Lows: timeLows}, values})
		}
	}
	add(Changed, f.changed)
	add(Since, f.since)
	return out
}
