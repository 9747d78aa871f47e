package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// laneMask selects the first n lanes of a vector. Masked lanes of a load are
// zero and fault on nothing; masked lanes of a store are left alone.
type laneMask struct {
	w width
	k reg.OpmaskVirtual // zmm
	v reg.VecVirtual    // ymm
}

// full selects all lanes.
var full = laneMask{}

// mask builds the mask of the first min(n, lanes) lanes; n is not changed and not
// negative.
func (w width) mask(n reg.Register) laneMask {
	m := laneMask{w: w}
	lanes := GP64()
	MOVQ(U32(uint32(w.lanes())), lanes)
	CMPQ(n, lanes)
	CMOVQLT(n, lanes)
	if w == zmm {
		bits := GP64()
		MOVQ(I32(-1), bits)
		BZHIQ(lanes, bits, bits)
		m.k = K()
		KMOVW(bits.As32(), m.k)
		return m
	}
	table := GP64()
	LEAQ(maskTable(), table)
	NEGQ(lanes)
	m.v = YMM()
	VMOVUPS(Mem{Base: table, Index: lanes, Scale: 4, Disp: 32}, m.v)
	return m
}

func (m laneMask) load(from Mem, to reg.Register) {
	switch {
	case m.k != nil:
		VMOVUPS_Z(from, m.k, to)
	case m.v != nil:
		VMASKMOVPS(from, m.v, to)
	default:
		VMOVUPS(from, to)
	}
}

func (m laneMask) store(from reg.Register, to Mem) {
	switch {
	case m.k != nil:
		VMOVUPS(from, m.k, to)
	case m.v != nil:
		VMASKMOVPS(from, m.v, to)
	default:
		VMOVUPS(from, to)
	}
}

var maskData Mem

// maskTable is eight lanes of ones, then eight of zeros.
func maskTable() Mem {
	if maskData.Base == nil {
		maskData = GLOBL("laneMasks", RODATA|NOPTR)
		for i := range 16 {
			v := uint32(0)
			if i < 8 {
				v = 0xffffffff
			}
			DATA(4*i, U32(v))
		}
	}
	return maskData
}
