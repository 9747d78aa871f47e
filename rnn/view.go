package rnn

import "fmt"

// View is what a kept site was after every step: unit u of row b after step t is
// values[t*step+b*row+u]. Like Read, but nothing is copied, so that several goroutines
// may read at once. Valid until the next Forward.
// It panics if the site is not in PassOptions.Sites, and for a gate after Backward.
func (p *Pass) View(site string) (values []float32, step, row int) {
	r := p.reads[site]
	if r == nil {
		panic(fmt.Sprintf("rnn: site %q is not kept by this pass", site))
	}
	y, n, b := &p.layers[r.layer], p.width(), p.o.B
	switch r.part {
	case partH:
		return y.h[b*n:], b * n, n
	case partC:
		return y.c[b*n:], b * n, n
	case partCount:
		panic("rnn: the count is read step by step")
	}
	p.checkForwarded()
	return y.gates[r.part*n:], b * p.gateStride(), p.gateStride()
}
