package f32

// peakNaive runs n rounds of eight independent multiply-adds and returns how many
// operations that was.
func peakNaive(n int) float64 {
	var a, b, c, d, e, f, g, h float32 = 1, 1, 1, 1, 1, 1, 1, 1
	for range n {
		a, b, c, d = a*.5+.5, b*.5+.5, c*.5+.5, d*.5+.5
		e, f, g, h = e*.5+.5, f*.5+.5, g*.5+.5, h*.5+.5
	}
	if a+b+c+d+e+f+g+h == 0 { // never: keeps the loop from being dropped
		return 0
	}
	return 16 * float64(n)
}
