package dissect

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	bands    = 8 // of equal width between the outermost percents of a unit's values
	perBand  = 2 // places drawn of a band
	bandTail = 0.01
)

// contexts draws places by hash from every band of a unit's range over the detail
// blocks, lowest band first.
func (l *looker) contexts(a closerAsked) []RangeContext {
	out := []RangeContext{}
	lo, hi := bandRange(a.windows)
	if !(hi > lo) {
		return out
	}
	width := (hi - lo) / bands
	var drawn [bands][]drawnPlace
	for _, w := range a.windows {
		for t, v := range w.Values {
			if x := (float64(v) - lo) / width; x >= 0 && x <= bands {
				keepLowest(&drawn[min(bands-1, int(x))], drawnPlace{stat.Hash(uint64(w.Lo + t)), w.Lo + t, float64(v)})
			}
		}
	}
	for band, places := range drawn {
		for _, p := range places {
			out = append(out, RangeContext{
				Lo: look.Round(lo+float64(band)*width, 1e-4), Hi: look.Round(lo+float64(band+1)*width, 1e-4),
				On: l.BlockAt(p.position).On(a.concept, p.position), Place: l.peak(p.position, p.value),
			})
		}
	}
	return out
}

// drawnPlace is a position with the hash it is drawn by.
type drawnPlace struct {
	hash     uint64
	position int
	value    float64
}

// keepLowest keeps the perBand places with the lowest hashes.
func keepLowest(lowest *[]drawnPlace, p drawnPlace) {
	if len(*lowest) == perBand && p.hash >= (*lowest)[perBand-1].hash {
		return
	}
	i, _ := slices.BinarySearchFunc(*lowest, p.hash, func(d drawnPlace, h uint64) int { return cmp.Compare(d.hash, h) })
	*lowest = slices.Insert(*lowest, i, p)
	*lowest = (*lowest)[:min(len(*lowest), perBand)]
}

// bandRange is from the lowest to the highest percent of the values.
func bandRange(windows []*specimen.Window) (lo, hi float64) {
	var all []float32
	for _, w := range windows {
		for t := 0; t < len(w.Values); t += 8 {
			all = append(all, w.Values[t])
		}
	}
	if len(all) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(all)
	tail := int(bandTail * float64(len(all)))
	return float64(all[tail]), float64(all[len(all)-1-tail])
}
