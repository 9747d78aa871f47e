package rnn

import (
	"math"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// features computes what the readout reads from h where a network has a Head.
type features struct {
	c          Head
	n          int // units of the last layer, those that are not filled up
	normW      []float32
	normB      []float32
	w, b       []float32  // [K,H], [K]
	fwd        f32.Packed // [H,K]
	back       f32.Packed // [K,H], with Backward
	rows       int        // that one worker takes at once
	width      int        // H
	normed     []float32  // [workers,rows,H]
	sums, out  []float32  // [workers,rows,K]
	dOut, dSum []float32  // [workers,rows,K], [workers,rows,H], with Backward
}

// newFeatures makes room for what workers do at once; nil without a head.
func newFeatures(p *Pass) *features {
	c := p.m.cfg
	if c.Head == (Head{}) {
		return nil
	}
	f := &features{c: c.Head, n: c.Units(c.Layers - 1), width: c.Hidden, rows: max(p.most, p.o.B)}
	f.normW, f.normB, f.w, f.b = p.m.normW.w, p.m.normB.w, p.m.headW.w, p.m.headB.w
	rows, k := p.o.Workers*f.rows, c.readoutWidth()
	f.normed, f.out = f32.Make(rows*c.Hidden), f32.Make(rows*k)
	if c.Head.Hidden > 0 {
		f.sums = f32.Make(rows * k)
	}
	if p.o.Backward {
		f.dOut, f.dSum = f32.Make(rows*k), f32.Make(rows*c.Hidden)
	}
	return f
}

// plan packs the hidden layer.
func (f *features) plan(p *Pass) {
	if f.c.Hidden == 0 {
		return
	}
	p.planPack(&f.fwd, f.w, f.width, f.c.Hidden, f.width, true)
	if p.o.Backward {
		p.planPack(&f.back, f.w, f.c.Hidden, f.width, f.width, false)
	}
}

// piece is worker w's part of an array of rows of so many.
func (f *features) piece(of []float32, w, width int) []float32 {
	return of[w*f.rows*width : (w+1)*f.rows*width]
}

// forward computes rows of what the readout reads from h [rows,H], for worker w.
func (f *features) forward(w int, h []float32, rows int) []float32 {
	x := h
	if f.c.Norm != "" {
		x = f.piece(f.normed, w, f.width)
		for r := range rows {
			f.norm(slot(x, r, f.width), slot(h, r, f.width))
		}
	}
	if f.c.Hidden == 0 {
		return x
	}
	k := f.c.Hidden
	sums, out := f.piece(f.sums, w, k), f.piece(f.out, w, k)
	f32.Gemm(sums, k, rows, x, f.width, 1, &f.fwd, false)
	act := activations[f.c.Activation].f
	for r := range rows {
		row := slot(sums, r, k)
		f32.Add(row, f.b)
		for i, v := range row {
			out[r*k+i] = float32(act(float64(v)))
		}
	}
	return out
}

// moments are what a norm takes from a row: the mean it subtracts (0 of rms) and
// what it divides by.
func (f *features) moments(h []float32) (mean, deviation float64) {
	var sum, squares float64
	for _, v := range h[:f.n] {
		sum += float64(v)
	}
	if f.c.Norm == LayerNorm {
		mean = sum / float64(f.n)
	}
	for _, v := range h[:f.n] {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(squares/float64(f.n) + f.c.Eps)
}

func (f *features) norm(dst, h []float32) {
	mean, deviation := f.moments(h)
	for i := range dst {
		dst[i] = float32((float64(h[i])-mean)/deviation)*f.normW[i] + f.normB[i]
	}
	clear(dst[f.n:])
}

// back turns the gradient by what the readout read, in dOut of worker w, into that by
// h [rows,H], rows of dst; h and the sums are those of the last forward.
func (f *features) backward(w int, dst, h []float32, rows int) {
	var d []float32
	if k := f.c.Hidden; k == 0 {
		d = f.piece(f.dOut, w, f.width)
	} else {
		dOut, sums := f.piece(f.dOut, w, k), f.piece(f.sums, w, k)
		derivative := activations[f.c.Activation].d
		for i := range rows * k {
			dOut[i] *= float32(derivative(float64(sums[i])))
		}
		d = f.piece(f.dSum, w, f.width)
		f32.Gemm(d, f.width, rows, dOut, k, 1, &f.back, false)
	}
	for r := range rows {
		to, from := slot(dst, r, f.width), slot(d, r, f.width)
		if f.c.Norm == "" {
			copy(to, from)
			continue
		}
		f.normBack(to, from, slot(h, r, f.width))
	}
}

// normBack is the gradient through the norm: with y = (h - mean) / s and g = d *
// weight, (g - mean(g) - y mean(g y)) / s; rms has no mean(g).
func (f *features) normBack(dst, d, h []float32) {
	mean, s := f.moments(h)
	var sum, dot float64
	for i := range f.n {
		g := float64(d[i]) * float64(f.normW[i])
		sum += g
		dot += g * (float64(h[i]) - mean) / s
	}
	sum, dot = sum/float64(f.n), dot/float64(f.n)
	if f.c.Norm == RMSNorm {
		sum = 0
	}
	for i := range f.n {
		g := float64(d[i]) * float64(f.normW[i])
		dst[i] = float32((g - sum - (float64(h[i])-mean)/s*dot) / s)
	}
	clear(dst[f.n:])
}
