package main

// gates are arrays of several blocks of units, a stride apart; block i of array a is at
// R(first+i). They follow each other in general registers.
func (e *emitter) gates(name string, first, blocks int) {
	e.load(name, first)
	for i := 1; i < blocks; i++ {
		e.op("ADD R24, R%d, R%d", first+i-1, first+i)
	}
}

// stride puts the distance between blocks, in bytes, into R24.
func (e *emitter) stride() {
	e.load("stride", 24)
	e.op("LSL $2, R24, R24")
}

// take reads four elements at R(p) into V(v) and goes on.
func (e *emitter) take(v, p int) { e.op("FMOVQ.P 16(R%d), F%d", p, v) }

// put writes them.
func (e *emitter) put(v, p int) { e.op("FMOVQ.P F%d, 16(R%d)", v, p) }

// lstmForwardKernel emits LSTMForward for n units, a multiple of 4; x and bias are given.
func (e *emitter) lstmForwardKernel() {
	e.function("lstmForwardNEON", "gates *float32, x *float32, bias *float32, cPrev *float32, c *float32, tanhC *float32, h *float32, n int, stride int",
		"is LSTMForward for n units, a multiple of 4.")
	const g, x, b = 0, 4, 8
	const cPrev, c, tc, h, n = 12, 13, 14, 15, 23
	e.stride()
	e.gates("gates", g, 4)
	e.gates("x", x, 4)
	e.gates("bias", b, 4)
	e.load("cPrev", cPrev, "c", c, "tanhC", tc, "h", h, "n", n)
	e.constants(-87, 87)
	pre := func(v, i int) { // gate i before its nonlinearity
		e.op("FMOVQ (R%d), F%d", g+i, v)
		e.take(v+1, x+i)
		e.fadd(v, v, v+1)
		e.take(v+1, b+i)
		e.fadd(v, v, v+1)
	}
	e.label("loop")
	pre(0, 0)
	e.sigmoid(0, 1, 2, 3)
	e.put(0, g)
	pre(4, 2)
	e.tanh(4, 5, 6, 7)
	e.put(4, g+2)
	e.fmul(8, 0, 4)
	pre(0, 1)
	e.sigmoid(0, 1, 2, 3)
	e.put(0, g+1)
	e.take(1, cPrev)
	e.fmla(8, 0, 1) // c
	e.put(8, c)
	pre(4, 3)
	e.sigmoid(4, 5, 6, 7)
	e.put(4, g+3)
	e.tanh(8, 9, 10, 11)
	e.put(8, tc)
	e.fmul(4, 4, 8)
	e.put(4, h)
	e.op("SUBS $4, R%d", n)
	e.op("BNE loop")
	e.op("RET")
}

// gruForwardKernel emits GRUForward for n units, a multiple of 4; all arrays are given.
func (e *emitter) gruForwardKernel() {
	e.function("gruForwardNEON", "gates *float32, x *float32, biasX *float32, biasH *float32, hPrev *float32, hn *float32, h *float32, n int, stride int",
		"is GRUForward for n units, a multiple of 4.")
	const g, x, bx, bh = 0, 3, 6, 9
	const hPrev, hn, h, n = 12, 13, 14, 23
	e.stride()
	e.gates("gates", g, 3)
	e.gates("x", x, 3)
	e.gates("biasX", bx, 3)
	e.gates("biasH", bh, 3)
	e.load("hPrev", hPrev, "hn", hn, "h", h, "n", n)
	e.constants(-87, 87)
	parts := func(rec, in, t, i int) { // recurrent and input part of gate i
		e.op("FMOVQ (R%d), F%d", g+i, rec)
		e.take(t, bh+i)
		e.fadd(rec, rec, t)
		e.take(in, x+i)
		e.take(t, bx+i)
		e.fadd(in, in, t)
	}
	e.label("loop")
	for i, v := range []int{0, 4} { // r in V0, z in V4
		parts(v, v+1, v+2, i)
		e.fadd(v, v, v+1)
		e.sigmoid(v, v+1, v+2, v+3)
		e.put(v, g+i)
	}
	parts(8, 9, 10, 2)
	e.put(8, hn)
	e.fmla(9, 0, 8)
	e.tanh(9, 10, 11, 12)
	e.put(9, g+2)
	e.take(1, hPrev)
	e.fsub(1, 1, 9)
	e.fmla(9, 4, 1)
	e.put(9, h)
	e.op("SUBS $4, R%d", n)
	e.op("BNE loop")
	e.op("RET")
}

// elmanKernel emits h = tanh(pre + x + bias) for n units, a multiple of 4.
func (e *emitter) elmanKernel() {
	e.function("elmanTanhNEON", "pre *float32, x *float32, bias *float32, h *float32, n int", "is ElmanForward with tanh for n units, a multiple of 4.")
	e.load("pre", 0, "x", 1, "bias", 2, "h", 3, "n", 4)
	e.constants(-87, 87)
	e.label("loop")
	e.take(0, 0)
	e.take(1, 1)
	e.fadd(0, 0, 1)
	e.take(1, 2)
	e.fadd(0, 0, 1)
	e.tanh(0, 1, 2, 3)
	e.put(0, 3)
	e.op("SUBS $4, R4")
	e.op("BNE loop")
	e.op("RET")
}
