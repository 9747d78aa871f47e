package f32

// Moments below 2^-100 in magnitude become 0 in all three updates, so that weights
// without gradients cost no denormal arithmetic. The kernels leave the processor's own
// flush-to-zero mode alone: it belongs to the thread, and goroutines change threads.

// AdamStep holds the scalars of one Adam update (Kingma and Ba 2015, as in
// torch.optim.Adam). Rate is lr/(1-Beta1^t), Correction is 1/sqrt(1-Beta2^t).
type AdamStep struct {
	Rate, Beta1, Beta2, Eps, Correction float32
	GradScale                           float32 // multiplies every gradient first (clip by norm); 1 for none
}

// Adam updates params by grads with first and second moments m and v:
//
//	g = GradScale*grad,  m += (1-Beta1)*(g-m),  v = Beta2*v + (1-Beta2)*g*g
//	param -= Rate * m / (sqrt(v)*Correction + Eps)
func Adam(params, grads, m, v []float32, s AdamStep) {
	checkRow(len(params), grads, m, v)
	adam(params, grads, m, v, &s)
}

// RMSProp is torch.optim.RMSprop: sq = decay*sq + (1-decay)*g*g,
// param -= lr*g/(sqrt(sq)+eps), with g = gradScale*grad.
func RMSProp(params, grads, sq []float32, lr, decay, eps, gradScale float32) {
	checkRow(len(params), grads, sq)
	rmsprop(params, grads, sq, lr, decay, eps, gradScale)
}

// SGD is torch.optim.SGD with momentum: buf = momentum*buf + g, param -= lr*buf, with
// g = gradScale*grad. A zero buf at the first step gives PyTorch's first step.
func SGD(params, grads, buf []float32, lr, momentum, gradScale float32) {
	checkRow(len(params), grads, buf)
	sgd(params, grads, buf, lr, momentum, gradScale)
}
