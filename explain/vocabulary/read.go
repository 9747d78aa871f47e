package vocabulary

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/text"
)

// Options say what a vocabulary is made of.
type Options struct {
	Alphabet *text.Alphabet    // the network's
	Symbols  int               // V, what its readout tells apart
	Concepts []concept.Concept // those that the kind of text admits; predictive ones are left out
	Workers  int
}

// Places are the positions looked at, in any order, each once, and which of the rows
// decide what can be asked: those that trees are grown on.
type Places struct {
	At     []int
	Decide []int // rows
}

// Base is all columns but those of suffixes, which depend on a network, at some places.
type Base struct {
	short, rest []filled
	last        [Longest][]int32 // [N] symbols by lag; -1 before the text
	decide      []int
	symbols     *symbols
}

// piece is how much text is read at once.
const piece = 1 << 16

// Read goes through the text once, to the last place and as far behind it as concepts
// hold labels back. What it holds does not grow with the text. Errors are those of the
// text and of the context.
func Read(ctx context.Context, src text.Source, p Places, opt Options) (*Base, error) {
	if len(p.At) == 0 || len(p.Decide) == 0 {
		panic(fmt.Sprintf("vocabulary: %d places, %d of them decide", len(p.At), len(p.Decide)))
	}
	order := make([]int, len(p.At)) // rows by position
	for r := range order {
		order[r] = r
	}
	slices.SortFunc(order, func(i, j int) int { return p.At[i] - p.At[j] })
	at := make([]int, len(order))
	for i, r := range order {
		at[i] = p.At[r]
	}
	b := &Base{decide: p.Decide}
	lags, err := readLags(src, at)
	if err != nil {
		return nil, err
	}
	for k := range lags {
		lags[k] = ordered(lags[k], order)
	}
	b.bySymbol(lags, opt)
	s := newScanner(at, b.symbols, opt.Concepts)
	if err := s.scan(ctx, src, opt); err != nil {
		return nil, err
	}
	near, rest := s.columns()
	for _, c := range near {
		b.add(&b.short, filled{c.Column, ordered(c.values, order)})
	}
	for _, c := range rest {
		b.add(&b.rest, filled{c.Column, ordered(c.values, order)})
	}
	b.fit()
	return b, nil
}

// Digest writes what may be asked and the answers at all places.
func (b *Base) Digest(w io.Writer) {
	for _, c := range slices.Concat(b.short, b.rest) {
		_, _ = fmt.Fprintln(w, c.Kind, c.Lag, c.Length, c.Concept, c.Class, c.Near, c.Bins, c.Sets, c.Texts, c.Lows) // of a digest: never fails
		_, _ = w.Write(c.values)
	}
}

// ordered puts what stands by position back to its rows.
func ordered[T any](x []T, order []int) []T {
	out := make([]T, len(x))
	for i, r := range order {
		out[r] = x[i]
	}
	return out
}

// readLags is the symbols [Lags][N] before and at the places.
func readLags(src text.Source, at []int) ([Lags][]int32, error) {
	var out [Lags][]int32
	for k := range out {
		out[k] = make([]int32, len(at))
	}
	buf := make([]int32, piece)
	for lo := 0; lo < len(at); {
		from := max(0, at[lo]-Lags+1)
		hi := lo
		for hi < len(at) && at[hi]-from < piece {
			hi++
		}
		ids := buf[:at[hi-1]-from+1]
		if err := src.Read(ids, from); err != nil {
			return out, err
		}
		for r := lo; r < hi; r++ {
			for k := range out {
				out[k][r] = -1
				if i := at[r] - k - from; i >= 0 {
					out[k][r] = ids[i]
				}
			}
		}
		lo = hi
	}
	return out, nil
}

// bySymbol makes the columns of single symbols.
func (b *Base) bySymbol(lags [Lags][]int32, opt Options) {
	counts := make([]int64, opt.Symbols)
	for _, r := range b.decide {
		if v := lags[0][r]; v >= 0 {
			counts[v]++
		}
	}
	b.symbols = newSymbols(opt.Alphabet, opt.Symbols, counts)
	sets, names := classSets(b.symbols.members)
	for k := range lags {
		if k < Longest {
			b.last[k] = lags[k]
		}
		values := make([]uint8, len(lags[k]))
		for r, v := range lags[k] {
			if v >= 0 {
				values[r] = b.symbols.bin[v]
			}
		}
		c := Column{Kind: Symbol, Lag: k, Texts: append(slices.Clone(b.symbols.texts), names...)}
		c.Column = tree.Column{Bins: len(b.symbols.members), Sets: sets}
		if c.Short() {
			b.add(&b.short, filled{c, values})
		} else {
			b.add(&b.rest, filled{c, values})
		}
	}
}

// filled is a column with its values [N].
type filled struct {
	Column
	values []uint8
}

// add takes a column if something can be asked of it.
func (b *Base) add(to *[]filled, c filled) {
	if askable(&c.Column.Column, c.values, b.decide) {
		*to = append(*to, c)
	}
}

// fit leaves columns out from the end, the rarest symbols first, until suffixes have room.
func (b *Base) fit() {
	room := tree.MaxAll - (Longest-1)*suffixBins
	for i := range b.short {
		room -= b.short[i].Bins
	}
	for i := range b.rest {
		if room -= b.rest[i].Bins; room < 0 {
			b.rest = b.rest[:i]
			return
		}
	}
}

// forEach calls do(0..n-1) on up to workers goroutines.
func forEach(n, workers int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
