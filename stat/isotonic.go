package stat

import (
	"cmp"
	"slices"
)

// Level is the mean Y of N observations at X.
type Level struct{ X, Y, N float64 }

// LevelsOf are the levels of y over x, and the sum of squares of y around its mean.
func LevelsOf(x, y []float64) (levels []Level, total float64) {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	mean := Mean(y)
	for _, i := range order {
		total += (y[i] - mean) * (y[i] - mean)
		if k := len(levels) - 1; k >= 0 && levels[k].X == x[i] {
			l := &levels[k]
			l.Y = (l.Y*l.N + y[i]) / (l.N + 1)
			l.N++
			continue
		}
		levels = append(levels, Level{x[i], y[i], 1})
	}
	return levels, total
}

// Isotonic is the nearest function of X in squares that never falls (rising) or never
// rises, of levels ascending in X: neighbours that break the order are pooled
// into one level at their mean place (pool adjacent violators: Ayer et al. 1955).
func Isotonic(levels []Level, rising bool) []Level {
	var out []Level
	for _, l := range levels {
		out = append(out, l)
		for i := len(out) - 1; i > 0 && out[i].Y != out[i-1].Y && out[i].Y < out[i-1].Y == rising; i-- {
			a, b := out[i], out[i-1]
			n := a.N + b.N
			out[i-1] = Level{X: (a.N*a.X + b.N*b.X) / n, Y: (a.N*a.Y + b.N*b.Y) / n, N: n}
			out = out[:i]
		}
	}
	return out
}

// MonotoneFit is the share of the variance of Y that the best monotone function of X
// explains, rising or falling, and how far that function moves from its first level to
// its last; total is the sum of squares of all observations around their mean. 0 and 0 of
// a constant.
func MonotoneFit(levels []Level, total float64) (explained, moves float64) {
	if !(total > 0) {
		return 0, 0
	}
	var n, mean float64
	for _, l := range levels {
		n, mean = n+l.N, mean+l.N*l.Y
	}
	mean /= n
	for _, rising := range []bool{true, false} {
		fit := Isotonic(levels, rising)
		sum := 0.0
		for _, l := range fit {
			sum += l.N * (l.Y - mean) * (l.Y - mean)
		}
		if sum/total > explained {
			explained = sum / total
			moves = max(fit[0].Y-fit[len(fit)-1].Y, fit[len(fit)-1].Y-fit[0].Y)
		}
	}
	return explained, moves
}
