package explain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
)

const (
	familyRows = 4096 // of the report, evenly
	alike      = 0.9  // |correlation| of two descriptions that say the same
)

// families tells units of one description once: a unit joins the first of those better
// explained whose simulated activations correlate with its own by .9 or more.
func (s *study) families(ctx context.Context, out *Site, workers int) error {
	n := s.plan.reportRows()
	every := max(1, n/familyRows)
	said := make([][]float32, len(s.units))
	err := crew.ForEach(ctx, len(s.units), workers, func(u int) {
		all := s.describe(s.newWalker(), &s.units[u].full, u)[Sizes-1]
		var x []float32
		for r := 0; r < n; r += every {
			x = append(x, all[r])
		}
		said[u] = standardise(x)
	})
	if err != nil {
		return err
	}
	order := make([]int, len(s.units))
	for u := range order {
		order[u] = u
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return -cmp.Compare(out.Units[a].R2[Sizes-1].Estimate, out.Units[b].R2[Sizes-1].Estimate)
	})
	var heads []int
	for _, u := range order {
		out.Units[u].Family = u
		if said[u] == nil {
			continue
		}
		r := make([]float64, len(heads))
		if err := crew.ForEach(ctx, len(heads), workers, func(i int) { r[i] = math.Abs(dot(said[u], said[heads[i]])) }); err != nil {
			return err
		}
		if i := slices.IndexFunc(r, func(x float64) bool { return x >= alike }); i >= 0 {
			out.Units[u].Family = heads[i]
			continue
		}
		heads = append(heads, u)
	}
	return nil
}

// standardise gives x mean 0 and length 1; nil for a constant.
func standardise(x []float32) []float32 {
	var s, ss float64
	for _, v := range x {
		s += float64(v)
	}
	mean := s / float64(len(x))
	for _, v := range x {
		ss += (float64(v) - mean) * (float64(v) - mean)
	}
	if !(ss > 1e-12) {
		return nil
	}
	for i, v := range x {
		x[i] = float32((float64(v) - mean) / math.Sqrt(ss))
	}
	return x
}

func dot(a, b []float32) float64 {
	var s float64
	for i, x := range a {
		s += float64(x) * float64(b[i])
	}
	return s
}
