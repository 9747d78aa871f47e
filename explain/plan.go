package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// How much text is looked at. All of it bounds memory; none depends on the text.
const (
	growRows   = 50_000
	heldRows   = 25_000
	chooseMost = 256_000 // symbols of the choosing part that a network reads
	reportMost = 160_000
	heldCell   = 1_000 // a segment of the held-back rows
	heldEvery  = 4     // one cell group in so many is held back
	cellGroup  = 4     // cells that are held back together
	leastGrow  = 2_000
	segments   = 40 // of the jackknife where the null needs no others
)

// plan is the places looked at: rows to grow on, then rows held back from it, then
// rows of the report, every part in the order of the text.
type plan struct {
	at     []int // [N] positions
	grow   int   // rows [0,grow) grow
	held   []stretch
	report []stretch
	swap   int // segment length of the null, 0: too little text

	choose, reported []text.Block
	next             []int32 // [N] the symbol after each row, -1 at the end of the text
}

// stretch is rows [lo,hi) of one segment.
type stretch struct{ lo, hi int }

func newPlan(sp *specimen.Specimen) (*plan, error) {
	p, parts := &plan{}, sp.Parts(0)
	p.choose = someBlocks(parts.Choose, chooseMost, 1)
	grow, held := splitChoose(p.choose)
	p.at = thin(grow, growRows)
	p.grow = len(p.at)
	lowest := thin(held, heldRows)
	p.addHeld(lowest)
	p.addReport(parts.Report)
	if p.grow < leastGrow || len(p.held) < 2 || len(p.report) < 4 {
		return nil, fmt.Errorf(sp.Alphabet.Kind().Say("%w: %q leaves %d characters to grow descriptions on, %d to prune them and %d to score them; give a longer text"),
			specimen.ErrInput, sp.Text.Name, p.grow, len(lowest), p.reportRows())
	}
	return p, p.readNext(sp.Text.Source)
}

func (p *plan) reportRows() int {
	n := 0
	for _, s := range p.report {
		n += s.hi - s.lo
	}
	return n
}

// freshRows is how much of the report the units of an untrained network are scored on: only
// the highest of many is asked for, which less text does not make lower.
const freshRows = 20_000

// sample is the beginning of every segment of the report.
func (p *plan) sample() []stretch {
	out := make([]stretch, len(p.report))
	for i, s := range p.report {
		out[i] = stretch{s.lo, s.lo + min(s.hi-s.lo, max(1, freshRows/len(p.report)))}
	}
	return out
}

// someBlocks chooses runs of neighbouring blocks by hash until they score most symbols.
func someBlocks(blocks text.Blocks, most, run int) []text.Block {
	type chunk struct {
		hash  uint64
		first int
	}
	var order []chunk
	total := 0
	for i := 0; i < blocks.Len(); i += run {
		order = append(order, chunk{specimen.HashOf(blocks.At(i).Lo), i})
	}
	slices.SortFunc(order, func(a, b chunk) int { return cmp.Compare(a.hash, b.hash) })
	var out []text.Block
	for _, c := range order {
		if total >= most {
			break
		}
		for i := c.first; i < min(c.first+run, blocks.Len()); i++ {
			out = append(out, blocks.At(i))
			total += blocks.At(i).Len()
		}
	}
	slices.SortFunc(out, func(a, b text.Block) int { return a.Lo - b.Lo })
	return out
}

// splitChoose holds groups of neighbouring cells back by hash, one in heldEvery, and at least
// one in a row of as many.
func splitChoose(blocks []text.Block) (grow, held []int) {
	var at []int
	for _, b := range blocks {
		for t := b.Lo; t < b.Hi; t++ {
			at = append(at, t)
		}
	}
	group := min(heldCell*cellGroup, max(1, len(at)/(4*heldEvery)))
	for i, t := range at {
		g := i / group
		if int(specimen.HashOf(g/heldEvery)%heldEvery) == g%heldEvery {
			held = append(held, t)
		} else {
			grow = append(grow, t)
		}
	}
	return grow, held
}

// thin keeps about n positions by hash.
func thin(at []int, n int) []int {
	if len(at) <= n {
		return at
	}
	limit := uint64(float64(1<<63) * 2 * float64(n) / float64(len(at)))
	var out []int
	for _, t := range at {
		if specimen.HashOf(t) < limit && len(out) < n+n/10 {
			out = append(out, t)
		}
	}
	return out
}

// addHeld cuts held-back rows into segments of neighbouring text.
func (p *plan) addHeld(at []int) {
	for i, t := range at {
		if r := len(p.at); i == 0 || t-p.at[p.held[len(p.held)-1].lo] >= heldCell {
			p.held = append(p.held, stretch{r, r})
		}
		p.at = append(p.at, t)
		p.held[len(p.held)-1].hi = len(p.at)
	}
}

// addReport takes the report part and cuts it into equal segments: those of the local-4
// swap where there is enough text for it.
func (p *plan) addReport(blocks text.Blocks) {
	total := 0
	for i := range blocks.Len() {
		total += blocks.At(i).Len()
	}
	run := 1
	if total > reportMost {
		run = stat.GroupSize // whole groups of neighbours
	}
	p.reported = someBlocks(blocks, reportMost, run)
	first := len(p.at)
	for _, b := range p.reported {
		for t := b.Lo; t < b.Hi; t++ {
			p.at = append(p.at, t)
		}
	}
	n := len(p.at) - first
	length, enough := stat.SegmentLength(int64(n))
	if enough {
		p.swap = length
	} else {
		length = max(1, n/segments)
	}
	for lo := first; lo+length <= len(p.at); lo += length {
		p.report = append(p.report, stretch{lo, lo + length})
	}
	if k := len(p.report); k > 0 {
		p.at = p.at[:p.report[k-1].hi]
	}
}

// readNext reads what comes after every row.
func (p *plan) readNext(src text.Source) error {
	p.next = make([]int32, len(p.at))
	order := make([]int, len(p.at))
	for r := range order {
		order[r] = r
	}
	slices.SortFunc(order, func(i, j int) int { return p.at[i] - p.at[j] })
	buf := make([]int32, 1<<16)
	for lo := 0; lo < len(order); {
		from := p.at[order[lo]] + 1
		hi := lo
		for hi < len(order) && p.at[order[hi]]+1-from < len(buf) {
			hi++
		}
		n := min(p.at[order[hi-1]]+2, src.Len()) - from
		if n > 0 {
			if err := src.Read(buf[:n], from); err != nil {
				return err
			}
		}
		for _, r := range order[lo:hi] {
			p.next[r] = -1
			if i := p.at[r] + 1 - from; i < n {
				p.next[r] = buf[i]
			}
		}
		lo = hi
	}
	return nil
}
