package main

import "fmt"

// layout says how a kernel walks A.
type layout int

const (
	rowMajor layout = iota // rows a stride apart, k contiguous
	kMajor                 // rows contiguous, k a stride apart
)

// maxRows is the tallest tile: 5 rows of 16 columns are 20 registers of sums, which with 4 of B
// and 5 of A leaves three of 32. Its loop takes .155 (rows) and .158 (k) instructions a FLOP,
// where .125 would be multiply-adds alone.
const maxRows = 5

// General registers of the kernels.
const (
	rBlocks, rK, rA        = 0, 1, 2 // rows of A in R2 to R6
	rStride, rNextA, rB    = 7, 8, 9
	rC, rLdc, rAcc, rAhead = 10, 11, 12, 13
	rPace, rBlockA, rAt    = 14, 15, 19
	rLdb                   = 20
)

// Vector registers: B in V0 to V3, A from V4 on, sums from V9 on.
const vB, vA, vSum = 0, 4, 9

type gemm struct {
	*emitter
	h int
	l layout
}

// gemmKernel emits the micro-kernel for blocks of h rows and one B panel of 16 columns: every
// element of a tile lives in one lane for the whole of k, and its sum takes k in
// ascending order whatever h is. Every four k it asks for two lines at ahead, pace bytes
// further each time, to come to the L2 cache. Distances in bytes.
//
//	C[blocks*h, 16] = (acc != 0 ? C : 0) + A[blocks*h,k] B[k,16]
func (e *emitter) gemmKernel(h int, l layout) {
	base, b := "gemmRow", "b *float32"
	if l == kMajor {
		base, b = "gemmK", "b *float32, ldb int"
	}
	e.function(fmt.Sprintf("%s%dxNEON", base, h),
		"blocks int, k int, a *float32, stride int, nextA int, "+b+", c *float32, ldc int, acc int, ahead *float32, pace int",
		fmt.Sprintf("computes blocks of %d rows, those of A nextA apart; all distances in bytes.", h))
	g := gemm{e, h, l}
	e.load("blocks", rBlocks, "stride", rStride, "nextA", rNextA, "c", rC, "ldc", rLdc, "acc", rAcc, "ahead", rAhead, "pace", rPace, "a", rBlockA)
	if l == kMajor {
		e.load("ldb", rLdb)
	}
	e.label("block")
	e.load("k", rK, "b", rB)
	e.op("MOVD R%d, R%d", rBlockA, rA)
	for r := 1; l == rowMajor && r < h; r++ {
		e.op("ADD R%d, R%d, R%d", rStride, rA+r-1, rA+r)
	}
	g.start()
	g.loop()
	g.store()
	e.op("ADD R%d, R%d", rNextA, rBlockA)
	e.op("SUBS $1, R%d", rBlocks)
	e.op("BNE block")
	e.op("RET")
}

// start loads the sums or sets them to zero.
func (g gemm) start() {
	g.op("CBZ R%d, fresh", rAcc)
	g.op("MOVD R%d, R%d", rC, rAt)
	for r := range g.h {
		g.op("FLDPQ (R%d), (F%d, F%d)", rAt, vSum+4*r, vSum+4*r+1)
		g.op("FLDPQ 32(R%d), (F%d, F%d)", rAt, vSum+4*r+2, vSum+4*r+3)
		g.op("ADD R%d, R%d", rLdc, rAt)
	}
	g.op("B start")
	g.label("fresh")
	for i := range 4 * g.h {
		g.zero(vSum + i)
	}
	g.label("start")
}

// loop takes four k a round, then one by one.
func (g gemm) loop() {
	g.op("SUBS $4, R%d", rK)
	g.op("BLT rest")
	g.label("unrolled")
	g.op("PRFM (R%d), PLDL2KEEP", rAhead)
	g.op("PRFM 64(R%d), PLDL2KEEP", rAhead)
	g.op("ADD R%d, R%d", rPace, rAhead)
	g.four()
	g.op("SUBS $4, R%d", rK)
	g.op("BGE unrolled")
	g.label("rest")
	g.op("ADDS $4, R%d", rK)
	g.op("BEQ done")
	g.label("single")
	g.one()
	g.op("SUBS $1, R%d", rK)
	g.op("BNE single")
	g.label("done")
}

// four is four k. With rowMajor a register holds four k of one row of A.
func (g gemm) four() {
	if g.l == kMajor {
		for range 4 {
			g.one()
		}
		return
	}
	for r := range g.h {
		g.op("FMOVQ.P 16(R%d), F%d", rA+r, vA+r)
	}
	for u := range 4 {
		g.op("FLDPQ %d(R%d), (F%d, F%d)", 64*u, rB, vB, vB+1)
		g.op("FLDPQ %d(R%d), (F%d, F%d)", 64*u+32, rB, vB+2, vB+3)
		for r := range g.h {
			g.row(r, vA+r, u)
		}
	}
	g.op("ADD $256, R%d", rB)
}

// row adds element lane of register a times a row of B to the sums of row r.
func (g gemm) row(r, a, lane int) {
	for j := range 4 {
		g.fmlaLane(vSum+4*r+j, vB+j, a, lane)
	}
}

// one is one k. With kMajor its rows lie side by side: no more of them is read than there is.
func (g gemm) one() {
	if g.l == rowMajor {
		for r := range g.h {
			g.op("FMOVS.P 4(R%d), F%d", rA+r, vA+r)
		}
		g.op("VLD1.P 64(R%d), [V%d.S4, V%d.S4, V%d.S4, V%d.S4]", rB, vB, vB+1, vB+2, vB+3)
		for r := range g.h {
			g.row(r, vA+r, 0)
		}
		return
	}
	g.op("VLD1.P (R%d)(R%d), [V%d.S4, V%d.S4, V%d.S4, V%d.S4]", rB, rLdb, vB, vB+1, vB+2, vB+3)
	register := vA
	for r := 0; r < g.h; register++ {
		move, n := "FMOVS", 1
		switch {
		case g.h-r >= 4:
			move, n = "FMOVQ", 4
		case g.h-r >= 2:
			move, n = "FMOVD", 2
		}
		g.op("%s %d(R%d), F%d", move, 4*r, rA, register)
		for lane := range n {
			g.row(r+lane, register, lane)
		}
		r += n
	}
	g.op("ADD R%d, R%d", rStride, rA)
}

func (g gemm) store() {
	for r := range g.h {
		g.op("FSTPQ (F%d, F%d), (R%d)", vSum+4*r, vSum+4*r+1, rC)
		g.op("FSTPQ (F%d, F%d), 32(R%d)", vSum+4*r+2, vSum+4*r+3, rC)
		g.op("ADD R%d, R%d", rLdc, rC)
	}
}

// gemvKernel emits one row times several panels at once, group after group: the sums of four
// panels hide the latency that one panel's would show. Each sum still takes k in order.
//
//	c[panels][16] = (acc != 0 ? c : 0) + x[k] B, panels panelC bytes apart
//
// Then c and b move on by nextC and nextB bytes, which may be backwards.
func (e *emitter) gemvKernel(panels int) {
	e.function(fmt.Sprintf("gemv%dxNEON", panels),
		"k int, x *float32, b *float32, panelBytes int, c *float32, panelC int, acc int, groups int, nextB int, nextC int",
		fmt.Sprintf("multiplies one row with groups of %d panels, panelBytes apart.", panels))
	// B of panel p is read at R(2+p); R7 begins the group, R20 to R22 are distances.
	const x, begin, panelBytes, panelC, nextB, nextC, groups = 8, 7, 20, 21, 22, 23, 24
	const vX, vSum = 4, 8
	e.load("b", begin, "panelBytes", panelBytes, "c", rC, "panelC", panelC, "acc", rAcc, "groups", groups, "nextB", nextB, "nextC", nextC)
	out := func(op string) {
		e.op("MOVD R%d, R%d", rC, rAt)
		for p := range panels {
			for pair := range 2 {
				v := vSum + 4*p + 2*pair
				if op == "FLDPQ" {
					e.op("FLDPQ %d(R%d), (F%d, F%d)", 32*pair, rAt, v, v+1)
				} else {
					e.op("FSTPQ (F%d, F%d), %d(R%d)", v, v+1, 32*pair, rAt)
				}
			}
			e.op("ADD R%d, R%d", panelC, rAt)
		}
	}
	step := func(lane int) {
		for p := range panels {
			e.op("VLD1.P 64(R%d), [V0.S4, V1.S4, V2.S4, V3.S4]", 2+p)
			for j := range 4 {
				e.fmlaLane(vSum+4*p+j, j, vX, lane)
			}
		}
	}
	e.label("group")
	e.load("k", rK, "x", x)
	e.op("MOVD R%d, R2", begin)
	for p := 1; p < panels; p++ {
		e.op("ADD R%d, R%d, R%d", panelBytes, 1+p, 2+p)
	}
	e.op("CBZ R%d, fresh", rAcc)
	out("FLDPQ")
	e.op("B start")
	e.label("fresh")
	for i := range 4 * panels {
		e.zero(vSum + i)
	}
	e.label("start")
	e.op("SUBS $4, R%d", rK)
	e.op("BLT rest")
	e.label("unrolled")
	e.op("FMOVQ.P 16(R%d), F%d", x, vX)
	for u := range 4 {
		step(u)
	}
	e.op("SUBS $4, R%d", rK)
	e.op("BGE unrolled")
	e.label("rest")
	e.op("ADDS $4, R%d", rK)
	e.op("BEQ done")
	e.label("single")
	e.op("FMOVS.P 4(R%d), F%d", x, vX)
	step(0)
	e.op("SUBS $1, R%d", rK)
	e.op("BNE single")
	e.label("done")
	out("FSTPQ")
	e.op("ADD R%d, R%d", nextB, begin)
	e.op("ADD R%d, R%d", nextC, rC)
	e.op("SUBS $1, R%d", groups)
	e.op("BNE group")
	e.op("RET")
}

// transposeKernel emits dst[4n,4] = src[4,4n]^T in blocks of 4 x 4.
func (e *emitter) transposeKernel() {
	e.function("packTrans4xNEON", "n int, dst *float32, ldd int, src *float32, lds int",
		"turns n blocks of 4 x 4: dst[4i+c][r] = src[r][4i+c]. Row distances in bytes.")
	e.load("n", 0, "dst", 1, "ldd", 2, "src", 3, "lds", 4)
	e.op("ADD R4, R3, R5")
	e.op("ADD R4, R5, R6")
	e.op("ADD R4, R6, R7")
	e.label("loop")
	for r, p := range []int{3, 5, 6, 7} {
		e.op("FMOVQ.P 16(R%d), F%d", p, r)
	}
	e.op("VTRN1 V1.S4, V0.S4, V4.S4")
	e.op("VTRN2 V1.S4, V0.S4, V5.S4")
	e.op("VTRN1 V3.S4, V2.S4, V6.S4")
	e.op("VTRN2 V3.S4, V2.S4, V7.S4")
	e.op("VTRN1 V6.D2, V4.D2, V0.D2")
	e.op("VTRN1 V7.D2, V5.D2, V1.D2")
	e.op("VTRN2 V6.D2, V4.D2, V2.D2")
	e.op("VTRN2 V7.D2, V5.D2, V3.D2")
	for c := range 4 {
		e.op("FMOVQ F%d, (R1)", c)
		e.op("ADD R2, R1")
	}
	e.op("SUBS $1, R0")
	e.op("BNE loop")
	e.op("RET")
}

// peakChains is how many independent multiply-adds hide the latency of four units.
const peakChains = 24

func (e *emitter) peakKernel() {
	e.function("peakNEON", "n int", fmt.Sprintf("runs n rounds of %d independent vector multiply-adds.", peakChains))
	e.load("n", 0)
	for i := range peakChains + 2 {
		e.zero(i)
	}
	e.label("loop")
	for i := range peakChains {
		e.op("VFMLA V%d.S4, V%d.S4, V%d.S4", peakChains, peakChains+1, i)
	}
	e.op("SUBS $1, R0")
	e.op("BNE loop")
	e.op("RET")
}
