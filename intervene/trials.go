package intervene

import (
	"context"
	"slices"
)

// sums is what one intervention does to the loss, by window: for each concept it was
// measured for, summed over P_c and over M_c with its weights, by the concept's windows;
// and over the kinds of the next character, by plain windows.
type sums struct {
	p, m  [][]float64 // [C], nil where it was not measured
	kinds [][]float64 // [kinds], nil where it was not measured
}

// trial is one intervention at one site to be measured.
type trial struct {
	v     Intervention
	into  *sums
	of    []forConcept // concepts, and in how many of their windows from the first
	kinds bool         // also in the plain windows
}

// forConcept is some of a concept's windows.
type forConcept struct{ concept, windows int }

// ask adds a concept to a trial; one that is asked twice is measured once, in as many
// windows as were asked for at most.
func (t *trial) ask(c, windows int) {
	for i := range t.of {
		if t.of[i].concept == c {
			t.of[i].windows = max(t.of[i].windows, windows)
			return
		}
	}
	t.of = append(t.of, forConcept{c, windows})
}

// windowsOf is the windows of the bench that a trial is measured in, each once.
func (s *study) windowsOf(t *trial) []int {
	var out []int
	for _, f := range t.of {
		out = append(out, s.windows[f.concept][:f.windows]...)
	}
	if t.kinds {
		out = append(out, s.plain...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// prepare makes room for what a trial measures.
func (s *study) prepare(t *trial) {
	x := t.into
	if x.p == nil {
		x.p, x.m = make([][]float64, len(s.concepts)), make([][]float64, len(s.concepts))
	}
	for _, f := range t.of {
		if n := len(s.windows[f.concept]); x.p[f.concept] == nil {
			x.p[f.concept], x.m[f.concept] = make([]float64, n), make([]float64, n)
		}
	}
	if t.kinds {
		x.kinds = make([][]float64, len(kindNames))
		for k := range x.kinds {
			x.kinds[k] = make([]float64, len(s.plain))
		}
	}
}

// measure runs trials, many at a time, those of one site together: what else is read in a
// batch changes no bit of a figure.
func (s *study) measure(ctx context.Context, trials []*trial) error {
	var sites []string
	for _, t := range trials {
		if !slices.Contains(sites, t.v.site()) {
			sites = append(sites, t.v.site())
		}
	}
	for _, site := range sites {
		if err := s.measureAt(ctx, site, trials); err != nil {
			return err
		}
	}
	return nil
}

func (s *study) measureAt(ctx context.Context, site string, trials []*trial) error {
	var jobs []job
	var windows []int
	for i, t := range trials {
		if t.v.site() != site {
			continue
		}
		plan, err := Prepare(s.in.Model, []Intervention{t.v}, s.ref, s.labels)
		if err != nil {
			return err
		}
		s.prepare(t)
		for _, w := range s.windowsOf(t) {
			jobs = append(jobs, job{plan: plan, window: w, tag: i})
			windows = append(windows, w)
		}
	}
	slices.Sort(windows)
	base, err := s.baseOf(ctx, site, slices.Compact(windows))
	if err != nil {
		return err
	}
	deltas := make([][]float64, s.bench.rows())
	for r := range deltas {
		deltas[r] = make([]float64, Window)
	}
	return s.bench.run(ctx, jobs, false, func(j job, row, i int, loss float32, _ []float32) {
		deltas[row][i] = float64(loss) - float64(base[j.window][i])
		if i == Window-1 {
			s.add(trials[j.tag], j.window, deltas[row])
		}
	})
}

// add takes in what a trial did in one window of the bench.
func (s *study) add(t *trial, w int, delta []float64) {
	for _, f := range t.of {
		if k, ok := s.place[f.concept][w]; ok && k < f.windows {
			t.into.p[f.concept][k] = s.contrast[f.concept].p.sum(k, delta)
			t.into.m[f.concept][k] = s.contrast[f.concept].m.sum(k, delta)
		}
	}
	if k, ok := s.ofPlain[w]; ok && t.kinds {
		for kind := range s.kinds {
			t.into.kinds[kind][k] = s.kinds[kind].sum(k, delta)
		}
	}
}
