package calibrate

import (
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// fullUnit is what a planted unit's states stay within before tanh.
const fullUnit = 0.6

// driftMemory is the autocorrelation of a planted unit's noise from one character
// to the next: it remembers about 20 characters.
const driftMemory = 0.95

// driftingNoise is an AR(1) series of unit variance.
func driftingNoise(n int, rng *rand.Rand) []float64 {
	out := make([]float64, n)
	x := rng.NormFloat64()
	for p := range out {
		out[p] = x
		x = driftMemory*x + math.Sqrt(1-driftMemory*driftMemory)*rng.NormFloat64()
	}
	return out
}

// follower is a unit that follows a signal of any scale with drifting noise so
// strong that its AUROC for on (-1: leave out) comes to the target.
func follower(signal []float64, on []int8, target float64, rng *rand.Rand) func(int) float32 {
	noise := driftingNoise(len(signal), rng)
	scale := spreadOf(signal)
	at := func(p int, gain float64) float64 { return gain*signal[p]/scale + noise[p] }
	lo, hi := 0.0, 64.0
	for range 30 {
		mid := (lo + hi) / 2
		if labelledAUROC(on, func(p int) float64 { return at(p, mid) }) < target {
			lo = mid
		} else {
			hi = mid
		}
	}
	gain := (lo + hi) / 2
	unit := fullUnit / math.Max(1, gain)
	return func(p int) float32 { return float32(math.Tanh(unit * at(p, gain))) }
}

func spreadOf(x []float64) float64 {
	mean := stat.Mean(x)
	var ss float64
	for _, v := range x {
		ss += (v - mean) * (v - mean)
	}
	return math.Max(math.Sqrt(ss/float64(max(1, len(x)))), 1e-9)
}

// labelledAUROC is the AUROC of a value over the positions with a label.
func labelledAUROC(on []int8, value func(int) float64) float64 {
	var values [2][]float64
	for p, y := range on {
		if y >= 0 {
			values[y] = append(values[y], value(p))
		}
	}
	return stat.ExactAUROC(values[1], values[0])
}

// decoy is a unit that says how often the label is on at the current character,
// and nothing else: the highest AUROC that the character alone can give.
func decoy(ids []int32, on []int8, symbols int) func(int) float32 {
	n1, n := make([]float64, symbols), make([]float64, symbols)
	for p, y := range on {
		if y >= 0 {
			n[ids[p]]++
			n1[ids[p]] += float64(y)
		}
	}
	return func(p int) float32 { return float32(math.Tanh(2 * n1[ids[p]] / math.Max(1, n[ids[p]]))) }
}

// signalOf gives a concept over a text as a signal, and where it counts as on.
func signalOf(c concept.Concept, runes []rune, above int32) (signal []float64, on []int8) {
	signal, on = make([]float64, len(runes)), make([]int8, len(runes))
	for p, y := range concept.LabelAll(c, runes) {
		switch {
		case !y.Valid:
			on[p] = -1
			continue
		case y.Y > above:
			on[p] = 1
		}
		signal[p] = float64(y.Y)
		if c.Kind == concept.Binary {
			signal[p] = float64(on[p])
		}
	}
	return signal, on
}
