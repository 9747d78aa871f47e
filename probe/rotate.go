package probe

import (
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Rotated compares the basis of units with random ones: the best AUROC over the
// units of a site beside the best over the axes of the same states rotated at
// random (Bau et al. 2017, section 3.2), both the highest in either direction on the
// same positions. Units that lie above every rotation are aligned with the concept;
// equal heights mean that the direction, not the unit, carries it.
type Rotated struct {
	Site      string  `json:"site"`
	Positions int     `json:"positions"` // sampled from the report
	Positive  int     `json:"positive"`  // of them on
	Axes      int     `json:"axes"`      // units, and axes of each rotation
	Draws     int     `json:"draws"`     // rotations
	Unit      float64 `json:"unit"`      // best AUROC over units
	Mean      float64 `json:"mean"`      // mean over rotations of the best AUROC over axes
	Highest   float64 `json:"highest"`   // of the rotations
}

const (
	rotationDraws = 5
	rotationLeast = 20 // positions of each side
	borderStride  = 4  // one value in so many settles the bins of an axis
)

// turned is the labels of one concept at the evenly spaced places.
type turned struct {
	concept int
	on      []int32 // indices of places
	off     []int32
}

// rotations fills Rotated for every concept with enough positions.
func (l *Readers) rotations(ctx context.Context, s *side) error {
	for site := range l.Sites {
		var of []*turned
		var places []place
		for _, p := range s.places {
			if p.even {
				places = append(places, p)
			}
		}
		for c, k := range l.BestUnits {
			if k != nil && k.Site == site {
				if t := s.rotate(c, places); len(t.on) >= rotationLeast && len(t.off) >= rotationLeast {
					of = append(of, t)
				}
			}
		}
		if len(of) == 0 {
			continue
		}
		if err := l.rotate(ctx, s, site, places, of); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *side) rotate(c int, places []place) *turned {
	t := &turned{concept: c}
	var state []int8
	block := -1
	for i, p := range places {
		b := s.labels[p.block]
		if p.block != block {
			block, state = p.block, specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		}
		switch state[p.position-b.Block.Lo] {
		case 1:
			t.on = append(t.on, int32(i))
		case 0:
			t.off = append(t.off, int32(i))
		}
	}
	return t
}

func (l *Readers) rotate(ctx context.Context, s *side, site int, places []place, of []*turned) error {
	h := l.Sites[site].Units
	states := make([]float32, len(places)*h)
	for i, p := range places {
		copy(states[i*h:(i+1)*h], s.ask.RowAt(site, p.position))
	}
	units, err := l.highestAxis(ctx, states, h, of)
	if err != nil {
		return err
	}
	out := make([]*Rotated, len(of))
	for i, t := range of {
		out[i] = &Rotated{
			Site: l.Sites[site].Name, Positions: len(t.on) + len(t.off), Positive: len(t.on),
			Axes: h, Draws: rotationDraws, Unit: units[i],
		}
		l.Answers[t.concept].Rotated = out[i]
	}
	rng := l.Rand("rotate", l.Sites[site].Name)
	rotated := make([]float32, len(states))
	for range rotationDraws {
		var q f32.Packed
		q.Pack(randomRotation(h, rng), h, h, h, false)
		f32.Gemm(rotated, h, len(places), states, h, 1, &q, false)
		axes, err := l.highestAxis(ctx, rotated, h, of)
		if err != nil {
			return err
		}
		for i, a := range axes {
			out[i].Mean += a / rotationDraws
			out[i].Highest = max(out[i].Highest, a)
		}
	}
	return nil
}

// highestAxis is, for each label, the best AUROC in either direction over the
// columns of x [n,h].
func (l *Readers) highestAxis(ctx context.Context, x []float32, h int, of []*turned) ([]float64, error) {
	n := len(x) / h
	each := make([][]float64, h)
	err := crew.ForEach(ctx, h, l.Pass.Workers, func(u int) {
		column, bins := make([]float32, n), make([]uint8, n)
		for i := range column {
			column[i] = x[i*h+u]
		}
		edges := stat.QuantileEdges(everyNth(column, borderStride))
		for i, v := range column {
			bins[i] = edges.Bin(v)
		}
		for _, t := range of {
			var on, off [stat.Bins]int64
			for _, i := range t.on {
				on[bins[i]]++
			}
			for _, i := range t.off {
				off[bins[i]]++
			}
			auc, _ := stat.AUROC(on[:], off[:])
			each[u] = append(each[u], max(auc, 1-auc))
		}
	})
	best := make([]float64, len(of))
	for _, row := range each {
		for i, a := range row {
			best[i] = max(best[i], a)
		}
	}
	return best, err
}

// randomRotation is drawn evenly from the orthogonal matrices [h,h]: Q of a
// standard normal matrix, columns signed as R's diagonal (Stewart 1980).
func randomRotation(h int, rng *rand.Rand) []float32 {
	values := make([]float64, h*h)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	var qr mat.QR
	qr.Factorize(mat.NewDense(h, h, values))
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	out := make([]float32, h*h)
	for i := range h {
		for j := range h {
			v := q.At(i, j)
			if r.At(j, j) < 0 {
				v = -v
			}
			out[i*h+j] = float32(v)
		}
	}
	return out
}

func everyNth(x []float32, n int) []float32 {
	var out []float32
	for i := 0; i < len(x); i += n {
		out = append(out, x[i])
	}
	return out
}
