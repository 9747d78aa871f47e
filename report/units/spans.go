package units

import (
	"fmt"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// urls is the unit that follows URLs, over three sentences, and by kind of character.
func (b *Builder) URLs() *page.Section {
	r := b.D.Dissect
	if r == nil || r.URL == nil {
		return nil
	}
	u := r.URL
	s := b.Section("url")
	if u.Verdict == dissect.NotInText || u.Verdict == dissect.TooLittleText {
		s.Add(page.Block{Prose: []string{b.W.Say("url." + verdictKeys[u.Verdict])}})
		return s
	}
	name := rnn.UnitName(u.Site, u.Unit)
	key := "url.found"
	if u.Verdict == dissect.NotFound {
		key = "url.notfound"
	}
	says := b.W.Say(key, name, page.Interval(u.On, 2), page.Interval(u.Off, 2), page.Interval(u.Difference, 2))
	if fig := b.urlStrip(u, says); fig != nil {
		s.Add(b.Picture("url", fig, fig.Title, b.Command("dissect"), b.W.Say("url.what"), says))
	}
	if fig := b.urlKinds(u); fig != nil {
		s.Add(b.Picture("url-kinds", fig, fig.Title, b.Command("dissect"), b.W.Say("kinds.what"), b.fragmentSentence(u)))
	}
	return s
}

func (b *Builder) urlStrip(u *dissect.URLResult, says string) *figure.Strip {
	if len(u.Sentences) == 0 {
		return nil
	}
	fig := &figure.Strip{Absolute: true, Shading: b.W.Say("url.shading"), Legend: b.W.Say("url.legend", rnn.UnitName(u.Site, u.Unit))}
	for _, q := range u.Sentences {
		row := stripRow(q.Excerpt)
		row.Name = b.W.Say("url.ordinary", b.source(q.Source))
		if q.Fragment {
			row.Name = b.W.Say("url.fragment", b.source(q.Source))
		}
		fig.Rows = append(fig.Rows, row)
		fig.Limit = math.Max(fig.Limit, page.Limit([][]float64{row.Values}))
	}
	fig.Head = b.Head(b.W.Say("url.figure", rnn.UnitName(u.Site, u.Unit)), says)
	return fig
}

// source names where a sentence is from.
func (b *Builder) source(name string) string {
	if b.W.Has("source." + name) {
		return b.W.Say("source." + name)
	}
	return name
}

func stripRow(e dissect.Excerpt) figure.StripRow {
	row := figure.StripRow{Text: []rune(e.Text)}
	for i := range row.Text {
		row.Values = append(row.Values, page.Activation(e, i))
	}
	start := -1
	for i := 0; i <= len(row.Text); i++ {
		on := i < len(row.Text) && i < len(e.Label) && e.Label[i]
		if on && start < 0 {
			start = i
		}
		if !on && start >= 0 {
			row.Spans = append(row.Spans, [2]int{start, i})
			start = -1
		}
	}
	return row
}

func (b *Builder) urlKinds(u *dissect.URLResult) *figure.Forest {
	f := &figure.Forest{XLabel: b.W.Say("kinds.axis"), EstLabel: b.W.Say("kinds.estimate")}
	lo, hi := 0.0, 0.0
	for _, k := range u.Kinds {
		if math.IsNaN(k.Mean.Estimate) {
			continue
		}
		f.Rows = append(f.Rows, figure.ForestRow{Name: b.kind(k.Kind), Verdict: b.W.Say("kinds.n", page.Integer(k.Mean.N)),
			Estimate: k.Mean.Estimate, Lo: k.Mean.Lo, Hi: k.Mean.Hi, Null: math.NaN(), Strong: k.Kind != "ordinary text" && !strings.HasSuffix(k.Kind, "after the end")})
		for _, v := range []float64{k.Mean.Estimate, k.Mean.Lo, k.Mean.Hi} {
			if !math.IsNaN(v) {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
	}
	if len(f.Rows) == 0 {
		return nil
	}
	f.Lo, f.Hi = math.Floor(lo*10)/10, math.Ceil(hi*10)/10
	f.Head = b.Head(b.W.Say("kinds.title"), b.W.Say("kinds.what"))
	return f
}

func (b *Builder) kind(name string) string {
	if key := "kind." + strings.ReplaceAll(name, " ", "_"); b.W.Has(key) {
		return b.W.Say(key)
	}
	return name
}

// fragmentSentence says whether # ends what the unit holds: by the intervals, not by eye.
func (b *Builder) fragmentSentence(u *dissect.URLResult) string {
	byName := map[string]stat.Interval{}
	for _, k := range u.Kinds {
		byName[k.Kind] = k.Mean
	}
	hash, ok := byName["#"]
	inside, ok2 := byName["letter"]
	if !ok || !ok2 || !hash.Defined() || !inside.Defined() {
		return b.W.Say("kinds.nohash")
	}
	key := "kinds.hashsame"
	towards := inside.Estimate >= byName["ordinary text"].Estimate
	switch {
	case hash.Hi < inside.Lo && towards, hash.Lo > inside.Hi && !towards:
		key = "kinds.hashdown"
	case hash.Hi < inside.Lo, hash.Lo > inside.Hi:
		key = "kinds.hashup"
	}
	return b.W.Say(key, page.Interval(hash, 2), page.Interval(inside, 2), page.Interval(byName["ordinary text"], 2))
}

var quoteConcepts = map[string]bool{"in-quote": true, "quote-straight": true, "quote-single": true, "quote-depth": true, "quote-parity": true}

// Quotes gathers what was found about quotation marks.
func (b *Builder) Quotes() *page.Section {
	r := b.D.Dissect
	if r == nil {
		return nil
	}
	s := b.Section("quotes")
	var rows []page.ConceptRow
	var best *dissect.ConceptResult
	all := ordered(r.Concepts)
	for i, c := range all {
		if !quoteConcepts[c.Concept] || c.Verdict == dissect.NotInText {
			continue
		}
		rows = append(rows, b.conceptRow(c))
		if best == nil && c.Best != nil {
			best = &all[i]
		}
	}
	if len(rows) == 0 {
		s.Add(page.Block{Prose: []string{b.W.Say("quotes.none")}})
		return s
	}
	s.Add(page.Block{Concepts: rows})
	if fig := b.quoteStrip(best); fig != nil {
		s.Add(b.Picture("quotes", fig, fig.Title, b.Command("dissect"), b.W.Say("quotes.what"), b.meanSentence(best.Best)))
	}
	return s
}

func (b *Builder) quoteStrip(c *dissect.ConceptResult) *figure.Strip {
	if c == nil {
		return nil
	}
	for _, g := range b.D.Dissect.Gallery {
		if g.Site != c.Best.Site || g.Unit != c.Best.Unit {
			continue
		}
		name := rnn.UnitName(g.Site, g.Unit)
		fig := &figure.Strip{Head: b.Head(b.W.Say("quotes.figure", name), b.meanSentence(c.Best)),
			Shading: b.ConceptTitle(c.Concept), Legend: b.W.Say("quotes.legend", name)}
		for _, e := range g.TextFor(c.Concept) {
			row := stripRow(e)
			if len(row.Spans) > 0 && len(fig.Rows) < 2 {
				fig.Rows = append(fig.Rows, row)
				fig.Limit = math.Max(fig.Limit, page.Limit([][]float64{row.Values}))
			}
		}
		if len(fig.Rows) > 0 {
			return fig
		}
	}
	return nil
}

func (b *Builder) meanSentence(s *dissect.Score) string {
	return b.W.Say("quotes.means", rnn.UnitName(s.Site, s.Unit), page.Interval(s.MeanOn, 2), page.Interval(s.MeanOff, 2))
}

// Environment is the group of units that jumps at \begin{.
func (b *Builder) Environment() *page.Section {
	r := b.D.Dissect
	if r == nil || r.Jump == nil {
		return nil
	}
	j := r.Jump
	s := b.Section("environment")
	switch {
	case j.Verdict == dissect.NotInText || j.Events == 0:
		s.Add(page.Block{Prose: []string{b.W.Say("environment.absent", j.Event)}})
		return s
	case j.Verdict == dissect.TooLittleText:
		s.Add(page.Block{Prose: []string{b.W.Say("environment.little", j.Event, page.Integer(j.Events))}})
		return s
	case len(j.Units) == 0:
		s.Add(page.Block{Prose: []string{b.W.Say("environment.notfound", j.Event, page.Integer(j.Events), page.Integer(j.Tested))}})
		return s
	}
	says := b.W.Say("environment.says", page.Integer(len(j.Units)), page.Integer(j.Tested), j.Event, page.Integer(j.Events), page.Integer(j.Draws))
	fig := &figure.Lines{Head: b.Head(b.W.Say("environment.figure", j.Event), says), XLabel: b.W.Say("environment.axis", j.Event), YLabel: b.W.Say("axis.activation"), Origin: true}
	for i, u := range j.Units[:min(5, len(j.Units))] {
		c := figure.Curve{Name: rnn.UnitName(u.Site, u.Unit), Ink: figure.Series(i)}
		for k, v := range u.Curve {
			c.X, c.Y = append(c.X, float64(dissect.CurveLo+k)), append(c.Y, float64(v))
		}
		fig.Curves = append(fig.Curves, c)
	}
	s.Add(b.Picture("environment", fig, fig.Title, b.Command("dissect"), b.W.Say("environment.what", j.Event), says))
	t := &page.Table{Head: []string{b.W.Say("head.unit"), b.W.Say("head.jump"), "z", "p"}}
	for _, u := range j.Units[:min(10, len(j.Units))] {
		t.Rows = append(t.Rows, []string{rnn.UnitName(u.Site, u.Unit), page.Interval(u.Jump, 2), page.Number(u.Z, 1), strings.TrimPrefix(page.Pvalue(u.P), "p ")})
	}
	if len(j.Units) > len(t.Rows) {
		t.Note = b.W.Say("environment.more", page.Integer(len(j.Units)-len(t.Rows)))
	}
	s.Add(page.Block{Table: t})
	return s
}

// Pairs compares the two ends of brackets and tags.
func (b *Builder) Pairs() *page.Section {
	r := b.D.Dissect
	if r == nil || r.Pairs == nil {
		return nil
	}
	p := r.Pairs
	s := b.Section("pairs")
	if len(p.Kinds) == 0 {
		s.Add(page.Block{Prose: []string{b.W.Say("pairs.none")}})
		return s
	}
	if p.Map != nil && len(p.Map.Text) > 0 {
		fig := b.pairMap(p.Map)
		s.Add(b.Picture("pairs", fig, fig.Title, b.Command("dissect"), b.W.Say("pairs.what"), fig.Alt))
	}
	kinds := &page.Table{Head: []string{b.W.Say("head.kind"), b.W.Say("head.count"), b.W.Say("head.gap"), b.W.Say("head.cosine"), b.W.Say("head.random"),
		b.W.Say("head.strangers"), b.W.Say("head.matching")}}
	units := &page.Table{Head: []string{b.W.Say("head.kind"), b.W.Say("head.change")}}
	for _, k := range p.Kinds {
		kinds.Rows = append(kinds.Rows, []string{b.PairKind(k.Kind), page.Integer(k.Count), b.W.Say("pairs.gap", page.Number(k.MedianGap, 0), page.Integer(k.MaxGap)),
			page.NoBreak(page.Interval(k.Cosine, 2)), page.NoBreak(page.Interval(k.Random, 2)), page.NoBreak(page.Interval(k.Strangers, 2)), page.NoBreak(page.Interval(k.Matching, 3))})
		units.Rows = append(units.Rows, []string{b.PairKind(k.Kind), changes(p.Site, k.Units)})
	}
	s.Add(page.Block{Heading: b.W.Say("pairs.kinds")}, page.Block{Prose: b.pairSentences(p)}, page.Block{Table: kinds},
		page.Block{Heading: b.W.Say("pairs.units")}, page.Block{Table: units})
	if len(p.Examples) > 0 {
		s.Add(page.Block{Heading: b.W.Say("pairs.examples")}, page.Block{Table: b.pairExamples(p)})
	}
	return s
}

func changes(site string, units []look.UnitChange) string {
	var names []string
	for _, u := range units {
		names = append(names, fmt.Sprintf("%s %s", rnn.UnitName(site, u.Unit), page.Number(u.Change, 2)))
	}
	return strings.Join(names, ", ")
}

func (b *Builder) pairExamples(p *look.PairResult) *page.Table {
	t := &page.Table{Head: []string{b.W.Say("head.text"), b.W.Say("head.gap1"), b.W.Say("head.cosine"), b.W.Say("head.change")}}
	for _, e := range p.Examples[:min(8, len(p.Examples))] {
		t.Rows = append(t.Rows, []string{page.Visible(e.Text), page.Integer(e.Gap), page.Number(e.Cosine, 2), changes(p.Site, e.Units)})
	}
	return t
}

// pairSentences say of which kinds the ends resemble each other more than chance, and whether that is due to belonging together.
func (b *Builder) pairSentences(p *look.PairResult) []string {
	difference := func(k look.PairKind) stat.Interval { return k.Difference }
	matching := func(k look.PairKind) stat.Interval { return k.Matching }
	return []string{
		b.W.Sentences(b.W.Say("pairs.alpha"), b.sorted(p, difference, "pairs.more", "pairs.less", "pairs.same")),
		b.sorted(p, matching, "pairs.matching", "pairs.lessmatching", "pairs.nomatching"),
	}
}

// sorted names the kinds whose interval lies above zero, below it, and around it.
func (b *Builder) sorted(p *look.PairResult, of func(look.PairKind) stat.Interval, above, below, around string) string {
	names := map[string][]string{}
	for _, k := range p.Kinds {
		v, key := of(k), around
		switch {
		case !v.Defined():
			continue
		case v.Above(0):
			key = above
		case v.Below(0):
			key = below
		}
		names[key] = append(names[key], b.PairKind(k.Kind))
	}
	var parts []string
	for _, key := range []string{above, below, around} {
		if len(names[key]) > 0 {
			parts = append(parts, b.W.Say(key, b.W.List(names[key])))
		}
	}
	return b.W.Sentences(parts...)
}

func (b *Builder) pairMap(m *look.PairMap) *figure.Pairs {
	rs := []rune(m.Text)
	fig := &figure.Pairs{Text: rs, Pairs: matchPairs(m.Opens, m.Closes), Limit: 1, Memory: rnn.UnitName(m.Site, m.Memory),
		OpenLabel: b.W.Say("pairs.open"), CloseLabel: b.W.Say("pairs.close"), Legend: b.W.Say("heatmap.legend"),
		MemoryLegend: b.W.Say("pairs.memory", b.ConceptTitle(m.Concept))}
	for i, u := range m.Units {
		fig.Units, fig.Values = append(fig.Units, rnn.UnitName(m.Site, u)), append(fig.Values, page.Floats(m.Values[i]))
	}
	fig.Trace = page.Floats(m.Trace)
	// One cell that has run far out must not leave the others pale: the scale ends at the 90th percentile.
	fig.Limit = page.Quantile(fig.Values, 90)
	says := b.W.Say("pairs.says", page.Integer(len(fig.Pairs)), fig.Memory, page.Number(depthCorrelation(m), 2))
	fig.Head = b.Head(b.W.Say("pairs.figure"), says)
	return fig
}

// matchPairs pairs openings with closings, last opened first closed; what has no partner in the passage is left out.
func matchPairs(opens, closes []int) []figure.Pair {
	var out []figure.Pair
	var open []int
	i, j := 0, 0
	for i < len(opens) || j < len(closes) {
		if j >= len(closes) || i < len(opens) && opens[i] < closes[j] {
			open = append(open, opens[i])
			i++
			continue
		}
		if n := len(open); n > 0 {
			out = append(out, figure.Pair{Open: open[n-1], Close: closes[j]})
			open = open[:n-1]
		}
		j++
	}
	return out
}

// depthCorrelation is the correlation of the memory unit with the depth over the passage.
func depthCorrelation(m *look.PairMap) float64 {
	n := min(len(m.Trace), len(m.Depth))
	depth := make([]float32, n)
	for i := range depth {
		depth[i] = float32(m.Depth[i])
	}
	if n == 0 {
		return math.NaN()
	}
	return dot(standard(depth), standard(m.Trace[:n]))
}
