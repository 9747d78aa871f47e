package report

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	openingUsed    = 5 // used units in the picture
	openingMissing = 6 // concepts named as not found
)

// opening is what was found, in three to five sentences with their pictures: how far training came, the
// surest unit with its text, what the network uses, how it counts or how far back it remembers, and what
// was not found.
func (b *builder) opening() *page.Section {
	s := b.Section("opening")
	s.Intro = nil
	n := 0
	for _, part := range []func() []page.Block{b.openingLoss, b.openingUnit, b.openingUse, b.openingHow, b.openingMissing} {
		if blocks := part(); len(blocks) > 0 {
			s.Add(blocks...)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return s
}

// openingLoss says how far the loss fell and shows what the network wrote before and after.
func (b *builder) openingLoss() []page.Block {
	first, last := page.Ends(b.D.Validation)
	if len(b.D.Validation) < 2 || math.IsNaN(last) {
		return nil
	}
	out := []page.Block{page.Prose(b.W.Say("opening.loss", page.Number(page.Bits(first), 2), page.Number(page.Bits(last), 2), page.Integer(b.D.Validation[len(b.D.Validation)-1].Step)))}
	if len(b.D.Moments) < 2 {
		return out
	}
	t := &page.Table{Head: []string{b.W.Say("opening.step"), b.W.Say("use.head.sample")}, Written: true}
	for _, m := range []content.Moment{b.D.Moments[0], b.D.Moments[len(b.D.Moments)-1]} {
		t.Rows = append(t.Rows, []string{page.Integer(m.Step), page.Visible(shortened(m.Sample))})
	}
	return append(out, page.Block{Table: t})
}

// openingSample is the length of a sample in the opening, in characters.
const openingSample = 90

func shortened(s string) string {
	rs := []rune(s)
	if len(rs) <= openingSample {
		return s
	}
	return string(rs[:openingSample]) + "…"
}

// openingUnit is the surest unit that holds a state, or else the surest that learned anything, with its text.
func (b *builder) openingUnit() []page.Block {
	if b.D.Dissect == nil {
		return []page.Block{page.Prose(b.W.Say("opening.unasked", b.Command("dissect")))}
	}
	x := b.surest()
	if x == nil && b.onlyTooLittle() {
		return nil // openingMissing says so
	}
	if x == nil {
		return []page.Block{page.Prose(b.W.Say("opening.nounit"))}
	}
	out := []page.Block{page.Prose(b.surestSays(x))}
	for _, g := range b.D.Dissect.Gallery {
		if g.Site != x.unit.Site || g.Unit != x.unit.Unit {
			continue
		}
		card := b.Unit(g)
		card.Says = b.ConceptPlain(x.concept.Concept)
		if title := b.ConceptTitle(x.concept.Concept); !slices.Contains(card.Chips, title) { // a state unit is nobody's best
			card.Chips = []string{title}
		}
		card.Texts = b.UnitTexts(g, []string{x.concept.Concept}, 1)
		out = append(out, page.Block{Units: []page.UnitCard{card}})
	}
	return out
}

// surestSays says what the surest unit does, and by which figure it is the surest.
func (b *builder) surestSays(x *sureUnit) string {
	u, key := x.unit, "opening.unit"
	if x.holds {
		key = "opening.holds"
	}
	says := []string{b.W.Say(key, page.NoBreak(rnn.UnitName(u.Site, u.Unit)), b.ConceptTitle(x.concept.Concept), perHundred(u.AUROC.Estimate), page.Interval(u.AUROC, 2), b.untrained(u))}
	switch x.rank {
	case byHeldWithin:
		says = append(says, b.W.Say("opening.by.heldwithin", page.Interval(x.by, 2)))
	case byWithin:
		says = append(says, b.W.Say("opening.by.within", page.Interval(x.by, 2)))
	default:
		says = append(says, b.W.Say("opening.by.auroc"))
	}
	if !b.anyHolds() {
		says = append(says, b.W.Say("opening.nostate"))
	}
	return b.W.Sentences(says...)
}

// untrained says what untrained networks reach, "" where none were read.
func (b *builder) untrained(u *dissect.Score) string {
	if !u.UntrainedMax.Defined() {
		return ""
	}
	return b.W.Say("opening.untrained", page.Integer(b.D.Dissect.Null.Untrained), perHundred(float64(u.UntrainedMax)))
}

// perHundred writes an AUROC as comparisons of a hundred.
func perHundred(x float64) string { return page.Number(100*x, 0) }

// sureUnit is a unit that learned a concept, and the figure by whose lower bound it is ranked.
type sureUnit struct {
	concept *dissect.ConceptResult
	unit    *dissect.Score
	holds   bool
	rank    int // which figure by is
	by      stat.Interval
}

// What units are ranked by, from the weakest on: the next counts more, whatever the figures are.
const (
	byAUROC = iota
	byWithin
	byHeldWithin
)

// surest is the surest unit: units that hold a state first, by the AUROC among equal characters far from any event; then those with an
// AUROC among equal characters; then the others by their AUROC, the lower bound each time. nil where nothing was learned.
func (b *builder) surest() *sureUnit {
	var best *sureUnit
	for i := range b.D.Dissect.Concepts {
		c := &b.D.Dissect.Concepts[i]
		if b.Aside(*c) {
			continue
		}
		for _, x := range learnedUnits(c) {
			if best == nil || x.rank > best.rank || x.rank == best.rank && x.by.Lo > best.by.Lo {
				best = &x
			}
		}
	}
	return best
}

// learnedUnits are a concept's best unit and its state unit, as far as they learned it.
func learnedUnits(c *dissect.ConceptResult) []sureUnit {
	var out []sureUnit
	add := func(u *dissect.Score, closer *dissect.CloserLook, holds bool) {
		x := sureUnit{concept: c, unit: u, holds: holds, by: u.AUROC}
		switch {
		case closer == nil:
		case holds && closer.HeldWithin.Defined():
			x.rank, x.by = byHeldWithin, closer.HeldWithin
		case closer.Within.Defined():
			x.rank, x.by = byWithin, closer.Within
		}
		out = append(out, x)
	}
	if c.Verdict == dissect.Learned && c.Best != nil {
		add(c.Best, c.Closer, c.Holds)
	}
	if s := c.State; s != nil && !s.Same && s.Verdict == dissect.Learned {
		add(&s.Score, s.Closer, s.Holds)
	}
	return out
}

// anyHolds tells whether some unit holds a state over many characters.
func (b *builder) anyHolds() bool {
	return slices.ContainsFunc(b.D.Dissect.Concepts, func(c dissect.ConceptResult) bool {
		return !b.Aside(c) && (c.Holds || c.State != nil && c.State.Holds)
	})
}

// openingUse is what the network uses, strongest first, with the effects as a picture.
func (b *builder) openingUse() []page.Block {
	if b.D.Use == nil {
		return []page.Block{page.Prose(b.W.Say("opening.useunasked", b.Command("ablate")))}
	}
	var used []useRow
	asked := 0
	for _, c := range b.D.Use.Concepts {
		if b.AsideNamed(c.Concept) {
			continue
		}
		for i := range c.Pairs {
			asked++
			if p := &c.Pairs[i]; p.Verdict == intervene.Used {
				used = append(used, useRow{c.Concept, p})
			}
		}
	}
	if len(used) == 0 {
		return []page.Block{page.Prose(b.W.Say("opening.unused", page.Integer(asked)))}
	}
	slices.SortStableFunc(used, func(x, y useRow) int {
		if x.pair.Mean.D.Estimate > y.pair.Mean.D.Estimate {
			return -1
		}
		return 1
	})
	top := used[0]
	says := b.W.Say("opening.used", page.Integer(len(used)), page.Integer(asked), page.NoBreak(page.UnitName(top.pair.Unit)), b.ConceptTitle(top.concept), page.MilliInterval(top.pair.Mean.D))
	b.On(intervene.ViewName)
	fig := &figure.Forest{XLabel: b.W.Say("opening.axis"), EstLabel: b.W.Say("opening.effect"), Reference: 0}
	for _, u := range distinct(used) {
		d := u.pair.Mean.D
		fig.Rows = append(fig.Rows, figure.ForestRow{
			Name: b.ConceptTitle(u.concept), Verdict: page.UnitName(u.pair.Unit), Estimate: 1000 * d.Estimate, Lo: 1000 * d.Lo, Hi: 1000 * d.Hi, Null: math.NaN(), Strong: true,
		})
		fig.Hi = max(fig.Hi, 1050*d.Hi)
	}
	fig.Head = b.Head(b.W.Say("opening.used.title"), says)
	return []page.Block{page.Prose(says), b.Picture("opening-used", fig, "", b.Command("ablate"))}
}

// distinct keeps the strongest row of every unit.
func distinct(used []useRow) []useRow {
	var out []useRow
	for _, u := range used {
		if len(out) < openingUsed && !slices.ContainsFunc(out, func(o useRow) bool { return o.pair.Unit == u.pair.Unit }) {
			out = append(out, u)
		}
	}
	return out
}

type useRow struct {
	concept string
	pair    *intervene.Pair
}

// openingHow is how the network counts quotation marks, or else how far back it remembers.
func (b *builder) openingHow() []page.Block {
	if v := b.D.Mechanism; v != nil && v.Result != nil && v.Result.Verdict != mechanism.None {
		l := &laboratory{document: document{w: b.W}}
		said := b.W.Say("opening.counts", l.verdict(v.Result.Verdict), b.W.Marks(v.Result.Language))
		if v.Result.Inside.ByContent() {
			said += " " + b.W.Say("mech.content", page.Number(v.Result.Inside.Unmarked.Estimate, 2))
		}
		return []page.Block{page.Prose(said)}
	}
	if b.D.Memory == nil {
		return nil
	}
	far := farthest(b.D.Memory)
	if far == nil {
		return nil
	}
	return []page.Block{page.Prose(b.W.Say("opening.far", b.PairKind(far.Kind), page.Number(far.Horizon.Gap.Estimate, 0), page.Number(far.Horizon.Gap.Lo, 0), page.Number(far.Horizon.Gap.Hi, 0)))}
}

// farthest is the kind of pair whose closers are foreseen from farthest away, by the lower bound of the horizon.
func farthest(r *memory.Result) *memory.Recall {
	var best *memory.Recall
	for i := range r.Recall {
		k := &r.Recall[i]
		if h := k.Horizon; h.None || h.Censored || h.Open || !h.Gap.Defined() || math.IsNaN(h.Gap.Lo) {
			continue
		}
		if best == nil || k.Horizon.Gap.Lo > best.Horizon.Gap.Lo {
			best = k
		}
	}
	return best
}

// openingMissing names what no unit follows better than chance allows.
func (b *builder) openingMissing() []page.Block {
	if b.D.Dissect == nil {
		return nil
	}
	var names []string
	for _, c := range b.D.Dissect.Concepts {
		if c.Verdict == dissect.NotFound && !b.Aside(c) {
			names = append(names, b.ConceptTitle(c.Concept))
		}
	}
	if len(names) == 0 {
		return []page.Block{page.Prose(b.W.Say(b.nothingMissing()))}
	}
	shown := names[:min(openingMissing, len(names))]
	if rest := len(names) - len(shown); rest > 0 {
		return []page.Block{page.Prose(b.W.Say("opening.missing.more", b.W.List(shown), page.Integer(rest)))}
	}
	return []page.Block{page.Prose(b.W.Say("opening.missing", b.W.List(shown)))}
}

// onlyTooLittle tells whether there is a concept in the text, and too little of the text to answer for any.
func (b *builder) onlyTooLittle() bool {
	answered := func(c dissect.ConceptResult) bool {
		return !b.Aside(c) && c.Verdict != dissect.NotInText && c.Verdict != dissect.TooLittleText
	}
	return !slices.ContainsFunc(b.D.Dissect.Concepts, answered) &&
		slices.ContainsFunc(b.D.Dissect.Concepts, func(c dissect.ConceptResult) bool { return c.Verdict == dissect.TooLittleText })
}

// nothingMissing is the sentence where no concept was "not found": some may not have been answerable.
func (b *builder) nothingMissing() string {
	found, short := 0, 0
	for _, c := range b.D.Dissect.Concepts {
		switch {
		case b.Aside(c):
		case c.Verdict == dissect.TooLittleText:
			short++
		case c.Verdict == dissect.Learned || c.Verdict == dissect.Associated:
			found++
		}
	}
	switch {
	case found == 0:
		return "opening.noneasked"
	case short > 0:
		return "opening.someasked"
	}
	return "opening.allfound"
}
