package mechanism

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	gonum "gonum.org/v1/gonum/stat"

	"github.com/rnnscope/rnnscope/stat"
)

// toggles is the number of marks of the toggle test.
const toggles = 12

func (s *suite) toggle() error {
	why := ""
	if !s.l.straight() {
		why = "the marks are not straight"
	}
	t := newTest(TestToggle, why)
	if !t.Applicable {
		s.done(t)
		return nil
	}
	natural, err := s.readToggles(3*s.n, false)
	if err != nil {
		return err
	}
	bare, err := s.readToggles(s.n, true)
	if err != nil {
		return err
	}
	counts := s.findAxis(natural)
	a := s.res.Axis
	fresh, err := s.readToggles(s.n, false)
	if err != nil {
		return err
	}
	gamma := t.figure("parity share", s.resample(fresh, func(p *table) float64 { return s.share(p, a.along, alternation) }))
	beta := t.figure("count share", s.resample(fresh, func(p *table) float64 { return s.share(p, counts.along, identity) }))
	t.figure("parity share, bare marks", s.resample(bare, func(p *table) float64 { return s.share(p, a.along, alternation) }))
	t.figure("parity share, best unit", s.resample(fresh, func(p *table) float64 {
		return s.share(p, func(m []float64) float64 { return m[a.index] }, alternation)
	}))
	time, err := s.growthWithoutMarks(fresh, counts.along)
	if err != nil {
		return err
	}
	t.excludeByToggles(gamma, beta, time)
	t.exclude(gamma.Lo > 0.1 || beta.Lo > 0.1, Stack, "something follows marks that have nothing to push")
	s.res.Toggle = &Toggle{
		Parity: byMark(fresh, a.along), Count: byMark(fresh, counts.along), Bare: byMark(bare, a.along),
		Unit: byMark(fresh, func(m []float64) float64 { return m[a.index] }), Single: single(fresh, a.along, 8),
	}
	for n := range toggles {
		s.res.Toggle.N = append(s.res.Toggle.N, n+1)
	}
	s.done(t)
	return nil
}

// excludeByToggles says what flag and counter fail at: gamma and beta are the shares that alternation and the count explain,
// without what grows where no marks stand. A reading that grows there, too, is no count, and does not speak against the flag.
func (t *Test) excludeByToggles(gamma, beta, without stat.Interval) {
	drifts := without.Lo > vanishes
	t.exclude(gamma.Hi < dominates || gamma.Estimate < beta.Estimate && !drifts, Flag, "what is held does not alternate from mark to mark")
	grows := beta.Hi >= dominates && beta.Estimate >= gamma.Estimate
	t.exclude(!grows, Counter, "what is held does not grow from mark to mark")
	t.exclude(grows && drifts, Counter, "what grows from mark to mark grows where no marks stand, too")
}

// growthWithoutMarks is how much a reading grows over as many stretches of text without a mark between them,
// as a share of its growth from mark to mark over as many characters: a state that settles, or follows the place in the text,
// grows with the marks as a count does, since marks come with characters. 0 where it does not grow with marks.
func (s *suite) growthWithoutMarks(marked *table, read func([]float64) float64) (stat.Interval, error) {
	rng := rand.New(rand.NewPCG(uint64(s.n), toggles)) // of its own: no other test draws differently for it
	seqs := make([]sequence, s.n)
	for i := range seqs {
		w := s.l.begin(rng)
		for range toggles {
			w.wait()
			w.record()
		}
		seqs[i] = w.sequence
	}
	mem, err := s.reader.memories(s.ctx, seqs)
	if err != nil {
		return stat.Interval{}, err
	}
	var n, y []float64
	for i, x := range marked.x {
		n, y = append(n, marked.y[i]), append(y, read(x))
	}
	_, with := gonum.LinearRegression(n, y, nil, false)
	if !(with > 0) {
		return stat.Interval{}, nil
	}
	return stat.Bootstrap(len(mem), bootstraps, rng, func(index []int) float64 {
		var n, y []float64
		for _, i := range index {
			for k, x := range mem[i] {
				n, y = append(n, float64(k+1)), append(y, read(x))
			}
		}
		_, without := gonum.LinearRegression(n, y, nil, false)
		return without / with * spacing(s.toggled) / spacing(seqs)
	}), nil
}

// spacing is the mean number of characters from one record to the next.
func spacing(seqs []sequence) float64 {
	var sum, n float64
	for _, q := range seqs {
		sum, n = sum+float64(q.at[len(q.at)-1]-q.at[0]), n+float64(len(q.at)-1)
	}
	return sum / n
}

// readToggles records what is held after each of 12 marks; y is n.
func (s *suite) readToggles(count int, bare bool) (*table, error) {
	seqs := make([]sequence, count)
	for i := range seqs {
		w := s.l.begin(s.rng)
		w.bare = bare
		for n := range toggles {
			w.put(0, n%2 == 0)
			w.record()
		}
		seqs[i] = w.sequence
	}
	s.toggled = seqs
	mem, err := s.reader.memories(s.ctx, seqs)
	if err != nil {
		return nil, err
	}
	t := &table{}
	for i := range seqs {
		for n, x := range mem[i] {
			t.add(x, float64(n+1), i)
		}
	}
	return t, nil
}

func identity(n float64) float64 { return n }

func alternation(n float64) float64 {
	if int(n)%2 == 0 {
		return 1
	}
	return -1
}

// share is the part of the variance of a reading that one term of the fit
// alpha + beta n + gamma (-1)^n explains beyond the other.
func (s *suite) share(t *table, read func([]float64) float64, term func(float64) float64) float64 {
	y := make([]float64, len(t.x))
	for i, x := range t.x {
		y[i] = read(x)
	}
	var sst float64
	m := stat.Mean(y)
	for _, v := range y {
		sst += (v - m) * (v - m)
	}
	if sst == 0 {
		return 0
	}
	other := identity
	if term(2) == 2 {
		other = alternation
	}
	return (residual(t.y, y, other) - residual(t.y, y, identity, alternation)) / sst
}

// residual is the sum of squares that a fit of constant and terms leaves of y.
func residual(n, y []float64, terms ...func(float64) float64) float64 {
	x := mat.NewDense(len(y), 1+len(terms), nil)
	for i := range y {
		x.Set(i, 0, 1)
		for j, f := range terms {
			x.Set(i, 1+j, f(n[i]))
		}
	}
	b := mat.NewVecDense(len(y), y)
	var w, fit mat.VecDense
	if w.SolveVec(x, b) != nil {
		return 0
	}
	fit.MulVec(x, &w)
	var ss float64
	for i := range y {
		d := y[i] - fit.AtVec(i)
		ss += d * d
	}
	return ss
}

// byMark is the mean reading after each mark.
func byMark(t *table, read func([]float64) float64) []stat.Interval {
	values := make([][]float64, toggles)
	for i, x := range t.x {
		n := int(t.y[i]) - 1
		values[n] = append(values[n], read(x))
	}
	out := make([]stat.Interval, toggles)
	for n := range out {
		out[n] = mean(values[n])
	}
	return out
}

// single is the readings of the first few sequences.
func single(t *table, read func([]float64) float64, few int) [][]float64 {
	out := make([][]float64, few)
	for i, x := range t.x {
		if g := t.group[i]; g < few {
			out[g] = append(out[g], read(x))
		}
	}
	return out
}
