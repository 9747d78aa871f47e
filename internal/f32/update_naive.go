package f32

import "math"

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// complement is 1-beta, taken in float64: in float32 1-0.999 is off by 5e-5.
func complement(beta float32) float32 { return float32(1 - float64(beta)) }

// settle is x, or 0 below 2^-100. The moments of a weight that gets no gradient (a
// symbol the text does not hold) decay into the denormals and stay there for
// ever, where some processors are a hundred times slower; so small a
// moment moves no weight.
func settle(x float32) float32 {
	const tiny = 0x1p-100
	if x < tiny && x > -tiny {
		return 0
	}
	return x
}

func adamNaive(params, grads, m, v []float32, s *AdamStep) {
	for i := range params {
		g := grads[i] * s.GradScale
		m[i] = settle(m[i] + complement(s.Beta1)*(g-m[i]))
		v[i] = settle(s.Beta2*v[i] + complement(s.Beta2)*g*g)
		params[i] -= s.Rate * m[i] / (sqrt32(v[i])*s.Correction + s.Eps)
	}
}

func rmspropNaive(params, grads, sq []float32, lr, decay, eps, gradScale float32) {
	for i := range params {
		g := grads[i] * gradScale
		sq[i] = settle(decay*sq[i] + complement(decay)*g*g)
		params[i] -= lr * g / (sqrt32(sq[i]) + eps)
	}
}

func sgdNaive(params, grads, buf []float32, lr, momentum, gradScale float32) {
	for i := range params {
		buf[i] = settle(momentum*buf[i] + grads[i]*gradScale)
		params[i] -= lr * buf[i]
	}
}
