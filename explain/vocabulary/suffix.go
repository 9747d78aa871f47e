package vocabulary

import (
	"cmp"
	"slices"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/text"
)

const (
	candidates = 2000 // strings of a length that units may nominate from, the most frequent
	nominated  = 16   // by one unit, of a length, at most
)

// Grams are the strings that the text often ends in, by length, and where.
type Grams struct {
	Of     [Longest][]int32 // by length-1 [N]: which candidate, -1: none
	Count  [Longest][]int64 // by length-1: rows of each among the deciding ones
	parent [Longest][]int32 // by length-1: the candidate without the oldest symbol, -1
	texts  [Longest][]string
}

// Grams finds the candidates.
func (b *Base) Grams() *Grams {
	g := &Grams{}
	for n := 1; n <= Longest; n++ {
		g.find(b, n)
	}
	return g
}

// Gram is up to Longest symbols, the last one first.
type Gram [Longest]int32

// Last is the last n symbols at a row; whole is false where the text begins later.
func (b *Base) Last(r, n int) (k Gram, whole bool) {
	for i := range n {
		k[i] = b.last[i][r]
		if k[i] < 0 {
			return k, false
		}
	}
	return k, true
}

func (g *Grams) find(b *Base, n int) {
	counts, first := map[Gram]int64{}, map[Gram]int{}
	for _, r := range b.decide {
		if k, whole := b.Last(r, n); whole {
			if counts[k]++; counts[k] == 1 {
				first[k] = r
			}
		}
	}
	var order []Gram
	for k, c := range counts {
		if c >= leastRows {
			order = append(order, k)
		}
	}
	slices.SortFunc(order, func(x, y Gram) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(first[x], first[y])) })
	order = order[:min(candidates, len(order))]
	index := map[Gram]int32{}
	for i, k := range order {
		index[k] = int32(i)
		parent := int32(-1)
		if n > 1 {
			parent = g.Of[n-2][first[k]]
		}
		g.Count[n-1], g.parent[n-1] = append(g.Count[n-1], counts[k]), append(g.parent[n-1], parent)
		g.texts[n-1] = append(g.texts[n-1], b.spell(k, n))
	}
	g.Of[n-1] = make([]int32, len(b.last[0]))
	for r := range g.Of[n-1] {
		g.Of[n-1][r] = -1
		if k, whole := b.Last(r, n); whole {
			if i, ok := index[k]; ok {
				g.Of[n-1][r] = i
			}
		}
	}
}

func (b *Base) spell(k Gram, n int) string {
	out := ""
	for i := n - 1; i >= 0; i-- {
		out += b.symbols.shown[k[i]]
	}
	return out
}

// Nominate lists, by length-1, the candidates of lengths 2 and more that move one unit
// most: by how much the squared error falls when the string is told apart from
// its own end. sum [length-1][candidate] adds up the unit over the deciding rows,
// mean is its mean there.
func (g *Grams) Nominate(sum func(length, candidate int) float64, mean float64) [Longest][]int32 {
	var out [Longest][]int32
	for n := 1; n < Longest; n++ {
		type scored struct {
			i int32
			s float64
		}
		all := make([]scored, len(g.Count[n]))
		for i := range all {
			known := mean
			if p := g.parent[n][i]; p >= 0 {
				known = sum(n-1, int(p)) / float64(g.Count[n-1][p])
			}
			d := sum(n, i) - known*float64(g.Count[n][i])
			all[i] = scored{int32(i), d * d / float64(g.Count[n][i])}
		}
		slices.SortFunc(all, func(x, y scored) int { return cmp.Or(cmp.Compare(y.s, x.s), cmp.Compare(x.i, y.i)) })
		for _, x := range all[:min(nominated, len(all))] {
			out[n] = append(out[n], x.i)
		}
	}
	return out
}

// Vocabulary is all columns of a network's site, the short ones first, and their values
// at the places.
type Vocabulary struct {
	Columns []Column
	Values  [][]uint8 // [C][N]
	Short   int       // columns of the short vocabulary
	Symbols text.Kind // of the text
}

// With adds the suffixes nominated by the units, each unit's first one before any
// unit's second.
func (b *Base) With(g *Grams, units [][Longest][]int32) *Vocabulary {
	v := &Vocabulary{Symbols: b.symbols.kind}
	take := func(of []filled) {
		for _, c := range of {
			v.Columns, v.Values = append(v.Columns, c.Column), append(v.Values, c.values)
		}
	}
	take(b.short)
	for n := 2; n <= ShortLags; n++ {
		take(b.suffixes(g, units, n))
	}
	v.Short = len(v.Columns)
	for n := ShortLags + 1; n <= Longest; n++ {
		take(b.suffixes(g, units, n))
	}
	take(b.rest)
	return v
}

// suffixes is the column of strings of n symbols, or none.
func (b *Base) suffixes(g *Grams, units [][Longest][]int32, n int) []filled {
	bin := make([]uint8, len(g.Count[n-1])) // 0: not taken
	texts := []string{""}
	for i := range nominated {
		for _, u := range units {
			if i < len(u[n-1]) && bin[u[n-1][i]] == 0 && len(texts) < suffixBins {
				bin[u[n-1][i]] = uint8(len(texts))
				texts = append(texts, g.texts[n-1][u[n-1][i]])
			}
		}
	}
	c := filled{Column: Column{Kind: Suffix, Length: n, Texts: texts}, values: make([]uint8, len(g.Of[n-1]))}
	c.Bins = len(texts)
	for r, k := range g.Of[n-1] {
		if k >= 0 {
			c.values[r] = bin[k]
		}
	}
	if len(texts) == 1 || !askable(&c.Column.Column, c.values, b.decide) {
		return nil
	}
	return []filled{c}
}

// TreeColumns are the columns as a tree sees them.
func (v *Vocabulary) TreeColumns() []tree.Column {
	out := make([]tree.Column, len(v.Columns))
	for i := range v.Columns {
		out[i] = v.Columns[i].Column
	}
	return out
}
