package panel

import (
	"context"
	"math"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// GrowthPoint is one snapshot.
type GrowthPoint struct {
	Step     int64         `json:"step"`
	AUROC    stat.Interval `json:"auroc" doc:"Of the unit, in the direction it has at the last snapshot."`
	Best     float64       `json:"best" doc:"Of the best unit of the site at this snapshot: a maximum. That of step 0, before anything was learned, is its null."`
	BestUnit int           `json:"best_unit"`
	Measured int           `json:"measured"`
	Left     int           `json:"left" doc:"Snapshots still to come."`
}

// growthBlocks are the blocks a unit is scored on at every snapshot: few, since there are many
// snapshots.
const growthBlocks = 3

// Growth is a small panel with one concept.
func Growth(ctx context.Context, src text.Source, split text.Split, ck *checkpoint.Checkpoint, site string, c concept.Concept) (*Panel, error) {
	if _, err := ck.Model.Site(site); err != nil {
		return nil, err
	}
	p := &Panel{Sites: []string{site}, H: ck.Model.Config().Hidden, Step: ck.Step}
	p.blocks = spread(text.Grid{Size: panelBlock}.Blocks(split.Test), growthBlocks)
	none := func(int64) {}
	if err := p.readRanges(ctx, src, ck.Model, p.blocks, none); err != nil { // borders only: nothing is chosen by them
		return nil, err
	}
	if err := p.readValues(ctx, src, ck.Model, none); err != nil {
		return nil, err
	}
	return p, p.label(ctx, src, ck.Alphabet, []concept.Concept{c})
}

// Score measures a unit, and finds the best of the site. sign 0 is set to the unit's direction.
func (p *Panel) Score(unit int, sign *int) (*GrowthPoint, error) {
	if _, err := p.Index(p.Sites[0], unit); err != nil {
		return nil, err
	}
	out := &GrowthPoint{AUROC: stat.Point(math.NaN(), 0), BestUnit: -1, Measured: len(p.ids)}
	if len(p.Concepts) == 0 {
		return out, nil
	}
	for u := range p.H {
		bins := p.quantileBins(0, u)
		if u == unit {
			c := p.beside(0, bins, make([]uint8, len(p.ids)))
			if *sign == 0 {
				*sign = c.Sign
			}
			out.AUROC = c.AUROC
			if c.Sign != *sign {
				out.AUROC = stat.Interval{Estimate: 1 - c.AUROC.Estimate, Lo: 1 - c.AUROC.Hi, Hi: 1 - c.AUROC.Lo, N: c.AUROC.N}
			}
		}
		var on, off [stat.Bins]int64
		for t, y := range p.labels[0] {
			switch y {
			case 1:
				on[bins[t]]++
			case 0:
				off[bins[t]]++
			}
		}
		if a, _ := stat.AUROC(on[:], off[:]); !math.IsNaN(a) && max(a, 1-a) > out.Best {
			out.Best, out.BestUnit = max(a, 1-a), u
		}
	}
	return out, nil
}
