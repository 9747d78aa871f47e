//go:build !noasm

package f32

func peakLoop(n int) float64 {
	if active == pathGo {
		return peakNaive(n)
	}
	peakNEON(n)
	return float64(n) * 24 * 4 * 2
}

// lanes is how many elements a vector holds. The kernels take whole vectors; what is left
// over goes through them in a copy, so that an element's bits do not depend on its place.
const lanes = 4

// tail is room for what is left over of one array of g gates.
type tail [4 * lanes]float32

// take copies elements [at,n) of each of g gates of x, n apart; x nil stands for zeros.
func (t *tail) take(x []float32, g, n, at, left int) *float32 {
	for i := range g {
		if x != nil {
			copy(t[i*lanes:], x[i*n+at:][:left])
		}
	}
	return &t[0]
}

// put copies them back.
func (t *tail) put(x []float32, g, n, at, left int) {
	for i := range g {
		copy(x[i*n+at:][:left], t[i*lanes:])
	}
}

// whole is how many of n elements fill vectors.
func whole(n int) int { return n &^ (lanes - 1) }

// function is one of the elementwise kernels. They are called by name: memory behind a
// function value would have to live on the heap.
type function int

const (
	exponential function = iota
	hyperbolic
	logistic
)

// run is f of n elements, a multiple of lanes.
func (f function) run(dst, src *float32, n int) {
	switch f {
	case exponential:
		expNEON(dst, src, n)
	case hyperbolic:
		tanhNEON(dst, src, n)
	default:
		sigmoidNEON(dst, src, n)
	}
}

// of is f of all of src.
func (f function) of(dst, src []float32) {
	n := whole(len(src))
	if n > 0 {
		f.run(&dst[0], &src[0], n)
	}
	if left := len(src) - n; left > 0 {
		var t tail
		f.run(&t[0], t.take(src, 1, 0, n, left), lanes)
		t.put(dst, 1, 0, n, left)
	}
}

func expVec(dst, src []float32) {
	if active == pathGo {
		expNaive(dst, src)
		return
	}
	exponential.of(dst, src)
}

func tanhVec(dst, src []float32) {
	if active == pathGo {
		tanhNaive(dst, src)
		return
	}
	hyperbolic.of(dst, src)
}

func sigmoidVec(dst, src []float32) {
	if active == pathGo {
		sigmoidNaive(dst, src)
		return
	}
	logistic.of(dst, src)
}

func addScaled(dst, src []float32, s float32) {
	n := 0
	if active != pathGo {
		if n = len(src) &^ 15; n > 0 {
			addScaledNEON(&dst[0], &src[0], &s, n)
		}
	}
	addScaledNaive(dst[n:], src[n:], s)
}

// expSum sums a block after the other, so that the sum is the same where the exponentials
// are not kept.
func expSum(dst, src []float32, shift float32) float64 {
	if active == pathGo {
		return expSumNaive(dst, src, shift)
	}
	var s float64
	var room [256]float32
	for lo := 0; lo < len(src); lo += len(room) {
		part := src[lo:min(lo+len(room), len(src))]
		out := room[:len(part)]
		if dst != nil {
			out = dst[lo:][:len(part)]
		}
		s += expSumBlock(out, part, shift)
	}
	return s
}

// expSumBlock sums whole vectors in four sums of float32, then these and the rest in float64.
func expSumBlock(dst, src []float32, shift float32) float64 {
	var sums [lanes]float32
	n := whole(len(src))
	if n > 0 {
		expSumNEON(&dst[0], &src[0], &shift, &sums[0], n)
	}
	var s float64
	for _, x := range sums {
		s += float64(x)
	}
	return s + expSumNaive(dst[n:], src[n:], shift)
}
