package rnn

import "math"

// counter is the one explicit counter of a network with Config.Counter: beside the
// states of the top layer the readout sees a number that the network adds to and takes
// from,
//
//	delta_t = sigmoid(w h_t + b),  count_t = count_{t-1} + delta_t - 1/2,
//	logits_t = W h_t + v count_t + bias,
//
// which is a head that reads [h_t, count_t]. The count is carried from step to step
// and from chunk to chunk like any other state. Nothing of it goes back into the
// recurrence. Sums over units are made in float64 in the order of units.
type counter struct {
	w, b, out *weight   // [1,H], [1], [V,1]
	count     []float32 // [T+1,B], slot 0 the state at the start
	delta     []float32 // [T,B]
	dz        []float32 // [T,B] gradient by w h + b
	dc        []float32 // [B] gradient by the count, carried back through time
	sum       []float64 // [H+1] gradient of w and b
	streams   int       // B
}

// newCounter takes the counter's arrays; nil for a network without one.
func newCounter(m *Model, o PassOptions, room *arena) *counter {
	if !m.cfg.Counter {
		return nil
	}
	k := &counter{w: &m.countW, b: &m.countB, out: &m.countOut, streams: o.B}
	k.count, k.delta = room.take((o.T+1)*o.B), room.take(o.T*o.B)
	if o.Backward {
		k.dz, k.dc, k.sum = room.take(o.T*o.B), room.take(o.B), make([]float64, m.cfg.Hidden+1)
	}
	return k
}

// run counts over steps 0..T-1 of rows [lo,hi), from the state and back to it.
func (k *counter) run(p *Pass, lo, hi int) {
	n, b := p.width(), p.o.B
	top := len(p.layers) - 1
	h := p.above(top)
	for r := lo; r < hi; r++ {
		k.count[r] = p.st.Count[r]
		for t := range p.o.T {
			i := t*b + r
			if p.isPadding(i) {
				k.delta[i] = 0.5
			} else {
				k.delta[i] = k.deltaOf(slot(h, i, n))
			}
			k.count[i+b] = k.count[i] + (k.delta[i] - 0.5)
			if !p.isPadding(i) {
				p.hook.visit(top, partCount, t, r, k.count[i+b:i+b+1])
			}
		}
		p.st.Count[r] = k.count[p.o.T*b+r]
	}
}

func (k *counter) deltaOf(h []float32) float32 {
	z := float64(k.b.w[0])
	for u, x := range h {
		z += float64(k.w.w[u]) * float64(x)
	}
	return float32(1 / (1 + math.Exp(-z)))
}

// add adds the count's part to columns [lo,hi) of the logits of rows that start at
// position at = t*B+b and lie ld apart.
func (k *counter) add(logits []float32, ld, at, rows, lo, hi int) {
	for r := range rows {
		c, row := k.count[k.streams+at+r], logits[r*ld:]
		for j := lo; j < hi; j++ {
			row[j] += float32(c * k.out.w[j]) // rounded, so that no machine fuses it
		}
	}
}

// backStep adds to dh of step t (step s of the block) what reaches h through the
// counter, rows [lo,hi); the logits hold their gradient.
func (k *counter) backStep(p *Pass, t, s, lo, hi int) {
	n, b := p.width(), p.o.B
	for r := lo; r < hi; r++ {
		i := t*b + r
		var d float64
		for j, g := range p.logitRow(s*b + r) {
			d += float64(g) * float64(k.out.w[j])
		}
		k.dc[r] += float32(d)
		k.dz[i] = 0
		if p.isPadding(i) {
			continue
		}
		k.dz[i] = k.dc[r] * k.delta[i] * (1 - k.delta[i])
		dh := slot(p.dh, s*b+r, n)
		for u, w := range k.w.w {
			dh[u] += float32(k.dz[i] * w)
		}
	}
}

// outGradient adds the block's part of the gradient by columns [lo,hi) of the
// readout of the count.
func (k *counter) outGradient(p *Pass, t0, t1, lo, hi int, accumulate bool) {
	b := p.o.B
	if !accumulate {
		clear(k.out.g[lo:hi])
	}
	for i := range (t1 - t0) * b {
		c, row := k.count[b+t0*b+i], p.logitRow(i)
		for j := lo; j < hi; j++ {
			k.out.g[j] += float32(c * row[j])
		}
	}
}

// Count is the explicit count of every row after step t of the last Forward, [B],
// valid until the next. It panics for a network without Config.Counter.
func (p *Pass) Count(t int) []float32 {
	if p.counter == nil {
		panic("rnn: this network has no counter")
	}
	b := p.o.B
	return p.counter.count[(t+1)*b : (t+2)*b]
}

// gradient sets the gradients of w and b, a sum over all positions in their order.
func (k *counter) gradient(p *Pass) {
	n := p.width()
	h := p.above(len(p.layers) - 1)
	clear(k.sum)
	for i, d := range k.dz {
		if d == 0 {
			continue
		}
		for u, x := range slot(h, i, n) {
			k.sum[u] += float64(d) * float64(x)
		}
		k.sum[n] += float64(d)
	}
	for u := range n {
		k.w.g[u] = float32(k.sum[u])
	}
	k.b.g[0] = float32(k.sum[n])
}
