package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// layout says how a kernel walks A.
type layout int

const (
	rowMajor layout = iota // rows ars bytes apart, k contiguous
	kMajor                 // rows contiguous, k acs bytes apart
)

// gemmKernel emits the micro-kernel for blocks of h rows and cols vectors of one B panel:
// every element of a tile lives in one register lane for the whole of k, so its
// sum does not depend on h. Every four k it asks for two lines at ahead, pace bytes
// further each time, to come to the L2 cache: the panel that follows; and for one row of
// the sums that are needed next. All at once they would fill the places where lines are
// awaited, and A and B would queue behind them (a seventh of the time on an Intel). Rows of
// B follow one another, with kMajor ldb bytes apart.
//
//	C[blocks*h, cols*lanes] = (acc != 0 ? C : 0) + A[blocks*h,k] B[k, cols*lanes]
func gemmKernel(w width, h, cols int, l layout) {
	base, b := "gemmRow", "b"
	if l == kMajor {
		base, b = "gemmK", "b *float32, ldb int"
	}
	TEXT(name(fmt.Sprintf("%s%dx", base, h), w), NOSPLIT,
		"func(blocks, k int, a *float32, stride, nextA int, "+b+", c *float32, ldc int, acc int, ahead *float32, pace int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("computes blocks of %d rows, those of A nextA apart; all distances in bytes.", h))
	g := gemmEmitter{w: w, h: h, cols: cols, l: l, label: ""}
	g.load()
	Label("block")
	g.begin()
	g.initAccumulators()
	g.loop()
	g.store()
	g.nextBlock()
	VZEROUPPER()
	RET()
}

type gemmEmitter struct {
	w                        width
	h, cols                  int
	l                        layout
	label                    string
	k, stride, b, c, ldc, at reg.GPVirtual // ldc is 0 once rowsLeft are fetched
	rowsLeft, nothing        Mem           // how many rows of sums are still to fetch; 0
	ahead, pace              reg.GPVirtual
	ldb                      reg.GPVirtual   // kMajor
	rows                     []reg.GPVirtual // pointers to A rows 0, 3, 6, ...
	acc                      []reg.VecPhysical
	bv                       []reg.VecPhysical
	bcast                    []reg.VecPhysical
}

func (g *gemmEmitter) load() {
	param := func(n string) reg.GPVirtual { return Load(Param(n), GP64()).(reg.GPVirtual) }
	g.stride, g.c, g.ahead, g.pace, g.ldc = param("stride"), param("c"), param("ahead"), param("pace"), GP64()
	g.rowsLeft = AllocLocal(16)
	g.nothing = g.rowsLeft.Offset(8)
	MOVQ(U32(0), g.nothing)
	if g.l == kMajor {
		g.ldb = param("ldb")
	}
	g.k, g.b, g.at, g.rows = GP64(), GP64(), GP64(), []reg.GPVirtual{GP64()}
	for r := 3; g.l == rowMajor && r < g.h; r += 3 {
		g.rows = append(g.rows, GP64())
	}
	n := 0
	take := func(count int) (out []reg.VecPhysical) {
		for range count {
			out = append(out, g.w.phys(n))
			n++
		}
		return out
	}
	g.acc = take(g.h * g.cols)
	g.bv = take(g.cols)
	g.bcast = take(2)
}

// begin sets the pointers of a block.
func (g *gemmEmitter) begin() {
	Load(Param("k"), g.k)
	Load(Param("ldc"), g.ldc)
	MOVQ(U32(uint32(g.h)), g.rowsLeft)
	Load(Param("b"), g.b)
	Load(Param("a"), g.rows[0])
	for i := 1; i < len(g.rows); i++ {
		LEAQ(Mem{Base: g.rows[i-1], Index: g.stride, Scale: 2}, g.rows[i])
		ADDQ(g.stride, g.rows[i])
	}
}

// nextBlock goes on to the next block of A and C, if there is one.
func (g *gemmEmitter) nextBlock() {
	ADDQ(g.ldc, g.c)
	a, blocks := stackSlot("a"), stackSlot("blocks")
	next := Load(Param("nextA"), GP64())
	ADDQ(next, a)
	DECQ(blocks)
	JNZ(LabelRef("block"))
}

// stackSlot is where a parameter lies on the stack.
func stackSlot(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func (g *gemmEmitter) initAccumulators() {
	acc := Load(Param("acc"), GP64())
	TESTQ(acc, acc)
	JZ(LabelRef("fresh"))
	MOVQ(g.c, g.at)
	for r := range g.h {
		for j := range g.cols {
			VMOVUPS(Mem{Base: g.at, Disp: j * g.w.bytes()}, g.acc[r*g.cols+j])
		}
		if r+1 < g.h {
			ADDQ(g.ldc, g.at)
		}
	}
	ADDQ(g.ldc, g.at) // the tile below is the next to be loaded; past the last one the hint is idle
	JMP(LabelRef("start"))
	Label("fresh")
	MOVQ(g.c, g.at) // its own rows, which are written at the end
	for _, v := range g.acc {
		g.w.zero(v)
	}
	Label("start")
}

// fetchRow asks for one row of sums, if any is left.
func (g *gemmEmitter) fetchRow() {
	for line := 0; line < g.cols*g.w.bytes(); line += 64 {
		PREFETCHT0(Mem{Base: g.at, Disp: line})
	}
	ADDQ(g.ldc, g.at)
	DECQ(g.rowsLeft)
	CMOVQEQ(g.nothing, g.ldc)
}

// loop runs over k, four steps at a time and then one by one.
func (g *gemmEmitter) loop() {
	const unroll = 4
	Label("unrolled")
	CMPQ(g.k, Imm(unroll))
	JLT(LabelRef("single"))
	PREFETCHT1(Mem{Base: g.ahead})
	g.fetchRow()
	for u := range unroll {
		if u == unroll/2 {
			PREFETCHT1(Mem{Base: g.ahead, Disp: 64})
			ADDQ(g.pace, g.ahead)
		}
		g.step(u)
	}
	g.advance(unroll)
	SUBQ(Imm(unroll), g.k)
	JMP(LabelRef("unrolled"))
	Label("single")
	TESTQ(g.k, g.k)
	JZ(LabelRef("done"))
	g.step(0)
	g.advance(1)
	DECQ(g.k)
	JMP(LabelRef("single"))
	Label("done")
}

// step is one k; u is its place in the unrolled body.
func (g *gemmEmitter) step(u int) {
	if g.l == kMajor {
		u = 0
	}
	for j, v := range g.bv {
		VMOVUPS(Mem{Base: g.b, Disp: (u*g.cols + j) * g.w.bytes()}, v)
	}
	for r := range g.h {
		x := g.bcast[r%len(g.bcast)]
		VBROADCASTSS(g.a(r, u), x)
		for j, v := range g.bv {
			VFMADD231PS(v, x, g.acc[r*g.cols+j])
		}
	}
	if g.l == kMajor {
		ADDQ(g.stride, g.rows[0])
		ADDQ(g.ldb, g.b)
	}
}

// a addresses element (r, k+u) of A.
func (g *gemmEmitter) a(r, u int) Mem {
	if g.l == kMajor {
		return Mem{Base: g.rows[0], Disp: 4 * r}
	}
	m := Mem{Base: g.rows[r/3], Disp: 4 * u}
	if r%3 > 0 {
		m.Index, m.Scale = g.stride, uint8(r%3)
	}
	return m
}

// advance goes n rows of B and columns of A on; kMajor has done so at each step.
func (g *gemmEmitter) advance(n int) {
	if g.l == kMajor {
		return
	}
	for _, r := range g.rows {
		ADDQ(Imm(uint64(4*n)), r)
	}
	ADDQ(U32(uint32(n*g.cols*g.w.bytes())), g.b)
}

func (g *gemmEmitter) store() {
	Load(Param("ldc"), g.ldc)
	for r := range g.h {
		for j := range g.cols {
			VMOVUPS(g.acc[r*g.cols+j], Mem{Base: g.c, Disp: j * g.w.bytes()})
		}
		if r+1 < g.h {
			ADDQ(g.ldc, g.c)
		}
	}
}

// peakKernel is a loop of independent multiply-adds and nothing else: n chains, enough to
// hide the latency of two units.
func peakKernel(w width, chains int) {
	TEXT(name("peak", w), NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("runs n rounds of %d independent vector multiply-adds.", chains))
	n := Load(Param("n"), GP64())
	for i := range chains + 2 {
		w.zero(w.phys(i))
	}
	Label("loop")
	for i := range chains {
		VFMADD231PS(w.phys(chains), w.phys(chains+1), w.phys(i))
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
