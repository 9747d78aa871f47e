package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func updateKernels(w width) {
	w.hoist()
	adamKernel(w)
	rmspropKernel(w)
	sgdKernel(w)
}

func adamKernel(w width) {
	TEXT(name("adam", w), NOSPLIT, "func(params, grads, m, v *float32, n int, "+
		"rate, beta2, oneMinusBeta1, oneMinusBeta2, eps, correction, gradScale float32)")
	Pragma("noescape")
	Doc("is Adam.")
	rate, beta2, om1, om2 := argument(w, "rate"), argument(w, "beta2"), argument(w, "oneMinusBeta1"), argument(w, "oneMinusBeta2")
	eps, correction, scale := argument(w, "eps"), argument(w, "correction"), argument(w, "gradScale")
	elements(w, []string{"params", "grads", "m", "v"}, func(a []*array) {
		g := scaledGradient(a[1], scale)
		m, d := a[2].load(), w.virtual()
		VSUBPS(m, g, d)
		VFMADD231PS(om1, d, m)
		w.settle(m)
		a[2].store(m)
		v := a[3].load()
		VMULPS(beta2, v, v)
		VMULPS(g, g, g)
		VFMADD231PS(om2, g, v)
		w.settle(v)
		a[3].store(v)
		VSQRTPS(v, v)
		VFMADD213PS(eps, correction, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		subtract(a[0], m)
	})
}

func rmspropKernel(w width) {
	TEXT(name("rmsprop", w), NOSPLIT, "func(params, grads, sq *float32, n int, "+
		"lr, decay, oneMinusDecay, eps, gradScale float32)")
	Pragma("noescape")
	Doc("is RMSProp.")
	lr, decay, om := argument(w, "lr"), argument(w, "decay"), argument(w, "oneMinusDecay")
	eps, scale := argument(w, "eps"), argument(w, "gradScale")
	elements(w, []string{"params", "grads", "sq"}, func(a []*array) {
		g := scaledGradient(a[1], scale)
		sq, square := a[2].load(), w.virtual()
		VMULPS(decay, sq, sq)
		VMULPS(g, g, square)
		VFMADD231PS(om, square, sq)
		w.settle(sq)
		a[2].store(sq)
		VSQRTPS(sq, sq)
		VADDPS(eps, sq, sq)
		VMULPS(lr, g, g)
		VDIVPS(sq, g, g)
		subtract(a[0], g)
	})
}

func sgdKernel(w width) {
	TEXT(name("sgd", w), NOSPLIT, "func(params, grads, buf *float32, n int, lr, momentum, gradScale float32)")
	Pragma("noescape")
	Doc("is SGD.")
	lr, momentum, scale := argument(w, "lr"), argument(w, "momentum"), argument(w, "gradScale")
	elements(w, []string{"params", "grads", "buf"}, func(a []*array) {
		g, buf := scaledGradient(a[1], scale), a[2].load()
		VFMADD213PS(g, momentum, buf)
		w.settle(buf)
		a[2].store(buf)
		VMULPS(lr, buf, buf)
		subtract(a[0], buf)
	})
}

func scaledGradient(g *array, scale reg.Register) reg.VecVirtual {
	v := g.load()
	VMULPS(scale, v, v)
	return v
}

// subtract is a -= d.
func subtract(a *array, d reg.Register) {
	p := a.load()
	VSUBPS(d, p, p)
	a.store(p)
}

// tiny is 2^-100; see settle in package f32.
const tiny = 27 << 23

// settle zeroes elements of x below tiny in magnitude; NaN stays.
func (w width) settle(x reg.VecVirtual) {
	const notLess = 0x15 // or unordered
	size := w.virtual()
	VANDPS(bits(1<<31-1), x, size)
	if w == zmm {
		k := K()
		VCMPPS(Imm(notLess), bits(tiny), size, k)
		VMOVUPS_Z(x, k, x)
		return
	}
	VCMPPS(Imm(notLess), bits(tiny), size, size)
	VANDPS(size, x, x)
}
