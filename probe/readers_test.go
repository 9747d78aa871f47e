package probe

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
)

// TestRidgeSolvesTheNormalEquations against Gauss's elimination.
func TestRidgeSolvesTheNormalEquations(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	d, _ := drawnDesign(50, 4, 1, 1, rng)
	y, weight := make([]float64, 50), make([]float64, 50)
	for i := range y {
		y[i], weight[i] = rng.NormFloat64(), 0.5+rng.Float64()
	}
	gram, against, _ := normalEquations(d, y, weight)
	w := solveRidge(gram, against, 0.7)
	for j := range w {
		left := 0.7 * w[j]
		for k := range w {
			var g float64
			for i := range y {
				g += weight[i] * float64(d.x[i*d.p+j]) * float64(d.x[i*d.p+k])
			}
			left += g * w[k]
		}
		var right float64
		for i := range y {
			right += weight[i] * float64(d.x[i*d.p+j]) * y[i]
		}
		if math.Abs(left-right) > 1e-4 {
			t.Errorf("row %d: %g, want %g", j, left, right)
		}
	}
}

func TestRotationsKeepLengths(t *testing.T) {
	q := randomRotation(7, rand.New(rand.NewPCG(1, 1)))
	for i := range 7 {
		for j := range 7 {
			var dot float64
			for k := range 7 {
				dot += float64(q[i*7+k]) * float64(q[j*7+k])
			}
			if math.Abs(dot-float64(stat.Indicator(i == j))) > 1e-5 {
				t.Errorf("rows %d and %d: %g", i, j, dot)
			}
		}
	}
}

// TestTelegraphDwells: random labels switch as often as the label they stand for.
func TestTelegraphDwells(t *testing.T) {
	x, err := synth.Generate("novel", 60_000, rand.New(rand.NewPCG(5, 60_000)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := concept.Find("in-quote")
	if err != nil {
		t.Fatal(err)
	}
	var on []int8
	for _, y := range concept.LabelAll(c, x.Runes) {
		switch {
		case !y.Valid:
			on = append(on, -1)
		default:
			on = append(on, int8(min(1, y.Y)))
		}
	}
	l := &specimen.BlockLabels{}
	l.Block.Hi = len(on)
	l.Chars = make([]int32, len(on))
	l.Labels = append(l.Labels, statLabels(on))
	up, down := dwellTimes([]*specimen.BlockLabels{l}, 0)
	s := &sampled{}
	for p := range on {
		s.places = append(s.places, place{position: p})
	}
	var n, switches float64
	rng := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		labels := telegraph([]*specimen.BlockLabels{l}, up, down, rng)(s)
		for p, y := range labels {
			n += float64(stat.Indicator(y))
			if p > 0 && y != labels[p-1] {
				switches++
			}
		}
	}
	total := 20 * float64(len(on))
	if got, want := switches/total, 2/(up+down); math.Abs(got/want-1) > 0.05 {
		t.Errorf("%g switches a character, want %g", got, want)
	}
	if got, want := n/total, up/(up+down); math.Abs(got-want) > 0.03 {
		t.Errorf("on for %g, want %g", got, want)
	}
}

func statLabels(on []int8) (l stat.Labels) {
	for p, y := range on {
		switch y {
		case 1:
			l.Positive = append(l.Positive, int32(p))
		case -1:
			l.Invalid = append(l.Invalid, int32(p))
		}
	}
	return l
}
