package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// weighKernel emits what a Newton step of a linear reader needs of every row of its data: the
// sum of the rows, each times a number, in float64, and the rows, each times another. Two
// vectors of columns at a time, whose sums stay in registers over all rows; a product and a sum
// apart, so that the bits are those of plain Go.
func weighKernel(w width) {
	const vectors = 2
	TEXT(name("weighRows", w), NOSPLIT, "func(rows, ldBytes int, sum *float64, scaled, x *float32, times *float64, root *float32, n int)")
	Pragma("noescape")
	Doc("sets sum to the sum over rows of times*x and scaled to root*x, for the first n, at most two vectors, of columns; sum has room for two whole vectors.")
	param := func(s string) reg.GPVirtual { return Load(Param(s), GP64()).(reg.GPVirtual) }
	rows, ld, sum, scaled, x := param("rows"), param("ldBytes"), param("sum"), param("scaled"), param("x")
	times, root, n := param("times"), param("root"), param("n")
	var masks [vectors]laneMask
	zero := GP64()
	XORQ(zero, zero)
	for i := range masks {
		masks[i] = w.mask(n)
		SUBQ(Imm(uint64(w.lanes())), n)
		CMOVQLT(zero, n)
	}
	acc := make([]reg.VecVirtual, 2*vectors)
	for i := range acc {
		acc[i] = w.virtual()
		w.zero(acc[i])
	}
	Label("row")
	TESTQ(rows, rows)
	JZ(LabelRef("done"))
	t, r := w.virtual(), w.virtual()
	VBROADCASTSD(Mem{Base: times}, t)
	VBROADCASTSS(Mem{Base: root}, r)
	for i, mask := range masks {
		at := Mem{Base: x, Disp: i * w.bytes()}
		v, product := w.virtual(), w.virtual()
		mask.load(at, v)
		VMULPS(r, v, product)
		mask.store(product, Mem{Base: scaled, Disp: i * w.bytes()})
		for half := range 2 {
			d := w.virtual()
			w.widen(v, half, d)
			VMULPD(t, d, d)
			VADDPD(d, acc[2*i+half], acc[2*i+half])
		}
	}
	ADDQ(ld, x)
	ADDQ(ld, scaled)
	ADDQ(Imm(8), times)
	ADDQ(Imm(4), root)
	DECQ(rows)
	JMP(LabelRef("row"))
	Label("done")
	for i, a := range acc {
		VMOVUPD(a, Mem{Base: sum, Disp: i * w.bytes()})
	}
	VZEROUPPER()
	RET()
}

// widen sets d to one half of the lanes of v, as float64.
func (w width) widen(v reg.VecVirtual, half int, d reg.VecVirtual) {
	if w == zmm {
		y := v.AsY()
		if half == 1 {
			y = YMM()
			VEXTRACTF64X4(Imm(1), v, y)
		}
		VCVTPS2PD(y, d)
		return
	}
	x := v.AsX()
	if half == 1 {
		x = XMM()
		VEXTRACTF128(Imm(1), v, x)
	}
	VCVTPS2PD(x, d)
}

// addWideKernel emits sum += times * x in float64, a product and a sum apart.
func addWideKernel(w width) {
	TEXT(name("addWide", w), NOSPLIT, "func(sum *float64, x *float32, n int, times float64)")
	Pragma("noescape")
	Doc("adds times*x to sum; n is whole vectors of float32.")
	sum, x, n := Load(Param("sum"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	t := w.virtual()
	addr, err := Param("times").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSD(addr.Addr, t)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	v := w.virtual()
	VMOVUPS(Mem{Base: x}, v)
	for half := range 2 {
		d := w.virtual()
		w.widen(v, half, d)
		VMULPD(t, d, d)
		VADDPD(Mem{Base: sum, Disp: half * w.bytes()}, d, d)
		VMOVUPD(d, Mem{Base: sum, Disp: half * w.bytes()})
	}
	ADDQ(Imm(uint64(w.bytes())), x)
	ADDQ(Imm(uint64(2*w.bytes())), sum)
	SUBQ(Imm(uint64(w.lanes())), n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
