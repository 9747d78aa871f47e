package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// urls is the unit that follows URLs, over three sentences, and by kind of character.
func (b *builder) urls() *section {
	r := b.d.Dissect
	if r == nil || r.URL == nil {
		return nil
	}
	u := r.URL
	s := b.section("url")
	if u.Verdict == dissect.NotInText || u.Verdict == dissect.TooLittleText {
		s.add(block{Prose: []string{b.w.say("url." + verdictKeys[u.Verdict])}})
		return s
	}
	name := rnn.UnitName(u.Site, u.Unit)
	key := "url.found"
	if u.Verdict == dissect.NotFound {
		key = "url.notfound"
	}
	says := b.w.say(key, name, interval(u.On, 2), interval(u.Off, 2), interval(u.Difference, 2))
	if fig := b.urlStrip(u, says); fig != nil {
		s.add(b.picture("url", fig, fig.Title, b.command("dissect"), b.w.say("url.what"), says))
	}
	if fig := b.urlKinds(u); fig != nil {
		s.add(b.picture("url-kinds", fig, fig.Title, b.command("dissect"), b.w.say("kinds.what"), b.fragmentSentence(u)))
	}
	return s
}

func (b *builder) urlStrip(u *dissect.URLResult, says string) *figure.Strip {
	if len(u.Sentences) == 0 {
		return nil
	}
	fig := &figure.Strip{Absolute: true, Shading: b.w.say("url.shading"), Legend: b.w.say("url.legend", rnn.UnitName(u.Site, u.Unit))}
	for _, q := range u.Sentences {
		row := stripRow(q.Excerpt)
		row.Name = b.w.say("url.ordinary", b.source(q.Source))
		if q.Fragment {
			row.Name = b.w.say("url.fragment", b.source(q.Source))
		}
		fig.Rows = append(fig.Rows, row)
		fig.Limit = math.Max(fig.Limit, limit([][]float64{row.Values}))
	}
	fig.Head = b.head(b.w.say("url.figure", rnn.UnitName(u.Site, u.Unit)), says)
	return fig
}

// source names where a sentence is from.
func (b *builder) source(name string) string {
	if b.w.has("source." + name) {
		return b.w.say("source." + name)
	}
	return name
}

func stripRow(e dissect.Excerpt) figure.StripRow {
	row := figure.StripRow{Text: []rune(e.Text)}
	for i := range row.Text {
		row.Values = append(row.Values, activation(e, i))
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

func (b *builder) urlKinds(u *dissect.URLResult) *figure.Forest {
	f := &figure.Forest{XLabel: b.w.say("kinds.axis"), EstLabel: b.w.say("kinds.estimate")}
	lo, hi := 0.0, 0.0
	for _, k := range u.Kinds {
		if math.IsNaN(k.Mean.Estimate) {
			continue
		}
		f.Rows = append(f.Rows, figure.ForestRow{Name: b.kind(k.Kind), Verdict: b.w.say("kinds.n", integer(k.Mean.N)),
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
	f.Head = b.head(b.w.say("kinds.title"), b.w.say("kinds.what"))
	return f
}

func (b *builder) kind(name string) string {
	if key := "kind." + strings.ReplaceAll(name, " ", "_"); b.w.has(key) {
		return b.w.say(key)
	}
	return name
}

// fragmentSentence says whether # ends what the unit holds: by the intervals, not by eye.
func (b *builder) fragmentSentence(u *dissect.URLResult) string {
	byName := map[string]stat.Interval{}
	for _, k := range u.Kinds {
		byName[k.Kind] = k.Mean
	}
	hash, ok := byName["#"]
	inside, ok2 := byName["letter"]
	if !ok || !ok2 || !hash.Defined() || !inside.Defined() {
		return b.w.say("kinds.nohash")
	}
	key := "kinds.hashsame"
	towards := inside.Estimate >= byName["ordinary text"].Estimate
	switch {
	case hash.Hi < inside.Lo && towards, hash.Lo > inside.Hi && !towards:
		key = "kinds.hashdown"
	case hash.Hi < inside.Lo, hash.Lo > inside.Hi:
		key = "kinds.hashup"
	}
	return b.w.say(key, interval(hash, 2), interval(inside, 2), interval(byName["ordinary text"], 2))
}

var quoteConcepts = map[string]bool{"in-quote": true, "quote-straight": true, "quote-single": true, "quote-depth": true, "quote-parity": true}

// quotes gathers what was found about quotation marks.
func (b *builder) quotes() *section {
	r := b.d.Dissect
	if r == nil {
		return nil
	}
	s := b.section("quotes")
	var rows []conceptRow
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
		s.add(block{Prose: []string{b.w.say("quotes.none")}})
		return s
	}
	s.add(block{Concepts: rows})
	if fig := b.quoteStrip(best); fig != nil {
		s.add(b.picture("quotes", fig, fig.Title, b.command("dissect"), b.w.say("quotes.what"), b.meanSentence(best.Best)))
	}
	return s
}

func (b *builder) quoteStrip(c *dissect.ConceptResult) *figure.Strip {
	if c == nil {
		return nil
	}
	for _, g := range b.d.Dissect.Gallery {
		if g.Site != c.Best.Site || g.Unit != c.Best.Unit {
			continue
		}
		name := rnn.UnitName(g.Site, g.Unit)
		fig := &figure.Strip{Head: b.head(b.w.say("quotes.figure", name), b.meanSentence(c.Best)),
			Shading: b.conceptTitle(c.Concept), Legend: b.w.say("quotes.legend", name)}
		for _, e := range g.Excerpts {
			row := stripRow(e)
			if len(row.Spans) > 0 && len(fig.Rows) < 2 {
				fig.Rows = append(fig.Rows, row)
				fig.Limit = math.Max(fig.Limit, limit([][]float64{row.Values}))
			}
		}
		if len(fig.Rows) > 0 {
			return fig
		}
	}
	return nil
}

func (b *builder) meanSentence(s *dissect.Score) string {
	return b.w.say("quotes.means", rnn.UnitName(s.Site, s.Unit), interval(s.MeanOn, 2), interval(s.MeanOff, 2))
}

// environment is the group of units that jumps at \begin{.
func (b *builder) environment() *section {
	r := b.d.Dissect
	if r == nil || r.Jump == nil {
		return nil
	}
	j := r.Jump
	s := b.section("environment")
	switch {
	case j.Verdict == dissect.NotInText || j.Events == 0:
		s.add(block{Prose: []string{b.w.say("environment.absent", j.Event)}})
		return s
	case j.Verdict == dissect.TooLittleText:
		s.add(block{Prose: []string{b.w.say("environment.little", j.Event, integer(j.Events))}})
		return s
	case len(j.Units) == 0:
		s.add(block{Prose: []string{b.w.say("environment.notfound", j.Event, integer(j.Events), integer(j.Tested))}})
		return s
	}
	says := b.w.say("environment.says", integer(len(j.Units)), integer(j.Tested), j.Event, integer(j.Events), integer(j.Draws))
	fig := &figure.Lines{Head: b.head(b.w.say("environment.figure", j.Event), says), XLabel: b.w.say("environment.axis", j.Event), YLabel: b.w.say("axis.activation"), Origin: true}
	for i, u := range j.Units[:min(5, len(j.Units))] {
		c := figure.Curve{Name: rnn.UnitName(u.Site, u.Unit), Ink: figure.Series(i)}
		for k, v := range u.Curve {
			c.X, c.Y = append(c.X, float64(dissect.CurveLo+k)), append(c.Y, float64(v))
		}
		fig.Curves = append(fig.Curves, c)
	}
	s.add(b.picture("environment", fig, fig.Title, b.command("dissect"), b.w.say("environment.what", j.Event), says))
	t := &table{Head: []string{b.w.say("head.unit"), b.w.say("head.jump"), "z", "p"}}
	for _, u := range j.Units[:min(10, len(j.Units))] {
		t.Rows = append(t.Rows, []string{rnn.UnitName(u.Site, u.Unit), interval(u.Jump, 2), number(u.Z, 1), strings.TrimPrefix(pvalue(u.P), "p ")})
	}
	if len(j.Units) > len(t.Rows) {
		t.Note = b.w.say("environment.more", integer(len(j.Units)-len(t.Rows)))
	}
	s.add(block{Table: t})
	return s
}

// pairs compares the two ends of brackets and tags.
func (b *builder) pairs() *section {
	r := b.d.Dissect
	if r == nil || r.Pairs == nil {
		return nil
	}
	p := r.Pairs
	s := b.section("pairs")
	if len(p.Kinds) == 0 {
		s.add(block{Prose: []string{b.w.say("pairs.none")}})
		return s
	}
	if p.Map != nil && len(p.Map.Text) > 0 {
		fig := b.pairMap(p.Map)
		s.add(b.picture("pairs", fig, fig.Title, b.command("dissect"), b.w.say("pairs.what"), fig.Alt))
	}
	kinds := &table{Head: []string{b.w.say("head.kind"), b.w.say("head.count"), b.w.say("head.gap"), b.w.say("head.cosine"), b.w.say("head.random"),
		b.w.say("head.strangers"), b.w.say("head.matching")}}
	units := &table{Head: []string{b.w.say("head.kind"), b.w.say("head.change")}}
	for _, k := range p.Kinds {
		kinds.Rows = append(kinds.Rows, []string{b.pairKind(k.Kind), integer(k.Count), b.w.say("pairs.gap", number(k.MedianGap, 0), integer(k.MaxGap)),
			unbroken(interval(k.Cosine, 2)), unbroken(interval(k.Random, 2)), unbroken(interval(k.Strangers, 2)), unbroken(interval(k.Matching, 3))})
		units.Rows = append(units.Rows, []string{b.pairKind(k.Kind), changes(p.Site, k.Units)})
	}
	s.add(block{Heading: b.w.say("pairs.kinds")}, block{Prose: b.pairSentences(p)}, block{Table: kinds},
		block{Heading: b.w.say("pairs.units")}, block{Table: units})
	if len(p.Examples) > 0 {
		s.add(block{Heading: b.w.say("pairs.examples")}, block{Table: b.pairExamples(p)})
	}
	return s
}

func (b *builder) pairKind(name string) string {
	if b.w.has("pair." + name) {
		return b.w.say("pair." + name)
	}
	return name
}

func changes(site string, units []dissect.UnitChange) string {
	var names []string
	for _, u := range units {
		names = append(names, fmt.Sprintf("%s %s", rnn.UnitName(site, u.Unit), number(u.Change, 2)))
	}
	return strings.Join(names, ", ")
}

func (b *builder) pairExamples(p *dissect.PairResult) *table {
	t := &table{Head: []string{b.w.say("head.text"), b.w.say("head.gap1"), b.w.say("head.cosine"), b.w.say("head.change")}}
	for _, e := range p.Examples[:min(8, len(p.Examples))] {
		t.Rows = append(t.Rows, []string{visible(e.Text), integer(e.Gap), number(e.Cosine, 2), changes(p.Site, e.Units)})
	}
	return t
}

// pairSentences say of which kinds the ends resemble each other more than chance, and whether that is due to belonging together.
func (b *builder) pairSentences(p *dissect.PairResult) []string {
	difference := func(k dissect.PairKind) stat.Interval { return k.Difference }
	matching := func(k dissect.PairKind) stat.Interval { return k.Matching }
	return []string{
		b.w.sentences(b.w.say("pairs.alpha"), b.sorted(p, difference, "pairs.more", "pairs.less", "pairs.same")),
		b.sorted(p, matching, "pairs.matching", "pairs.lessmatching", "pairs.nomatching"),
	}
}

// sorted names the kinds whose interval lies above zero, below it, and around it.
func (b *builder) sorted(p *dissect.PairResult, of func(dissect.PairKind) stat.Interval, above, below, around string) string {
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
		names[key] = append(names[key], b.pairKind(k.Kind))
	}
	var parts []string
	for _, key := range []string{above, below, around} {
		if len(names[key]) > 0 {
			parts = append(parts, b.w.say(key, b.w.list(names[key])))
		}
	}
	return b.w.sentences(parts...)
}

func (b *builder) pairMap(m *dissect.PairMap) *figure.Pairs {
	rs := []rune(m.Text)
	fig := &figure.Pairs{Text: rs, Pairs: match(m.Opens, m.Closes), Limit: 1, Memory: rnn.UnitName(m.Site, m.Memory),
		OpenLabel: b.w.say("pairs.open"), CloseLabel: b.w.say("pairs.close"), Legend: b.w.say("heatmap.legend"),
		MemoryLegend: b.w.say("pairs.memory", b.conceptTitle(m.Concept))}
	for i, u := range m.Units {
		fig.Units, fig.Values = append(fig.Units, rnn.UnitName(m.Site, u)), append(fig.Values, floats(m.Values[i]))
	}
	fig.Trace = floats(m.Trace)
	// One cell that has run far out must not leave the others pale: the scale ends at the 90th percentile.
	fig.Limit = quantile(fig.Values, 90)
	says := b.w.say("pairs.says", integer(len(fig.Pairs)), fig.Memory, number(depthCorrelation(m), 2))
	fig.Head = b.head(b.w.say("pairs.figure"), says)
	return fig
}

// match pairs openings with closings, last opened first closed; what has no partner in the passage is left out.
func match(opens, closes []int) []figure.Pair {
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

func floats(xs []float32) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = float64(x)
	}
	return out
}

// depthCorrelation is the correlation of the memory unit with the depth over the passage.
func depthCorrelation(m *dissect.PairMap) float64 {
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
