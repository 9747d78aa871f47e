package dissect

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// looker looks at a sample of the report character by character: the parts of a
// result that show text.
type looker struct {
	*job
	*look.Sample
	res        *Result
	validation *tally
	measured   *measured
	plan       *plan
	texts      []specimen.Stretch // [detail blocks]
}

// look fills the parts of the result that show text. Every part first asks for
// the activations it needs, one read answers all, then every part is finished.
func (j *job) look(ctx context.Context, res *Result, validation *tally, m *measured, p *plan) error {
	if j.opt.Extent == FiguresOnly {
		return ctx.Err()
	}
	labels, err := j.walk.Labels.Label(ctx, j.detail)
	if err != nil {
		return err
	}
	l := &looker{job: j, res: res, validation: validation, measured: m, plan: p, Sample: &look.Sample{
		Alphabet: j.in.Alphabet, Runes: j.walk.Labels.Runes, Sites: res.Sites, Labels: labels,
		Pages: &j.pages, Ask: &specimen.Request{}, Workers: j.walk.Workers,
	}}
	l.readTexts()
	if j.opt.Extent == CloserOnly {
		closer := l.askCloser()
		err := l.Ask.Read(ctx, j.walk, j.in.Report)
		closer(ctx)
		return cmp.Or(err, j.pages.Err())
	}
	l.peaks()
	var pairs func()
	if res.Pairs, pairs, err = l.AskPairs(ctx, l.rngOf("pairs")); err != nil {
		return err
	}
	probes := l.readers()
	if err := probes.Ask(ctx, l.Labels, l.Ask); err != nil {
		return err
	}
	gallery, jump, area, urls, closer := l.askGallery(), l.askJump(), l.AskMap(l.depths(), func(site int) *stat.Table { return validation.tables[site] }), l.askURL(), l.askCloser()
	if err := l.Ask.Read(ctx, j.walk, j.in.Report); err != nil {
		return err
	}
	gallery()
	jump(ctx)
	pairs()
	if area != nil {
		res.Pairs.Map = area()
	}
	closer(ctx)
	l.counted, l.Ask.Windows = nil, nil // read for the last time
	if err := probes.Read(ctx); err != nil {
		return err
	}
	for c, a := range probes.Answers {
		k := &res.Concepts[c]
		k.Probe, k.Rotated, k.Depth = a.Probe, a.Rotated, a.Depth
	}
	if err := urls(ctx); err != nil {
		return err
	}
	if j.walk.Progress != nil {
		j.walk.Progress(int(specimen.Scored(text.BlockList(j.detail))))
	}
	return cmp.Or(j.pages.Err(), ctx.Err())
}

// readers are the linear readers of all concepts that have a best unit.
func (l *looker) readers() *probe.Readers {
	r := &probe.Readers{
		Pass: l.walk, Sites: l.res.Sites, Choose: l.in.Choose, Concepts: l.opt.Concepts, Text: l.Show, Rand: l.rngOf,
		BestUnits: make([]*probe.BestUnit, len(l.res.Concepts)),
		Score:     func(c, site, u int) float64 { auc, _ := l.validation.tables[site].AUROC(c, u); return auc },
	}
	for c := range l.res.Concepts {
		if best := l.res.Concepts[c].Best; best != nil {
			r.BestUnits[c] = &probe.BestUnit{Site: l.SiteIndex(best.Site), Unit: best.Unit}
		}
	}
	return r
}

// contextBefore and contextAfter are the characters shown around a peak.
const (
	contextBefore = 40
	contextAfter  = 20
	peaksShown    = 5
)

// peaks fills the places where each unit is most active.
func (l *looker) peaks() {
	for s, info := range l.res.Sites {
		table := l.measured.tables[s]
		for u := range info.Units {
			h := l.validation.tables[s].Htot[u*stat.Bins : (u+1)*stat.Bins]
			bin, value := percentile90(h, l.walk.Edges.Of[s][u])
			out := UnitPeaks{Site: info.Name, Unit: u, P90: value, N: table.N, Top: []Peak{}}
			for _, n := range table.Htot[u*stat.Bins+bin : (u+1)*stat.Bins] {
				out.Above += n
			}
			for _, p := range l.measured.peaks[s][u].Best(peaksShown) {
				a := float64(p.Value) / stat.FixedOne
				if l.walk.Edges.Of[s][u].Bin(float32(a)) >= uint8(min(bin, stat.Bins-1)) {
					out.Top = append(out.Top, l.peak(p.Position, a))
				}
			}
			l.res.Peaks = append(l.res.Peaks, out)
		}
	}
}

func (l *looker) peak(at int, value float64) Peak {
	lo, hi := max(0, at-contextBefore), min(l.in.Text.Source.Len(), at+1+contextAfter)
	runes, of := l.Show(lo, hi)
	from, to := text.RunesAt(of, at-lo, at+1-lo)
	out := Peak{
		Position: at, Value: float32(look.Round(value, 1e-4)),
		Before: string(runes[:from]), Char: string(runes[from:to]), After: string(runes[to:]),
	}
	if out.Char == "" {
		out.Char = l.in.Alphabet.Visible(l.pages.Read(at, at+1)[0])
	}
	return out
}

// excerpt is a window as it is reported. c is the concept whose label goes with
// it, -1 for none; the window must lie in the detail blocks then.
func (l *looker) excerpt(w *specimen.Window, c int, mark [2]int) Excerpt {
	runes, of := l.Show(w.Lo, w.Hi)
	out := Excerpt{Lo: w.Lo, Text: string(runes)}
	out.Mark[0], out.Mark[1] = text.RunesAt(of, mark[0], mark[1])
	for _, a := range text.OnRunes(of, w.Values) {
		out.Activation = append(out.Activation, look.Rounded(a))
	}
	if c >= 0 {
		out.Concept = l.res.Concepts[c].Concept
	}
	if b := l.BlockAt(w.Lo); c >= 0 && b != nil {
		var on []bool
		for p := w.Lo; p < w.Hi; p++ {
			on = append(on, b.On(c, p))
		}
		out.Label = text.OnRunes(of, on)
	}
	return out
}

// span is a run of positions at which a label is on.
type span struct{ lo, hi int }

// spansOn lists the runs of concept c in a block.
func spansOn(b *specimen.BlockLabels, c int) []span {
	var out []span
	for _, t := range b.Labels[c].Positive {
		p := b.Block.Lo + int(t)
		if n := len(out); n > 0 && out[n-1].hi == p {
			out[n-1].hi++
			continue
		}
		out = append(out, span{p, p + 1})
	}
	return out
}

// isDepth reports whether the concept counts what is open.
func isDepth(c concept.Concept) bool { return c.Kind == concept.Depth }

// depths are the depth concepts that have a unit, the one that its unit follows best on
// validation first.
func (l *looker) depths() []look.Depth {
	var out []look.Depth
	for c, k := range l.res.Concepts {
		if k.Best != nil && isDepth(l.opt.Concepts[c]) {
			out = append(out, look.Depth{Concept: c, Name: k.Concept, Site: l.SiteIndex(k.Best.Site), Unit: k.Best.Unit})
		}
	}
	slices.SortStableFunc(out, func(a, b look.Depth) int {
		return cmp.Compare(l.res.Concepts[b.Concept].Best.Validation, l.res.Concepts[a.Concept].Best.Validation)
	})
	return out
}
