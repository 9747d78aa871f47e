package match

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/text"
)

// LSTMVis' way to match: places are whole runs of symbols at which units are on, not windows of one length.

// leastOn is how many units must be on throughout a run that counts as alike.
func leastOn(units int) int { return max(1, (units+1)/2) }

// count tells at every row how many of the chosen units are on there.
func (s *seeker) count(chosen []Chosen) error {
	clear(s.alike)
	for _, c := range chosen {
		var on [Levels]uint8
		for l := range on {
			if c.on(byte(l)) {
				on[l] = 1
			}
		}
		var err error
		if s.column, err = s.x.Column(s.column, c.column, 0, s.x.Rows); err != nil {
			return err
		}
		for r, v := range s.column {
			s.alike[r] += on[v]
		}
	}
	return nil
}

// stretch is a run of rows [lo, hi) throughout which alike units are on, and not all of the neighbours.
type stretch struct {
	lo, hi, alike int
}

// stretches are the runs of a part throughout which at least alike units are on, with n - tolerance to n + tolerance symbols.
func (s *seeker) stretches(alike, n, tolerance int, report bool) []stretch {
	var out []stretch
	for _, piece := range s.x.Runs {
		if piece.Report != report {
			continue
		}
		lo, end := -1, piece.Row+piece.Hi-piece.Lo
		for r := piece.Row; r <= end; r++ {
			on := r < end && int(s.alike[r]) >= alike
			switch {
			case on && lo < 0:
				lo = r
			case !on && lo >= 0:
				if l := r - lo; l >= n-tolerance && l <= n+tolerance {
					out = append(out, stretch{lo, r, alike})
				}
				lo = -1
			}
		}
	}
	return out
}

// runs takes k runs, most units first, then those whose length is nearest to the span's, then those nearest in F. They lie apart from one
// another and from the span that is left out.
func (s *seeker) runs(k, n, tolerance int, chosen []Chosen, report bool, out text.Span) ([]Place, error) {
	if err := s.score(chosen, n); err != nil { // how near the window that begins there is
		return nil, err
	}
	if err := s.count(chosen); err != nil {
		return nil, err
	}
	p := picker{s: s, n: n + tolerance, out: out}
	var places []Place
	for alike := len(chosen); alike >= leastOn(len(chosen)) && len(places) < k; alike-- {
		found := s.stretches(alike, n, tolerance, report)
		slices.SortStableFunc(found, func(a, b stretch) int {
			return cmp.Or(cmp.Compare(far(a.hi-a.lo, n), far(b.hi-b.lo, n)), cmp.Compare(s.off[a.lo], s.off[b.lo]))
		})
		for _, f := range found {
			at, _ := s.x.Position(f.lo)
			if len(places) == k {
				break
			}
			if !p.free(at) {
				continue
			}
			p.taken = append(p.taken, at)
			places = append(places, Place{
				Lo: at, Hi: at + f.hi - f.lo, Alike: alike, Distance: math.Sqrt(float64(s.off[f.lo]) / float64(len(chosen))), row: f.lo,
			})
		}
	}
	return places, nil
}

func far(a, b int) int { return max(a-b, b-a) }
