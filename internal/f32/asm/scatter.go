package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scatterKernel emits the addition of rows of src to the rows of table that ids names:
// one call for all rows, since a row of a small network is a few vectors.
func scatterKernel(w width) {
	TEXT(name("scatterAdd", w), NOSPLIT, "func(count int, ids *int32, table *float32, tableBytes int, src *float32, srcBytes, n int)")
	Pragma("noescape")
	Doc("adds n elements of each row of src to a row of table; a negative id is skipped.")
	param := func(s string) reg.GPVirtual { return Load(Param(s), GP64()).(reg.GPVirtual) }
	count, ids, table, tableBytes := param("count"), param("ids"), param("table"), param("tableBytes")
	src, srcBytes, n := param("src"), param("srcBytes"), param("n")
	whole, rest := GP64(), GP64()
	MOVQ(n, whole)
	MOVQ(n, rest)
	ANDQ(Imm(uint64(w.lanes()-1)), rest)
	SUBQ(rest, whole)
	SHLQ(Imm(2), whole) // bytes in whole vectors
	mask := w.mask(rest)
	id, from, ahead, to, at := GP64(), GP64(), GP64(), GP64(), GP64()

	Label("row")
	TESTQ(count, count)
	JZ(LabelRef("done"))
	MOVLQSX(Mem{Base: ids}, id)
	TESTQ(id, id)
	JS(LabelRef("next"))
	IMULQ(tableBytes, id)
	LEAQ(Mem{Base: table, Index: id, Scale: 1}, to)
	MOVQ(src, from)
	LEAQ(Mem{Base: src, Index: srcBytes, Scale: 8}, ahead) // rows lie too far apart to be fetched unasked
	XORQ(at, at)
	Label("vector")
	CMPQ(at, whole)
	JE(LabelRef("tail"))
	PREFETCHT0(Mem{Base: ahead, Index: at, Scale: 1})
	sum := w.virtual()
	VMOVUPS(Mem{Base: to, Index: at, Scale: 1}, sum)
	VADDPS(Mem{Base: from, Index: at, Scale: 1}, sum, sum)
	VMOVUPS(sum, Mem{Base: to, Index: at, Scale: 1})
	ADDQ(Imm(uint64(w.bytes())), at)
	JMP(LabelRef("vector"))
	Label("tail")
	TESTQ(rest, rest)
	JZ(LabelRef("next"))
	last, more := w.virtual(), w.virtual()
	mask.load(Mem{Base: to, Index: at, Scale: 1}, last)
	mask.load(Mem{Base: from, Index: at, Scale: 1}, more)
	VADDPS(more, last, last)
	mask.store(last, Mem{Base: to, Index: at, Scale: 1})
	Label("next")
	ADDQ(Imm(4), ids)
	ADDQ(srcBytes, src)
	DECQ(count)
	JMP(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}
