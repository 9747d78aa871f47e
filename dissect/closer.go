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

// CloserLook is what a second visit tells of a concept's best unit, on a sample of
// the report's blocks.
type CloserLook struct {
	N int64 `json:"n"` // valid positions
	// Within is the AUROC over pairs of positions with the same current character,
	// in the direction of Sign: one half is all that a unit gets there which only
	// answers to that character.
	Within stat.Interval `json:"within"`
	// HeldWithin is the same on S_20, for concepts with events; NaN otherwise.
	HeldWithin stat.Interval `json:"held_within"`
	Grams      []GramScore   `json:"grams"`     // what the last k characters tell on the same positions
	Window     int           `json:"window"`    // smallest k up to 5 that tells the concept (AUROC >= .99), 0 if none does
	Fits       []Fit         `json:"fits"`      // of a depth or quantity
	Responses  []Response    `json:"responses"` // around the places where the label switches, and around each of its events
	// RWithin is r_within on the same positions, in the direction of the unit's
	// sign, with an interval.
	RWithin  stat.Interval  `json:"r_within"`
	Contexts []RangeContext `json:"contexts"` // places drawn at random from bands across the unit's range
}

// GramScore is the AUROC of P(on | last k characters), counted on text before the
// report, and how far the unit exceeds it.
type GramScore struct {
	K      int         `json:"k"`
	AUROC  stat.Number `json:"auroc"`
	Excess stat.Number `json:"excess"` // the unit's AUROC on the same positions less this one
}

// Fit is how a unit follows a quantity.
type Fit struct {
	Scale string      `json:"scale"` // "raw", "capped", "log"
	R     stat.Number `json:"r"`     // correlation of activation and scaled label
	// Monotone is the share of the unit's variance that the best monotone function
	// of the scaled label explains.
	Monotone stat.Number `json:"monotone"`
}

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
	at := specimen.UnitAt{Site: l.siteIndex(a.unit.Site), Unit: a.unit.Unit}
	for _, b := range l.labels {
		a.windows = append(a.windows, l.ask.Window(at, b.Block.Lo, b.Block.Hi))
	}
	return a
}

func (l *looker) finishCloser(ctx context.Context, best, others []closerAsked) {
	err := l.counted.numberAll(ctx, l)
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
	edges := l.walk.Edges.Of[l.siteIndex(best.Site)][best.Unit]
	points := make([]point, 0, specimen.Scored(text.BlockList(l.detail)))
	var held []point
	var state []int8
	var bins [2][stat.Bins]int64
	for s, b := range l.labels {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		for t, y := range state {
			if y < 0 {
				continue
			}
			p := point{segment: int32(s), stratum: b.Chars[t], on: y == 1, bin: edges.Bin(a.windows[s].Values[t])}
			if best.Sign < 0 {
				p.bin = stat.Bins - 1 - p.bin
			}
			bins[y][p.bin]++
			points = append(points, p)
			if b.Held[c] != nil && b.Held[c][t] >= farLevel {
				held = append(held, p)
			}
		}
	}
	out.N = int64(len(points))
	out.Within = stratifiedAUROC(points, len(l.labels))
	if len(held) > 0 {
		out.HeldWithin = stratifiedAUROC(held, len(l.labels))
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
