package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// All three functions share one reduction (Cody and Waite 1980): x = n ln 2 + r with
// |r| <= ln(2)/2, and e^r = 1 + r + r^2 q(r). q is a minimax fit of degree 4 by
// reweighted least squares; its relative error in e^r is 3.1e-9, below the
// rounding of float32.
var expPoly = []float32{0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.00836874544620514, 0.0013814540579915047}

const (
	log2e = 1.4426950408889634
	// ln2High has 13 bits, so n*ln2High is exact; ln2Low is the rest.
	ln2High = 0.693145751953125
	ln2Low  = math.Ln2 - ln2High
	// roundMagic (1.5 * 2^23) added to a small number leaves it rounded to an
	// integer in the low bits.
	roundMagic = 12582912
)

var (
	constants = map[string]Mem{}
	// hoisted holds the constants that the kernel being written keeps in registers.
	hoisted = map[uint32]reg.VecVirtual{}
)

// bits is a vector of 16 equal lanes: a register where one is set aside, else
// read-only memory.
func bits(v uint32) Op {
	if r, ok := hoisted[v]; ok {
		return r
	}
	return inMemory(v)
}

func inMemory(v uint32) Mem {
	key := fmt.Sprintf("all%08x", v)
	m, ok := constants[key]
	if !ok {
		m = GLOBL(key, RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(v))
		}
		constants[key] = m
	}
	return m
}

func constant(v float64) Op { return bits(math.Float32bits(float32(v))) }

// Constants of each function, in the order of use.
var (
	expConstants     = append([]float64{-104, 89}, reduceConstants...)
	sigmoidConstants = append([]float64{-87, 87}, reduceConstants...)
	tanhConstants    = append([]float64{-18.04, 18.04, 2}, reduceConstants...)
	reduceConstants  = []float64{
		roundMagic, log2e, ln2High, ln2Low, 1,
		float64(expPoly[0]), float64(expPoly[1]), float64(expPoly[2]), float64(expPoly[3]), float64(expPoly[4]),
	}
)

// hoist loads constants into registers for the rest of the kernel where the
// instruction set has registers to spare; a function's loads would otherwise weigh as
// much as its arithmetic.
func (w width) hoist(lists ...[]float64) {
	clear(hoisted)
	if w != zmm {
		return
	}
	for _, list := range lists {
		for _, v := range list {
			key := math.Float32bits(float32(v))
			if _, ok := hoisted[key]; !ok {
				r := w.virtual()
				VMOVUPS(inMemory(key), r)
				hoisted[key] = r
			}
		}
	}
}

// splat is a fresh register full of v.
func (w width) splat(v float64) reg.VecVirtual {
	r := w.virtual()
	VMOVUPS(constant(v), r)
	return r
}

// fixed is a register full of v that must not be written.
func (w width) fixed(v float64) reg.VecVirtual {
	if r, ok := constant(v).(reg.VecVirtual); ok {
		return r
	}
	return w.splat(v)
}

// clamp limits x to [lo, hi] in place; NaN stays (the second source of MIN and MAX
// comes through when either is NaN).
func (w width) clamp(x reg.Register, lo, hi float64) {
	VMINPS(x, w.fixed(hi), x)
	VMAXPS(x, w.fixed(lo), x)
}

// reduced is e^x cut into 2^n and e^r - 1.
type reduced struct {
	n   reg.VecVirtual // n rounded, plus roundMagic: the integer is in the low bits
	em1 reg.VecVirtual // e^r - 1
}

// reduce consumes x.
func (w width) reduce(x reg.VecVirtual) reduced {
	n, whole := w.splat(roundMagic), w.virtual()
	VFMADD231PS(constant(log2e), x, n)
	VSUBPS(constant(roundMagic), n, whole)
	VFNMADD231PS(constant(ln2High), whole, x)
	VFNMADD231PS(constant(ln2Low), whole, x)
	last := len(expPoly) - 1
	q := w.splat(float64(expPoly[last]))
	for i := last - 1; i >= 0; i-- {
		VFMADD213PS(constant(float64(expPoly[i])), x, q)
	}
	square := w.virtual()
	VMULPS(x, x, square)
	VFMADD213PS(x, square, q)
	return reduced{n: n, em1: q}
}

// power turns r.n into 2^n, |n| <= 126.
func (w width) power(r reduced) reg.VecVirtual {
	p := w.virtual()
	VPSLLD(Imm(23), r.n, p)
	VPADDD(bits(127<<23), p, p)
	return p
}

// expSmall is e^x for x in [-87, 88], where 2^n and the result are normal; it
// consumes x.
func (w width) expSmall(x reg.VecVirtual) reg.VecVirtual {
	r := w.reduce(x)
	p := w.power(r)
	VFMADD213PS(p, p, r.em1)
	return r.em1
}

// exp is e^x for any x: overflow gives +Inf, underflow goes through the denormals
// to 0. 2^n is applied in two halves because n reaches 128 and -150. It consumes x.
func (w width) exp(x reg.VecVirtual) reg.VecVirtual {
	w.clamp(x, -104, 89)
	r := w.reduce(x)
	half, rest := w.virtual(), w.virtual()
	VPSUBD(bits(math.Float32bits(roundMagic)), r.n, rest)
	VPSRAD(Imm(1), rest, half)
	VPSUBD(half, rest, rest)
	for _, p := range []reg.VecVirtual{half, rest} {
		VPSLLD(Imm(23), p, p)
		VPADDD(bits(127<<23), p, p)
	}
	VFMADD213PS(half, half, r.em1)
	VMULPS(rest, r.em1, r.em1)
	return r.em1
}

// sigmoid is 1/(1+e^-x); it consumes x. Beyond 87 the result stays at e^-87 or 1.
func (w width) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	neg := w.virtual()
	VXORPS(bits(1<<31), x, neg)
	w.clamp(neg, -87, 87)
	e := w.expSmall(neg)
	VADDPS(constant(1), e, e)
	out := w.virtual()
	VDIVPS(e, w.fixed(1), out)
	return out
}

// tanh is (e^2x - 1)/(e^2x + 1) through e^2x - 1, which keeps its relative
// accuracy near 0; it consumes x. Beyond 9.02 the result rounds to 1.
func (w width) tanh(x reg.VecVirtual) reg.VecVirtual {
	VADDPS(x, x, x)
	w.clamp(x, -18.04, 18.04)
	r := w.reduce(x)
	p := w.power(r)
	less := w.virtual()
	VSUBPS(constant(1), p, less)
	VFMADD213PS(less, p, r.em1)
	den := w.virtual()
	VADDPS(constant(2), r.em1, den)
	VDIVPS(den, r.em1, r.em1)
	return r.em1
}
