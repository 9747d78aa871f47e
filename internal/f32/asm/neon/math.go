package main

import (
	"fmt"
	"math"
)

// The functions are those of the amd64 generator (math.go there tells where they come
// from): x = n ln 2 + r, and e^r = 1 + r + r^2 q(r).
var expPoly = []float32{0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.00836874544620514, 0.0013814540579915047}

const (
	log2e      = 1.4426950408889634
	ln2High    = 0.693145751953125
	ln2Low     = math.Ln2 - ln2High
	roundMagic = 12582912
)

// Constants live in V16 to V31 for the whole of a kernel; V0 to V15 are free.
const (
	vMagic = 16 + iota
	vLog2e
	vLn2High
	vLn2Low
	vOne
	vTwo
	vBias  // 127<<23: 1.0 as an integer
	vLow   // limits of what is asked: of e^x for sigmoid and exp
	vHigh  //
	vTanh  // of tanh, above
	vTanhN // and below
	vPoly  // five registers
)

// constants fills the registers; low and high are the limits in vLow and vHigh.
func (e *emitter) constants(low, high float32) {
	set := func(v int, x float32) {
		e.op("MOVW $0x%08x, R25 // %v", math.Float32bits(x), x)
		e.op("VDUP R25, V%d.S4", v)
	}
	set(vMagic, roundMagic)
	set(vLog2e, log2e)
	set(vLn2High, ln2High)
	set(vLn2Low, ln2Low)
	set(vOne, 1)
	set(vTwo, 2)
	set(vBias, 1)
	set(vLow, low)
	set(vHigh, high)
	set(vTanh, 18.04)
	set(vTanhN, -18.04)
	for i, p := range expPoly {
		set(vPoly+i, p)
	}
}

// reduce leaves n, rounded and with roundMagic, in n, and e^r - 1 in x. It uses t and u.
func (e *emitter) reduce(x, n, t, u int) {
	e.move(n, vMagic)
	e.fmla(n, x, vLog2e)
	e.fsub(t, n, vMagic)
	e.fmls(x, t, vLn2High)
	e.fmls(x, t, vLn2Low)
	e.move(t, vPoly+3)
	e.fmla(t, x, vPoly+4)
	for i := 2; i >= 0; i-- {
		e.move(u, vPoly+i)
		e.fmla(u, x, t)
		t, u = u, t
	}
	e.fmul(u, x, x)
	e.fmla(x, u, t)
}

// power turns n into 2^n, |n| <= 126.
func (e *emitter) power(n int) {
	e.shl(n, n, 23)
	e.add(n, n, vBias)
}

// exp is x = e^x for any x, 2^n in two halves since n reaches 128 and -150. It uses t, u, v.
func (e *emitter) exp(x, t, u, v int) {
	e.fmin(x, x, vHigh)
	e.fmax(x, x, vLow)
	e.reduce(x, t, u, v)
	e.sub(t, t, vMagic)
	e.sshr(u, t, 1)
	e.sub(t, t, u)
	e.power(u)
	e.power(t)
	e.move(v, u)
	e.fmla(v, u, x)
	e.fmul(x, v, t)
}

// sigmoid is x = 1/(1+e^-x), with limits -87 and 87. It uses t, u, v.
func (e *emitter) sigmoid(x, t, u, v int) {
	e.fneg(x, x)
	e.fmin(x, x, vHigh)
	e.fmax(x, x, vLow)
	e.reduce(x, t, u, v)
	e.power(t)
	e.move(u, t)
	e.fmla(u, t, x)
	e.fadd(u, u, vOne)
	e.fdiv(x, vOne, u)
}

// tanh is x = (e^2x - 1)/(e^2x + 1), through e^2x - 1. It uses t, u, v.
func (e *emitter) tanh(x, t, u, v int) {
	e.fadd(x, x, x)
	e.fmin(x, x, vTanh)
	e.fmax(x, x, vTanhN)
	e.reduce(x, t, u, v)
	e.power(t)
	e.fsub(u, t, vOne)
	e.fmla(u, t, x)
	e.fadd(v, u, vTwo)
	e.fdiv(x, u, v)
}

// mathKernels emits exp, tanh and sigmoid of n elements, and the sum of exponentials.
func (e *emitter) mathKernels() {
	for _, f := range []struct {
		name      string
		low, high float32
		body      func(x, t, u, v int)
	}{
		{"exp", -104, 89, e.exp}, {"sigmoid", -87, 87, e.sigmoid}, {"tanh", 0, 0, e.tanh},
	} {
		e.function(f.name+"NEON", "dst *float32, src *float32, n int", fmt.Sprintf("is %s of n elements, a multiple of 4.", f.name))
		e.load("dst", 0, "src", 1, "n", 2)
		e.constants(f.low, f.high)
		e.label("loop")
		e.op("FMOVQ.P 16(R1), F0")
		f.body(0, 1, 2, 3)
		e.op("FMOVQ.P F0, 16(R0)")
		e.op("SUBS $4, R2")
		e.op("BNE loop")
		e.op("RET")
	}
	e.function("expSumNEON", "dst *float32, src *float32, shift *float32, sums *float32, n int",
		"sets dst = e^(src-shift) for n elements, a multiple of 4, and the four sums, each of every fourth.")
	e.load("dst", 0, "src", 1, "shift", 3, "sums", 4, "n", 2)
	e.constants(-104, 89)
	e.op("VLD1R (R3), [V8.S4]")
	e.zero(9)
	e.label("loop")
	e.op("FMOVQ.P 16(R1), F0")
	e.fsub(0, 0, 8)
	e.exp(0, 1, 2, 3)
	e.fadd(9, 9, 0)
	e.op("FMOVQ.P F0, 16(R0)")
	e.op("SUBS $4, R2")
	e.op("BNE loop")
	e.op("FMOVQ F9, (R4)")
	e.op("RET")
}

// addScaledKernel emits dst += s*src.
func (e *emitter) addScaledKernel() {
	e.function("addScaledNEON", "dst *float32, src *float32, s *float32, n int", "sets dst += s*src for n elements, a multiple of 16.")
	e.load("dst", 0, "src", 1, "s", 3, "n", 2)
	e.op("VLD1R (R3), [V8.S4]")
	e.label("loop")
	e.op("VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]")
	e.op("VLD1 (R0), [V4.S4, V5.S4, V6.S4, V7.S4]")
	for i := range 4 {
		e.op("VFMLA V8.S4, V%d.S4, V%d.S4", i, 4+i)
	}
	e.op("VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R0)")
	e.op("SUBS $16, R2")
	e.op("BNE loop")
	e.op("RET")
}
