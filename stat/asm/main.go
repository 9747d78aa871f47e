// Command asm generates the amd64 kernels of package stat with avo. It is a module of its
// own so that the product does not depend on the generator. Run it through
// go generate in the folder above; the output is committed.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowLanes is the counters of a bin, of 16 bits each.
const rowLanes = 64

func main() {
	ConstraintExpr("!noasm")
	countRows("AVX512", 32, func() reg.VecVirtual { return ZMM() })
	countRows("AVX2", 16, func() reg.VecVirtual { return YMM() })
	Generate()
}

// countRows emits the kernel with vectors of as many 16-bit lanes.
func countRows(suffix string, lanes int, vector func() reg.VecVirtual) {
	TEXT("countRows"+suffix, NOSPLIT, "func(table *uint16, rows, bins *uint8, n int)")
	Pragma("noescape")
	Doc("countRows" + suffix + " adds row t of rows [n,64] to row bins[t] of table [128,64], t = 0..n-1.")
	table, rows := Load(Param("table"), GP64()), Load(Param("rows"), GP64())
	bins, n := Load(Param("bins"), GP64()), Load(Param("n"), GP64())
	at := GP64()
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	MOVBLZX(Mem{Base: bins}, at.As32())
	ANDQ(Imm(127), at)
	SHLQ(Imm(7), at) // 64 counters of two bytes
	var sums []reg.VecVirtual
	for i := 0; i < rowLanes; i += lanes {
		v := vector()
		VPMOVZXBW(Mem{Base: rows, Disp: i}, v)
		VPADDW(Mem{Base: table, Index: at, Scale: 1, Disp: 2 * i}, v, v)
		sums = append(sums, v)
	}
	for k, v := range sums {
		to := Mem{Base: table, Index: at, Scale: 1, Disp: 2 * k * lanes}
		if suffix == "AVX512" {
			VMOVDQU16(v, to)
		} else {
			VMOVDQU(v, to)
		}
	}
	ADDQ(Imm(rowLanes), rows)
	INCQ(bins)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
