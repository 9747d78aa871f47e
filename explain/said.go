package explain

import (
	"context"
	"math"

	"github.com/rnnscope/rnnscope/direction"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// readRows is the rows at which directions are put in the place of the state: some that were held back, on which a temperature is fitted, and
// then some of the report, on which the loss is reported.
type readRows struct {
	plan    *plan
	picks   []pick
	held    int       // rows [0,held) were held back
	segment []int     // of the report, by row; -1 where held back
	next    []int32   // the symbol after each
	own     []float32 // [rows,H] the network's own state
	h       int
	count   []float64 // by segment
	network []float64 // summed loss by segment
	unigram []float64
}

// pick is rows of one stretch.
type pick struct {
	stretch
	rows  []int // of the plan
	first int   // number of the first among all
}

// readRows chooses rows evenly and reads the network's own states there.
func (j *job) readRows(ctx context.Context, h int) (*readRows, error) {
	r := &readRows{plan: j.plan, h: h}
	choose := func(segments []stretch, most int, report bool) {
		total := 0
		for _, s := range segments {
			total += s.hi - s.lo
		}
		every := max(1, total/most)
		for k, s := range segments {
			p := pick{stretch: s, first: len(r.segment)}
			for row := s.lo; row < s.hi; row += every {
				if j.plan.next[row] < 0 {
					continue
				}
				p.rows = append(p.rows, row)
				r.next = append(r.next, j.plan.next[row])
				if !report {
					k = -1
				}
				r.segment = append(r.segment, k)
			}
			r.picks = append(r.picks, p)
		}
	}
	most := min(fidelityRows, max(2000, fidelityCells/j.Symbols()))
	choose(j.plan.held, max(betaRows, most/10), false)
	r.held = len(r.segment)
	choose(j.plan.report, most, true)
	r.own = make([]float32, len(r.segment)*h)
	number := make(map[int]int, len(r.segment))
	for _, p := range r.picks {
		for i, row := range p.rows {
			number[row] = p.first + i
		}
	}
	report := j.plan.report[0].lo
	for _, part := range []struct {
		choose bool
		lo, hi int
	}{{true, j.plan.grow, report}, {false, report, len(j.plan.at)}} {
		blocks := j.plan.reported
		if part.choose {
			blocks = j.plan.choose
		}
		rows := rowsOf(blocks, j.plan.at, part.lo, part.hi)
		err := j.states.Read(ctx, blocks, j.workers(), func(_ int, x *specimen.Part) {
			for t := x.Lo; t < x.Hi; t++ {
				if row := rows[x.Block][t]; row >= 0 {
					if i, ok := number[int(row)]; ok {
						copy(r.own[i*h:(i+1)*h], x.Row(0, t-x.Lo))
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// losses are summed by segment, of states [rows,H], with one inverse temperature.
func (r *readRows) losses(o *readout, states []float32, beta float64) []float64 {
	out := make([]float64, len(r.plan.report))
	r.walk(o, states, r.held, len(r.segment), func(i int, z []float32) { out[r.segment[i]] += crossEntropy(z, r.next[i], beta) })
	return out
}

// walk shows the logits of rows [lo,hi).
func (r *readRows) walk(o *readout, states []float32, lo, hi int, show func(i int, z []float32)) {
	const piece = 256
	logits := make([]float32, piece*o.v)
	for ; lo < hi; lo += piece {
		n := min(piece, hi-lo)
		o.logits(logits, states[lo*r.h:(lo+n)*r.h], n)
		for i := range n {
			show(lo+i, logits[i*o.v:(i+1)*o.v])
		}
	}
}

// score is the network itself and the frequencies.
func (r *readRows) score(o *readout, logUnigram []float64) (network, unigram stat.Interval) {
	n := len(r.plan.report)
	r.count, r.unigram = make([]float64, n), make([]float64, n)
	for i, k := range r.segment {
		if k >= 0 {
			r.count[k]++
			r.unigram[k] -= logUnigram[r.next[i]]
		}
	}
	r.network = r.losses(o, r.own, 1)
	return stat.SegmentMean(r.network, r.count), stat.SegmentMean(r.unigram, r.count)
}

// replace gives what states [rows,H] in the place of the network's own come to.
func (r *readRows) replace(o *readout, states []float32) ReplacementResult {
	var kept32 []float32
	r.walk(o, states, 0, r.held, func(_ int, z []float32) { kept32 = append(kept32, z...) })
	beta := lowest(func(log float64) float64 {
		var sum float64
		for i := range r.held {
			sum += crossEntropy(kept32[i*o.v:(i+1)*o.v], r.next[i], math.Exp(log))
		}
		return sum
	})
	raw, cooled := r.losses(o, states, 1), r.losses(o, states, beta)
	loss, k := stat.SegmentMean(cooled, r.count), keptShare(r.unigram, cooled, r.network, r.count)
	return ReplacementResult{
		Loss: stat.SegmentMean(raw, r.count), K: keptShare(r.unigram, raw, r.network, r.count),
		Temperature: stat.Number(1 / beta), CooledLoss: &loss, CooledK: &k,
	}
}

// said is the states that descriptions of directions come to, and those the directions themselves come to.
type said struct {
	rows   *readRows
	basis  direction.Basis
	states [Sizes][]float32 // [rows,H]
	own    []float32        // [rows,H]
}

// saidUnits is how many directions are added at once: the order of sums must not depend on the cores.
const saidUnits = 64

func (r *readRows) newSaid(b direction.Basis) *said {
	s := &said{rows: r, basis: b}
	n := len(r.segment)
	begin := func() []float32 {
		x := make([]float32, n*r.h)
		for i := range n {
			copy(x[i*r.h:(i+1)*r.h], b.Origin())
		}
		return x
	}
	for i := range s.states {
		s.states[i] = begin()
	}
	s.own = begin()
	encoder := b.Clone()
	const piece = 512
	z := make([]float32, piece*b.Size())
	values := make([]float32, piece*saidUnits)
	for lo := 0; lo < n; lo += piece {
		hi := min(n, lo+piece)
		encoder.Encode(z, r.own[lo*r.h:hi*r.h], hi-lo)
		for m := 0; m < b.Size(); m += saidUnits {
			k := min(saidUnits, b.Size()-m)
			for i := range hi - lo {
				copy(values[i*k:(i+1)*k], z[i*b.Size()+m:])
			}
			s.addTo(s.own[lo*r.h:hi*r.h], values, m, k, hi-lo)
		}
	}
	return s
}

// addTo adds values [n,k] of directions m and on to states [n,H].
func (s *said) addTo(states, values []float32, m, k, n int) {
	rows := make([]float32, 0, k*s.rows.h)
	for i := range k {
		rows = append(rows, s.basis.Row(m+i)...)
	}
	var pack f32.Packed
	pack.Pack(rows, k, s.rows.h, s.rows.h, false)
	f32.Gemm(states, s.rows.h, n, values, k, 1, &pack, true)
}

// add takes in what the descriptions of a study say of directions first and on.
func (s *said) add(ctx context.Context, of *study, first, workers int) error {
	n := len(s.rows.segment)
	var values [Sizes][]float32
	for i := range values {
		values[i] = make([]float32, n*saidUnits)
	}
	for lo := 0; lo < len(of.units); lo += saidUnits {
		k := min(saidUnits, len(of.units)-lo)
		err := crew.ForEach(ctx, k, workers, func(u int) {
			w, g := of.newWalker(), &of.units[lo+u].full
			for _, p := range s.rows.picks {
				leaf := w.walk.Walk(g.tree, w.at(of, p.lo, p.lo, p.hi-p.lo), p.hi-p.lo)
				for size, cut := range g.cuts {
					value := of.values(g, cut, lo+u)
					for i, row := range p.rows {
						values[size][(p.first+i)*k+u] = value[leaf[row-p.lo]]
					}
				}
			}
		})
		if err != nil {
			return err
		}
		for size := range values {
			s.addTo(s.states[size], values[size][:n*k], first+lo, k, n)
		}
	}
	return nil
}

// score is what the network loses with the directions, and with their descriptions, in its state's place.
func (s *said) score(o *readout) (own ReplacementResult, described []ReplacementResult) {
	own = s.rows.replace(o, s.own)
	for i, k := range Leaves {
		x := s.rows.replace(o, s.states[i])
		x.Leaves = k
		described = append(described, x)
	}
	return own, described
}
