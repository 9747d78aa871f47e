package look

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	pairsKept    = 400    // of a kind, chosen by hash
	pairLead     = 20_000 // characters read before a block, so that pairs are matched rightly in it
	pairExamples = 3      // shown of a kind
	pairRandom   = 4      // random positions as far apart, for each pair
	pairText     = 120    // characters shown of a pair
	mostChanged  = 5      // units shown
)

// pairAt is a matching pair whose ends lie in one block, with as many random
// positions as far apart in the same block.
type pairAt struct {
	concept.Pair // positions in the text
	random       []int
}

// pairSite is the site whose states are compared: h of the last layer read, or
// the last site.
func (l *Sample) pairSite() int {
	for s := len(l.Sites) - 1; s >= 0; s-- {
		if strings.HasSuffix(l.Sites[s].Name, ".h") {
			return s
		}
	}
	return len(l.Sites) - 1
}

// AskPairs asks for the states at both ends of matching pairs; finish fills the result once they
// were read.
func (l *Sample) AskPairs(ctx context.Context, rng *rand.Rand) (out *PairResult, finish func(), err error) {
	site := l.pairSite()
	out = &PairResult{Site: l.Sites[site].Name, Kinds: []PairKind{}, Examples: []PairExample{}}
	byKind, err := l.matchPairs(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, kind := range concept.PairKinds() {
		for i := range byKind[kind] {
			p := &byKind[kind][i]
			b := l.BlockAt(int(p.Open)).Block
			distance := int(p.Close - p.Open)
			for range pairRandom {
				p.random = append(p.random, b.Lo+rng.IntN(b.Len()-distance))
			}
			l.Ask.Row(int(p.Open))
			l.Ask.Row(int(p.Close))
			for _, r := range p.random {
				l.Ask.Row(r)
				l.Ask.Row(r + distance)
			}
		}
	}
	return out, func() {
		for _, kind := range concept.PairKinds() {
			if len(byKind[kind]) > 0 {
				l.finishKind(out, site, kind, byKind[kind])
			}
		}
	}, nil
}

// matchPairs finds the pairs inside each detail block, by kind, up to pairsKept.
func (l *Sample) matchPairs(ctx context.Context) (map[string][]pairAt, error) {
	found := make([][]concept.Pair, len(l.Labels))
	err := crew.ForEach(ctx, len(l.Labels), l.Workers, func(i int) {
		b := l.Labels[i].Block
		from := max(0, b.Lo-pairLead)
		for _, p := range concept.PairsIn(l.Alphabet, l.Pages.Read(from, b.Hi)) {
			p.OpenStart, p.Open = p.OpenStart+int64(from), p.Open+int64(from)
			p.CloseStart, p.Close = p.CloseStart+int64(from), p.Close+int64(from)
			if p.Open >= int64(b.Lo) {
				found[i] = append(found[i], p)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]pairAt{}
	for _, p := range slices.Concat(found...) {
		out[p.Kind] = append(out[p.Kind], pairAt{Pair: p})
	}
	for kind, ps := range out {
		slices.SortStableFunc(ps, func(a, b pairAt) int { return cmp.Compare(specimen.HashOf(int(a.Open)), specimen.HashOf(int(b.Open))) })
		ps = ps[:min(len(ps), pairsKept)]
		slices.SortStableFunc(ps, func(a, b pairAt) int {
			return cmp.Or(cmp.Compare(a.Open, b.Open), cmp.Compare(a.Close, b.Close))
		})
		out[kind] = ps
	}
	return out, nil
}

// finishKind compares the ends of the pairs of one kind. Its intervals take the
// pairs of one block as one segment.
func (l *Sample) finishKind(out *PairResult, site int, kind string, pairs []pairAt) {
	sums := newPairSums(l.Sites[site].Units, len(l.Labels))
	gaps := make([]float64, 0, len(pairs))
	for i, p := range pairs {
		open, closed := l.Ask.RowAt(site, int(p.Open)), l.Ask.RowAt(site, int(p.Close))
		segment := l.segmentOf(int(p.Open))
		sums.add(segment, open, closed)
		for _, r := range p.random {
			sums.random[segment] += cosine(l.Ask.RowAt(site, r), l.Ask.RowAt(site, r+int(p.Close-p.Open)))
			sums.randomN[segment]++
		}
		// The pairs stand in the order of the text: a neighbour shares the topic.
		if stranger := pairs[(i+1)%len(pairs)]; len(pairs) > 1 {
			sums.strangers[segment] += cosine(open, l.Ask.RowAt(site, int(stranger.Close)))
			sums.strangerN[segment]++
		}
		gaps = append(gaps, float64(p.Gap()))
	}
	slices.Sort(gaps)
	out.Kinds = append(out.Kinds, PairKind{
		Kind: kind, Count: int64(len(pairs)), MedianGap: stat.Quantile(gaps, 0.5), MaxGap: int64(gaps[len(gaps)-1]),
		Cosine:     stat.SegmentMean(sums.cosine, sums.n),
		Random:     stat.SegmentMean(sums.random, sums.randomN),
		Difference: stat.SegmentContrast(sums.cosine, sums.n, sums.random, sums.randomN),
		Strangers:  stat.SegmentMean(sums.strangers, sums.strangerN),
		Matching:   stat.SegmentContrast(sums.cosine, sums.n, sums.strangers, sums.strangerN),
		Units:      sums.largest(),
	})
	// Longer pairs first: a gap of two characters shows nothing.
	slices.SortStableFunc(pairs, func(a, b pairAt) int { return cmp.Compare(b.Gap(), a.Gap()) })
	for k := range min(pairExamples, len(pairs)) {
		out.Examples = append(out.Examples, l.pairExample(site, pairs[k*(len(pairs)-1)/pairExamples]))
	}
}

func (l *Sample) segmentOf(position int) int {
	return slices.IndexFunc(l.Labels, func(b *specimen.BlockLabels) bool { return b.Block.Lo <= position && position < b.Block.Hi })
}

// pairSums adds up pairs by segment and changes by unit.
type pairSums struct {
	cosine, n, random, randomN []float64 // by segment
	strangers, strangerN       []float64 // by segment
	open, close, change        []float64 // by unit
	count                      float64
}

func newPairSums(units, segments int) *pairSums {
	row := func(n int) []float64 { return make([]float64, n) }
	return &pairSums{
		cosine: row(segments), n: row(segments), random: row(segments), randomN: row(segments),
		strangers: row(segments), strangerN: row(segments),
		open: row(units), close: row(units), change: row(units),
	}
}

func (s *pairSums) add(segment int, open, closed []float32) {
	s.cosine[segment] += cosine(open, closed)
	s.n[segment]++
	s.count++
	for u := range open {
		s.open[u] += float64(open[u])
		s.close[u] += float64(closed[u])
		s.change[u] += math.Abs(float64(closed[u]) - float64(open[u]))
	}
}

func (s *pairSums) largest() []UnitChange {
	all := make([]UnitChange, len(s.change))
	for u := range all {
		all[u] = UnitChange{u, Round(s.open[u]/s.count, 1e-4), Round(s.close[u]/s.count, 1e-4), Round(s.change[u]/s.count, 1e-4)}
	}
	return largestChanges(all)
}

func largestChanges(all []UnitChange) []UnitChange {
	slices.SortStableFunc(all, func(a, b UnitChange) int { return cmp.Compare(b.Change, a.Change) })
	return all[:min(len(all), mostChanged)]
}

// cosine similarity of two states; 0 when one of them is zero.
func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for u := range a {
		x, y := float64(a[u]), float64(b[u])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func (l *Sample) pairExample(site int, p pairAt) PairExample {
	open, closed := l.Ask.RowAt(site, int(p.Open)), l.Ask.RowAt(site, int(p.Close))
	all := make([]UnitChange, len(open))
	for u := range all {
		a, b := float64(open[u]), float64(closed[u])
		all[u] = UnitChange{u, Round(a, 1e-4), Round(b, 1e-4), Round(math.Abs(b-a), 1e-4)}
	}
	return PairExample{
		Kind: p.Kind, Name: p.Name, Open: int(p.Open), Close: int(p.Close), Gap: p.Gap(), Depth: p.Depth,
		Cosine: Round(cosine(open, closed), 1e-4), Text: l.shorten(int(p.OpenStart), int(p.Close)+1),
		Units: largestChanges(all),
	}
}

// shorten is the text of [lo, hi) with its middle left out when it is long.
func (l *Sample) shorten(lo, hi int) string {
	if hi-lo <= pairText {
		return l.Text(lo, hi)
	}
	return l.Text(lo, lo+pairText/2) + " ... " + l.Text(hi-pairText/2, hi)
}

// PairResult compares the states at both ends of matching brackets and tags.
type PairResult struct {
	Site     string        `json:"site"` // site of the states compared
	Kinds    []PairKind    `json:"kinds"`
	Examples []PairExample `json:"examples"`
	Map      *PairMap      `json:"map"`
}

// PairKind sums up all pairs of a kind on test.
type PairKind struct {
	Kind       string        `json:"kind"` // "paren", "square", "brace", "quote", "tag", "environment", ...
	Count      int64         `json:"count"`
	MedianGap  float64       `json:"median_gap"` // characters strictly between
	MaxGap     int64         `json:"max_gap"`
	Cosine     stat.Interval `json:"cosine"`     // mean cosine of the states after opener and closer
	Random     stat.Interval `json:"random"`     // the same for two random positions as far apart
	Difference stat.Interval `json:"difference"` // Cosine - Random
	// Strangers is the mean cosine of an opener's state and the closer's of another
	// pair of the kind: what the two characters alone bring about.
	Strangers stat.Interval `json:"strangers"`
	Matching  stat.Interval `json:"matching"` // Cosine - Strangers: what belonging together adds
	Units     []UnitChange  `json:"units"`    // the five that change most on average
}

// PairExample is one matching pair.
type PairExample struct {
	Kind   string       `json:"kind"`
	Name   string       `json:"name"` // tag or environment
	Open   int          `json:"open"` // position of the opener's last character
	Close  int          `json:"close"`
	Gap    int64        `json:"gap"`
	Depth  int          `json:"depth"`
	Cosine float64      `json:"cosine"`
	Text   string       `json:"text"`  // from opener to closer, shortened in the middle
	Units  []UnitChange `json:"units"` // the five that change most
}

// PairMap is a heatmap of a stretch of text with its openers and closers above
// the trace of one memory unit.
type PairMap struct {
	Concept string      `json:"concept"` // depth concept the memory unit was chosen for
	Site    string      `json:"site"`
	Lo      int         `json:"lo"` // symbol offset of the first character
	Text    string      `json:"text"`
	Units   []int       `json:"units"`  // rows of Values
	Values  [][]float32 `json:"values"` // [len(Units)][runes of Text]
	Opens   []int       `json:"opens"`  // runes of Text after which depth grew
	Closes  []int       `json:"closes"` // after which it fell
	Depth   []int32     `json:"depth"`  // [runes of Text]
	Memory  int         `json:"memory"` // the memory unit
	Trace   []float32   `json:"trace"`  // its activation
}

// UnitChange is a unit's activation at both ends of a pair, or its mean over pairs.
type UnitChange struct {
	Unit  int     `json:"unit"`
	Open  float64 `json:"open"`
	Close float64 `json:"close"`
	// Change is |Close - Open|; over many pairs the mean of it.
	Change float64 `json:"change"`
}
