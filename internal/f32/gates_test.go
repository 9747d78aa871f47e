package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// twin runs fast and slow on equal copies of args and compares all of them: inputs
// must come back untouched, outputs agree.
func twin(t *testing.T, what string, args [][]float32, fast, slow func(a [][]float32)) {
	t.Helper()
	got, want := make([][]float32, len(args)), make([][]float32, len(args))
	guards := make([]guarded, len(args))
	for i, a := range args {
		if a == nil {
			continue
		}
		guards[i] = newGuarded(a)
		got[i], want[i] = guards[i].s, append([]float32(nil), a...)
	}
	fast(got)
	slow(want)
	for i := range args {
		guards[i].check(t)
		for j := range args[i] {
			if !sameOrClose(float64(got[i][j]), float64(want[i][j]), 4e-7, 2e-6) {
				t.Fatalf("%s: argument %d, element %d: %v, want %v", what, i, j, got[i][j], want[i][j])
			}
		}
	}
}

// optional is x or nil.
func optional(rng *rand.Rand, x []float32) []float32 {
	if rng.IntN(2) == 0 {
		return nil
	}
	return x
}

func wide(rng *rand.Rand, n int) []float32 {
	x := randomSlice(rng, n)
	scaleVec(x, 4)
	if n > 0 && rng.IntN(3) == 0 {
		x[rng.IntN(n)] = special[rng.IntN(len(special))]
	}
	return x
}

func unit(rng *rand.Rand, n int) []float32 {
	x := randomSlice(rng, n)
	for i := range x {
		x[i] = x[i]/2 + .5
	}
	return x
}

func TestGatesMatchTheirTwins(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 9))
		for n := range maxLen + 1 {
			if n == 0 {
				continue
			}
			what := func(s string) string { return fmt.Sprintf("%s n=%d", s, n) }
			row := func() []float32 { return randomSlice(rng, n) }

			twin(t, what("LSTMForward"), [][]float32{wide(rng, 4*n), optional(rng, wide(rng, 4*n)), optional(rng, row4(rng, n)), row(), row(), row(), row()},
				func(a [][]float32) { LSTMForward(a[0], a[1], a[2], a[3], a[4], a[5], a[6]) },
				func(a [][]float32) { lstmForwardNaive(a[0], a[1], a[2], a[3], a[4], a[5], a[6], 0, n) })
			twin(t, what("LSTMBackward"), [][]float32{unit(rng, 4*n), row(), row(), row(), row()},
				func(a [][]float32) { LSTMBackward(a[0], a[1], a[2], a[3], a[4]) },
				func(a [][]float32) { lstmBackwardNaive(a[0], a[1], a[2], a[3], a[4]) })
			twin(t, what("GRUForward"), [][]float32{wide(rng, 3*n), optional(rng, wide(rng, 3*n)), optional(rng, randomSlice(rng, 3*n)), optional(rng, randomSlice(rng, 3*n)), row(), row(), row()},
				func(a [][]float32) { GRUForward(a[0], a[1], a[2], a[3], a[4], a[5], a[6]) },
				func(a [][]float32) { gruForwardNaive(a[0], a[1], a[2], a[3], a[4], a[5], a[6], 0, n) })
			twin(t, what("GRUBackward"), [][]float32{unit(rng, 3*n), randomSlice(rng, 3*n), row(), row(), row()},
				func(a [][]float32) { GRUBackward(a[0], a[1], a[2], a[3], a[4]) },
				func(a [][]float32) { gruBackwardNaive(a[0], a[1], a[2], a[3], a[4]) })
			for _, relu := range []bool{false, true} {
				twin(t, what("ElmanForward"), [][]float32{wide(rng, n), optional(rng, row()), optional(rng, row()), row()},
					func(a [][]float32) { ElmanForward(a[0], a[1], a[2], a[3], relu) },
					func(a [][]float32) { elmanForwardNaive(a[0], a[1], a[2], a[3], relu) })
				twin(t, what("ElmanBackward"), [][]float32{row(), row(), row()},
					func(a [][]float32) { ElmanBackward(a[0], a[1], a[2], relu) },
					func(a [][]float32) { elmanBackwardNaive(a[0], a[1], a[2], relu) })
			}
		}
	})
}

func row4(rng *rand.Rand, n int) []float32 { return randomSlice(rng, 4*n) }

// Parts of the units, one after another, give the bits of the whole row.
func TestGatesByUnits(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 9))
		for range 50 {
			n := 1 + rng.IntN(100)
			cut := rng.IntN(n + 1)
			x, bias, biasH, prev := row4(rng, n), row4(rng, n), row4(rng, n), randomSlice(rng, n)
			forward := func(gates []float32, units func(gates, second, third, h []float32)) []float32 {
				out := append([]float32(nil), gates...)
				second, third, h := make([]float32, n), make([]float32, n), make([]float32, n)
				units(out, second, third, h)
				return slices.Concat(out, second, third, h)
			}
			gates := row4(rng, n)
			compare(t, forward(gates, func(g, c, tanhC, h []float32) {
				LSTMForwardUnits(g, x, bias, prev, c, tanhC, h, cut, n)
				LSTMForwardUnits(g, x, bias, prev, c, tanhC, h, 0, cut)
			}), forward(gates, func(g, c, tanhC, h []float32) { LSTMForward(g, x, bias, prev, c, tanhC, h) }), 0)
			gates = gates[:3*n]
			compare(t, forward(gates, func(g, hn, _, h []float32) {
				GRUForwardUnits(g, x[:3*n], bias[:3*n], biasH[:3*n], prev, hn, h, cut, n)
				GRUForwardUnits(g, x[:3*n], bias[:3*n], biasH[:3*n], prev, hn, h, 0, cut)
			}), forward(gates, func(g, hn, _, h []float32) {
				GRUForward(g, x[:3*n], bias[:3*n], biasH[:3*n], prev, hn, h)
			}), 0)
		}
	})
}

// The cell state may be updated in place, and h over hPrev, as a sampler does.
func TestGatesInPlace(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 9))
		const n = 37
		gates, c := wide(rng, 4*n), randomSlice(rng, n)
		apart, cApart, th, h := append([]float32(nil), gates...), make([]float32, n), make([]float32, n), make([]float32, n)
		LSTMForward(apart, nil, nil, c, cApart, th, h)
		LSTMForward(gates, nil, nil, c, c, th, h)
		compare(t, c, cApart, 0)

		gates3, state := wide(rng, 3*n), randomSlice(rng, n)
		apart, hn := append([]float32(nil), gates3...), make([]float32, n)
		GRUForward(apart, nil, nil, nil, state, hn, h)
		GRUForward(gates3, nil, nil, nil, state, hn, state)
		compare(t, state, h, 0)
	})
}

// The backward of each cell is the derivative of its forward: central differences in
// float64 of the equations written out again.
func TestGateGradients(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 9))
		const n = 19
		t.Run("lstm", func(t *testing.T) { checkLSTMGradient(t, rng, n) })
		t.Run("gru", func(t *testing.T) { checkGRUGradient(t, rng, n) })
	})
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// slope is the central difference of f at x.
func slope(f func(x float64) float64, x float64) float64 {
	const e = 1e-5
	return (f(x+e) - f(x-e)) / (2 * e)
}

func near(t *testing.T, what string, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 2e-6+2e-5*math.Abs(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func checkLSTMGradient(t *testing.T, rng *rand.Rand, n int) {
	pre, cPrev, dh, dc := randomSlice(rng, 4*n), randomSlice(rng, n), randomSlice(rng, n), randomSlice(rng, n)
	gates, c, tc, h := append([]float32(nil), pre...), make([]float32, n), make([]float32, n), make([]float32, n)
	LSTMForward(gates, nil, nil, cPrev, c, tc, h)
	through := append([]float32(nil), dc...)
	LSTMBackward(gates, cPrev, tc, dh, through)
	for u := range n {
		in := [5]float64{float64(pre[u]), float64(pre[n+u]), float64(pre[2*n+u]), float64(pre[3*n+u]), float64(cPrev[u])}
		for g := range in {
			want := slope(func(x float64) float64 {
				v := in
				v[g] = x
				cell := sigmoid64(v[1])*v[4] + sigmoid64(v[0])*math.Tanh(v[2])
				return float64(dh[u])*sigmoid64(v[3])*math.Tanh(cell) + float64(dc[u])*cell
			}, in[g])
			if g == 4 {
				near(t, "cPrev", through[u], want)
				continue
			}
			near(t, fmt.Sprintf("gate %d", g), gates[g*n+u], want)
		}
	}
}

func checkGRUGradient(t *testing.T, rng *rand.Rand, n int) {
	rec, x, hPrev, dh := randomSlice(rng, 3*n), randomSlice(rng, 3*n), randomSlice(rng, n), randomSlice(rng, n)
	gates, hn, h, dRec := append([]float32(nil), rec...), make([]float32, n), make([]float32, n), make([]float32, 3*n)
	GRUForward(gates, x, nil, nil, hPrev, hn, h)
	direct := append([]float32(nil), dh...)
	GRUBackward(gates, dRec, hPrev, hn, direct)
	for u := range n {
		in := [7]float64{
			float64(rec[u]), float64(rec[n+u]), float64(rec[2*n+u]),
			float64(x[u]), float64(x[n+u]), float64(x[2*n+u]), float64(hPrev[u]),
		}
		for g := range in {
			want := slope(func(v float64) float64 {
				w := in
				w[g] = v
				r, z := sigmoid64(w[0]+w[3]), sigmoid64(w[1]+w[4])
				return float64(dh[u]) * ((1-z)*math.Tanh(w[5]+r*w[2]) + z*w[6])
			}, in[g])
			switch {
			case g < 3:
				near(t, fmt.Sprintf("recurrent %d", g), dRec[g*n+u], want)
			case g < 6:
				near(t, fmt.Sprintf("input %d", g-3), gates[(g-3)*n+u], want)
			default:
				near(t, "hPrev", direct[u], want)
			}
		}
	}
}

// TestBackwardFlushesWhatVanishes: gradients that vanish through time leave no subnormal numbers behind, whose products take a
// hundred times longer on some chips, and NaN and infinity are not lost.
func TestBackwardFlushesWhatVanishes(t *testing.T) {
	const least = 0x1p-95
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 1))
		for _, n := range []int{1, 7, 16, 37} {
			tiny := func() []float32 {
				x := randomSlice(rng, n)
				for i := range x {
					x[i] = float32(math.Ldexp(float64(x[i]), -60-rng.IntN(90)))
				}
				return x
			}
			gates, dc, dh := unit(rng, 4*n), tiny(), tiny()
			LSTMBackward(gates, randomSlice(rng, n), randomSlice(rng, n), dh, dc)
			out := slices.Concat(gates, dc)
			gates, dRec, dh := unit(rng, 3*n), make([]float32, 3*n), tiny()
			GRUBackward(gates, dRec, randomSlice(rng, n), randomSlice(rng, n), dh)
			out = slices.Concat(out, gates, dRec, dh)
			for _, relu := range []bool{false, true} {
				d := make([]float32, n)
				ElmanBackward(d, tiny(), randomSlice(rng, n), relu)
				out = append(out, d...)
			}
			logits := randomSlice(rng, n)
			scaleVec(logits, 90)
			SoftmaxXent(logits, 1, n, n, []int32{0}, nil, true, 1e-3)
			out = append(out, logits...)
			kept := 0
			for i, v := range out {
				if size := math.Abs(float64(v)); size != 0 && size < least {
					t.Fatalf("n=%d, element %d: %g is left", n, i, v)
				} else if size >= least {
					kept++
				}
			}
			if n > 7 && (kept == 0 || kept == len(out)) {
				t.Fatalf("n=%d: %d of %d are kept: the test says nothing", n, kept, len(out))
			}
			for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
				d := slices.Repeat([]float32{v}, n)
				ElmanBackward(d, slices.Clone(d), make([]float32, n), false)
				if d[n-1] == 0 {
					t.Fatalf("n=%d: %v became zero", n, v)
				}
			}
		}
	})
}
