package stat

import (
	"math"
	"slices"
)

// StratumPoint is one position: in which bin a unit lies there, whether the label is on, in which
// segment of the text it lies and within which stratum it is compared.
type StratumPoint struct {
	Segment, Stratum int32
	Bin              uint8
	On               bool
}

// key orders points by the fields named, high to low; the label is the lowest bit.
func (p StratumPoint) byStratum() uint64 {
	return uint64(p.Stratum)<<40 | uint64(p.Bin)<<32 | uint64(p.Segment)<<1 | p.side()
}

func (p StratumPoint) bySegment() uint64 {
	return uint64(p.Segment)<<40 | uint64(p.Stratum)<<9 | uint64(p.Bin)<<1 | p.side()
}

func (p StratumPoint) side() uint64 {
	if p.On {
		return 1
	}
	return 0
}

// StratifiedAUROC is the probability that the unit lies higher at a position
// where the label is on than at one where it is off, over the pairs of positions
// of the same stratum; ties of bins count half. The interval leaves out one
// segment at a time, as Segments.AUROC does: with P_s the placements of
// segment s's positives among all negatives, Q_s those of its negatives among all
// positives and X_s the pairs inside it,
//
//	A_(-s) = (T - P_s - Q_s + X_s) / (M - p_s - q_s + x_s)
//
// the lower line counting pairs. NaN without a pair.
func StratifiedAUROC(points []StratumPoint, segments int) Interval {
	row := func() []int64 { return make([]int64, segments) }
	p := &placements{won: row(), pairs: row(), inWon: row(), inAll: row()}
	keys := make([]uint64, len(points))
	for i, x := range points {
		keys[i] = x.byStratum()
	}
	slices.Sort(keys)
	eachRun(keys, 40, p.among)
	for i, x := range points {
		keys[i] = x.bySegment()
	}
	slices.Sort(keys)
	eachRun(keys, 9, p.inside)
	ci := p.interval()
	ci.N = int64(len(points))
	return ci
}

// eachRun visits the runs of keys that agree above the lowest bits.
func eachRun(keys []uint64, bits int, visit func([]uint64)) {
	for lo := 0; lo < len(keys); {
		hi := lo + 1
		for hi < len(keys) && keys[hi]>>bits == keys[lo]>>bits {
			hi++
		}
		visit(keys[lo:hi])
		lo = hi
	}
}

// sides counts the keys whose label is on and off.
func sides(keys []uint64) (n1, n0 int64) {
	for _, k := range keys {
		n1 += int64(k & 1)
	}
	return n1, int64(len(keys)) - n1
}

// placements are the sums behind a stratified AUROC, by segment; all of them
// count pairs twice, so that ties stay whole.
type placements struct {
	won, pairs   []int64 // [S] of pairs with a member in the segment, those inside it counted from both ends
	inWon, inAll []int64 // [S] of pairs inside the segment
}

// among adds one stratum: every Placed against the other side.
func (p *placements) among(group []uint64) {
	n1, n0 := sides(group)
	if n1 == 0 || n0 == 0 {
		return
	}
	var below1, below0 int64
	eachRun(group, 32, func(tie []uint64) {
		tied1, tied0 := sides(tie)
		for _, k := range tie {
			s := uint32(k) >> 1
			if k&1 == 1 {
				p.won[s] += 2*below0 + tied0
				p.pairs[s] += 2 * n0
			} else {
				p.won[s] += 2*(n1-below1-tied1) + tied1
				p.pairs[s] += 2 * n1
			}
		}
		below1, below0 = below1+tied1, below0+tied0
	})
}

// inside adds the part of one stratum that lies in one segment.
func (p *placements) inside(group []uint64) {
	n1, n0 := sides(group)
	if n1 == 0 || n0 == 0 {
		return
	}
	s := group[0] >> 40
	p.inAll[s] += 2 * n1 * n0
	var below0 int64
	eachRun(group, 1, func(tie []uint64) {
		tied1, tied0 := sides(tie)
		p.inWon[s] += tied1 * (2*below0 + tied0)
		below0 += tied0
	})
}

func (p *placements) interval() Interval {
	var won, pairs int64
	for s := range p.won {
		won, pairs = won+p.won[s], pairs+p.pairs[s]
	}
	won, pairs = won/2, pairs/2 // every pair was met from both of its ends
	if pairs == 0 {
		return Point(math.NaN(), 0)
	}
	estimate := float64(won) / float64(pairs)
	var leave []float64
	for s := range p.won {
		if p.pairs[s] == 0 {
			continue
		}
		rest := pairs - p.pairs[s] + p.inAll[s]
		if rest == 0 {
			return Point(estimate, 0)
		}
		leave = append(leave, float64(won-p.won[s]+p.inWon[s])/float64(rest))
	}
	ci := Jackknife(estimate, leave)
	ci.Lo, ci.Hi = max(0, ci.Lo), min(1, ci.Hi)
	return ci
}
