package dissect

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// swapPlan says which groups of four segments the null keeps, and where labels
// are on in them. Segments cut the line of all scored characters of the report.
type swapPlan struct {
	length int           // characters of a segment, 0: too little text
	slot   []int         // by group of the text: its place among the kept, -1 if not kept
	groups int           // kept
	on     [][][]uint16  // [kept x GroupSize][C]: offsets in the segment where the label is on
	starts []int         // number of the first scored character of each report block
	blocks []text.Block  // the report
	cross  [][][]int64   // [sites][C] of [G,4,4,U]: sums of bin ranks, added to atomically
	bins   [][]*pairBins // [C][sites]: of the chosen units
	ranks  [][][]int32   // [sites][H][Bins] F, frozen on validation
}

// pairBins counts a chosen unit's bins in segment i where the label of segment j
// is on: what mutual information needs under the null.
type pairBins struct {
	unit  int
	count []int32          // [G,4,4,Bins]
	all   [stat.Bins]int32 // over the kept groups, on or off
}

const (
	shortestSegment = 1000
	longestSegment  = 4000
)

// planSwap chooses the groups and collects their labels.
func planSwap(ctx context.Context, w *walk, report []text.Block, validation *tally, choices [][]*choice) (*swapPlan, error) {
	p := &swapPlan{starts: startsOf(report), blocks: report}
	length, ok := stat.SegmentLength(scored(report), shortestSegment, longestSegment, minGroups)
	if !ok {
		return p, nil
	}
	p.length = length
	concepts := len(w.labels.rules)
	p.keepGroups(int(scored(report))/(length*stat.GroupSize), w.reader.sites(), concepts)
	p.on = make([][][]uint16, p.groups*stat.GroupSize)
	for i := range p.on {
		p.on[i] = make([][]uint16, concepts)
	}
	first := 0
	for part := range slices.Chunk(report, stripe) {
		labelled, err := w.labels.label(ctx, part)
		if err != nil {
			return nil, err
		}
		for i, b := range labelled {
			p.collect(p.starts[first+i], b)
		}
		first += len(part)
	}
	p.allocate(w.reader.sites(), concepts, validation, choices)
	return p, nil
}

// keepGroups keeps as many groups as memory allows, chosen by hash.
func (p *swapPlan) keepGroups(groups int, sites []SiteInfo, concepts int) {
	units := 0
	for _, s := range sites {
		units += s.Units
	}
	const cells = stat.GroupSize * stat.GroupSize
	most := max(minGroups, min(maxGroups, crossBytes/(8*cells*units*max(1, concepts))))
	order := make([]int, groups)
	for g := range order {
		order[g] = g
	}
	sort.Slice(order, func(a, b int) bool { return hashOf(order[a]) < hashOf(order[b]) })
	p.slot = slices.Repeat([]int{-1}, groups)
	kept := slices.Clone(order[:min(groups, most)])
	slices.Sort(kept)
	for i, g := range kept {
		p.slot[g] = i
	}
	p.groups = len(kept)
}

// place says where scored character k lies: its kept segment (-1: none) and offset.
func (p *swapPlan) place(k int) (segment, offset int) {
	g := k / (p.length * stat.GroupSize)
	if g >= len(p.slot) || p.slot[g] < 0 {
		return -1, 0
	}
	return p.slot[g]*stat.GroupSize + k/p.length%stat.GroupSize, k % p.length
}

func (p *swapPlan) collect(start int, b *blockLabels) {
	for number := range b.pieces {
		piece := &b.pieces[number]
		first := start + number*pieceSize
		for c := range piece.Labels {
			for _, t := range piece.Labels[c].Positive {
				if s, o := p.place(first + int(t)); s >= 0 {
					p.on[s][c] = append(p.on[s][c], uint16(o))
				}
			}
		}
	}
}

func (p *swapPlan) allocate(sites []SiteInfo, concepts int, validation *tally, choices [][]*choice) {
	const cells = stat.GroupSize * stat.GroupSize
	p.bins = make([][]*pairBins, concepts)
	for c := range p.bins {
		p.bins[c] = make([]*pairBins, len(sites))
		for s := range sites {
			if ch := choices[c][s]; ch != nil {
				p.bins[c][s] = &pairBins{unit: ch.unit, count: make([]int32, p.groups*cells*stat.Bins)}
			}
		}
	}
	for s, info := range sites {
		cross := make([][]int64, concepts)
		for c := range cross {
			if choices[c][s] != nil {
				cross[c] = make([]int64, p.groups*cells*info.Units)
			}
		}
		p.cross = append(p.cross, cross)
		ranks := make([][]int32, info.Units)
		for u := range ranks {
			ranks[u] = stat.MidRanks(validation.tables[s].Htot[u*stat.Bins : (u+1)*stat.Bins])
		}
		p.ranks = append(p.ranks, ranks)
	}
}

// meeting is a stretch of a piece and the labels of a segment laid over it.
type meeting struct {
	concept int
	cell    int     // (group, i, j) of the tables
	at      []int32 // offsets in the piece where the laid-over label is on
}

// meetings lists what piece p, whose first character has number first, adds to.
func (p *swapPlan) meetings(first, n int, site int) []meeting {
	var out []meeting
	for lo, hi := range p.segmentsOf(first, n) {
		if segment, offset := p.place(first + lo); segment >= 0 {
			out = p.meet(out, segment, offset, lo, hi, site)
		}
	}
	return out
}

// segmentsOf cuts the n characters from number first on at segment borders and
// yields the offsets [lo, hi) of each part.
func (p *swapPlan) segmentsOf(first, n int) iter.Seq2[int, int] {
	return func(yield func(lo, hi int) bool) {
		for lo := 0; lo < n; {
			hi := min(n, lo+p.length-(first+lo)%p.length)
			if !yield(lo, hi) {
				return
			}
			lo = hi
		}
	}
}

func (p *swapPlan) meet(out []meeting, segment, offset, lo, hi, site int) []meeting {
	group, i := segment/stat.GroupSize, segment%stat.GroupSize
	for c, cross := range p.cross[site] {
		if cross == nil {
			continue
		}
		for j := range stat.GroupSize {
			on := p.on[group*stat.GroupSize+j][c]
			a, _ := slices.BinarySearch(on, uint16(offset))
			b, _ := slices.BinarySearch(on, uint16(offset+hi-lo))
			if a == b {
				continue
			}
			at := make([]int32, b-a)
			for x, o := range on[a:b] {
				at[x] = int32(o) - int32(offset) + int32(lo)
			}
			out = append(out, meeting{concept: c, cell: (group*stat.GroupSize+i)*stat.GroupSize + j, at: at})
		}
	}
	return out
}

// add adds one site of one piece. Pieces of a group are read by several workers,
// so sums are added atomically; integers come out the same in any order.
func (p *swapPlan) add(site, block int, q piece, c *columns) {
	if p.length == 0 {
		return
	}
	n, first := q.hi-q.lo, p.starts[block]+q.lo-p.blocks[block].Lo
	for lo, hi := range p.segmentsOf(first, n) {
		if segment, _ := p.place(first + lo); segment >= 0 {
			p.countAll(site, lo, hi, c)
		}
	}
	meetings := p.meetings(first, n, site)
	if len(meetings) == 0 {
		return
	}
	units := len(c.bins)
	var ranked [pieceSize]int32
	for u, bins := range c.bins {
		rank := (*[stat.Bins]int32)(p.ranks[site][u])
		for t, b := range bins {
			ranked[t] = rank[b&(stat.Bins-1)]
		}
		for m := range meetings {
			var sum int64
			for _, t := range meetings[m].at {
				sum += int64(ranked[t])
			}
			atomic.AddInt64(&p.cross[site][meetings[m].concept][meetings[m].cell*units+u], sum)
		}
	}
	for _, m := range meetings {
		pair := p.bins[m.concept][site]
		for _, t := range m.at {
			atomic.AddInt32(&pair.count[m.cell*stat.Bins+int(c.bins[pair.unit][t])], 1)
		}
	}
}

// countAll counts the chosen units' bins over [lo, hi) of a piece, on or off.
func (p *swapPlan) countAll(site, lo, hi int, c *columns) {
	for _, row := range p.bins {
		if pair := row[site]; pair != nil {
			for _, b := range c.bins[pair.unit][lo:hi] {
				atomic.AddInt32(&pair.all[b], 1)
			}
		}
	}
}

// informationDraws is how many swaps give the mean information under the null.
const informationDraws = 40

// information is the mutual information of a chosen unit and its concept over
// the kept groups, in bits, less its mean when labels are swapped.
func (p *swapPlan) information(pair *pairBins, rng *rand.Rand) float64 {
	observed := make([][stat.GroupSize]int, p.groups)
	for g := range observed {
		observed[g] = [stat.GroupSize]int{0, 1, 2, 3}
	}
	var null float64
	for range informationDraws {
		null += pair.information(stat.DrawOrders(p.groups, rng)) / informationDraws
	}
	return pair.information(observed) - null
}

// information in bits when segment i of group g meets the labels of segment orders[g][i].
func (pair *pairBins) information(orders [][stat.GroupSize]int) float64 {
	var on, off [stat.Bins]int64
	for g, order := range orders {
		for i, j := range order {
			cell := (g*stat.GroupSize+i)*stat.GroupSize + j
			for b, k := range pair.count[cell*stat.Bins:][:stat.Bins] {
				on[b] += int64(k)
			}
		}
	}
	for b, k := range pair.all {
		off[b] = int64(k) - on[b]
	}
	return stat.MutualInformation(on[:], off[:])
}
