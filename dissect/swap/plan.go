// Package swap counts what the null of a dissection needs in one pass: how the activations of segment i of a
// text go with the labels of segment j, in groups of four neighbouring segments.
package swap

import (
	"iter"
	"math/rand/v2"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Plan says which groups of four segments the null keeps, and where labels
// are on in them. Segments cut the line of all scored characters of the report.
type Plan struct {
	Length int                 // characters of a segment, 0: too little text
	slot   map[int]int         // by kept group of the text: its place among the kept
	Groups int                 // kept
	runs   [][][][2]uint16     // [kept x GroupSize][C]: offsets [lo, hi) in the segment where the label is on
	start  func(block int) int // number of a report block's first scored character
	Cross  [][][]int64         // [sites][C] of [G,4,4,U]: sums of bin ranks, added to atomically
	Bins   [][]*Pair           // [C][sites]: of the chosen units
	ranks  [][][]int32         // [sites][H][Bins] F, frozen on validation
	chosen []map[int]bool      // by site: units chosen for a concept
}

// Pair counts a chosen unit's bins in segment i where the label of segment j
// is on: what mutual information needs under the null.
type Pair struct {
	unit  int
	count []int32          // [G,4,4,Bins]
	all   [stat.Bins]int32 // over the kept groups, on or off
}

// New chooses the groups; Collect gathers their labels and Allocate makes the tables. searched are the sites
// that are searched by default.
func New(report text.Blocks, searched []specimen.Site, concepts int) *Plan {
	p := &Plan{start: specimen.Numbering(report)}
	length, ok := stat.SegmentLength(specimen.Scored(report))
	if !ok {
		return p
	}
	p.Length = length
	p.keepGroups(int(specimen.Scored(report))/(length*stat.GroupSize), searched)
	p.runs = make([][][][2]uint16, p.Groups*stat.GroupSize)
	for i := range p.runs {
		p.runs[i] = make([][][2]uint16, concepts)
	}
	return p
}

// Sizes of what is kept.
const (
	maxGroups  = 64        // groups, chosen by hash
	crossBytes = 256 << 20 // their cross sums
)

// keepGroups keeps as many groups as memory allows for all built-in concepts at the sites that
// are searched by default, whatever was asked, chosen by hash.
func (p *Plan) keepGroups(groups int, searched []specimen.Site) {
	units := 0
	for _, s := range searched {
		units += s.Units
	}
	const cells = stat.GroupSize * stat.GroupSize
	most := max(stat.LeastGroups, min(maxGroups, crossBytes/(8*cells*units*concept.FamilySize())))
	sample := stat.LowestHashes(groups, most, specimen.HashOf)
	slices.Sort(sample)
	p.slot = map[int]int{}
	for i, g := range sample {
		p.slot[g] = i
	}
	p.Groups = len(sample)
}

// Counts is the positions of the kept groups: where a concept is on, and all.
func (p *Plan) Counts(c int) (on, all int64) {
	for _, segment := range p.runs {
		for _, r := range segment[c] {
			on += int64(r[1] - r[0])
		}
	}
	return on, int64(p.Groups * stat.GroupSize * p.Length)
}

// place says where scored character k lies: its kept segment (-1: none) and offset.
func (p *Plan) place(k int) (segment, offset int) {
	g, ok := p.slot[k/(p.Length*stat.GroupSize)]
	if !ok {
		return -1, 0
	}
	return g*stat.GroupSize + k/p.Length%stat.GroupSize, k % p.Length
}

// Collect takes the labels of the i-th report block.
func (p *Plan) Collect(i int, b *specimen.BlockLabels) {
	if p.Length == 0 {
		return
	}
	start := p.start(i)
	for lo, hi := range p.segmentsOf(start, len(b.Chars)) {
		s, o := p.place(start + lo)
		if s < 0 {
			continue
		}
		for c := range b.Labels {
			on := b.Labels[c].Positive
			from, _ := slices.BinarySearch(on, int32(lo))
			to, _ := slices.BinarySearch(on, int32(hi))
			runs := p.runs[s][c]
			for _, t := range on[from:to] {
				at := uint16(int(t) - lo + o)
				if n := len(runs); n > 0 && runs[n-1][1] == at {
					runs[n-1][1]++
				} else {
					runs = append(runs, [2]uint16{at, at + 1})
				}
			}
			p.runs[s][c] = runs
		}
	}
}

// Blocks are the places of the report blocks that lie in a kept group, in part at least.
func (p *Plan) Blocks(report text.Blocks) []int {
	var out []int
	if p.Length == 0 {
		return nil
	}
	for i := range report.Len() {
		for lo := range p.segmentsOf(p.start(i), report.At(i).Len()) {
			if s, _ := p.place(p.start(i) + lo); s >= 0 {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// Allocate makes the tables for the units that were chosen, by concept and site; -1 where none was. ranks are
// those of a unit's bins, frozen where units are chosen.
func (p *Plan) Allocate(sites []specimen.Site, chosen [][]int, ranks func(site, unit int) []int32) {
	const cells = stat.GroupSize * stat.GroupSize
	if p.Length == 0 {
		return
	}
	for range sites {
		p.chosen = append(p.chosen, map[int]bool{})
	}
	p.Bins = make([][]*Pair, len(chosen))
	for c := range p.Bins {
		p.Bins[c] = make([]*Pair, len(sites))
		for s := range sites {
			if u := chosen[c][s]; u >= 0 {
				p.chosen[s][u] = true
				p.Bins[c][s] = &Pair{unit: u, count: make([]int32, p.Groups*cells*stat.Bins)}
			}
		}
	}
	for s, info := range sites {
		cross := make([][]int64, len(chosen))
		for c := range cross {
			if chosen[c][s] >= 0 {
				cross[c] = make([]int64, p.Groups*cells*info.Units)
			}
		}
		p.Cross = append(p.Cross, cross)
		rows := make([][]int32, info.Units)
		for u := range rows {
			rows[u] = ranks(s, u)
		}
		p.ranks = append(p.ranks, rows)
	}
}

// meeting is a stretch of a block and the labels of a segment laid over it.
type meeting struct {
	concept  int
	cell     int // (group, i, j) of the tables
	from, to int // of Meetings.runs: where the laid-over label is on
}

// Meetings lists what a block adds to.
type Meetings struct {
	all  []meeting
	runs [][2]int32 // offsets [lo, hi) in the block
	sums []int64    // [T+1] of one unit's ranks
}

// List fills m for a block of n characters, the first of which has number first.
func (p *Plan) List(m *Meetings, first, n, site int) {
	m.all, m.runs = m.all[:0], m.runs[:0]
	if p.Length == 0 {
		return
	}
	for lo, hi := range p.segmentsOf(first, n) {
		if segment, offset := p.place(first + lo); segment >= 0 {
			p.meet(m, segment, offset, lo, hi, site)
		}
	}
}

// segmentsOf cuts the n characters from number first on at segment borders and
// yields the offsets [lo, hi) of each part.
func (p *Plan) segmentsOf(first, n int) iter.Seq2[int, int] {
	return func(yield func(lo, hi int) bool) {
		for lo := 0; lo < n; {
			hi := min(n, lo+p.Length-(first+lo)%p.Length)
			if !yield(lo, hi) {
				return
			}
			lo = hi
		}
	}
}

func (p *Plan) meet(m *Meetings, segment, offset, lo, hi, site int) {
	group, i := segment/stat.GroupSize, segment%stat.GroupSize
	for c, cross := range p.Cross[site] {
		if cross == nil {
			continue
		}
		for j := range stat.GroupSize {
			from := len(m.runs)
			on := p.runs[group*stat.GroupSize+j][c]
			at := sort.Search(len(on), func(k int) bool { return int(on[k][1]) > offset })
			for ; at < len(on) && int(on[at][0]) < offset+hi-lo; at++ {
				m.runs = append(m.runs, [2]int32{int32(max(int(on[at][0]), offset) - offset + lo), int32(min(int(on[at][1])-offset+lo, hi))})
			}
			if len(m.runs) > from {
				m.all = append(m.all, meeting{concept: c, cell: (group*stat.GroupSize+i)*stat.GroupSize + j, from: from, to: len(m.runs)})
			}
		}
	}
}

// Add adds one unit over one block. Blocks that share a group are read by several
// workers, so sums are added atomically; integers come out the same in any order.
func (p *Plan) Add(site, unit, first int, bins []uint8, m *Meetings) {
	if len(m.all) > 0 {
		m.rank((*[stat.Bins]int32)(p.ranks[site][unit]), bins)
		units := len(p.ranks[site])
		for _, x := range m.all {
			var sum int64
			for _, r := range m.runs[x.from:x.to] {
				sum += m.sums[r[1]] - m.sums[r[0]]
			}
			atomic.AddInt64(&p.Cross[site][x.concept][x.cell*units+unit], sum)
		}
	}
	if p.Length > 0 && p.chosen[site][unit] {
		p.addPairs(site, unit, first, bins, m)
	}
}

// rank sums a unit's ranks up to every position.
func (m *Meetings) rank(rank *[stat.Bins]int32, bins []uint8) {
	m.sums = slices.Grow(m.sums[:0], len(bins)+1)[:len(bins)+1]
	var sum int64
	for t, b := range bins {
		sum += int64(rank[b&(stat.Bins-1)])
		m.sums[t+1] = sum
	}
}

// addPairs counts the bins of a chosen unit for the concepts it was chosen for.
func (p *Plan) addPairs(site, unit, first int, bins []uint8, m *Meetings) {
	for _, x := range m.all {
		if pair := p.Bins[x.concept][site]; pair.unit == unit {
			for _, r := range m.runs[x.from:x.to] {
				for _, b := range bins[r[0]:r[1]] {
					atomic.AddInt32(&pair.count[x.cell*stat.Bins+int(b)], 1)
				}
			}
		}
	}
	for lo, hi := range p.segmentsOf(first, len(bins)) {
		if segment, _ := p.place(first + lo); segment < 0 {
			continue
		}
		for _, row := range p.Bins {
			if pair := row[site]; pair != nil && pair.unit == unit {
				for _, b := range bins[lo:hi] {
					atomic.AddInt32(&pair.all[b], 1)
				}
			}
		}
	}
}

// informationDraws is how many swaps give the mean information under the null.
const informationDraws = 40

// Information is the mutual information of a chosen unit and its concept over
// the kept groups, in bits, less its mean when labels are swapped.
func (p *Plan) Information(pair *Pair, rng *rand.Rand) float64 {
	observed := make([][stat.GroupSize]int, p.Groups)
	for g := range observed {
		observed[g] = [stat.GroupSize]int{0, 1, 2, 3}
	}
	var null float64
	for range informationDraws {
		null += pair.information(stat.DrawOrders(p.Groups, rng)) / informationDraws
	}
	return pair.information(observed) - null
}

// information in bits when segment i of group g meets the labels of segment orders[g][i].
func (pair *Pair) information(orders [][stat.GroupSize]int) float64 {
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

// Walk takes what was counted through a coder, which writes it or adds what a shard wrote.
func (p *Plan) Walk(c *shard.Coder) {
	for _, row := range p.Cross {
		for _, xs := range row {
			c.Ints(xs)
		}
	}
	for _, row := range p.Bins {
		for _, pair := range row {
			if pair != nil {
				c.Ints32(pair.count)
				c.Ints32(pair.all[:])
			}
		}
	}
}
