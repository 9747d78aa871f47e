package dissect

import (
	"context"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
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

// closerAsked is a concept whose best unit was asked for over the detail blocks.
type closerAsked struct {
	concept int
	windows []*window // by detail block
}

// askCloser asks for the best unit of every concept over the detail blocks.
func (l *looker) askCloser() func(context.Context) {
	var all []closerAsked
	for c, k := range l.res.Concepts {
		if k.Best == nil {
			continue
		}
		a := closerAsked{concept: c}
		at := unitAt{l.siteIndex(k.Best.Site), k.Best.Unit}
		for _, b := range l.labels {
			a.windows = append(a.windows, l.ask.watch(at, b.block.Lo, b.block.Hi))
		}
		all = append(all, a)
	}
	return func(ctx context.Context) { l.finishCloser(ctx, all) }
}

func (l *looker) finishCloser(ctx context.Context, all []closerAsked) {
	grams, err := l.countGrams(ctx, all)
	if err != nil {
		return // look returns the context's error
	}
	looks := make([]*CloserLook, len(all))
	if parallel(ctx, len(all), l.walk.workers, func(i int) { looks[i] = l.closer(all[i], grams, i) }) != nil {
		return
	}
	for i, a := range all {
		k := &l.res.Concepts[a.concept]
		k.Closer = looks[i]
		k.Class = string(measuredClass(concept.Class(k.Class), looks[i].Window))
		found := k.Verdict == Learned || k.Verdict == Associated && l.opt.Untrained == 0
		k.Holds = found && looks[i].HeldWithin.Above(stateLeast)
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

func (l *looker) closer(a closerAsked, grams *gramIndex, i int) *CloserLook {
	best, c := l.res.Concepts[a.concept].Best, a.concept
	out := &CloserLook{HeldWithin: stat.Point(math.NaN(), 0), Fits: []Fit{}}
	edges := l.walk.frozen.edges[l.siteIndex(best.Site)][best.Unit]
	var points, held []point
	var state []int8
	var bins [2][stat.Bins]int64
	for s, b := range l.labels {
		state = labelStates(state, len(b.Chars), &b.Labels[c])
		for t, y := range state {
			if y < 0 {
				continue
			}
			p := point{segment: int32(s), stratum: b.Chars[t], on: y == 1, bin: edges.Bin(a.windows[s].values[t])}
			if best.Sign < 0 {
				p.bin = stat.Bins - 1 - p.bin
			}
			bins[y][p.bin]++
			points = append(points, p)
			if b.held[c] != nil && b.held[c][t] >= farLevel {
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
	out.Grams, out.Window = l.grams(c, grams, i, unit)
	out.Responses = l.responses(a)
	if l.walk.labels.rules[c].numeric {
		out.Fits = l.fits(a)
	}
	return out
}

// closerFindings flattens the closer look at a concept's best unit.
func (r *Result) closerFindings(c ConceptResult) []stat.Finding {
	if c.Closer == nil || c.Best == nil {
		return nil
	}
	k, at := c.Closer, c.Best
	add := func(out []stat.Finding, metric, method string, i stat.Interval) []stat.Finding {
		if math.IsNaN(i.Estimate) {
			return out
		}
		return append(out, r.finding(c.Concept, at.Site, at.Unit, metric, method, i))
	}
	var out []stat.Finding
	blocks := "sample of blocks by hash; delete-one-block jackknife"
	out = add(out, "auroc_within", "among equal current characters; "+blocks, k.Within)
	out = add(out, "auroc_held_within", "on S_20, among equal current characters; "+blocks, k.HeldWithin)
	for _, g := range k.Grams {
		method := fmt.Sprintf("unit less P(on | last %d characters), counted before the report", g.K)
		out = add(out, fmt.Sprintf("excess_%d_gram", g.K), method, stat.Point(float64(g.Excess), k.N))
	}
	for _, f := range k.Fits {
		out = add(out, "r_"+f.Scale, "correlation with the label, "+f.Scale, stat.Point(float64(f.R), k.N))
		out = add(out, "monotone_"+f.Scale, "share of variance a monotone function of the label explains", stat.Point(float64(f.Monotone), k.N))
	}
	return out
}
