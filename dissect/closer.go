package dissect

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// stateLeast is the AUROC on S_20 among equal characters that the whole interval
// of a unit must exceed before it is said to hold the state: random recurrent
// states reach .52 to .55 of plain AUROC.
const stateLeast = 0.55

// closerAsked is a unit that was asked for over the detail blocks, for a concept:
// its best one or its state unit.
type closerAsked struct {
	concept int
	unit    *Score
	windows []*specimen.Window // by detail block
	state   bool               // it is the state unit, and not the best one
}

// askCloser asks for the best unit of every concept over the detail blocks, and
// for the state unit where it is another one. The best ones come first.
func (l *looker) askCloser() func(context.Context) {
	var best, others []closerAsked
	for c, k := range l.res.Concepts {
		if k.Best == nil {
			continue
		}
		best = append(best, l.askOver(closerAsked{concept: c, unit: k.Best}))
		if k.State != nil && !k.State.Same {
			others = append(others, l.askOver(closerAsked{concept: c, unit: &k.State.Score, state: true}))
		}
	}
	return func(ctx context.Context) { l.finishCloser(ctx, best, others) }
}

func (l *looker) askOver(a closerAsked) closerAsked {
	at := specimen.UnitAt{Site: l.SiteIndex(a.unit.Site), Unit: a.unit.Unit}
	for _, b := range l.Labels {
		a.windows = append(a.windows, l.Ask.Window(at, b.Block.Lo, b.Block.Hi))
	}
	return a
}

func (l *looker) finishCloser(ctx context.Context, best, others []closerAsked) {
	err := l.counted.NumberAll(ctx, l.in.Text.Source, l.Labels, l.walk.Workers)
	if err != nil {
		l.pages.Fail(err)
		return
	}
	all := slices.Concat(best, others)
	looks := make([]*CloserLook, len(all))
	err = crew.ForEach(ctx, len(all), l.walk.Workers, func(i int) {
		looks[i] = l.closer(all[i])
	})
	if err != nil {
		return
	}
	for i, a := range all {
		l.settle(a, looks[i])
	}
}

// settle keeps a closer look and gives the verdicts that wait for it.
func (l *looker) settle(a closerAsked, look *CloserLook) {
	k := &l.res.Concepts[a.concept]
	if a.state {
		k.State.Closer = look
		k.State.settle(look, l.opt.Untrained)
		return
	}
	k.Closer = look
	k.Class = string(measuredClass(concept.Class(k.Class), look.Window))
	found := k.Verdict == Learned || k.Verdict == Associated && l.opt.Untrained == 0
	k.Holds = found && look.HeldWithin.Above(stateLeast)
	if k.State != nil && k.State.Same {
		k.State.settle(look, l.opt.Untrained)
	}
}

// measuredClass corrects what the definition lets expect: a label that x_t tells
// is surface, one that the last characters tell is of a window.
func measuredClass(defined concept.Class, window int) concept.Class {
	switch {
	case defined == concept.Predictive:
		return defined
	case window == 1:
		return concept.Surface
	case window > 0:
		return concept.Window
	}
	return concept.State
}

func (l *looker) closer(a closerAsked) *CloserLook {
	best, c := a.unit, a.concept
	out := &CloserLook{HeldWithin: stat.Point(math.NaN(), 0), RWithin: stat.Point(math.NaN(), 0), Fits: []Fit{}}
	edges := l.walk.Edges.Of[l.SiteIndex(best.Site)][best.Unit]
	points := make([]stat.StratumPoint, 0, specimen.Scored(text.BlockList(l.detail)))
	var held []stat.StratumPoint
	var state []int8
	var bins [2][stat.Bins]int64
	for s, b := range l.Labels {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		for t, y := range state {
			if y < 0 {
				continue
			}
			p := stat.StratumPoint{Segment: int32(s), Stratum: b.Chars[t], On: y == 1, Bin: edges.Bin(a.windows[s].Values[t])}
			if best.Sign < 0 {
				p.Bin = stat.Bins - 1 - p.Bin
			}
			bins[y][p.Bin]++
			points = append(points, p)
			if b.Held[c] != nil && b.Held[c][t] >= farLevel {
				held = append(held, p)
			}
		}
	}
	out.N = int64(len(points))
	out.Within = stat.StratifiedAUROC(points, len(l.Labels))
	if len(held) > 0 {
		out.HeldWithin = stat.StratifiedAUROC(held, len(l.Labels))
	}
	unit, _ := stat.AUROC(bins[1][:], bins[0][:])
	out.Grams, out.Window = l.grams(c, unit)
	out.Responses = l.responses(a)
	out.Contexts = l.contexts(a)
	if l.walk.Labels.Rules[c].Concept.Class == concept.State {
		out.RWithin = l.withinCharacters(a)
	}
	if l.walk.Labels.Rules[c].Numeric {
		out.Fits = l.fits(a)
	}
	return out
}
