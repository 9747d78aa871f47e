package direction

import (
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// dictionaryTrainer holds gradients and moments of a dictionary under way.
type dictionaryTrainer struct {
	d                *Dictionary
	rate             float32
	x, z             []float32 // [B,H], [B,M]
	rest             []float32 // [H] what a row's entries leave of it
	gEnc, gDec, gB   []float32
	moments, squares [3][]float32 // of enc, dec, bias
	steps            int
	seen             []int // [M] rows of this epoch that used the entry
}

func newDictionaryTrainer(d *Dictionary, opt DictionaryOptions) *dictionaryTrainer {
	t := &dictionaryTrainer{
		d: d, rate: opt.Rate, x: make([]float32, opt.Batch*d.h), z: make([]float32, opt.Batch*d.m), rest: make([]float32, d.h),
		gEnc: make([]float32, len(d.enc)), gDec: make([]float32, len(d.dec)), gB: make([]float32, len(d.bias)), seen: make([]int, d.m),
	}
	for i, n := range []int{len(d.enc), len(d.dec), len(d.bias)} {
		t.moments[i], t.squares[i] = make([]float32, n), make([]float32, n)
	}
	return t
}

// update takes one step of Adam on some rows of the inputs and makes the decoder's rows of length 1 again.
func (t *dictionaryTrainer) update(inputs []float32, rows []int) {
	d := t.d
	t.gradients(inputs, rows)
	t.steps++
	const beta1, beta2 = 0.9, 0.999
	step := f32.AdamStep{
		Rate: t.rate / float32(1-math.Pow(beta1, float64(t.steps))), Beta1: beta1, Beta2: beta2, Eps: 1e-8,
		Correction: float32(1 / math.Sqrt(1-math.Pow(beta2, float64(t.steps)))), GradScale: 1,
	}
	for i, of := range [][2][]float32{{d.enc, t.gEnc}, {d.dec, t.gDec}, {d.bias, t.gB}} {
		f32.Adam(of[0], of[1], t.moments[i], t.squares[i], step)
	}
	for m := range d.m {
		unitLength(d.dec[m*d.h : (m+1)*d.h])
	}
}

// gradients sets those of the mean squared error of some rows, sum over units, and returns the error.
func (t *dictionaryTrainer) gradients(inputs []float32, rows []int) float64 {
	d, h, n := t.d, t.d.h, len(rows)
	clear(t.gEnc)
	clear(t.gDec)
	clear(t.gB)
	for i, r := range rows {
		copy(t.x[i*h:(i+1)*h], inputs[r*h:(r+1)*h])
	}
	d.pack.Pack(d.enc, h, d.m, h, true)
	f32.Gemm(t.z, d.m, n, t.x, h, 1, &d.pack, false)
	var sum float64
	for i := range n {
		x, z := t.x[i*h:(i+1)*h], t.z[i*d.m:(i+1)*d.m]
		f32.Add(z, d.bias)
		used := d.top(z)
		sum += d.residual(t.rest, x, z, used)
		for _, m := range used {
			t.seen[m]++
			row := d.dec[m*h : (m+1)*h]
			var dot float32
			for u, v := range t.rest {
				dot += v * row[u]
			}
			g := 2 * dot / float32(n)
			f32.AddScaled(t.gDec[m*h:(m+1)*h], t.rest, 2*z[m]/float32(n))
			f32.AddScaled(t.gEnc[m*h:(m+1)*h], x, g)
			t.gB[m] += g
		}
	}
	return sum / float64(n)
}

// residual sets rest to what the used entries make of x, less x, and returns its square.
func (d *Dictionary) residual(rest, x, z []float32, used []int) float64 {
	for u, v := range x {
		rest[u] = -v
	}
	for _, m := range used {
		f32.AddScaled(rest, d.dec[m*d.h:(m+1)*d.h], z[m])
	}
	return f32.SumSquares(rest)
}

// revive gives entries that no row of the epoch used what is left of a row described badly: the worst of some drawn.
func (t *dictionaryTrainer) revive(inputs []float32, rng *rand.Rand) {
	d, h := t.d, t.d.h
	n := len(inputs) / h
	const drawn = 8
	best := make([]float32, h)
	for m, seen := range t.seen {
		if seen > 0 {
			continue
		}
		worst := -1.0
		for range drawn {
			r := rng.IntN(n)
			x := inputs[r*h : (r+1)*h]
			z := t.z[:d.m]
			f32.Gemm(z, d.m, 1, x, h, 1, &d.pack, false)
			f32.Add(z, d.bias)
			if e := d.residual(t.rest, x, z, d.top(z)); e > worst {
				worst = e
				copy(best, t.rest)
			}
		}
		scale(best, -1)
		unitLength(best)
		copy(d.dec[m*h:(m+1)*h], best)
		copy(d.enc[m*h:(m+1)*h], best)
		d.bias[m] = 0
		for i := range 2 {
			clear(t.moments[i][m*h : (m+1)*h])
			clear(t.squares[i][m*h : (m+1)*h])
		}
		t.moments[2][m], t.squares[2][m] = 0, 0
	}
}

// finish measures the error on all rows and counts dead entries.
func (t *dictionaryTrainer) finish(inputs []float32, n int) {
	d, h := t.d, t.d.h
	clear(t.seen)
	var lost, all float64
	size := len(t.z) / d.m
	for lo := 0; lo < n; lo += size {
		hi := min(n, lo+size)
		f32.Gemm(t.z, d.m, hi-lo, inputs[lo*h:hi*h], h, 1, &d.pack, false)
		for i := range hi - lo {
			x, z := inputs[(lo+i)*h:(lo+i+1)*h], t.z[i*d.m:(i+1)*d.m]
			f32.Add(z, d.bias)
			used := d.top(z)
			lost += d.residual(t.rest, x, z, used)
			all += f32.SumSquares(x)
			for _, m := range used {
				t.seen[m]++
			}
		}
	}
	if all > 0 {
		d.Error = lost / all
	}
	for _, s := range t.seen {
		if s == 0 {
			d.Dead++
		}
	}
}
