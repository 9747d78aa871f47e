package stat

import (
	"math"
	"slices"
)

// Censored is a figure of which perhaps only a bound is known: with Above it lies somewhere above Value, as a
// birth that had not come by the last step, or a distance beyond the longest that was measured.
type Censored struct {
	Value float64
	Above bool
}

// QuantileCensored is the q-quantile of all figures, as Quantile has it. It is known where it is the same
// wherever above their bounds the censored ones lie; otherwise it lies above the Value that is given. A
// quantile of the known ones alone would be too low (Miller 1981, Survival Analysis). NaN of none.
func QuantileCensored(all []Censored, q float64) Censored {
	if len(all) == 0 {
		return Censored{Value: math.NaN()}
	}
	least, most := make([]float64, len(all)), make([]float64, len(all))
	for i, c := range all {
		least[i], most[i] = c.Value, c.Value
		if c.Above {
			most[i] = math.Inf(1)
		}
	}
	slices.Sort(least)
	slices.Sort(most)
	x := q * float64(len(all)-1)
	i, j := int(x), int(math.Ceil(x))
	if least[i] == most[i] && least[j] == most[j] {
		return Censored{Value: Quantile(least, q)}
	}
	return Censored{Value: least[i], Above: true}
}
