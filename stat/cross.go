package stat

// CrossSums are the sums behind a correlation of activation and label.
type CrossSums struct{ N, A, Y, AA, YY, AY float64 }

// Add counts one observation.
func (s *CrossSums) Add(a, y float64) {
	s.N++
	s.A += a
	s.Y += y
	s.AA += a * a
	s.YY += y * y
	s.AY += a * y
}

// Plus joins the observations of both.
func (s CrossSums) Plus(o CrossSums) CrossSums {
	return CrossSums{s.N + o.N, s.A + o.A, s.Y + o.Y, s.AA + o.AA, s.YY + o.YY, s.AY + o.AY}
}

// Less takes the observations of o out.
func (s CrossSums) Less(o CrossSums) CrossSums {
	return CrossSums{s.N - o.N, s.A - o.A, s.Y - o.Y, s.AA - o.AA, s.YY - o.YY, s.AY - o.AY}
}

// Scatter is what is left around the means.
func (s CrossSums) Scatter() (aa, yy, ay float64) {
	if s.N < 1 {
		return 0, 0, 0
	}
	return s.AA - s.A*s.A/s.N, s.YY - s.Y*s.Y/s.N, s.AY - s.A*s.Y/s.N
}

// Indicator is 1 of true and 0 of false.
func Indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}
