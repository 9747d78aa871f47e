package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gateArray is a pointer argument to G blocks of n units, a stride apart.
type gateArray struct {
	array
	stride reg.GPVirtual
	third  reg.GPVirtual // address of block 3, where there is one
}

func (g *gateArray) at(i int) Mem {
	switch i {
	case 0:
		return Mem{Base: g.p}
	case 3:
		return Mem{Base: g.third}
	}
	return Mem{Base: g.p, Index: g.stride, Scale: uint8(i)}
}

func (g *gateArray) load(i int) reg.VecVirtual {
	v := g.w.virtual()
	g.mask.load(g.at(i), v)
	return v
}

func (g *gateArray) store(v reg.Register, i int) { g.mask.store(v, g.at(i)) }

// prefetchNextRow asks for the same units of the next row of g and of plain arrays.
// Callers walk rows that lie one after another, in memory that left the caches long
// ago; after the last row the hint is idle.
func prefetchNextRow(g *gateArray, arrays ...*array) {
	next := GP64()
	if g.third != nil {
		LEAQ(Mem{Base: g.third, Index: g.stride, Scale: 1}, next)
		PREFETCHT0(Mem{Base: g.third, Index: g.stride, Scale: 4})
	} else {
		LEAQ(Mem{Base: g.p, Index: g.stride, Scale: 2}, next)
		ADDQ(g.stride, next)
	}
	PREFETCHT0(Mem{Base: next})
	PREFETCHT0(Mem{Base: next, Index: g.stride, Scale: 1})
	PREFETCHT0(Mem{Base: next, Index: g.stride, Scale: 2})
	for _, a := range arrays {
		PREFETCHT0(Mem{Base: a.p, Index: g.stride, Scale: 1})
	}
}

// units emits a loop over n units with gate arrays (G blocks each, stride apart) and plain ones.
func units(w width, blocks int, gateNames, names []string, body func(g []*gateArray, a []*array)) {
	n := Load(Param("n"), GP64())
	stride := Load(Param("stride"), GP64()).(reg.GPVirtual)
	SHLQ(Imm(2), stride)
	gates, arrays := make([]*gateArray, len(gateNames)), make([]*array, len(names))
	for i, s := range gateNames {
		g := &gateArray{array: array{w: w, p: Load(Param(s), GP64()).(reg.GPVirtual)}, stride: stride}
		if blocks > 3 {
			g.third = GP64()
			LEAQ(Mem{Base: g.p, Index: stride, Scale: 2}, g.third)
			ADDQ(stride, g.third)
		}
		gates[i] = g
	}
	for i, s := range names {
		arrays[i] = &array{w: w, p: Load(Param(s), GP64()).(reg.GPVirtual)}
	}
	Label("loop")
	CMPQ(n, Imm(uint64(w.lanes())))
	JLT(LabelRef("tail"))
	body(gates, arrays)
	for _, g := range gates {
		ADDQ(Imm(uint64(w.bytes())), g.p)
		if g.third != nil {
			ADDQ(Imm(uint64(w.bytes())), g.third)
		}
	}
	for _, a := range arrays {
		ADDQ(Imm(uint64(w.bytes())), a.p)
	}
	SUBQ(Imm(uint64(w.lanes())), n)
	JMP(LabelRef("loop"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	mask := w.mask(n)
	for _, g := range gates {
		g.mask = mask
	}
	for _, a := range arrays {
		a.mask = mask
	}
	body(gates, arrays)
	Label("done")
	VZEROUPPER()
	RET()
}

// sum adds gate i of each array, in order.
func sum(g []*gateArray, i int) reg.VecVirtual {
	s := g[0].load(i)
	for _, x := range g[1:] {
		VADDPS(x.load(i), s, s)
	}
	return s
}

// addends are the names of the optional arrays added to the pre-activations.
var addends = []string{"x", "bias"}

// lstmForwardKernel emits the forward with 0, 1 or 2 arrays added to the gates.
func lstmForwardKernel(w width, added int) {
	params := ""
	for _, s := range addends[:added] {
		params += s + ", "
	}
	TEXT(name(fmt.Sprintf("lstmForward%dx", added), w), NOSPLIT,
		"func(gates, "+params+"cPrev, c, tanhC, h *float32, n, stride int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("is LSTMForward with %d arrays added to the gates.", added))
	w.hoist(sigmoidConstants, tanhConstants)
	units(w, 4, append([]string{"gates"}, addends[:added]...), []string{"cPrev", "c", "tanhC", "h"},
		func(g []*gateArray, a []*array) {
			prefetchNextRow(g[0], a[1:]...)
			in := w.sigmoid(sum(g, 0))
			g[0].store(in, 0)
			cand := w.tanh(sum(g, 2))
			g[0].store(cand, 2)
			VMULPS(in, cand, cand)
			forget := w.sigmoid(sum(g, 1))
			g[0].store(forget, 1)
			VFMADD231PS(a[0].load(), forget, cand)
			a[1].store(cand)
			out := w.sigmoid(sum(g, 3))
			g[0].store(out, 3)
			tc := w.tanh(cand)
			a[2].store(tc)
			VMULPS(tc, out, out)
			a[3].store(out)
		})
}

// oneMinus is 1 - x, and slope is x(1-x), the derivative of a sigmoid by its value.
func (w width) oneMinus(x reg.Register) reg.VecVirtual {
	v := w.virtual()
	VSUBPS(x, w.fixed(1), v)
	return v
}

func (w width) slope(x reg.Register) reg.VecVirtual {
	v := w.oneMinus(x)
	VMULPS(x, v, v)
	return v
}

// oneMinusSquare is 1 - x*x, the derivative of tanh by its value.
func (w width) oneMinusSquare(x reg.Register) reg.VecVirtual {
	v := w.splat(1)
	VFNMADD231PS(x, x, v)
	return v
}

// flushed is what of a float32's bits says that it is at least 2^-95 in size: the three highest of the exponent.
const flushed = 0x70000000

// flush replaces elements of x below 2^-95 by zero; NaN stays. See flush in gates_naive.go for why.
func (w width) flush(x reg.Register) {
	if w == zmm {
		k := K()
		VPTESTMD(bits(flushed), x, k)
		VMOVAPS_Z(x, k, x)
		return
	}
	small, zero := w.virtual(), w.virtual()
	w.zero(zero)
	VPAND(bits(flushed), x, small)
	VPCMPEQD(zero, small, small)
	VANDNPS(x, small, x)
}

// backwardConstants are those of every cell's backward.
var backwardConstants = []float64{1, float64(math.Float32frombits(flushed))}

func lstmBackwardKernel(w width) {
	TEXT(name("lstmBackward", w), NOSPLIT, "func(gates, cPrev, tanhC, dh, dc *float32, n, stride int)")
	Pragma("noescape")
	Doc("is LSTMBackward.")
	w.hoist(backwardConstants)
	units(w, 4, []string{"gates"}, []string{"cPrev", "tanhC", "dh", "dc"}, func(g []*gateArray, a []*array) {
		prefetchNextRow(g[0], a[:2]...)
		tc, dh, out := a[1].load(), a[2].load(), g[0].load(3)
		through, d := w.virtual(), a[3].load() // d: gradient by c
		VMULPS(dh, out, through)
		VFMADD231PS(w.oneMinusSquare(tc), through, d)
		VMULPS(tc, dh, dh)
		VMULPS(w.slope(out), dh, dh)
		w.flush(dh)
		g[0].store(dh, 3)

		in, cand := g[0].load(0), g[0].load(2)
		di := w.slope(in)
		VMULPS(cand, di, di)
		VMULPS(d, di, di)
		w.flush(di)
		g[0].store(di, 0)
		dg := w.oneMinusSquare(cand)
		VMULPS(in, dg, dg)
		VMULPS(d, dg, dg)
		w.flush(dg)
		g[0].store(dg, 2)

		forget := g[0].load(1)
		df := w.slope(forget)
		VMULPS(a[0].load(), df, df)
		VMULPS(d, df, df)
		w.flush(df)
		g[0].store(df, 1)
		VMULPS(forget, d, d)
		w.flush(d)
		a[3].store(d)
	})
}

func gruForwardKernel(w width) {
	TEXT(name("gruForward", w), NOSPLIT, "func(gates, x, biasX, biasH, hPrev, hn, h *float32, n, stride int)")
	Pragma("noescape")
	Doc("is GRUForward with every array given.")
	w.hoist(sigmoidConstants, tanhConstants)
	units(w, 3, []string{"gates", "x", "biasX", "biasH"}, []string{"hPrev", "hn", "h"},
		func(g []*gateArray, a []*array) {
			prefetchNextRow(g[0], a[1:]...)
			pre := func(i int) (rec, in reg.VecVirtual) {
				return sum([]*gateArray{g[0], g[3]}, i), sum([]*gateArray{g[1], g[2]}, i)
			}
			rec, in := pre(0)
			VADDPS(in, rec, rec)
			reset := w.sigmoid(rec)
			g[0].store(reset, 0)
			rec, in = pre(2)
			a[1].store(rec)
			VFMADD231PS(rec, reset, in)
			cand := w.tanh(in)
			g[0].store(cand, 2)
			rec, in = pre(1)
			VADDPS(in, rec, rec)
			update := w.sigmoid(rec)
			g[0].store(update, 1)
			diff := a[0].load()
			VSUBPS(cand, diff, diff)
			VFMADD231PS(diff, update, cand)
			a[2].store(cand)
		})
}

func gruBackwardKernel(w width) {
	TEXT(name("gruBackward", w), NOSPLIT, "func(gates, dRec, hPrev, hn, dh *float32, n, stride int)")
	Pragma("noescape")
	Doc("is GRUBackward.")
	w.hoist(backwardConstants)
	units(w, 3, []string{"gates", "dRec"}, []string{"hPrev", "hn", "dh"}, func(g []*gateArray, a []*array) {
		prefetchNextRow(g[0], a[:2]...)
		update, cand, d := g[0].load(1), g[0].load(2), a[2].load()
		dn := w.oneMinusSquare(cand)
		VMULPS(w.oneMinus(update), dn, dn)
		VMULPS(d, dn, dn)
		diff := a[0].load()
		VSUBPS(cand, diff, diff)
		dz := w.slope(update)
		VMULPS(diff, dz, dz)
		VMULPS(d, dz, dz)
		reset := g[0].load(0)
		dr := w.slope(reset)
		VMULPS(a[1].load(), dr, dr)
		VMULPS(dn, dr, dr)
		VMULPS(dn, reset, reset) // by the recurrent part of n
		for _, x := range []reg.VecVirtual{dr, dz, dn, reset} {
			w.flush(x)
		}
		for _, x := range g {
			x.store(dr, 0)
			x.store(dz, 1)
		}
		g[0].store(dn, 2)
		g[1].store(reset, 2)
		VMULPS(update, d, d)
		w.flush(d)
		a[2].store(d)
	})
}

func elmanKernels(w width) {
	for _, relu := range []bool{false, true} {
		base := map[bool]string{false: "elmanTanh", true: "elmanRelu"}[relu]
		TEXT(name(base, w), NOSPLIT, "func(pre, x, bias, h *float32, n int)")
		Pragma("noescape")
		Doc("is ElmanForward with every array given.")
		if relu {
			w.hoist()
		} else {
			w.hoist(tanhConstants)
		}
		elements(w, []string{"pre", "x", "bias", "h"}, func(a []*array) {
			s := a[0].load()
			VADDPS(a[1].load(), s, s)
			VADDPS(a[2].load(), s, s)
			if relu {
				zero := w.virtual()
				w.zero(zero)
				VMAXPS(s, zero, s)
			} else {
				s = w.tanh(s)
			}
			a[3].store(s)
		})
	}
	TEXT(name("elmanTanhBackward", w), NOSPLIT, "func(dPre, dh, h *float32, n int)")
	Pragma("noescape")
	Doc("is ElmanBackward for tanh.")
	w.hoist(backwardConstants)
	elements(w, []string{"dPre", "dh", "h"}, func(a []*array) {
		d := w.oneMinusSquare(a[2].load())
		VMULPS(a[1].load(), d, d)
		w.flush(d)
		a[0].store(d)
	})
}

// elmanReluBackwardKernel passes dh where h > 0 and zero elsewhere.
func elmanReluBackwardKernel(w width) {
	TEXT(name("elmanReluBackward", w), NOSPLIT, "func(dPre, dh, h *float32, n int)")
	Pragma("noescape")
	Doc("is ElmanBackward for relu.")
	w.hoist(backwardConstants)
	zero := w.virtual()
	w.zero(zero)
	const greater = 0x1e // ordered: NaN is not greater
	elements(w, []string{"dPre", "dh", "h"}, func(a []*array) {
		d := a[1].load()
		if w == zmm {
			k := K()
			VCMPPS(Imm(greater), zero, a[2].load(), k)
			VMOVUPS_Z(d, k, d)
		} else {
			on := w.virtual()
			VCMPPS(Imm(greater), zero, a[2].load(), on)
			VANDPS(on, d, d)
		}
		w.flush(d)
		a[0].store(d)
	})
}
