package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// array is a pointer argument that a loop walks.
type array struct {
	w    width
	p    reg.GPVirtual
	mask laneMask // of the current body
}

func (a *array) load() reg.VecVirtual {
	v := a.w.virtual()
	a.mask.load(Mem{Base: a.p}, v)
	return v
}

func (a *array) store(v reg.Register) { a.mask.store(v, Mem{Base: a.p}) }

// elements emits a loop over n elements: whole vectors, then one masked one. names are
// the pointer arguments; body is emitted twice.
func elements(w width, names []string, body func(a []*array)) {
	elementLoop(w, names, body)
	VZEROUPPER()
	RET()
}

func elementLoop(w width, names []string, body func(a []*array)) {
	arrays := make([]*array, len(names))
	for i, s := range names {
		arrays[i] = &array{w: w, p: Load(Param(s), GP64()).(reg.GPVirtual)}
	}
	n := Load(Param("n"), GP64())
	Label("loop")
	CMPQ(n, Imm(uint64(w.lanes())))
	JLT(LabelRef("tail"))
	body(arrays)
	for _, a := range arrays {
		ADDQ(Imm(uint64(w.bytes())), a.p)
	}
	SUBQ(Imm(uint64(w.lanes())), n)
	JMP(LabelRef("loop"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	mask := w.mask(n)
	for _, a := range arrays {
		a.mask = mask
	}
	body(arrays)
	Label("done")
}

// argument is a scalar float32 argument in every lane.
func argument(w width, s string) reg.VecVirtual {
	v := w.virtual()
	addr, err := Param(s).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(addr.Addr, v)
	return v
}

func vectorKernels(w width) {
	for _, f := range []struct {
		name, doc string
		op        func(reg.VecVirtual) reg.VecVirtual
		constants []float64
	}{
		{"exp", "sets dst = e^src.", w.exp, expConstants},
		{"tanh", "sets dst = tanh(src).", w.tanh, tanhConstants},
		{"sigmoid", "sets dst = 1/(1+e^-src).", w.sigmoid, sigmoidConstants},
	} {
		TEXT(name(f.name, w), NOSPLIT, "func(dst, src *float32, n int)")
		Pragma("noescape")
		Doc(f.doc)
		w.hoist(f.constants)
		elements(w, []string{"dst", "src"}, func(a []*array) { a[0].store(f.op(a[1].load())) })
	}

	w.hoist()
	TEXT(name("addScaled", w), NOSPLIT, "func(dst, src *float32, n int, s float32)")
	Pragma("noescape")
	Doc("adds s*src to dst.")
	s := argument(w, "s")
	elements(w, []string{"dst", "src"}, func(a []*array) {
		d := a[0].load()
		VFMADD231PS(a[1].load(), s, d)
		a[0].store(d)
	})

	TEXT(name("scale", w), NOSPLIT, "func(x *float32, n int, s float32)")
	Pragma("noescape")
	Doc("multiplies x by s.")
	s = argument(w, "s")
	elements(w, []string{"x"}, func(a []*array) {
		v := a[0].load()
		VMULPS(s, v, v)
		a[0].store(v)
	})

	TEXT(name("scaleFlush", w), NOSPLIT, "func(x *float32, n int, s float32)")
	Pragma("noescape")
	Doc("multiplies x by s and flushes.")
	s = argument(w, "s")
	elements(w, []string{"x"}, func(a []*array) {
		v := a[0].load()
		VMULPS(s, v, v)
		w.flush(v)
		a[0].store(v)
	})

	TEXT(name("clamp", w), NOSPLIT, "func(x *float32, n int, limit float32)")
	Pragma("noescape")
	Doc("limits x to [-limit, limit].")
	hi, lo := argument(w, "limit"), w.virtual()
	VXORPS(bits(1<<31), hi, lo)
	elements(w, []string{"x"}, func(a []*array) {
		v := a[0].load()
		VMINPS(v, hi, v)
		VMAXPS(v, lo, v)
		a[0].store(v)
	})
	reductions(w)
}

// reductions emits sums and the maximum. A sum has one partial sum in each lane and
// adds the lanes in a fixed tree at the end: its bits depend on the input alone.
func reductions(w width) {
	TEXT(name("sumSquares", w), NOSPLIT, "func(x *float32, n int) float32")
	Pragma("noescape")
	Doc("sums the squares of at most a few thousand elements.")
	sum := w.virtual()
	w.zero(sum)
	elementsThen(w, []string{"x"}, func(a []*array) {
		v := a[0].load()
		VFMADD231PS(v, v, sum)
	}, func() { w.addLanes(sum) })

	for _, keep := range []bool{true, false} {
		expSumKernel(w, keep)
	}

	w.hoist()
	TEXT(name("max", w), NOSPLIT, "func(x *float32, n int) float32")
	Pragma("noescape")
	Doc("returns the largest of n >= one vector elements; NaN is passed over unless x begins with it.")
	maxBody(w)
}

// expSumKernel sums e^(src-shift) and, with keep, stores the terms.
func expSumKernel(w width, keep bool) {
	base, params, names := "expSum", "src *float32", []string{"src"}
	if keep {
		base, params, names = "expSumKeep", "dst, src *float32", []string{"src", "dst"}
	}
	TEXT(name(base, w), NOSPLIT, "func("+params+", n int, shift float32) float32")
	Pragma("noescape")
	Doc("returns the sum of e^(src-shift).")
	w.hoist(expConstants)
	shift, total := argument(w, "shift"), w.virtual()
	w.zero(total)
	elementsThen(w, names, func(a []*array) {
		v := a[0].load()
		VSUBPS(shift, v, v)
		e := w.exp(v)
		if keep {
			a[1].store(e)
		}
		w.keepLanes(e, a[0].mask)
		VADDPS(e, total, total)
	}, func() { w.addLanes(total) })
}

// maxBody covers the tail by one vector that ends with x and overlaps the one
// before.
func maxBody(w width) {
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	top := w.virtual()
	VMOVUPS(Mem{Base: x}, top)
	Label("loop")
	v := w.virtual()
	CMPQ(n, Imm(uint64(w.lanes())))
	JLT(LabelRef("tail"))
	VMOVUPS(Mem{Base: x}, v)
	VMAXPS(top, v, top)
	ADDQ(Imm(uint64(w.bytes())), x)
	SUBQ(Imm(uint64(w.lanes())), n)
	JMP(LabelRef("loop"))
	Label("tail")
	VMOVUPS(Mem{Base: x, Index: n, Scale: 4, Disp: -w.bytes()}, v)
	VMAXPS(top, v, top)
	w.fold(top, func(a, b, to reg.Register) { VMAXPS(a, b, to) })
	Store(top.AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// elementsThen is elements for a reduction: finish leaves the result on the stack.
func elementsThen(w width, names []string, body func(a []*array), finish func()) {
	elementLoop(w, names, body)
	finish()
	VZEROUPPER()
	RET()
}

// addLanes sums the lanes of v and returns it.
func (w width) addLanes(v reg.VecVirtual) {
	w.fold(v, func(a, b, to reg.Register) { VADDPS(a, b, to) })
	Store(v.AsX(), ReturnIndex(0))
}

// fold combines the lanes of v pairwise, halves first, into lane 0.
func (w width) fold(v reg.VecVirtual, op func(a, b, to reg.Register)) {
	if w == zmm {
		h := YMM()
		VEXTRACTF64X4(Imm(1), v, h)
		op(h, v.AsY(), v.AsY())
	}
	h := XMM()
	VEXTRACTF128(Imm(1), v.AsY(), h)
	op(h, v.AsX(), v.AsX())
	VPERMILPS(Imm(0x4e), v.AsX(), h)
	op(h, v.AsX(), v.AsX())
	VPERMILPS(Imm(0xb1), v.AsX(), h)
	op(h, v.AsX(), v.AsX())
}

// keepLanes zeroes the lanes of v outside the mask.
func (w width) keepLanes(v reg.Register, m laneMask) {
	switch {
	case m.k != nil:
		VMOVUPS_Z(v, m.k, v)
	case m.v != nil:
		VANDPS(m.v, v, v)
	}
}
