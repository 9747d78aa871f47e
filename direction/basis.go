package direction

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// Basis says states in M directions and back. It is for one goroutine at a time; Clone makes another that shares what
// does not change.
type Basis interface {
	Size() int
	// Encode sets dst [n,M] to the directions of x [n,H].
	Encode(dst, x []float32, n int)
	// Row is what one unit of direction m adds to the state, [H].
	Row(m int) []float32
	// Origin is the state of which all directions are 0, [H].
	Origin() []float32
	Clone() Basis
}

// Linear is an orthonormal basis about a mean.
type Linear struct {
	h, m int
	mean []float32  // [H]
	axes []float32  // [M,H], orthonormal rows
	pack f32.Packed // [H,M]
	room []float32
}

func newLinear(mean, axes []float32) *Linear {
	l := &Linear{h: len(mean), m: len(axes) / len(mean), mean: mean, axes: axes}
	l.pack.Pack(axes, l.h, l.m, l.h, true)
	return l
}

// Units is the basis of the units themselves.
func Units(h int) *Linear {
	axes := make([]float32, h*h)
	for u := range h {
		axes[u*h+u] = 1
	}
	return newLinear(make([]float32, h), axes)
}

// Components is the principal components of rows x [n,H], the largest variance first.
func Components(x []float32, h int) (*Linear, error) {
	n := len(x) / h
	if n < 2 {
		return nil, fmt.Errorf("direction: %d rows have no principal components", n)
	}
	data := mat.NewDense(n, h, nil)
	for i, v := range x[:n*h] {
		data.Set(i/h, i%h, float64(v))
	}
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, data, nil)
	var eigen mat.EigenSym
	if !eigen.Factorize(&cov, true) {
		return nil, fmt.Errorf("direction: the covariance of %d units has no eigenvectors", h)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // by ascending eigenvalue
	axes := make([]float32, h*h)
	for k := range h {
		for u := range h {
			axes[k*h+u] = float32(vectors.At(u, h-1-k))
		}
	}
	return newLinear(meanOf(x, h), axes), nil
}

// Rotation is H orthonormal directions drawn evenly from all there are, about the mean of rows x [n,H].
func Rotation(x []float32, h int, rng *rand.Rand) *Linear {
	noise := mat.NewDense(h, h, nil)
	for i := range h {
		for k := range h {
			noise.Set(i, k, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(noise)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	axes := make([]float32, h*h)
	for i := range h {
		for k := range h {
			v := q.At(i, k)
			if r.At(k, k) < 0 { // else not evenly drawn (Mezzadri 2007)
				v = -v
			}
			axes[i*h+k] = float32(v)
		}
	}
	return newLinear(meanOf(x, h), axes)
}

// meanOf is the mean row.
func meanOf(x []float32, h int) []float32 {
	sum := make([]float64, h)
	for i, v := range x {
		sum[i%h] += float64(v)
	}
	out := make([]float32, h)
	for u := range out {
		out[u] = float32(sum[u] / float64(max(1, len(x)/h)))
	}
	return out
}

// Size is M.
func (l *Linear) Size() int { return l.m }

// Row is axis m.
func (l *Linear) Row(m int) []float32 { return l.axes[m*l.h : (m+1)*l.h] }

// Origin is the mean.
func (l *Linear) Origin() []float32 { return l.mean }

// Clone shares axes and mean.
func (l *Linear) Clone() Basis {
	c := *l
	c.room = nil
	return &c
}

// Encode is (x - mean) axes^T.
func (l *Linear) Encode(dst, x []float32, n int) {
	l.room = slices.Grow(l.room[:0], n*l.h)[:n*l.h]
	centre(l.room, x[:n*l.h], l.mean, 1)
	f32.Gemm(dst, l.m, n, l.room, l.h, 1, &l.pack, false)
}

// centre sets dst to (x - mean) * scale.
func centre(dst, x, mean []float32, scale float32) {
	h := len(mean)
	for i, v := range x {
		dst[i] = (v - mean[i%h]) * scale
	}
}
