package mechanism

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/stat"
)

// clouds is recorded vectors in groups: clouds[g][i] is [M].
type clouds [][][]float64

// gram is the inner products of the groups' mean vectors without the noise of the
// means: between two groups that of their means, within one that of different members
// (an unbiased estimate of the squared length). leave leaves out member i of every
// group; -1 none.
func (c clouds) gram(leave int) [][]float64 {
	n, m := len(c[0]), len(c[0][0])
	sums := make([][]float64, len(c))
	own := make([]float64, len(c)) // sum of squared lengths of members
	count := 0.0
	for i := range n {
		if i != leave {
			count++
		}
	}
	for g := range c {
		sums[g] = make([]float64, m)
		for i, v := range c[g] {
			if i == leave {
				continue
			}
			for j, x := range v {
				sums[g][j] += x
				own[g] += x * x
			}
		}
	}
	out := make([][]float64, len(c))
	for g := range c {
		out[g] = make([]float64, len(c))
	}
	for g := range c {
		for h := range g + 1 {
			var dot float64
			for j, x := range sums[g] {
				dot += x * sums[h][j]
			}
			v := dot / (count * count)
			if g == h {
				v = (dot - own[g]) / (count * (count - 1))
			}
			out[g][h], out[h][g] = v, v
		}
	}
	return out
}

// jackknife is a figure of the Gram matrix with its delete-one interval.
func (c clouds) jackknife(figure func(g [][]float64) float64) stat.Interval {
	n := len(c[0])
	leave := make([]float64, n)
	for i := range leave {
		leave[i] = figure(c.gram(i))
	}
	return stat.Jackknife(figure(c.gram(-1)), leave)
}

// combine is the Gram matrix of linear combinations of the groups' means.
func combine(g [][]float64, rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for a := range rows {
		out[a] = make([]float64, len(rows))
		for b := range rows {
			for i, x := range rows[a] {
				for j, y := range rows[b] {
					out[a][b] += x * y * g[i][j]
				}
			}
		}
	}
	return out
}

// meanCosine is the mean cosine of all pairs; a vector without length has none.
func meanCosine(g [][]float64) float64 {
	var sum float64
	n := 0
	for a := range g {
		for b := range a {
			if g[a][a] > 0 && g[b][b] > 0 {
				sum += max(-1, min(1, g[a][b]/math.Sqrt(g[a][a]*g[b][b])))
				n++
			}
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// later is the mean length of the vectors after the first, beside the first's.
func later(g [][]float64) float64 {
	if !(g[0][0] > 0) {
		return math.NaN()
	}
	var sum float64
	for i := 1; i < len(g); i++ {
		sum += math.Sqrt(max(0, g[i][i]) / g[0][0])
	}
	return sum / float64(len(g)-1)
}

// evenness is the shortest length beside the longest.
func evenness(g [][]float64) float64 {
	lo, hi := math.Inf(1), 0.0
	for i := range g {
		v := math.Sqrt(max(0, g[i][i]))
		lo, hi = min(lo, v), max(hi, v)
	}
	if hi == 0 {
		return math.NaN()
	}
	return lo / hi
}

// plane places the groups in the plane that shows most of their distances (classical
// scaling, Torgerson 1952), with the share of the squared distances it shows.
func plane(g [][]float64) (xy [][2]float64, share float64) {
	n := len(g)
	b := mat.NewSymDense(n, nil)
	row := make([]float64, n)
	var all float64
	for i := range g {
		row[i] = stat.Mean(g[i])
		all += row[i] / float64(n)
	}
	for i := range g {
		for j := range i + 1 {
			b.SetSym(i, j, g[i][j]-row[i]-row[j]+all)
		}
	}
	xy = make([][2]float64, n)
	var e mat.EigenSym
	if !e.Factorize(b, true) {
		return xy, 0
	}
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	var total, shown float64
	for _, v := range values {
		total += max(0, v)
	}
	for axis := range min(2, n) {
		k := n - 1 - axis
		shown += max(0, values[k])
		for i := range n {
			xy[i][axis] = vectors.At(i, k) * math.Sqrt(max(0, values[k]))
		}
	}
	if total == 0 {
		return xy, 0
	}
	return xy, shown / total
}
