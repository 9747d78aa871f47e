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
