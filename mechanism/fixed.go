package mechanism

import (
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/stat"
)

const (
	mostCycle  = 8    // characters of the neutral cycle
	longer     = 4    // how much longer than the text's longest gap is looked
	starts     = 16   // sequences a depth
	widestFull = 512  // largest state whose whole Jacobian is made
	nudge      = 1e-3 // of a finite difference
)

func (s *suite) fixedPoints() error {
	why := ""
	if s.l.GapHigh == 0 {
		why = "the language has no neutral input"
	}
	t := newTest(TestFixed, why)
	if !t.Applicable {
		s.done(t)
		return nil
	}
	// The first reading of the cycle brings the state to rest, the others make up the
	// longest gap of the text: a network need not hold anything longer.
	cycle := max(1, min(mostCycle, s.l.GapHigh/2))
	input := s.l.filler(nil, cycle, s.rng)
	rounds := max(1, s.l.GapHigh/cycle-1)
	f := &Fixed{Characters: rounds * cycle, Content: stat.Point(math.NaN(), 0)}
	contents := make([][]int, s.l.Depth+1)
	for d := range contents {
		contents[d] = s.l.plain(d)
	}
	if s.l.Free && s.l.Depth >= 2 {
		contents = append(contents, []int{0, 1}, []int{1, 0})
	}
	before, after, err := s.settle(contents, input, rounds)
	if err != nil {
		return err
	}
	_, later, err := s.settle(contents[:2], input, longer*rounds)
	if err != nil {
		return err
	}
	retained := retention(before, after)
	f.Retained = make([][]stat.Interval, s.l.Depth+1)
	for d := range f.Retained {
		for e := range f.Retained {
			f.Retained[d] = append(f.Retained[d], retained(d, e, d, e))
		}
	}
	f.Later = retention(before[:2], later)(0, 1, 0, 1)
	if n := len(contents); n > s.l.Depth+1 {
		f.Content = retained(n-2, n-1, 0, 1)
	}
	unit := distance(center(after[0]), center(after[1]))
	for d := range s.l.Depth + 1 {
		f.Points = append(f.Points, s.point(d, after[d][0], input, unit))
	}
	if f.Retained[0][1].Lo > apart {
		f.Saddle = s.saddle(later[0][0], later[1][0], input, longer*rounds, unit)
	}
	s.res.Fixed = f
	s.fixedRules(&t, f)
	s.done(t)
	return s.ctx.Err()
}

func (s *suite) fixedRules(t *Test, f *Fixed) {
	first := t.figure("inside and outside kept apart", f.Retained[0][1])
	t.figure("the same, four times as long", f.Later)
	least, most := f.Retained[0][1], f.Retained[0][1] // of two depths inside
	for d := 1; d <= s.l.Depth; d++ {
		for e := d + 1; e <= s.l.Depth; e++ {
			v := f.Retained[d][e]
			if d == 1 && e == 2 || v.Estimate < least.Estimate {
				least = v
			}
			if d == 1 && e == 2 || v.Estimate > most.Estimate {
				most = v
			}
		}
	}
	lost := first.Hi < apart
	const forgets = "the state does not last through filler"
	for _, m := range []Mechanism{Flag, Counter, Stack} {
		t.exclude(lost, m, forgets)
	}
	neutral := slices.ContainsFunc(f.Points, Point.neutral)
	full := !slices.ContainsFunc(f.Points, func(p Point) bool { return len(p.Modulus) == 0 })
	if full {
		largest := 0.0
		for _, p := range f.Points {
			largest = max(largest, float64(p.Modulus[0]))
		}
		t.figure("largest eigenvalue a character", stat.Point(largest, int64(len(f.Points))))
	}
	t.exclude(full && !neutral, Counter, "no direction neither decays nor grows")
	if s.l.Depth < 2 {
		return
	}
	t.figure("depths inside kept apart, least", least)
	t.figure("depths inside kept apart, most", most)
	t.exclude(most.Lo > apart, Flag, "more than two states last")
	t.exclude(least.Hi < apart, Counter, "not every depth lasts")
	t.exclude(least.Hi < apart, Stack, "not every depth lasts")
	if f.Content.Defined() {
		v := t.figure("contents of one depth kept apart", f.Content)
		t.exclude(v.Lo > apart, Counter, "contents of one depth last apart")
		t.exclude(v.Hi < apart, Stack, "contents of one depth become one state")
	}
}

func (p Point) neutral() bool {
	return slices.ContainsFunc(p.Modulus, func(v stat.Number) bool { return v > neutralLow && v < neutralHigh })
}

// settle reads each content and then the cycle, rounds times over; it returns the
// states [S] before and after by content and sequence.
func (s *suite) settle(contents [][]int, input []int32, rounds int) (before, after clouds, err error) {
	var seqs []sequence
	for _, kinds := range contents {
		for range starts {
			w := s.l.begin(s.rng)
			for i, k := range kinds {
				if i == len(kinds)-1 {
					w.gap = 0
				}
				w.put(k, true)
			}
			w.ids = append(w.ids, input...)
			w.record()
			for range rounds {
				w.ids = append(w.ids, input...)
			}
			w.record()
			seqs = append(seqs, w.sequence)
		}
	}
	before, after = make(clouds, len(contents)), make(clouds, len(contents))
	err = s.reader.follow(s.ctx, seqs, false, func(i, k, row int, _ []float32) {
		v := make([]float64, s.reader.state)
		s.reader.load(v, row)
		c := i / starts
		if k == 0 {
			before[c] = append(before[c], v)
		} else {
			after[c] = append(after[c], v)
		}
	})
	return before, after, err
}

func center(v [][]float64) []float64 {
	c := make([]float64, len(v[0]))
	for _, x := range v {
		for i := range x {
			c[i] += x[i] / float64(len(v))
		}
	}
	return c
}

func distance(a, b []float64) float64 {
	var ss float64
	for i := range a {
		ss += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(ss)
}

// retention gives the distance of the mean states of contents a and b after the cycle
// beside that of c and d before it, without the noise of the means.
func retention(before, after clouds) func(a, b, c, d int) stat.Interval {
	both := append(append(clouds{}, before...), after...)
	n := len(both[0])
	grams := make([][][]float64, n)
	for i := range grams {
		grams[i] = both.gram(i)
	}
	whole, k := both.gram(-1), len(before)
	apartIn := func(g [][]float64, a, b int) float64 { return max(0, g[a][a]+g[b][b]-2*g[a][b]) }
	return func(a, b, c, d int) stat.Interval {
		of := func(g [][]float64) float64 {
			first := apartIn(g, c, d)
			if first == 0 {
				return 0
			}
			return math.Sqrt(apartIn(g, k+a, k+b) / first)
		}
		leave := make([]float64, n)
		for i := range leave {
			leave[i] = of(grams[i])
		}
		return stat.Jackknife(of(whole), leave)
	}
}

// apply maps states by one reading of the cycle, up to `streams` of them at a time.
func (s *suite) apply(states [][]float64, input []int32) [][]float64 {
	out := make([][]float64, len(states))
	r := s.reader
	for lo := 0; lo < len(states); lo += streams {
		batch := states[lo:min(lo+streams, len(states))]
		for row := range r.x {
			r.x[row] = -1
		}
		for row, v := range batch {
			r.store(row, v)
		}
		for _, id := range input {
			for row := range batch {
				r.x[row] = id
			}
			r.step.Advance(r.x)
		}
		for row := range batch {
			out[lo+row] = make([]float64, r.state)
			r.load(out[lo+row], row)
		}
	}
	return out
}

// point describes a state: its speed, and the leading eigenvalues of the Jacobian by
// central differences.
func (s *suite) point(depth int, x []float64, input []int32, unit float64) Point {
	p := Point{Depth: depth, Speed: stat.Undefined(), Modulus: []stat.Number{}}
	n := len(x)
	if unit > 0 {
		p.Speed = stat.Number(distance(x, s.apply([][]float64{x}, input)[0]) / unit)
	}
	if n > widestFull {
		return p
	}
	moved := make([][]float64, 2*n)
	for i := range n {
		up, down := slices.Clone(x), slices.Clone(x)
		up[i] += nudge
		down[i] -= nudge
		moved[2*i], moved[2*i+1] = up, down
	}
	image := s.apply(moved, input)
	j := mat.NewDense(n, n, nil)
	for i := range n {
		for k := range n {
			j.Set(k, i, (image[2*i][k]-image[2*i+1][k])/(2*nudge))
		}
	}
	var e mat.Eigen
	if !e.Factorize(j, mat.EigenNone) {
		return p
	}
	for _, v := range e.Values(nil) {
		p.Modulus = append(p.Modulus, stat.Number(math.Pow(cmplx.Abs(v), 1/float64(len(input)))))
	}
	slices.SortFunc(p.Modulus, func(a, b stat.Number) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	p.Modulus = p.Modulus[:min(4, len(p.Modulus))]
	return p
}

// saddle looks for the state between two lasting ones that flows to neither: the
// border on the line between them by halving, then the slowest state on the border's
// way. nil: the line has no border (one of the two does not last by itself).
func (s *suite) saddle(a, b []float64, input []int32, rounds int, unit float64) *Point {
	onLine := func(share float64) []float64 {
		v := make([]float64, len(a))
		for i := range v {
			v[i] = a[i] + share*(b[i]-a[i])
		}
		return v
	}
	toB := func(v []float64) bool {
		x := [][]float64{v}
		for range rounds {
			x = s.apply(x, input)
		}
		return distance(x[0], b) < distance(x[0], a)
	}
	if toB(a) || !toB(b) {
		return nil
	}
	lo, hi := 0.0, 1.0
	for range 24 {
		if mid := (lo + hi) / 2; toB(onLine(mid)) {
			hi = mid
		} else {
			lo = mid
		}
	}
	x := onLine((lo + hi) / 2)
	slowest, best := math.Inf(1), x
	for range rounds {
		next := s.apply([][]float64{x}, input)[0]
		if d := distance(x, next); d < slowest {
			slowest, best = d, x
		}
		x = next
	}
	p := s.point(-1, best, input, unit)
	return &p
}
