package direction

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// Dictionary is a TopK sparse autoencoder (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", section 2.3): a state,
// centred and brought to mean square 1, is described by the K entries that answer most to it,
//
//	z = TopK(max(0, W_e x + b)),  x' = z W_d,
//
// the rows of W_d of length 1, trained for the squared error of x'.
type Dictionary struct {
	h, m, k int
	mean    []float32 // [H]
	scale   float32   // of the inputs, to bring it to mean square 1
	enc     []float32 // [M,H]
	bias    []float32 // [M]
	dec     []float32 // [M,H]
	pack    f32.Packed
	room    []float32
	used    []int // scratch [K]
	// Error is the share of the variance that the training rows lose.
	Error float64
	// Dead is how many entries no training row uses.
	Dead int
}

// DictionaryOptions sizes a dictionary and its training.
type DictionaryOptions struct {
	Entries int // M
	Used    int // K, entries that describe a state
	Epochs  int // passes over the rows, 0: 10
	Batch   int // rows an update, 0: 256
	Rate    float32
}

// Defaults of a training.
const (
	dictionaryEpochs = 10
	dictionaryBatch  = 256
	dictionaryRate   = 2e-3
)

// Train fits a dictionary to rows x [n,H]. Errors are of options that no dictionary can have, and the context's.
func Train(ctx context.Context, x []float32, h int, opt DictionaryOptions, rng *rand.Rand) (*Dictionary, error) {
	n := len(x) / h
	if opt.Entries < 1 || opt.Used < 1 || opt.Used > opt.Entries || n < 2 {
		return nil, fmt.Errorf("direction: a dictionary of %d entries, %d used, on %d rows", opt.Entries, opt.Used, n)
	}
	if opt.Epochs == 0 {
		opt.Epochs = dictionaryEpochs
	}
	if opt.Batch == 0 {
		opt.Batch = dictionaryBatch
	}
	if opt.Rate == 0 {
		opt.Rate = dictionaryRate
	}
	d := &Dictionary{h: h, m: opt.Entries, k: opt.Used, mean: meanOf(x, h), used: make([]int, 0, opt.Used)}
	inputs := make([]float32, n*h)
	centre(inputs, x[:n*h], d.mean, 1)
	square := f32.SumSquares(inputs) / float64(len(inputs))
	d.scale = 1
	if square > 0 {
		d.scale = float32(1 / math.Sqrt(square))
	}
	scale(inputs, d.scale)
	d.begin(inputs, rng)
	t := newDictionaryTrainer(d, opt)
	order := rng.Perm(n)
	for epoch := range opt.Epochs {
		clear(t.seen)
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for lo := 0; lo < n; lo += opt.Batch {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t.update(inputs, order[lo:min(n, lo+opt.Batch)])
		}
		if epoch < opt.Epochs*3/4 {
			t.revive(inputs, rng)
		}
	}
	d.pack.Pack(d.enc, h, d.m, h, true)
	t.finish(inputs, n)
	return d, nil
}

// begin takes rows as the first entries, in either direction.
func (d *Dictionary) begin(inputs []float32, rng *rand.Rand) {
	d.enc, d.dec, d.bias = make([]float32, d.m*d.h), make([]float32, d.m*d.h), make([]float32, d.m)
	for m := range d.m {
		for u := range d.h {
			d.dec[m*d.h+u] = float32(rng.NormFloat64())
		}
		unitLength(d.dec[m*d.h : (m+1)*d.h])
	}
	copy(d.enc, d.dec)
}

func unitLength(v []float32) {
	if s := f32.SumSquares(v); s > 0 {
		scale(v, float32(1/math.Sqrt(s)))
	}
}

// top lists the up to K largest positive of z, in d.used.
func (d *Dictionary) top(z []float32) []int {
	used := d.used[:0]
	for m, v := range z {
		if v <= 0 || len(used) == d.k && v <= z[used[d.k-1]] {
			continue
		}
		if len(used) < d.k {
			used = append(used, m)
		} else {
			used[d.k-1] = m
		}
		for i := len(used) - 1; i > 0 && z[used[i]] > z[used[i-1]]; i-- {
			used[i], used[i-1] = used[i-1], used[i]
		}
	}
	d.used = used
	return used
}

// Size is M.
func (d *Dictionary) Size() int { return d.m }

// Row is entry m of the decoder, in the site's own scale.
func (d *Dictionary) Row(m int) []float32 {
	out := slices.Clone(d.dec[m*d.h : (m+1)*d.h])
	scale(out, 1/d.scale)
	return out
}

// Origin is the mean.
func (d *Dictionary) Origin() []float32 { return d.mean }

// Clone shares what was trained.
func (d *Dictionary) Clone() Basis {
	c := *d
	c.room, c.used = nil, make([]int, 0, d.k)
	return &c
}

// Encode is z.
func (d *Dictionary) Encode(dst, x []float32, n int) {
	d.room = slices.Grow(d.room[:0], n*d.h)[:n*d.h]
	centre(d.room, x[:n*d.h], d.mean, d.scale)
	f32.Gemm(dst, d.m, n, d.room, d.h, 1, &d.pack, false)
	for r := range n {
		row := dst[r*d.m : (r+1)*d.m]
		f32.Add(row, d.bias)
		used := d.top(row)
		values := make([]float32, len(used))
		for i, m := range used {
			values[i] = row[m]
		}
		clear(row)
		for i, m := range used {
			row[m] = values[i]
		}
	}
}

func scale(v []float32, s float32) {
	for i := range v {
		v[i] *= s
	}
}
