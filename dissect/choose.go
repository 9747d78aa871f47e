package dissect

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// choice is the unit chosen for one concept at one site.
type choice struct {
	concept, site, unit int
	sign                int
	detector            stat.Detector
	validation          float64 // AUROC in the direction of sign
	within              float64 // |r_within|, of a state unit
}

// choose picks, for every concept and site, the unit whose AUROC on validation
// lies farthest from a half; the lowest one wins a tie. choices[c][s] is nil
// where the label never changes.
func choose(t *tally) [][]*choice {
	concepts := t.tables[0].C
	out := make([][]*choice, concepts)
	for c := range out {
		out[c] = make([]*choice, len(t.tables))
		for s, table := range t.tables {
			out[c][s] = chooseUnit(table, c, s)
		}
	}
	return out
}

func chooseUnit(table *stat.Table, c, s int) *choice {
	if n, n1 := table.Count(c); n1 == 0 || n1 == n {
		return nil
	}
	best := &choice{concept: c, site: s, validation: -1}
	for u := range table.U {
		auc, _ := table.AUROC(c, u)
		sign := 1
		if auc < 0.5 {
			auc, sign = 1-auc, -1
		}
		if auc > best.validation {
			best.unit, best.sign, best.validation = u, sign, auc
		}
	}
	best.detect(table)
	return best
}

// chooseState picks, for every concept that needs a state, the unit of all sites
// whose |r_within| on validation is largest: a unit that answers to characters
// cannot hide it. nil for other concepts, and where characters tell the label.
func chooseState(t *tally, rules []specimen.Rule) []*choice {
	out := make([]*choice, len(rules))
	for c, r := range rules {
		if r.Concept.Class != concept.State {
			continue
		}
		for s, table := range t.tables {
			if n, n1 := table.Count(c); n1 == 0 || n1 == n {
				break
			}
			u, within := strongestWithin(table, c)
			if u >= 0 && (out[c] == nil || math.Abs(within) > out[c].within) {
				out[c] = &choice{concept: c, site: s, unit: u, sign: 1, within: math.Abs(within)}
				if within < 0 {
					out[c].sign = -1
				}
			}
		}
		if ch := out[c]; ch != nil {
			ch.detect(t.tables[ch.site])
		}
	}
	return out
}

// strongestWithin is the unit with the largest |r_within|, -1 where none is defined.
func strongestWithin(table *stat.Table, c int) (unit int, within float64) {
	unit = -1
	for u := range table.U {
		if r := table.RWithin(c, u); !math.IsNaN(r) && (unit < 0 || math.Abs(r) > math.Abs(within)) {
			unit, within = u, r
		}
	}
	return unit, within
}

// detect settles the threshold of a chosen unit and its AUROC in the direction of its sign.
func (ch *choice) detect(table *stat.Table) {
	ch.validation, _ = table.AUROC(ch.concept, ch.unit)
	if ch.sign < 0 {
		ch.validation = 1 - ch.validation
	}
	var buf [stat.Bins]int64
	on, off := table.Histograms(ch.concept, ch.unit, buf[:])
	ch.detector = stat.BestDetector(on, off, ch.sign)
}

// chooseURL picks the unit of a hidden state whose mean |activation| rises most
// inside URLs, on validation; ok is false when there are none.
func chooseURL(t *tally, sites []specimen.Site, url int) (at specimen.UnitAt, ok bool) {
	best := math.Inf(-1)
	for s, table := range t.tables {
		n, n1 := table.Count(url)
		if !strings.HasSuffix(sites[s].Name, ".h") || n1 == 0 || n1 == n {
			continue
		}
		for u := range table.U {
			on := float64(t.absOn[s][u]) / float64(n1)
			off := float64(t.absAll[s][u]-t.absOn[s][u]) / float64(n-n1)
			if on-off > best {
				best, at, ok = on-off, specimen.UnitAt{Site: s, Unit: u}, true
			}
		}
	}
	return at, ok
}

// percentile90 is the lowest border with at most a tenth of the counts at or
// above it: its bin and its activation.
func percentile90(h []int64, e *stat.Edges) (bin int, value float64) {
	var total, above int64
	for _, n := range h {
		total += n
	}
	bin = stat.Bins
	for b := stat.Bins - 1; b > 0; b-- {
		above += h[b]
		if 10*above > total {
			break
		}
		bin = b
	}
	return bin, float64(e.Values[min(bin, stat.Bins-1)-1])
}

// unitsOf are the units of choices, -1 where there is none.
func unitsOf(choices [][]*choice) [][]int {
	out := make([][]int, len(choices))
	for c, row := range choices {
		for _, ch := range row {
			u := -1
			if ch != nil {
				u = ch.unit
			}
			out[c] = append(out[c], u)
		}
	}
	return out
}
