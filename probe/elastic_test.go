package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// drawnDesign is standard normal columns and a label that the first ones tell.
func drawnDesign(n, p, tells int, noise float64, rng *rand.Rand) (*design, []bool) {
	d := &design{n: n, p: p + 1, x: make([]float32, n*(p+1))}
	on := make([]bool, n)
	for i := range n {
		var sum float64
		for j := range p {
			x := rng.NormFloat64()
			d.x[i*d.p+j] = float32(x)
			if j < tells {
				sum += x
			}
		}
		d.x[i*d.p+p] = 1
		on[i] = sum+noise*rng.NormFloat64() > 0.8
	}
	return d, on
}

// slowFit is proximal gradient descent with a small step and great patience.
func slowFit(d *design, t task, pen penalty, rounds int) []float64 {
	w, z, g := make([]float64, d.p), make([]float64, d.n), make([]float64, d.p)
	step := 4 / (float64(d.p) * max(t.weight[0], t.weight[1]))
	for range rounds {
		d.times(w, z)
		clear(g)
		for i, v := range z {
			side := stat.Indicator(t.on[i])
			r := t.weight[side] * (logistic(v) - float64(side)) / float64(d.n)
			for j := range g {
				g[j] += r * float64(d.x[i*d.p+j])
			}
		}
		for j := range w {
			v := w[j] - step*g[j]
			if j < d.p-1 {
				v = math.Copysign(max(0, math.Abs(v)-step*pen.l1), v) / (1 + 2*step*pen.l2)
			}
			w[j] = v
		}
	}
	return w
}

func TestSolverFindsTheMinimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, pen := range []penalty{{0.02, 0.001}, {0, 0.05}, {0.1, 0}, {1e-3, 1e-3}} {
		d, on := drawnDesign(300, 9, 3, 0.5, rng)
		task, _ := newTask(on)
		got, want := make([]float64, d.p), slowFit(d, task, pen, 6000)
		(&solver{}).fit(d, task, pen, got, 30)
		z := make([]float64, d.n)
		value := func(w []float64) float64 { d.times(w, z); return task.loss(z) + pen.of(w) }
		if a, b := value(got), value(want); a > b+1e-6 {
			t.Errorf("%v: objective %g, slowly %g", pen, a, b)
		}
		for j := range got {
			if math.Abs(got[j]-want[j]) > 0.02*math.Max(1, math.Abs(want[j])) {
				t.Errorf("%v: weight %d is %g, slowly %g", pen, j, got[j], want[j])
			}
		}
	}
}

func TestPathTakesInWhatTells(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	d, on := drawnDesign(600, 20, 3, 0.5, rng)
	held, heldOn := drawnDesign(300, 20, 3, 0.5, rng)
	task, _ := newTask(on)
	heldTask, _ := newTask(heldOn)
	best, order := (&solver{}).path(d, task, held, heldTask)
	first := slices.Sorted(slices.Values(order[:3]))
	if !slices.Equal(first, []int{0, 1, 2}) {
		t.Errorf("first on the path are %v", order)
	}
	if best.lambda <= 0 || best.w[0] < 0.5 {
		t.Errorf("%+v", best)
	}
	w := make([]float64, d.p)
	(&solver{}).fit(d, task, penaltyAt(1.001*(&solver{}).largestLambda(d, task)), w, 10)
	for _, v := range w[:d.p-1] {
		if v != 0 {
			t.Errorf("weights at the largest lambda: %v", w)
			break
		}
	}
}
