package probe

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Positions at which linear readers see the states. All of them bound memory.
const (
	probeBlocks   = 64      // of the blocks units are chosen on, by hash
	probeFloats   = 1 << 24 // activations of evenly spaced positions kept on a side
	extraFloats   = 3 << 22 // and of positions added for rare labels
	probeFitted   = 12_000  // most positions fitted on, evenly spaced
	probeMeasured = 20_000  // most positions measured, evenly spaced
	extraAtMost   = 600     // most positions added for one side of a label, or one depth
	extraAtLeast  = 60
	deepest       = 8 // depths from here on are one
)

// place is a position at which states are kept.
type place struct {
	position int
	block    int    // of the side's blocks
	even     bool   // one of the evenly spaced ones
	column   int    // characters since the line began, as far as the block's warm-up shows
	type3    uint64 // the last three characters
}

// side is the sampled positions of one part of the text.
type side struct {
	ask    *specimen.Request
	labels []*specimen.BlockLabels
	places []place // ascending
	extra  [][]int // [C] positions added for a concept, ascending
}

// askSide chooses evenly spaced positions and, for every concept, more where one
// side of its label or one depth is rare, and asks for the states there.
func (l *Readers) askSide(ctx context.Context, labels []*specimen.BlockLabels, even int, ask *specimen.Request) (*side, error) {
	s := &side{ask: ask, labels: labels, extra: make([][]int, len(l.Concepts))}
	columns := 0
	for _, info := range l.Sites {
		columns += info.Units
	}
	total := 0
	for _, b := range labels {
		total += b.Block.Len()
	}
	even = min(even, probeFloats/columns)
	stride := max(1, (total+even-1)/even)
	most := min(extraAtMost, max(extraAtLeast, extraFloats/(columns*len(l.Concepts))))
	err := crew.ForEach(ctx, len(s.extra), l.Pass.Workers, func(c int) {
		if l.BestUnits[c] != nil {
			s.extra[c] = s.rare(c, l.Concepts[c].Kind == concept.Depth, stride, most)
		}
	})
	if err != nil {
		return nil, err
	}
	l.fillPlaces(s, stride)
	for _, p := range s.places {
		ask.Row(p.position)
	}
	return s, nil
}

// classAt is what must not be rare at a position: the depth of a depth, on or off
// of anything else; -1 where the label is invalid.
func classAt(b *specimen.BlockLabels, c, t int, depth bool, state []int8) int {
	switch {
	case state[t] < 0:
		return -1
	case depth:
		return int(min(deepest, max(0, b.Labels[c].Values[t])))
	}
	return int(state[t])
}

// rare is up to most positions, by hash, of every class that has fewer among the
// evenly spaced ones.
func (s *side) rare(c int, depth bool, stride, most int) []int {
	var even [deepest + 1]int
	var all [deepest + 1][]int
	var state []int8
	for _, b := range s.labels {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		for t := range state {
			k := classAt(b, c, t, depth, state)
			if k < 0 {
				continue
			}
			if t%stride == 0 {
				even[k]++
			}
			all[k] = append(all[k], b.Block.Lo+t)
		}
	}
	var out []int
	for k, positions := range all {
		if even[k] < most {
			out = append(out, byMixed(positions, most)...)
		}
	}
	slices.Sort(out)
	return out
}

// byMixed is up to n positions, by hash.
func byMixed(positions []int, n int) []int {
	if len(positions) <= n {
		return positions
	}
	slices.SortFunc(positions, func(a, b int) int { return cmp.Compare(stat.Hash(uint64(a)), stat.Hash(uint64(b))) })
	return positions[:n]
}

// fillPlaces lists the places of a side with what is known of them from the text.
func (l *Readers) fillPlaces(s *side, stride int) {
	added := map[int]bool{}
	for _, positions := range s.extra {
		for _, p := range positions {
			added[p] = true
		}
	}
	for i, b := range s.labels {
		from := max(b.Block.Warm, 0)
		runes, of := l.Text(from, b.Block.Hi)
		column, at := 0, 0 // characters since the line began, and read
		for p := from; p < b.Block.Hi; p++ {
			for ; at < len(runes) && symbolOf(of, at) <= p-from; at++ {
				column++
				if runes[at] == '\n' {
					column = 0
				}
			}
			if p < b.Block.Lo {
				continue
			}
			even := (p-b.Block.Lo)%stride == 0
			if even || added[p] {
				s.places = append(s.places, place{p, i, even, column, typeOf(runes[max(0, at-3):at])})
			}
		}
	}
}

// symbolOf is the symbol of a character.
func symbolOf(of []int, at int) int {
	if of == nil {
		return at
	}
	return of[at]
}

// typeOf is one number for some characters.
func typeOf(runes []rune) uint64 {
	h := uint64(len(runes))
	for _, r := range runes {
		h = stat.Hash(h ^ uint64(r)<<20)
	}
	return h
}

// sampled is the places at which one concept is read, and its labels there.
type sampled struct {
	side   *side
	places []place
	on     []bool
	depth  []int // of a depth concept, at most deepest
}

// sample is the places of a side for concept c: the evenly spaced ones and those
// added for it, at most each of every class, by hash.
func (s *side) sample(c int, depth bool, each int) *sampled {
	out := &sampled{side: s}
	var classes [deepest + 1][]int // indices of places
	var state []int8
	block := -1
	for i, p := range s.places {
		if _, own := slices.BinarySearch(s.extra[c], p.position); !p.even && !own {
			continue
		}
		b := s.labels[p.block]
		if p.block != block {
			block = p.block
			state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		}
		if k := classAt(b, c, p.position-b.Block.Lo, depth, state); k >= 0 {
			classes[k] = append(classes[k], i)
		}
	}
	var indices []int
	for _, members := range classes {
		slices.SortFunc(members, func(a, b int) int {
			return cmp.Compare(stat.Hash(uint64(s.places[a].position)), stat.Hash(uint64(s.places[b].position)))
		})
		indices = append(indices, members[:min(each, len(members))]...)
	}
	slices.Sort(indices)
	for _, i := range indices {
		p := s.places[i]
		b := s.labels[p.block]
		out.places = append(out.places, p)
		out.on = append(out.on, b.On(c, p.position))
		if depth {
			y, _ := b.Value(c, p.position)
			out.depth = append(out.depth, int(min(deepest, max(0, y))))
		}
	}
	return out
}

// where keeps the places that a test accepts.
func (s *sampled) where(keep func(i int) bool) *sampled {
	out := &sampled{side: s.side}
	for i, p := range s.places {
		if !keep(i) {
			continue
		}
		out.places = append(out.places, p)
		out.on = append(out.on, s.on[i])
		if s.depth != nil {
			out.depth = append(out.depth, s.depth[i])
		}
	}
	return out
}

// everyFifth blocks are held back to choose a penalty on.
const everyFifth = 5

// split sets the blocks apart that penalties are chosen on.
func (s *sampled) split() (fit, held *sampled) {
	isHeld := func(i int) bool { return s.places[i].block%everyFifth == everyFifth-1 }
	return s.where(func(i int) bool { return !isHeld(i) }), s.where(isHeld)
}

// scaler turns activations of some units of a site into columns of mean 0 and
// variance 1 on the places it was made on.
type scaler struct {
	site     int
	units    []int
	mean, sd []float32
}

func newScaler(s *sampled, site int, units []int) *scaler {
	c := &scaler{site: site, units: units}
	sum, squares := make([]float64, len(units)), make([]float64, len(units))
	for _, p := range s.places {
		row := s.side.ask.RowAt(site, p.position)
		for j, u := range units {
			v := float64(row[u])
			sum[j] += v
			squares[j] += v * v
		}
	}
	n := float64(max(1, len(s.places)))
	for j := range units {
		mean := sum[j] / n
		c.mean = append(c.mean, float32(mean))
		c.sd = append(c.sd, float32(max(1e-6, rootOf(squares[j]/n-mean*mean))))
	}
	return c
}

// design is the scaled activations at some places, and the bias.
func (c *scaler) design(s *sampled) *design {
	p := len(c.units) + 1
	d := &design{n: len(s.places), p: p, x: make([]float32, len(s.places)*p)}
	for i, at := range s.places {
		row, x := s.side.ask.RowAt(c.site, at.position), d.x[i*p:(i+1)*p]
		for j, u := range c.units {
			x[j] = (row[u] - c.mean[j]) / c.sd[j]
		}
		x[p-1] = 1
	}
	return d
}

// columns is the design of some columns of a design.
func (d *design) columns(some []int) *design {
	p := len(some) + 1
	out := &design{n: d.n, p: p, x: make([]float32, d.n*p)}
	for i := range d.n {
		row, x := d.x[i*d.p:(i+1)*d.p], out.x[i*p:(i+1)*p]
		for j, k := range some {
			x[j] = row[k]
		}
		x[p-1] = 1
	}
	return out
}
