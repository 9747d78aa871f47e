package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemvUnroll is how many k a round of the loop takes. Nothing is fetched ahead: the hardware
// does it, if it is not misled. With few k a round, the few loads of the loop look like long
// strides to it, and what it fetches for them is in the way: 32 read L2 half as fast again as
// 4 on a Zen 5, and L3 a tenth faster.
const gemvUnroll = 32

// gemvKernel emits one row times several panels at once, group after group: eight sums in
// flight hide the latency that one panel of two would show. Each sum still takes k in order.
//
//	c[panels][2*lanes] = (acc != 0 ? c : 0) + x[k] B, panels panelC bytes apart
//
// Then c and b move on by nextC and nextB bytes, which may be backwards.
func gemvKernel(w width, panels int) {
	TEXT(name(fmt.Sprintf("gemv%dx", panels), w), NOSPLIT,
		"func(k int, x, b *float32, panelBytes int, c *float32, panelC, acc, groups, nextB, nextC int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("multiplies one row with groups of %d panels, panelBytes apart.", panels))
	b, pb := Load(Param("b"), GP64()), Load(Param("panelBytes"), GP64())
	c, pc := Load(Param("c"), GP64()), Load(Param("panelC"), GP64())
	groups := Load(Param("groups"), GP64())
	sums := make([]reg.VecVirtual, 2*panels)
	for j := range sums {
		sums[j] = w.virtual()
	}
	out := func(each func(m Mem, sum reg.VecVirtual)) {
		rows := eightRows(c, pc)
		for j, s := range sums {
			m := rows.row(j / 2)
			m.Disp = j % 2 * w.bytes()
			each(m, s)
		}
	}
	Label("group")
	for _, s := range sums {
		w.zero(s)
	}
	acc := Load(Param("acc"), GP64())
	TESTQ(acc, acc)
	JZ(LabelRef("start"))
	out(func(m Mem, s reg.VecVirtual) { VMOVUPS(m, s) })
	Label("start")
	gemvDepth(w, sums, eightRows(b, pb))
	out(func(m Mem, s reg.VecVirtual) { VMOVUPS(s, m) })
	next := Load(Param("nextB"), GP64())
	ADDQ(next, b)
	next = Load(Param("nextC"), GP64())
	ADDQ(next, c)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// gemvDepth emits the loop over k of one group.
func gemvDepth(w width, sums []reg.VecVirtual, rows rowSet) {
	k, x := Load(Param("k"), GP64()), Load(Param("x"), GP64())
	step := func(u int) {
		v := w.virtual()
		VBROADCASTSS(Mem{Base: x, Disp: 4 * u}, v)
		for j, s := range sums {
			m := rows.row(j / 2)
			m.Disp = (2*u + j%2) * w.bytes()
			VFMADD231PS(m, v, s)
		}
	}
	advance := func(n int) {
		ADDQ(Imm(uint64(4*n)), x)
		for i := range (len(sums)/2 + 2) / 3 {
			ADDQ(U32(uint32(2*n*w.bytes())), rows.base[i])
		}
	}
	Label("unrolled")
	CMPQ(k, Imm(gemvUnroll))
	JLT(LabelRef("single"))
	for u := range gemvUnroll {
		step(u)
	}
	advance(gemvUnroll)
	SUBQ(Imm(gemvUnroll), k)
	JMP(LabelRef("unrolled"))
	Label("single")
	TESTQ(k, k)
	JZ(LabelRef("done"))
	step(0)
	advance(1)
	DECQ(k)
	JMP(LabelRef("single"))
	Label("done")
}
