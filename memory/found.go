package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/text"
)

// pairLead is what the matcher reads before a block, so that it knows what is
// open when the block starts.
const pairLead = 20_000

// pair is a matching pair whose closer lies in the scored part of a block and
// whose opener the network has read. Positions are of the whole text.
type pair struct {
	concept.Pair
	block   int
	inside  bool // the opener is in the scored part too, with a character before it
	around  []string
	outmost bool // no pair of its kind around it
}

// text is the symbols [lo,hi) as they are written.
func (f *found) text(lo, hi int64) string {
	return f.in.Alphabet.Decode(f.in.IDs.span(int(lo), int(hi)))
}

func (p *pair) gap() int     { return int(p.Gap()) }
func (p *pair) segment() int { return int(p.CloseStart) / segmentSize }

// found are the pairs of some blocks by kind, in the order of their closers.
type found struct {
	blocks []text.Block
	in     *input
	byKind map[string][]pair
	cut    []pair // pairs that reach into a block but cannot be asked there
}

// findPairs matches the pairs of each block.
func findPairs(ctx context.Context, in *input, blocks []text.Block, kinds []string, workers int) (*found, error) {
	f := &found{blocks: blocks, in: in, byKind: map[string][]pair{}}
	byBlock, cut := make([][]pair, len(blocks)), make([][]pair, len(blocks))
	_ = crew.ForEach(ctx, len(blocks), workers, func(i int) { byBlock[i], cut[i] = pairsOf(in, blocks[i], i, kinds) })
	f.cut = slices.Concat(cut...)
	for _, p := range slices.Concat(byBlock...) {
		f.byKind[p.Kind] = append(f.byKind[p.Kind], p)
	}
	return f, ctx.Err()
}

// pairsOf are the pairs of one block, and those that only reach into it: opened
// before the network enters, or closed behind the block.
func pairsOf(in *input, b text.Block, index int, kinds []string) (whole, cut []pair) {
	from, to := max(in.IDs.from, b.Lo-pairLead), min(in.IDs.end(), b.Hi+pairLead)
	for _, q := range concept.PairsIn(in.Alphabet, in.IDs.span(from, to)) {
		q.OpenStart, q.Open, q.CloseStart, q.Close = q.OpenStart+int64(from), q.Open+int64(from), q.CloseStart+int64(from), q.Close+int64(from)
		if q.Kind == "brace" && slices.ContainsFunc(in.IDs.span(int(q.Open), int(q.CloseStart)), in.Alphabet.EndsLine) {
			q.Kind = blockKind
		}
		if !slices.Contains(kinds, q.Kind) || q.Close <= int64(b.Lo) || q.OpenStart >= int64(b.Hi) {
			continue
		}
		p := pair{Pair: q, block: index, inside: q.OpenStart > int64(b.Lo)}
		if q.OpenStart < int64(b.Warm) || q.CloseStart <= int64(b.Lo) || q.Close >= int64(b.Hi) {
			cut = append(cut, p)
			continue
		}
		whole = append(whole, p)
	}
	surround(whole, cut)
	return whole, cut
}

// surround notes which named pairs stand around each pair, and whether one of its
// kind does. Pairs come in the order of their closers.
func surround(whole, cut []pair) {
	for i := range whole {
		p := &whole[i]
		p.outmost = true
		for _, rest := range [][]pair{whole[i+1:], cut} {
			for k := range rest {
				o := &rest[k]
				if o.Kind != p.Kind || o.Open >= p.Open || o.Close <= p.Close {
					continue
				}
				p.outmost = false
				if p.Name != "" && len(p.around) < mostAround {
					p.around = append(p.around, o.Name)
				}
			}
		}
	}
}

const mostAround = 8 // names open around a pair that are kept

// hashOf scatters positions: what is kept of many is chosen by it.
func hashOf(p int64) uint64 {
	x := uint64(p) * 0x9e3779b97f4a7c15
	x ^= x >> 32
	return x * 0xd6e8feb86659fd93
}

// thin keeps at most n pairs, chosen by hash, in their order.
func thin(ps []pair, n int) []pair {
	if len(ps) <= n {
		return ps
	}
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(hashOf(a.Open), hashOf(b.Open)) })
	out = out[:n]
	slices.SortStableFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.Close, b.Close), cmp.Compare(b.Open, a.Open))
	})
	return out
}

// log2Bin is the bin of a gap: 0 for gap 0, else 1 + floor(log2 gap).
func log2Bin(gap int) int {
	bin := 0
	for ; gap > 0; gap >>= 1 {
		bin++
	}
	return bin
}

// binRange is the gaps [lo,hi] of a bin.
func binRange(bin int) (lo, hi int) {
	if bin == 0 {
		return 0, 0
	}
	return 1 << (bin - 1), 1<<bin - 1
}
