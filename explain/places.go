package explain

import (
	"cmp"
	"slices"
)

const (
	placesEach   = 10 // at either end of a unit's range
	placesApart  = 64 // symbols between two of them
	placesBefore = 40 // symbols shown
	placesTenth  = 10 // of so many units the best and the least explained are shown
)

// addPlaces shows where the best and the least explained tenth of the units are high and low, so that a
// reader can judge the description, or try one.
func (j *job) addPlaces(s *study, out *Site) error {
	order := make([]int, 0, len(out.Units))
	for u := range out.Units {
		if r2 := out.Units[u].R2[worded].Estimate; r2 == r2 {
			order = append(order, u)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(out.Units[b].R2[worded].Estimate, out.Units[a].R2[worded].Estimate)
	})
	n := (len(order) + placesTenth - 1) / placesTenth
	if 2*n < len(order) {
		order = slices.Concat(order[:n], order[len(order)-n:])
	}
	w := s.newWalker()
	for _, u := range order {
		places, err := j.places(s, w, u)
		if err != nil {
			return err
		}
		out.Units[u].Places = places
	}
	return nil
}

// places are the highest and the lowest activations of a unit on the report, no two near
// each other.
func (j *job) places(s *study, w *worker, u int) ([]Place, error) {
	y, first := s.col.unit(u), s.plan.report[0].lo
	rows := make([]int, len(y)-first)
	for i := range rows {
		rows[i] = first + i
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(y[b], y[a]) })
	says := s.describe(w, &s.units[u].full, u)[worded]
	mean := s.col.lo[u] + s.col.step[u]*s.units[u].full.tree.Nodes[0].Mean
	sd := s.col.step[u] * deviation(y[:s.plan.grow])
	if !(sd > 0) {
		return nil, nil
	}
	var out []Place
	take := func(rows []int) error {
		var taken []int
		for _, r := range rows {
			at := s.plan.at[r]
			if slices.ContainsFunc(taken, func(t int) bool { return max(t-at, at-t) < placesApart }) {
				continue
			}
			taken = append(taken, at)
			ids := make([]int32, min(placesBefore, at+1))
			if err := j.Text.Source.Read(ids, at+1-len(ids)); err != nil {
				return err
			}
			a := s.col.lo[u] + s.col.step[u]*float64(y[r])
			out = append(out, Place{At: at, Text: j.Alphabet.ShowString(ids), Z: (a - mean) / sd, Says: (float64(says[r-first]) - mean) / sd})
			if len(taken) == placesEach {
				break
			}
		}
		return nil
	}
	if err := take(rows); err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	err := take(rows)
	return out, err
}
