package f32

// LSTMForward is one row of an LSTM step after the matrix products (PyTorch's
// nn.LSTM; gate order i, f, g, o). gates [4H] holds the recurrent part of the
// pre-activations; x [4H] and bias [4H], each nil or given, are added to it.
// On return gates holds i, f, g, o after their nonlinearities and
//
//	c = f*cPrev + i*g,  tanhC = tanh(c),  h = o*tanhC   (all [H], H = len(h))
//
// c may be cPrev itself.
func LSTMForward(gates, x, bias, cPrev, c, tanhC, h []float32) {
	LSTMForwardUnits(gates, x, bias, cPrev, c, tanhC, h, 0, len(h))
}

// LSTMForwardUnits is LSTMForward for units [lo,hi) alone, to the bit.
func LSTMForwardUnits(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	n := len(h)
	checkUnits(n, lo, hi)
	checkGates(n, 4, gates, x, bias)
	checkRow(n, cPrev, c, tanhC)
	lstmForward(gates, x, bias, cPrev, c, tanhC, h, lo, hi)
}

// LSTMBackward is the backward of LSTMForward for one row. gates holds what
// LSTMForward left (i, f, g, o) and becomes the gradient by the pre-activations;
// dh [H] is the gradient by h, dc [H] the gradient by c from the step after and
// becomes the gradient by cPrev. Gradients below 2^-95 become zero, as in every backward (see flush).
func LSTMBackward(gates, cPrev, tanhC, dh, dc []float32) {
	n := len(dh)
	checkGates(n, 4, gates, nil, nil)
	checkRow(n, cPrev, tanhC, dc)
	lstmBackward(gates, cPrev, tanhC, dh, dc)
}

// GRUForward is one row of a GRU step after the matrix products (PyTorch's
// nn.GRU; gate order r, z, n). gates [3H] holds the recurrent part W_hh h, to
// which biasH [3H] (b_hh) is added; x [3H] holds the input part W_ih x, to which
// biasX [3H] (b_ih) is added; x, biasX and biasH may each be nil. On return
// gates holds r, z, n, and
//
//	hn = W_hn h + b_hn,  n = tanh(W_in x + b_in + r*hn),  h = (1-z)*n + z*hPrev
//
// hn [H] is kept for the backward. h may be hPrev itself.
func GRUForward(gates, x, biasX, biasH, hPrev, hn, h []float32) {
	GRUForwardUnits(gates, x, biasX, biasH, hPrev, hn, h, 0, len(h))
}

// GRUForwardUnits is GRUForward for units [lo,hi) alone, to the bit.
func GRUForwardUnits(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	n := len(h)
	checkUnits(n, lo, hi)
	checkGates(n, 3, gates, x, biasX)
	checkGates(n, 3, gates, biasH, nil)
	checkRow(n, hPrev, hn)
	gruForward(gates, x, biasX, biasH, hPrev, hn, h, lo, hi)
}

// GRUBackward is the backward of GRUForward for one row. gates holds r, z, n and
// becomes the gradient by the input part of the pre-activations (for x, W_ih and
// b_ih). dRec [3H] becomes the gradient by the recurrent part (for W_hh, b_hh and
// the previous h): equal to gates for r and z, and r times it for n. dh [H] comes
// in as the gradient by h and goes out as the direct part z*dh of the gradient by
// hPrev, to which the caller adds dRec W_hh.
func GRUBackward(gates, dRec, hPrev, hn, dh []float32) {
	n := len(dh)
	checkGates(n, 3, gates, dRec, nil)
	if dRec == nil {
		panic("f32: GRUBackward needs dRec")
	}
	checkRow(n, hPrev, hn)
	gruBackward(gates, dRec, hPrev, hn, dh)
}

// ElmanForward is h = act(pre + x + bias) for one row [H]; x and bias may be nil;
// act is tanh, or max(0, .) with relu. h may be pre itself.
func ElmanForward(pre, x, bias, h []float32, relu bool) {
	checkGates(len(h), 1, pre, x, bias)
	elmanForward(pre, x, bias, h, relu)
}

// ElmanBackward is dPre = dh * act'(pre), the derivative taken from h = act(pre):
// 1 - h*h for tanh, 1 where h > 0 for relu. dPre may be dh or h itself.
func ElmanBackward(dPre, dh, h []float32, relu bool) {
	checkRow(len(dPre), dh, h)
	elmanBackward(dPre, dh, h, relu)
}

func checkGates(n, g int, gates, x, bias []float32) {
	if len(gates) != g*n || (x != nil && len(x) != g*n) || (bias != nil && len(bias) != g*n) {
		panic("f32: gate slices do not fit the unit count")
	}
}
