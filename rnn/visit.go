package rnn

import (
	"fmt"
)

// resolveHook looks the hook's sites up and makes room for the copies it may change.
func (p *Pass) resolveHook(hook Hook) *hookSites {
	if hook == nil {
		return nil
	}
	d := &hookSites{hook: hook, at: make([][parts]int, len(p.layers)), change: func() { p.altered.Store(true) }}
	d.look(p.m)
	bh := p.o.B * p.width()
	room := func(s *[]float32, n int) {
		if *s == nil {
			*s = make([]float32, n)
		}
	}
	for l := range p.layers {
		y := &p.layers[l]
		if d.wants(l, partHRec) {
			room(&y.hrec, bh)
		}
		if d.wants(l, partCRec) {
			room(&y.crec, bh)
		}
		if d.wants(l, partRead) {
			room(&y.hread, p.o.T*bh)
		}
	}
	return d
}

// look resolves the hook's sites; an unknown one is a programmer error.
func (d *hookSites) look(m *Model) {
	for i, name := range d.hook.Sites() {
		s, err := m.Site(name)
		if err != nil {
			panic(err.Error())
		}
		d.at[s.Layer][partIndex(m.cfg.Cell, s.Part)] = i + 1
	}
}

func (d *hookSites) wants(l, part int) bool { return d != nil && d.at[l][part] > 0 }

// visit shows v to the hook, if it wants this part, and says whether it was changed.
func (d *hookSites) visit(l, part, t, row int, v []float32) bool {
	if d == nil {
		return false
	}
	i := d.at[l][part]
	if i == 0 || !d.hook.At(i-1, d.first+t, row, v) {
		return false
	}
	d.change()
	return true
}

// readCopies points hPrev and cPrev at the recurrence's own copies, where a hook wants them.
func (p *Pass) readCopies(l, r int, v *row) {
	y, n := &p.layers[l], p.width()
	if p.hook.wants(l, partHRec) {
		v.hPrev = slot(y.hrec, r, n)
	}
	if p.hook.wants(l, partCRec) {
		v.cPrev = slot(y.crec, r, n)
	}
}

// writeCopies makes the copies a hook wants of the finished h and c and shows them.
func (p *Pass) writeCopies(l, t, r int, v *row) {
	y, n, d := &p.layers[l], p.width(), p.hook
	give := func(part, i int, to, from []float32) {
		if !d.wants(l, part) {
			return
		}
		dst := slot(to, i, n)
		copy(dst, from)
		d.visit(l, part, t, r, dst)
	}
	give(partCRec, r, y.crec, v.c)
	give(partHRec, r, y.hrec, v.h)
	give(partRead, t*p.o.B+r, y.hread, v.h)
}

// keepsGate reports whether one of the kept parts is a gate.
func (p *Pass) keepsGate(keep map[string]bool) bool {
	for _, g := range gateNames[p.m.cfg.Cell] {
		if keep[g] {
			return true
		}
	}
	return false
}

// planReads prepares Read for the kept sites.
func (p *Pass) planReads(keep []map[string]bool) {
	p.reads = map[string]*reading{}
	for l, parts := range keep {
		for part := range parts {
			r := &reading{layer: l, part: partIndex(p.m.cfg.Cell, part)}
			if r.part < partC {
				r.gate = make([]float32, p.o.B*p.width())
			}
			p.reads[fmt.Sprintf("l%d.%s", l, part)] = r
		}
	}
}

// sums reports whether layer l's Elman sum must be left in gates.
func (p *Pass) sums(l int) bool {
	return p.keepsSum[l] || p.hook.wants(l, 0)
}

// Read is the value of a kept site at step t, [B,H] ([B,1] of the count), valid until the next Read of
// this site or the next Forward. The row of a padded position holds the carried
// state, and zero for a gate. It panics if the site is not in PassOptions.Sites, and
// for a gate after Backward.
func (p *Pass) Read(site string, t int) []float32 {
	r := p.reads[site]
	if r == nil {
		panic(fmt.Sprintf("rnn: site %q is not kept by this pass", site))
	}
	if t < 0 || t >= p.o.T {
		panic(fmt.Sprintf("rnn: step %d of %d", t, p.o.T))
	}
	y, n, b := &p.layers[r.layer], p.width(), p.o.B
	bh := b * n
	switch r.part {
	case partH:
		return y.h[(t+1)*bh : (t+2)*bh]
	case partC:
		return y.c[(t+1)*bh : (t+2)*bh]
	case partCount:
		return p.Count(t)
	}
	p.checkForwarded()
	for i := range b {
		row := p.gateRow(y.gates, t*b+i)
		copy(slot(r.gate, i, n), row[r.part*n:(r.part+1)*n])
	}
	return r.gate
}
