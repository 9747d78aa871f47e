package stat

import "math"

// AUROC is the probability that a positive lies above a negative (ties count
// half) from histograms over the same bins, with the certified bound on what
// binning can have changed: sum_b H1 H0 / (2 n1 n0). NaN when one side is empty.
func AUROC(on, off []int64) (auc, binning float64) {
	var n1, below, twice, tied int64
	for b, h1 := range on {
		h0 := off[b]
		twice += h1 * (2*below + h0)
		tied += h1 * h0
		below += h0
		n1 += h1
	}
	if n1 == 0 || below == 0 {
		return math.NaN(), math.NaN()
	}
	pairs := 2 * float64(n1) * float64(below)
	return float64(twice) / pairs, float64(tied) / pairs
}

// AUROC of unit u for concept c, and its certified binning error.
func (t *Table) AUROC(c, u int) (auc, binning float64) {
	var buf [Bins]int64
	return AUROC(t.Histograms(c, u, buf[:]))
}

// Moments are the sums behind a correlation of unit u with concept c over the
// concept's valid positions, in activation units.
type Moments struct{ N, A, Y, AA, YY, AY float64 }

// Moments of unit u and concept c.
func (t *Table) Moments(c, u int) Moments {
	n, _ := t.Count(c)
	var a, y int64
	for v := 0; v < t.V; v++ {
		a += t.charSum(c, u, v)
		y += t.CharY[c*t.V+v]
	}
	return Moments{
		N: float64(n), A: float64(a) / FixedOne, Y: float64(y),
		AA: t.squares(c, u) / FixedOne / FixedOne, YY: float64(t.YY[c]),
		AY: float64(t.AY[c*t.U+u]) / FixedOne,
	}
}

func (t *Table) charSum(c, u, v int) int64 {
	a := t.A[u*t.V+v]
	if t.AX[c] != nil {
		a -= t.AX[c][u*t.V+v]
	}
	return a
}

func (t *Table) squares(c, u int) float64 {
	s := t.AA[u]
	if t.AAX[c] != nil {
		s = s.Sub(t.AAX[c][u])
	}
	return s.Float()
}

// R is Pearson's correlation (the point-biserial one for an on/off concept).
// NaN when either side is constant.
func (m Moments) R() float64 {
	if m.N == 0 {
		return math.NaN()
	}
	return ratio(m.AY-m.A*m.Y/m.N, m.AA-m.A*m.A/m.N, m.YY-m.Y*m.Y/m.N)
}

// Sigma is the standard deviation of the activation.
func (m Moments) Sigma() float64 {
	if m.N == 0 {
		return math.NaN()
	}
	return math.Sqrt(max(0, m.AA/m.N-(m.A/m.N)*(m.A/m.N)))
}

// RWithin is the correlation of unit u and concept c inside each current
// character, pooled: what is left of R when the unit's answer to the character
// it has just read is taken away. NaN ("n/a") when the label is a function of
// that character.
func (t *Table) RWithin(c, u int) float64 {
	m := t.Moments(c, u)
	for v := 0; v < t.V; v++ {
		n := float64(t.CharN[v])
		if t.CharX[c] != nil {
			n -= float64(t.CharX[c][v])
		}
		if n == 0 {
			continue
		}
		a, y := float64(t.charSum(c, u, v))/FixedOne, float64(t.CharY[c*t.V+v])
		m.AY -= a * y / n
		m.AA -= a * a / n
		m.YY -= y * y / n
	}
	return ratio(m.AY, m.AA, m.YY)
}

// ratio is sab / sqrt(saa sbb), NaN where a variance is nothing but rounding.
func ratio(sab, saa, sbb float64) float64 {
	if !(saa > 1e-9) || !(sbb > 1e-9) {
		return math.NaN()
	}
	return max(-1, min(1, sab/math.Sqrt(saa*sbb)))
}

// SurfaceAUROC is the AUROC of P(y = 1 | current character) for concept c, its
// probabilities taken from the table learnt and its score from the table t: how
// far the character alone tells the label. NaN when a side is empty.
func (t *Table) SurfaceAUROC(c int, learnt *Table) float64 {
	const steps = 1 << 12
	on, off := make([]int64, steps+1), make([]int64, steps+1)
	_, base1 := learnt.Count(c)
	base := float64(base1) / math.Max(1, float64(learnt.N))
	for v := 0; v < t.V; v++ {
		n1, n := t.onByChar(c, v)
		l1, l := learnt.onByChar(c, v)
		p := (float64(l1) + base) / (float64(l) + 1)
		i := int(math.Round(min(1, max(0, p)) * steps))
		on[i] += n1
		off[i] += n - n1
	}
	auc, _ := AUROC(on, off)
	return auc
}

// onByChar counts the valid positions of character v and those where c is on.
func (t *Table) onByChar(c, v int) (n1, n int64) {
	n = t.CharN[v]
	if t.CharX[c] != nil {
		n -= t.CharX[c][v]
	}
	return t.Char1[c*t.V+v], n
}

// MutualInformation is I(bin; label) in bits. It is biased upwards: take away
// its mean under a null. NaN when a side is empty.
func MutualInformation(on, off []int64) float64 {
	var n1, n0 int64
	for b := range on {
		n1 += on[b]
		n0 += off[b]
	}
	if n1 == 0 || n0 == 0 {
		return math.NaN()
	}
	n := float64(n1 + n0)
	var bits float64
	for b := range on {
		all := float64(on[b] + off[b])
		bits += plog(float64(on[b]), all*float64(n1)/n) + plog(float64(off[b]), all*float64(n0)/n)
	}
	return max(0, bits/n)
}

func plog(x, expected float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log2(x/expected)
}

// Detector says "on" when an activation's bin lies on its side of the border:
// bin >= Bin for Sign +1, bin < Bin for Sign -1.
type Detector struct {
	Sign int `json:"sign"` // +1 or -1
	Bin  int `json:"bin"`  // border between bins Bin-1 and Bin, 0..Bins
}

// Confusion counts true positives, false positives and false negatives.
func (d Detector) Confusion(on, off []int64) (tp, fp, fn int64) {
	for b := range on {
		if (b >= d.Bin) == (d.Sign > 0) {
			tp += on[b]
			fp += off[b]
		} else {
			fn += on[b]
		}
	}
	return tp, fp, fn
}

// BestDetector is the detector of the given sign with the highest F1; the
// lowest border wins a tie.
func BestDetector(on, off []int64, sign int) Detector {
	best, bestF1 := Detector{Sign: sign}, -1.0
	for b := 0; b <= len(on); b++ {
		d := Detector{Sign: sign, Bin: b}
		if f1 := f1Of(d.Confusion(on, off)); f1 > bestF1 {
			best, bestF1 = d, f1
		}
	}
	return best
}

func f1Of(tp, fp, fn int64) float64 {
	if 2*tp+fp+fn == 0 {
		return 0
	}
	return 2 * float64(tp) / float64(2*tp+fp+fn)
}

// Skills gives F1 and intersection over union as skill over the always-on
// detector, (s - s0) / (1 - s0): 1 is perfect, 0 is no better than saying "on"
// everywhere. NaN when a side is empty.
func (d Detector) Skills(on, off []int64) (f1, iou float64) {
	tp, fp, fn := d.Confusion(on, off)
	var n int64
	for b := range on {
		n += on[b] + off[b]
	}
	pi := float64(tp+fn) / float64(n)
	if n == 0 || pi == 0 || pi == 1 {
		return math.NaN(), math.NaN()
	}
	union := float64(tp + fp + fn)
	f0 := 2 * pi / (1 + pi)
	return (f1Of(tp, fp, fn) - f0) / (1 - f0), (float64(tp)/union - pi) / (1 - pi)
}
