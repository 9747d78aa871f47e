package evolve

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// Sizes of the held-out items: the same items are read at every snapshot.
const (
	itemsSearched = 2_000_000 // symbols of the test part that are searched, at most
	itemsBlock    = 2_000     // symbols of a block
	itemsRead     = 30_000    // symbols that a network reads, at most
	itemsEnough   = 300       // items of a measure, after which no block is added for it
	itemsLeast    = 20        // items of a measure, below which it is left out
)

// Items are fixed places of held-out text at which skills show. They are safe for
// concurrent use.
type Items struct {
	Measures []Measure

	ids    []int32
	blocks []text.Block
	white  []bool     // by symbol: space or tab
	of     [][]placed // by measure, ascending
}

// placed is an item in the text, and the block that it is read in.
type placed struct {
	place
	block int
}

// NewItems finds the items of the measures that the training text has the structure of, in
// the test part of the text. Blocks are taken by hash until every measure has enough items
// or the network would read too much. Without items there are no measures: so of a text
// whose symbols are not single characters.
func (o *Observer) NewItems(c *text.Corpus, split text.Split) *Items {
	t := &Items{ids: c.IDs}
	test := split.Test
	test.Hi = min(test.Hi, test.Lo+itemsSearched, len(c.IDs))
	if !c.Alphabet.OneEach() || test.Len() < itemsBlock {
		return t
	}
	for v := range c.Alphabet.Size() {
		r := c.Alphabet.Rune(int32(v))
		t.white = append(t.white, r == ' ' || r == '\t')
	}
	tiling := text.Grid{Size: itemsBlock}.Blocks(test)
	runes := c.Alphabet.Runes(c.IDs[test.Lo:test.Hi])
	measures, found := o.find(runes, test.Lo, tiling)
	order := stat.LowestHashes(len(tiling), len(tiling), func(i int) uint64 { return stat.Hash(uint64(tiling[i].Lo)) })
	t.keep(measures, found, tiling, order)
	return t
}

// find lists the measures and where their items are, each inside the scored part of a block.
func (o *Observer) find(runes []rune, at int, tiling []text.Block) (measures []Measure, found [][]placed) {
	rules := map[string]string{}
	for _, s := range o.has {
		rules[s.Name] = s.Rule
	}
	for _, f := range itemFamilies() {
		rule, has := rules[f.skill]
		if !has {
			continue
		}
		f.Rule = rule
		all := inside(f.find(o.facts, runes), at, tiling)
		measures, found = append(measures, Measure{Definition: f.Definition, Skill: f.skill}), append(found, all)
		for k := 0; f.byGap && k < len(gapBounds); k++ {
			measures = append(measures, f.class(k))
			found = append(found, slices.DeleteFunc(slices.Clone(all), func(p placed) bool { return classOf(p.gap) != k }))
		}
	}
	return measures, found
}

// class is the measure of one class of gaps.
func (f family) class(k int) Measure {
	m := Measure{Definition: f.Definition, Skill: f.skill, Gap: [2]int{gapBounds[k]}}
	if k+1 < len(gapBounds) {
		m.Gap[1] = gapBounds[k+1] - 1
	}
	m.Name += "-" + className(k)
	m.Titles = map[string]string{"en": f.Titles["en"] + ", gap " + className(k), "zh": f.Titles["zh"] + "，间隔 " + className(k)}
	return m
}

// inside keeps the items that one block scores whole; at is where the text they were found in begins.
func inside(found []place, at int, tiling []text.Block) []placed {
	var out []placed
	for _, p := range found {
		p.from, p.to = p.from+at, p.to+at
		k, _ := slices.BinarySearchFunc(tiling, p.from, func(b text.Block, from int) int {
			if b.Hi < from { // row from-1 predicts the first symbol
				return -1
			}
			return 1
		})
		if k < len(tiling) && p.from > tiling[k].Lo && p.to < tiling[k].Hi {
			out = append(out, placed{p, k})
		}
	}
	slices.SortFunc(out, func(a, b placed) int { return a.from - b.from })
	return out
}

// keep takes blocks in order while a measure lacks items, and the items in them.
func (t *Items) keep(measures []Measure, found [][]placed, tiling []text.Block, order []int) {
	in := make([][]int, len(tiling)) // [blocks][measures] items
	for b := range in {
		in[b] = make([]int, len(found))
	}
	for m := range found {
		for _, p := range found[m] {
			in[p.block][m]++
		}
	}
	have, taken, read := make([]int, len(found)), map[int]bool{}, 0
	for _, b := range order {
		useful := false
		for m, n := range in[b] {
			useful = useful || n > 0 && have[m] < itemsEnough
		}
		if !useful || read+tiling[b].Len() > itemsRead {
			continue
		}
		taken[b], read = true, read+tiling[b].Len()
		for m, n := range in[b] {
			have[m] += n
		}
	}
	place := map[int]int{}
	for b := range tiling {
		if taken[b] {
			place[b] = len(t.blocks)
			t.blocks = append(t.blocks, tiling[b])
		}
	}
	for m := range found {
		var mine []placed
		for _, p := range found[m] {
			if taken[p.block] {
				p.block = place[p.block]
				mine = append(mine, p)
			}
		}
		if len(mine) >= itemsLeast {
			measures[m].Items = int64(len(mine))
			t.Measures, t.of = append(t.Measures, measures[m]), append(t.of, mine)
		}
	}
}

// Measure reads the items with a network: one figure for each of Measures, in that order.
// Intervals are delete-one-block jackknives. Errors are the context's or trace's.
func (t *Items) Measure(ctx context.Context, m *rnn.Model, workers int) ([]HeldOut, error) {
	if len(t.Measures) == 0 {
		return nil, ctx.Err()
	}
	sums := make([]itemSums, len(t.Measures))
	for k := range sums {
		sums[k] = newItemSums(len(t.blocks))
	}
	at := make([]int, len(t.Measures))
	block := 0
	err := trace.Blocks(ctx, m, t.ids, t.blocks, trace.Options{Predictions: true, Workers: workers}, func(_ int, tr *trace.Trace) error {
		for k, places := range t.of {
			for ; at[k] < len(places) && places[at[k]].block == block; at[k]++ {
				logp, right := t.score(places[at[k]].place, tr, m.Config().Vocab)
				sums[k].add(block, logp, right)
			}
		}
		block++
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]HeldOut, len(t.Measures))
	for k, s := range sums {
		out[k] = HeldOut{Name: t.Measures[k].Name, LogP: stat.SegmentMean(s.logp, s.n), Right: stat.SegmentMean(s.right, s.n)}
	}
	return out, nil
}

// score is the mean log probability of an item's symbols, and whether all are the likeliest.
func (t *Items) score(p place, tr *trace.Trace, v int) (logp float64, right bool) {
	right = true
	n := 0
	for at := p.from; at < p.to; at++ {
		row := tr.LogProb[(at-1-tr.Block.Lo)*v:][:v]
		want := row[t.ids[at]]
		logp += float64(want)
		right = right && want == slices.Max(row)
		n++
	}
	if p.stops {
		white := 0.0
		row := tr.LogProb[(p.to-1-tr.Block.Lo)*v:][:v]
		for id, is := range t.white {
			if is {
				white += math.Exp(float64(row[id]))
			}
		}
		logp += math.Log(max(1e-30, 1-white))
		right = right && white < .5
		n++
	}
	return logp / float64(n), right
}

// itemSums are sums over the items of a measure, by block.
type itemSums struct{ logp, right, n []float64 }

func newItemSums(blocks int) itemSums {
	return itemSums{make([]float64, blocks), make([]float64, blocks), make([]float64, blocks)}
}

func (s *itemSums) add(block int, logp float64, right bool) {
	s.n[block]++
	s.logp[block] += logp
	if right {
		s.right[block]++
	}
}
