package intervene

import (
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
)

// action is an intervention made ready for one network.
type action struct {
	site  string
	units []int
	every bool        // after every character
	at    map[int]int // else: position to its index in the intervention

	// set changes the units of v; k is the index of the position, char the symbol
	// just read and position where. It says whether anything was written.
	set func(v []float32, k, position int, char int32) bool
}

// Plan is interventions ready to be carried out together on one row.
type Plan []action

// touch makes a plan that writes back what it finds: the untouched run, computed by
// the arithmetic of a changed one.
func touch(site string) Plan {
	return Plan{{site: site, every: true, set: func([]float32, int, int, int32) bool { return true }}}
}

// Labels gives the state of a concept by position of the text that is read: 1, 0, or -1
// where it is unknown. It gives nil for a concept it does not know.
type Labels func(concept string) func(position int) int8

// Prepare makes interventions ready for a network. ref may be nil where no mode needs
// it, and labels where none is Resample. Errors are those of Validate, and ErrMode where
// what is needed is missing.
func Prepare(m *rnn.Model, list []Intervention, ref *Reference, labels Labels) (Plan, error) {
	var plan Plan
	for _, v := range list {
		if err := v.Validate(m); err != nil {
			return nil, err
		}
		a := action{site: v.site(), units: v.Units, every: len(v.Positions) == 0}
		if len(a.units) == 0 {
			a.units = make([]int, unitsOf(m, a.site))
			for u := range a.units {
				a.units[u] = u
			}
		}
		if !a.every {
			a.at = map[int]int{}
			for k, p := range v.Positions {
				a.at[p] = k
			}
		}
		var err error
		if a.set, err = setter(v, a.units, ref, labels); err != nil {
			return nil, err
		}
		plan = append(plan, a)
	}
	return plan, nil
}

type setFunc = func(v []float32, k, position int, char int32) bool

func setter(v Intervention, units []int, ref *Reference, labels Labels) (setFunc, error) {
	switch v.Mode {
	case Zero:
		return constant(units, make([]float32, len(units))), nil
	case Add:
		return func(row []float32, _, _ int, _ int32) bool {
			for i, u := range units {
				row[u] += float32(v.Vector[i])
			}
			return true
		}, nil
	case Patch:
		return func(row []float32, k, _ int, _ int32) bool {
			for i, u := range units {
				row[u] = float32(v.Values[k][i])
			}
			return true
		}, nil
	case Clamp:
		if v.Quantile == nil {
			to := make([]float32, len(units))
			for i := range to {
				to[i] = float32(v.Value)
			}
			return constant(units, to), nil
		}
	}
	s, err := ref.site(v.Site)
	if err != nil {
		return nil, fmt.Errorf("%w: %s needs values of %s to refer to", ErrMode, v.Mode, v.Site)
	}
	switch v.Mode {
	case MeanChar:
		return func(row []float32, _, _ int, char int32) bool {
			for _, u := range units {
				row[u] = s.byChar[int(char)*s.units+u]
			}
			return true
		}, nil
	case Resample:
		return ref.resampler(s, v, units, labels)
	}
	to := make([]float32, len(units))
	for i, u := range units {
		to[i] = float32(s.mean[u])
		if v.Mode == Clamp {
			to[i] = float32(s.quantile(u, *v.Quantile))
		}
	}
	return constant(units, to), nil
}

func constant(units []int, to []float32) setFunc {
	return func(row []float32, _, _ int, _ int32) bool {
		for i, u := range units {
			row[u] = to[i]
		}
		return true
	}
}

// Hooks is an rnn.Hook with one plan for every row of a batch. Read tells it what is
// about to be read.
type Hooks struct {
	sites []string
	rows  [][][]action // by row, by site
	x     []int32      // [T,B]
	first []int        // [B] position of the row's step 0
}

// NewHooks returns hooks for as many rows as there are plans; an empty plan leaves its
// row untouched.
func NewHooks(plans []Plan) *Hooks {
	r := &Hooks{first: make([]int, len(plans)), rows: make([][][]action, len(plans))}
	for _, p := range plans {
		for _, a := range p {
			if !slices.Contains(r.sites, a.site) {
				r.sites = append(r.sites, a.site)
			}
		}
	}
	for i, p := range plans {
		r.rows[i] = make([][]action, len(r.sites))
		for _, a := range p {
			s := slices.Index(r.sites, a.site)
			r.rows[i][s] = append(r.rows[i][s], a)
		}
	}
	return r
}

// Read announces the symbols of the next call, x [T,B], and the position of step 0 of
// every row; first may be nil where all rows stand at at.
func (r *Hooks) Read(x []int32, at int, first []int) {
	r.x = x
	for b := range r.first {
		r.first[b] = at
	}
	copy(r.first, first)
}

// Sites is part of rnn.Hook.
func (r *Hooks) Sites() []string { return r.sites }

// At is part of rnn.Hook.
func (r *Hooks) At(i, t, row int, v []float32) (changed bool) {
	for _, a := range r.rows[row][i] {
		position, k := r.first[row]+t, 0
		if !a.every {
			var here bool
			if k, here = a.at[position]; !here {
				continue
			}
		}
		changed = a.set(v, k, position, r.x[t*len(r.first)+row]) || changed
	}
	return changed
}
