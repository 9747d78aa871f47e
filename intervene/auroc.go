package intervene

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/trace"
)

// rankBins is how many bins a unit's values are counted in: far more than a reported
// figure has digits for.
const rankBins = 4096

// scale counts one unit's values by borders that are quantiles of its own values on
// validation, for each concept it is asked about.
type scale struct {
	unit     Unit
	borders  []float32
	concepts []int
	on, off  [][]int64 // [concepts][rankBins]
}

// reportAUROC gives every pair its AUROC over all of the report, in the direction that the unit
// has on validation.
func (j *steering) reportAUROC(ctx context.Context, r *Result) error {
	scales := map[Unit]*scale{}
	for c := range r.Concepts {
		for _, p := range r.Concepts[c].Pairs {
			if scales[p.Unit] == nil {
				scales[p.Unit] = j.newScale(p.Unit)
			}
			k := scales[p.Unit]
			k.concepts = append(k.concepts, c)
			k.on, k.off = append(k.on, make([]int64, rankBins)), append(k.off, make([]int64, rankBins))
		}
	}
	if len(scales) == 0 {
		return nil
	}
	if err := j.rank(ctx, scales); err != nil {
		return err
	}
	for c := range r.Concepts {
		for i := range r.Concepts[c].Pairs {
			p := &r.Concepts[c].Pairs[i]
			p.AUROC = scales[p.Unit].auroc(c, j.auroc(c, p.Site)[p.Unit.Unit])
		}
	}
	return nil
}

// auroc of a concept; chosen is what the unit has on validation, whose side of one half is its
// direction.
func (k *scale) auroc(c int, chosen float64) stat.Number {
	at := slices.Index(k.concepts, c)
	a, _ := stat.AUROC(k.on[at], k.off[at])
	if math.IsNaN(chosen) || math.IsNaN(a) {
		return stat.Undefined()
	}
	if chosen < 0.5 {
		a = 1 - a
	}
	return stat.Number(a)
}

func (s *study) newScale(u Unit) *scale {
	sorted := s.ref.sites[u.Site].sorted(u.Unit)
	k := &scale{unit: u}
	for b := 1; b < rankBins; b++ {
		if v := float32(sorted[b*len(sorted)/rankBins]); len(k.borders) == 0 || v > k.borders[len(k.borders)-1] {
			k.borders = append(k.borders, v)
		}
	}
	return k
}

// rank reads the report once and counts every scale.
func (j *steering) rank(ctx context.Context, scales map[Unit]*scale) error {
	var sites []string // the count comes with every trace
	for _, site := range j.sites() {
		if at, _ := j.in.Model.Site(site); at.Part != countPart {
			sites = append(sites, site)
		}
	}
	lo, _ := j.reportBounds()
	return trace.Blocks(ctx, j.in.Model, j.in.IDs, j.in.Report, trace.Options{Sites: sites, Loss: len(sites) == 0, Workers: j.opt.Workers}, func(_ int, t *trace.Trace) error {
		for _, k := range scales {
			v := t.Site(k.unit.Site)
			if v == nil {
				v = t.Count
			}
			h := len(v) / len(t.IDs)
			for i := range t.IDs {
				k.add(j.state, t.Block.Lo+i-lo, v[i*h+k.unit.Unit])
			}
		}
		return nil
	})
}

// add counts a value at a position of the report; state is [C] of its positions.
func (k *scale) add(state [][]int8, at int, v float32) {
	bin, found := slices.BinarySearch(k.borders, v)
	if found {
		bin++
	}
	for i, c := range k.concepts {
		switch state[c][at] {
		case 1:
			k.on[i][bin]++
		case 0:
			k.off[i][bin]++
		}
	}
}
