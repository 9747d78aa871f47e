package mechanism

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/stat"
)

// widest is how many units a ridge looks at: those that correlate most.
const widest = 384

// along is the direction's reading of a memory, in units of the quantity.
func (a *Axis) along(m []float64) float64 {
	y := a.bias
	for i, w := range a.weight {
		y += w * m[i]
	}
	return y
}

// table is recorded memories with the quantity, grouped by sequence.
type table struct {
	x     [][]float64 // [N][M]
	y     []float64
	group []int
}

func (t *table) add(x []float64, y float64, group int) {
	t.x, t.y, t.group = append(t.x, x), append(t.y, y), append(t.group, group)
}

// part is the rows of every third group: 0 and 1 to fit and to choose, 2 to report.
func (t *table) part(which int) *table {
	p := &table{}
	for i, g := range t.group {
		if g%3 == which {
			p.add(t.x[i], t.y[i], g)
		}
	}
	return p
}

// findAxis fits on a third of the sequences, chooses lambda and the unit on another,
// and reports on the last.
func (s *suite) findAxis(t *table) *Axis {
	fit, choose, report := t.part(0), t.part(1), t.part(2)
	a := &Axis{}
	m := len(t.x[0])
	r := make([]float64, m)
	for i := range r {
		r[i] = math.Abs(correlation(fit, i))
		if c := math.Abs(correlation(choose, i)); !(c <= 1) || !(r[i] <= 1) {
			r[i] = 0
		}
	}
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case r[i] > r[j]:
			return -1
		case r[i] < r[j]:
			return 1
		}
		return 0
	})
	a.index, a.slope, a.offset = bestUnit(fit, choose, order[:min(8, m)])
	a.Site, a.Unit = s.reader.unit(a.index)
	used := slices.Clone(order[:min(widest, m)])
	slices.Sort(used)
	a.fitRidge(fit, choose, used)
	a.R = s.resample(report, func(p *table) float64 { return math.Abs(correlation(p, a.index)) })
	a.R2 = s.resample(report, func(p *table) float64 { return rSquared(p, a.along) })
	return a
}

// bestUnit takes, of the few best on fit, the one best on choose, with its line.
func bestUnit(fit, choose *table, few []int) (unit int, slope, offset float64) {
	best := -1.0
	for _, i := range few {
		if c := math.Abs(correlation(choose, i)); c > best {
			unit, best = i, c
		}
	}
	var mx, my, sxx, sxy float64
	for i := range fit.x {
		mx, my = mx+fit.x[i][unit], my+fit.y[i]
	}
	n := float64(len(fit.x))
	mx, my = mx/n, my/n
	for i := range fit.x {
		d := fit.x[i][unit] - mx
		sxx, sxy = sxx+d*d, sxy+d*(fit.y[i]-my)
	}
	if sxx == 0 {
		return unit, 0, my
	}
	return unit, sxy / sxx, my - sxy/sxx*mx
}

func correlation(t *table, unit int) float64 {
	v := make([]float64, len(t.x))
	for i := range v {
		v[i] = t.x[i][unit]
	}
	return stat.Pearson(v, t.y)
}

// rSquared is R^2 of predictions: 1 - SSE/SST.
func rSquared(t *table, f func([]float64) float64) float64 {
	mean := stat.Mean(t.y)
	var sse, sst float64
	for i, x := range t.x {
		e, d := t.y[i]-f(x), t.y[i]-mean
		sse, sst = sse+e*e, sst+d*d
	}
	return 1 - sse/sst
}

// fitRidge fits standardised ridge regressions on fit and keeps the one that explains
// most of choose.
func (a *Axis) fitRidge(fit, choose *table, used []int) {
	n, k := len(fit.x), len(used)
	mean, scale := make([]float64, k), make([]float64, k)
	for j, u := range used {
		var s, ss float64
		for i := range fit.x {
			s, ss = s+fit.x[i][u], ss+fit.x[i][u]*fit.x[i][u]
		}
		mean[j] = s / float64(n)
		scale[j] = math.Sqrt(max(ss/float64(n)-mean[j]*mean[j], 0))
	}
	z := mat.NewDense(n, k, nil)
	for i := range fit.x {
		for j, u := range used {
			if scale[j] > 1e-9 {
				z.Set(i, j, (fit.x[i][u]-mean[j])/scale[j])
			}
		}
	}
	my := stat.Mean(fit.y)
	y := mat.NewVecDense(n, nil)
	for i := range fit.y {
		y.SetVec(i, fit.y[i]-my)
	}
	var gram mat.SymDense
	gram.SymOuterK(1, z.T())
	var zy mat.VecDense
	zy.MulVec(z.T(), y)
	best := math.Inf(-1)
	for _, lambda := range []float64{1e-3, 1e-2, 1e-1, 1} {
		g := mat.NewSymDense(k, nil)
		g.CopySym(&gram)
		for j := range k {
			g.SetSym(j, j, g.At(j, j)+lambda*float64(n))
		}
		var chol mat.Cholesky
		var w mat.VecDense
		if !chol.Factorize(g) || chol.SolveVecTo(&w, &zy) != nil {
			continue
		}
		try := &Axis{weight: make([]float64, len(fit.x[0])), bias: my}
		for j, u := range used {
			if scale[j] > 1e-9 {
				try.weight[u] = w.AtVec(j) / scale[j]
				try.bias -= try.weight[u] * mean[j]
			}
		}
		if r2 := rSquared(choose, try.along); r2 > best {
			best = r2
			a.weight, a.bias, a.Lambda = try.weight, try.bias, lambda
		}
	}
	if a.weight == nil {
		a.weight, a.bias = make([]float64, len(fit.x[0])), my
	}
}

// resample is a figure with the interval of resampled sequences.
func (s *suite) resample(t *table, figure func(*table) float64) stat.Interval {
	rows := map[int][]int{}
	var groups []int
	for i, g := range t.group {
		if rows[g] == nil {
			groups = append(groups, g)
		}
		rows[g] = append(rows[g], i)
	}
	return stat.Bootstrap(len(groups), bootstraps, s.rng, func(index []int) float64 {
		p := &table{}
		for _, k := range index {
			for _, i := range rows[groups[k]] {
				p.add(t.x[i], t.y[i], k)
			}
		}
		return figure(p)
	})
}

// axis finds how the network shows depth.
func (s *suite) axis() error {
	seqs := make([]sequence, 0, 4*s.n)
	var depth [][]float64
	for range 4 * s.n {
		q, d := s.l.walk(10, s.rng)
		seqs, depth = append(seqs, q), append(depth, d)
	}
	mem, err := s.reader.memories(s.ctx, seqs)
	if err != nil {
		return err
	}
	t := &table{}
	for i := range seqs {
		for k, x := range mem[i] {
			t.add(x, depth[i][k], i)
		}
	}
	s.res.Axis = s.findAxis(t)
	return nil
}
