package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packKernel emits the copy of rows of up to vecs vectors, zeros after the last
// element: a slice of a row-major matrix becomes a panel.
func packKernel(w width, vecs int) {
	TEXT(name(fmt.Sprintf("packRows%dx", vecs), w), NOSPLIT,
		"func(rows int, dst *float32, dstStride int, src *float32, srcStride int, cols int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("copies rows of cols <= %d elements into full vectors, zero padded; strides in bytes.", vecs*w.lanes()))
	rows, dst, dstStride := Load(Param("rows"), GP64()), Load(Param("dst"), GP64()), Load(Param("dstStride"), GP64())
	src, srcStride := Load(Param("src"), GP64()), Load(Param("srcStride"), GP64())
	cols := Load(Param("cols"), GP64()).(reg.GPVirtual)
	masks := make([]laneMask, vecs)
	for i := range masks {
		masks[i] = w.mask(cols)
		if i+1 < vecs {
			SUBQ(Imm(uint64(w.lanes())), cols)
			zero := GP64()
			XORQ(zero, zero)
			TESTQ(cols, cols)
			CMOVQLT(zero, cols)
		}
	}
	regs := make([]reg.VecVirtual, vecs)
	Label("loop")
	TESTQ(rows, rows)
	JZ(LabelRef("done"))
	for i := range regs {
		regs[i] = w.virtual()
		masks[i].load(Mem{Base: src, Disp: i * w.bytes()}, regs[i])
	}
	for i, r := range regs {
		VMOVUPS(r, Mem{Base: dst, Disp: i * w.bytes()})
	}
	ADDQ(srcStride, src)
	ADDQ(dstStride, dst)
	DECQ(rows)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// blocksKernel emits the copy of a row-major matrix into micro-kernel blocks
// [k][h] side by side. Row by row of src, so that a page is touched once; whole vectors
// are stored, each block followed by room for one.
func blocksKernel(w width) {
	TEXT(name("packBlocks", w), NOSPLIT, "func(k, blocks int, dst *float32, src *float32, stride int, h int)")
	Pragma("noescape")
	Doc("copies k rows of blocks*h elements into blocks of [k][h], each with one vector of slack; stride in bytes.")
	k, blocks := Load(Param("k"), GP64()), Load(Param("blocks"), GP64())
	dst, src, stride := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	h := Load(Param("h"), GP64()).(reg.GPVirtual)
	mask := w.mask(h)
	next := GP64() // bytes from a block to the next
	MOVQ(h, next)
	IMULQ(k, next)
	SHLQ(Imm(2), next)
	ADDQ(Imm(uint64(w.bytes())), next)
	SHLQ(Imm(2), h)
	from, to, left := GP64(), GP64(), GP64()
	v := w.virtual()
	Label("row")
	TESTQ(k, k)
	JZ(LabelRef("done"))
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(blocks, left)
	Label("block")
	mask.load(Mem{Base: from}, v)
	VMOVUPS(v, Mem{Base: to})
	ADDQ(h, from)
	ADDQ(next, to)
	DECQ(left)
	JNZ(LabelRef("block"))
	ADDQ(stride, src)
	ADDQ(h, dst)
	DECQ(k)
	JMP(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

// panelsKernel emits the copy of a row-major matrix into whole panels side by
// side, row by row of src.
func panelsKernel(w width) {
	TEXT(name("packPanels", w), NOSPLIT, "func(k, panels int, dst *float32, panelBytes int, src *float32, stride int)")
	Pragma("noescape")
	Doc("copies k rows into panels of two vectors, panelBytes apart; stride in bytes.")
	k, panels := Load(Param("k"), GP64()), Load(Param("panels"), GP64())
	dst, next := Load(Param("dst"), GP64()), Load(Param("panelBytes"), GP64())
	src, stride := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	from, to, left := GP64(), GP64(), GP64()
	Label("row")
	TESTQ(k, k)
	JZ(LabelRef("done"))
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(panels, left)
	Label("panel")
	v := [2]reg.VecVirtual{w.virtual(), w.virtual()}
	for i := range v {
		VMOVUPS(Mem{Base: from, Disp: i * w.bytes()}, v[i])
	}
	for i := range v {
		VMOVUPS(v[i], Mem{Base: to, Disp: i * w.bytes()})
	}
	ADDQ(U32(uint32(2*w.bytes())), from)
	ADDQ(next, to)
	DECQ(left)
	JNZ(LabelRef("panel"))
	ADDQ(stride, src)
	ADDQ(U32(uint32(2*w.bytes())), dst)
	DECQ(k)
	JMP(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

// prefetchKernel emits hints that rows of src will soon be read.
func prefetchKernel() {
	TEXT("prefetchRows", NOSPLIT, "func(rows int, src *float32, stride int, lines int)")
	Pragma("noescape")
	Doc("asks for the first lines (64 bytes each, at least one) of each row to come to the L2 cache; stride in bytes.")
	rows, src := Load(Param("rows"), GP64()), Load(Param("src"), GP64())
	stride, lines := Load(Param("stride"), GP64()), Load(Param("lines"), GP64())
	at, left := GP64(), GP64()
	Label("row")
	TESTQ(rows, rows)
	JZ(LabelRef("done"))
	MOVQ(src, at)
	MOVQ(lines, left)
	Label("line")
	PREFETCHT1(Mem{Base: at})
	ADDQ(Imm(64), at)
	DECQ(left)
	JNZ(LabelRef("line"))
	ADDQ(stride, src)
	DECQ(rows)
	JMP(LabelRef("row"))
	Label("done")
	RET()
}

// transposeKernel emits dst[k][0..8) = src[0..8)[k] for blocks of eight k.
func transposeKernel() {
	TEXT(name("packTrans8x", ymm), NOSPLIT,
		"func(blocks int, dst *float32, dstStride int, src *float32, srcStride int)")
	Pragma("noescape")
	Doc("transposes blocks of 8x8: eight rows of src become eight columns of dst; strides in bytes.")
	blocks, dst, ds := Load(Param("blocks"), GP64()), Load(Param("dst"), GP64()), Load(Param("dstStride"), GP64())
	src, ss := Load(Param("src"), GP64()), Load(Param("srcStride"), GP64())
	in, out := eightRows(src, ss), eightRows(dst, ds)
	step := GP64()
	LEAQ(Mem{Base: ds, Index: ds, Scale: 1}, step)
	SHLQ(Imm(2), step)
	Label("loop")
	TESTQ(blocks, blocks)
	JZ(LabelRef("done"))
	var v [8]reg.VecVirtual
	for i := range v {
		v[i] = YMM()
		VMOVUPS(in.row(i), v[i])
	}
	for i, x := range transpose8(v) {
		VMOVUPS(x, out.row(i))
	}
	for i := range in.base {
		ADDQ(Imm(32), in.base[i])
		ADDQ(step, out.base[i])
	}
	DECQ(blocks)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// rowSet addresses eight rows a stride apart by three pointers.
type rowSet struct {
	base   [3]reg.GPVirtual
	stride reg.Register
}

func eightRows(p, stride reg.Register) rowSet {
	s := rowSet{stride: stride}
	for i := range s.base {
		s.base[i] = GP64()
		if i == 0 {
			MOVQ(p, s.base[0])
			continue
		}
		LEAQ(Mem{Base: s.base[i-1], Index: stride, Scale: 2}, s.base[i])
		ADDQ(stride, s.base[i])
	}
	return s
}

func (s rowSet) row(i int) Mem {
	m := Mem{Base: s.base[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = s.stride, uint8(i%3)
	}
	return m
}

// transpose8 is the usual three rounds: pairs, quads, halves.
func transpose8(r [8]reg.VecVirtual) (out [8]reg.VecVirtual) {
	var t, q [8]reg.VecVirtual
	for i := 0; i < 8; i += 2 {
		t[i], t[i+1] = YMM(), YMM()
		VUNPCKLPS(r[i+1], r[i], t[i])
		VUNPCKHPS(r[i+1], r[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			lo, hi := YMM(), YMM()
			VSHUFPS(U8(0x44), t[i+j+2], t[i+j], lo)
			VSHUFPS(U8(0xee), t[i+j+2], t[i+j], hi)
			q[i+2*j], q[i+2*j+1] = lo, hi
		}
	}
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(U8(0x20), q[i+4], q[i], out[i])
		VPERM2F128(U8(0x31), q[i+4], q[i], out[i+4])
	}
	return out
}
