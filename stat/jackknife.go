package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Segments holds, for one unit and one concept, the histograms of each segment
// of the text: what an interval that respects the text's autocorrelation needs.
type Segments struct {
	S       int
	On, Off []int64 // [S,Bins]
}

// NewSegments makes S empty segments.
func NewSegments(s int) *Segments {
	return &Segments{S: s, On: make([]int64, s*Bins), Off: make([]int64, s*Bins)}
}

// Add counts one position of segment s.
func (g *Segments) Add(s int, bin uint8, on bool) {
	if on {
		g.On[s*Bins+int(bin)]++
		return
	}
	g.Off[s*Bins+int(bin)]++
}

// Merge adds the counts of other segments of the same text.
func (g *Segments) Merge(o *Segments) {
	addInto(g.On, o.On)
	addInto(g.Off, o.Off)
}

// Totals are the histograms of all segments together.
func (g *Segments) Totals() (on, off []int64) {
	on, off = make([]int64, Bins), make([]int64, Bins)
	for s := 0; s < g.S; s++ {
		addInto(on, g.On[s*Bins:(s+1)*Bins])
		addInto(off, g.Off[s*Bins:(s+1)*Bins])
	}
	return on, off
}

// AUROC with its 95 % interval by leaving one segment out at a time. Leaving out
// segment s takes away the placements of its positives among all negatives (P_s)
// and of its negatives among all positives (Q_s), and gives back the pairs counted
// twice (X_s):
//
//	A_(-s) = (T - P_s - Q_s + X_s) / ((n1 - n1_s) (n0 - n0_s))
//
// with all five sums from the histograms. The interval uses Student's t with one
// degree of freedom less than there are segments that hold a position; it is
// undefined when fewer than two do or when one segment holds all of a side.
func (g *Segments) AUROC() (ci Interval, binning float64) {
	on, off := g.Totals()
	est, binning := AUROC(on, off)
	n1, n0 := total(on), total(off)
	ci = Point(est, n1+n0)
	if math.IsNaN(est) {
		return ci, binning
	}
	all := pairsTwice(on, off)
	leave := make([]float64, 0, g.S)
	for s := 0; s < g.S; s++ {
		on1, off1 := g.On[s*Bins:(s+1)*Bins], g.Off[s*Bins:(s+1)*Bins]
		k1, k0 := total(on1), total(off1)
		if k1+k0 == 0 {
			continue
		}
		if k1 == n1 || k0 == n0 {
			return ci, binning
		}
		rest := all - pairsTwice(on1, off) - pairsTwice(on, off1) + pairsTwice(on1, off1)
		leave = append(leave, float64(rest)/(2*float64(n1-k1)*float64(n0-k0)))
	}
	ci = Jackknife(est, leave)
	ci.N = n1 + n0
	ci.Lo, ci.Hi = max(0, ci.Lo), min(1, ci.Hi)
	return ci, binning
}

// pairsTwice is twice the number of (positive, negative) pairs in which the
// positive lies above, ties counting half.
func pairsTwice(on, off []int64) int64 {
	var below, twice int64
	for b, h1 := range on {
		twice += h1 * (2*below + off[b])
		below += off[b]
	}
	return twice
}

func total(h []int64) int64 {
	var n int64
	for _, k := range h {
		n += k
	}
	return n
}

// Jackknife is the 95 % interval of an estimate from its values with one segment
// left out (Tukey 1958): se^2 = (S-1)/S sum (theta_(-s) - mean)^2, Student's t
// with S-1 degrees of freedom. Undefined bounds for fewer than two segments. N is S.
func Jackknife(estimate float64, leave []float64) Interval {
	s := len(leave)
	ci := Point(estimate, int64(s))
	if s < 2 {
		return ci
	}
	mean := Mean(leave)
	var ss float64
	for _, x := range leave {
		ss += (x - mean) * (x - mean)
	}
	half := TQuantile(s-1) * math.Sqrt(ss*float64(s-1)/float64(s))
	ci.Lo, ci.Hi = estimate-half, estimate+half
	return ci
}

// SegmentMean is a ratio estimate sum(num)/sum(den) over segments with its
// delete-one-segment interval: the mean of something that is counted unevenly in
// the segments. Segments with den = 0 are left aside. N is the sum of den.
func SegmentMean(num, den []float64) Interval {
	var n, d float64
	for s := range num {
		n += num[s]
		d += den[s]
	}
	if d == 0 {
		return Point(math.NaN(), 0)
	}
	leave := make([]float64, 0, len(num))
	for s := range num {
		if den[s] == 0 {
			continue
		}
		if den[s] == d {
			return Point(n/d, int64(d))
		}
		leave = append(leave, (n-num[s])/(d-den[s]))
	}
	ci := Jackknife(n/d, leave)
	ci.N = int64(d)
	return ci
}

// SegmentContrast is the difference of two ratio estimates over the same
// segments, sum(numA)/sum(denA) - sum(numB)/sum(denB), with its
// delete-one-segment interval. N is the sum of denA. NaN when a side is empty.
func SegmentContrast(numA, denA, numB, denB []float64) Interval {
	na, da, nb, db := sum(numA), sum(denA), sum(numB), sum(denB)
	if da == 0 || db == 0 {
		return Point(math.NaN(), int64(da))
	}
	est := na/da - nb/db
	leave := make([]float64, 0, len(numA))
	for s := range numA {
		if denA[s] == 0 && denB[s] == 0 {
			continue
		}
		if denA[s] == da || denB[s] == db {
			return Point(est, int64(da))
		}
		leave = append(leave, (na-numA[s])/(da-denA[s])-(nb-numB[s])/(db-denB[s]))
	}
	ci := Jackknife(est, leave)
	ci.N = int64(da)
	return ci
}

func sum(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// Mean of x; NaN when empty.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return sum(x) / float64(len(x))
}

// MeanInterval is the mean with Student's 95 % interval. One value has no interval; no value, no mean.
func MeanInterval(x []float64) Interval {
	if len(x) == 0 {
		return Point(math.NaN(), 0)
	}
	mean := Mean(x)
	ci := Point(mean, int64(len(x)))
	if len(x) < 2 {
		return ci
	}
	ss := 0.0
	for _, v := range x {
		ss += (v - mean) * (v - mean)
	}
	n := float64(len(x))
	half := TQuantile(len(x)-1) * math.Sqrt(ss/(n-1)/n)
	ci.Lo, ci.Hi = mean-half, mean+half
	return ci
}

// TQuantile is the two-sided 95 % quantile of Student's t with df degrees of freedom.
func TQuantile(df int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(0.975)
}
