package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// FlipTest is a sign-flip test of per-segment differences.
type FlipTest struct {
	Mean     float64 // mean of the differences
	Greater  float64 // one-sided p: share of sign patterns whose mean reaches Mean
	TwoSided float64 // share whose |mean| reaches |Mean|
	Draws    int
}

// SignFlip tests whether differences are symmetric around 0 by flipping the
// sign of whole segments at random. The observation counts among the draws.
func SignFlip(d []float64, draws int, rng *rand.Rand) FlipTest {
	observed := sum(d)
	slack := 1e-9 * sumAbs(d)
	greater, two := 1, 1
	for range draws {
		s := 0.0
		var coins uint64
		for i, x := range d {
			if i%64 == 0 {
				coins = rng.Uint64()
			}
			if coins&1 == 0 {
				x = -x
			}
			coins >>= 1
			s += x
		}
		if s >= observed-slack {
			greater++
		}
		if math.Abs(s) >= math.Abs(observed)-slack {
			two++
		}
	}
	return FlipTest{
		Mean: Mean(d), Draws: draws,
		Greater: float64(greater) / float64(draws+1), TwoSided: float64(two) / float64(draws+1),
	}
}

func sumAbs(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += math.Abs(v)
	}
	return s
}

// Bootstrap is the 95 % percentile interval of a figure over resampled
// segments. figure gets indices into the segments, with repetition; draws in
// which it is NaN are left aside. N is the number of segments.
func Bootstrap(segments, draws int, rng *rand.Rand, figure func(index []int) float64) Interval {
	index := make([]int, segments)
	for i := range index {
		index[i] = i
	}
	ci := Point(figure(index), int64(segments))
	values := make([]float64, 0, draws)
	for range draws {
		for i := range index {
			index[i] = rng.IntN(segments)
		}
		if x := figure(index); !math.IsNaN(x) {
			values = append(values, x)
		}
	}
	if segments < 2 || len(values) == 0 {
		return ci
	}
	slices.Sort(values)
	ci.Lo, ci.Hi = Quantile(values, 0.025), Quantile(values, 0.975)
	return ci
}

// Quantile of sorted values by linear interpolation between order statistics
// (Hyndman and Fan's type 7); NaN when empty.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	x := q * float64(len(sorted)-1)
	i := min(int(x), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (x-float64(i))*(sorted[j]-sorted[i])
}

// Pearson's correlation; NaN when a side is constant.
func Pearson(a, b []float64) float64 {
	if len(a) != len(b) {
		panic("stat: Pearson of slices of different length")
	}
	ma, mb := Mean(a), Mean(b)
	var saa, sbb, sab float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		saa += x * x
		sbb += y * y
		sab += x * y
	}
	if saa == 0 || sbb == 0 || len(a) == 0 {
		return math.NaN()
	}
	return max(-1, min(1, sab/math.Sqrt(saa)/math.Sqrt(sbb)))
}

// Spearman's rank correlation with mid-ranks for ties; NaN when a side is constant.
func Spearman(a, b []float64) float64 { return Pearson(midRanksOf(a), midRanksOf(b)) }

func midRanksOf(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case x[i] < x[j]:
			return -1
		case x[i] > x[j]:
			return 1
		}
		return 0
	})
	ranks := make([]float64, len(x))
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			ranks[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return ranks
}

// TauInt is the integrated autocorrelation time 1 + 2 sum rho(k) in steps, with
// the sum cut at the first window M >= 5 tau(M) (Sokal 1997, section 3). 1 for
// white noise, (1+phi)/(1-phi) for an AR(1) process. NaN for a constant series.
func TauInt(x []float64) float64 {
	mean := Mean(x)
	c0 := autocovariance(x, mean, 0)
	if !(c0 > 0) {
		return math.NaN()
	}
	tau := 1.0
	for k := 1; k < len(x)/2; k++ {
		tau += 2 * autocovariance(x, mean, k) / c0
		if float64(k) >= 5*tau {
			break
		}
	}
	return tau
}

func autocovariance(x []float64, mean float64, lag int) float64 {
	var s float64
	for i := lag; i < len(x); i++ {
		s += (x[i] - mean) * (x[i-lag] - mean)
	}
	return s / float64(max(1, len(x)))
}
