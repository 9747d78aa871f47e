package mechanism

import (
	"math/rand/v2"
	"slices"
)

// places draws up to n pairs of places of the text after which a closer could stand: what was
// read last stands before closers in the text and, where a mark does not say which end it is,
// hardly ever before openers. One place is
// inside, its opener near, the other outside; what follows them decides nothing. kinds is
// what is open on top inside.
func (l *Language) places(n int, rng *rand.Rand) (inside, outside, kinds []int) {
	s := l.scan()
	of := l.placesOf(s)
	ends := l.closings(s, of)
	for range n {
		if len(ends) == 0 {
			break
		}
		b := ends[rng.IntN(len(ends))]
		in, out := of[b], of[before{b.first, b.last, outsideSide}]
		inside, outside, kinds = append(inside, in[rng.IntN(len(in))]), append(outside, out[rng.IntN(len(out))]), append(kinds, b.top)
	}
	return inside, outside, kinds
}

// closings lists what stands before every closer of the text, where the same stands outside,
// too, and, for a mark that does not say which end it is, hardly ever before openers.
func (l *Language) closings(s *scanned, of map[before][]int) []before {
	var ends []before
	opens := map[[2]int32]int{}
	count := map[[2]int32]int{}
	for _, m := range s.marks {
		if m.at < leadIn {
			continue
		}
		k := [2]int32{l.ids[m.at-2], l.ids[m.at-1]}
		if m.open {
			opens[k]++
			continue
		}
		count[k]++
		ends = append(ends, before{k[0], k[1], m.kind})
	}
	return slices.DeleteFunc(ends, func(b before) bool {
		k := [2]int32{b.first, b.last}
		return l.Kinds[b.top].straight() && 4*opens[k] > count[k] || len(of[b]) == 0 || len(of[before{b.first, b.last, outsideSide}]) == 0
	})
}

// placesOf lists the places of the text by what stands before them, those at least two
// characters behind the last mark and, inside, near enough to it.
func (l *Language) placesOf(s *scanned) map[before][]int {
	out := map[before][]int{}
	l.walkMarks(s, func(i int, stack []int, last int) {
		if i < warmUp || i-last < leadIn || len(stack) > 0 && i-last > naturalReach {
			return
		}
		top := outsideSide
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		k := before{l.ids[i-1], l.ids[i], top}
		out[k] = append(out[k], i)
	})
	return out
}

// walkMarks calls see at every position with what is open after it and where the last mark stands.
func (l *Language) walkMarks(s *scanned, see func(i int, stack []int, last int)) {
	var stack []int
	next, last := 0, -naturalLead
	for i := range l.ids {
		if l.ids[i] == l.newline() && i > 0 && l.ids[i-1] == l.newline() {
			stack = stack[:0]
		}
		if next < len(s.marks) && s.marks[next].at == i {
			if m := s.marks[next]; m.open {
				stack = append(stack, m.kind)
			} else if at := lastIndex(stack, m.kind); at >= 0 {
				stack = slices.Delete(stack, at, at+1)
			}
			last = i
			next++
		}
		see(i, stack, last)
	}
}
