package report

import (
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// memory is how far back the network remembers, and which units wait.
func (b *builder) memory() *page.Section {
	r := b.D.Memory
	if r == nil {
		return nil
	}
	s := b.Section("memory")
	s.Add(page.Block{Prose: []string{b.W.Say("memory.from", r.Text, b.W.Part(r.Split), page.Integer(r.Chosen), page.Integer(r.Reported), page.Integer(r.Order), b.W.Part(r.Baseline))}})
	if r.Counted < r.Learned {
		s.Add(page.Block{Prose: []string{b.W.Say("memory.counted", page.Integer(r.Counted), page.Integer(r.Learned))}})
	}
	command := b.Command("memory")
	for _, make := range []func(*memory.Result, string) []page.Block{
		b.recall, b.minimal, b.pairMemory, b.reach, b.influence, b.times, b.saturation, b.waiting,
	} {
		s.Add(make(r, command)...)
	}
	return s
}

// drawnFrom is how many closers a range of gaps needs to be drawn: fewer jump.
const drawnFrom = 20

// mostCurves is how many kinds one figure can tell apart.
const mostCurves = 3

func (b *builder) recall(r *memory.Result, command string) []page.Block {
	if len(r.Recall) == 0 {
		return []page.Block{{Prose: []string{b.W.Say("memory.none")}}}
	}
	fig := &figure.Lines{XLabel: b.W.Say("memory.axis.gap"), YLabel: b.W.Say("memory.axis.right"), Steps: true}
	var says []string
	for i, k := range r.Recall[:min(mostCurves, len(r.Recall))] {
		name := b.PairKind(k.Kind)
		net := figure.Curve{Name: name, Ink: figure.Series(i), Dots: true}
		line := figure.Curve{Name: b.W.Say("memory.curve.ngram", name), Ink: figure.Series(i), Faint: true}
		for _, bin := range k.Bins {
			if bin.Right.N < drawnFrom {
				continue
			}
			net.X, net.Y = append(net.X, float64(bin.Gap)), append(net.Y, bin.Right.Estimate)
			line.X, line.Y = append(line.X, float64(bin.Gap)), append(line.Y, bin.NgramRight.Estimate)
		}
		fig.Curves = append(fig.Curves, net, line)
		says = append(says, b.recallSentence(k))
	}
	what := b.W.Say("memory.recall.what", page.Integer(drawnFrom))
	fig.Head = b.Head(b.W.Say("memory.recall.title"), what)
	return []page.Block{b.Picture("memory-recall", fig, fig.Title, command, append([]string{what}, says...)...)}
}

func (b *builder) recallSentence(k memory.Recall) string {
	name := b.PairKind(k.Kind)
	if k.Far == nil {
		return b.W.Say("memory.recall.name", name, b.horizon(k.Horizon))
	}
	return b.W.Sentences(b.W.Say("memory.recall.far", name, page.Shares(k.Far.Right), page.Shares(k.Far.NgramRight)), b.horizon(k.Horizon))
}

func (b *builder) horizon(h memory.Horizon) string {
	switch {
	case h.None:
		return b.W.Say("memory.recall.nolead")
	case h.Censored:
		return b.W.Say("memory.recall.censored", page.Number(h.Longest, 0))
	}
	return b.W.Say("memory.recall.horizon", page.Interval(h.Gap, 0))
}

func (b *builder) suiteName(name string) string {
	if kind, ok := strings.CutPrefix(name, "swap "); ok {
		return b.W.Say("memory.suite.swap", b.PairKind(kind))
	}
	if b.W.Has("memory.suite." + name) {
		return b.W.Say("memory.suite." + name)
	}
	return name
}

func (b *builder) minimal(r *memory.Result, command string) []page.Block {
	if len(r.Minimal) == 0 {
		return nil
	}
	fig := &figure.Lines{XLabel: b.W.Say("memory.axis.gap"), YLabel: b.W.Say("memory.axis.right"), Steps: true}
	var says []string
	for i, k := range r.Minimal {
		name := b.suiteName(k.Name)
		says = append(says, b.suiteSentence(name, k))
		if i >= mostCurves {
			continue
		}
		net := figure.Curve{Name: name, Ink: figure.Series(i), Dots: true}
		line := figure.Curve{Name: b.W.Say("memory.curve.ngram", name), Ink: figure.Series(i), Faint: true}
		for _, bin := range k.Bins {
			right, ngram := bin.Apart.Estimate, bin.NgramApart.Estimate
			if math.IsNaN(right) {
				right, ngram = bin.Right.Estimate, bin.NgramRight.Estimate
			}
			net.X, net.Y = append(net.X, float64(bin.Gap)), append(net.Y, right)
			line.X, line.Y = append(line.X, float64(bin.Gap)), append(line.Y, ngram)
		}
		fig.Curves = append(fig.Curves, net, line)
	}
	fig.Head = b.Head(b.W.Say("memory.pairs.title"), b.W.Say("memory.pairs.what"))
	return []page.Block{b.Picture("memory-pairs", fig, fig.Title, command, append([]string{b.W.Say("memory.pairs.what")}, says...)...)}
}

func (b *builder) suiteSentence(name string, k memory.SuiteResult) string {
	parts := []string{b.W.Say("memory.pairs.says", name, page.Shares(k.All.Right), page.Integer(k.All.Right.N), page.Percent(k.All.NgramRight.Estimate))}
	if !math.IsNaN(k.All.Apart.Estimate) {
		parts = append(parts, b.W.Say("memory.pairs.apart", page.Shares(k.All.Apart), page.Percent(k.All.NgramApart.Estimate)))
	}
	return b.W.Sentences(append(parts, b.horizon(k.Horizon))...)
}

// pairMemory is the passage with arcs, the units that change and the one nearest to waiting.
func (b *builder) pairMemory(r *memory.Result, command string) []page.Block {
	p := r.Passage
	if p == nil || p.Text == "" || len(p.Units) == 0 {
		return nil
	}
	fig := &figure.Pairs{Text: []rune(p.Text), OpenLabel: b.W.Say("pairs.open"), CloseLabel: b.W.Say("pairs.close"), Legend: b.W.Say("heatmap.legend")}
	for _, q := range p.Pairs {
		open, shut := lastRune(p.Of, q.Open-p.Lo), lastRune(p.Of, q.Close-p.Lo)
		fig.Pairs = append(fig.Pairs, figure.Pair{Open: open, Close: shut})
	}
	for _, u := range p.Units {
		fig.Units, fig.Values = append(fig.Units, rnn.UnitName(u.Site, u.Unit)), append(fig.Values, page.Floats(text.OnRunes(p.Of, u.Values)))
	}
	fig.Limit = page.Quantile(fig.Values, 90)
	memory := "–"
	if p.Memory != nil {
		memory = rnn.UnitName(p.Memory.Site, p.Memory.Unit)
		fig.Memory, fig.Trace, fig.MemoryLegend = memory, page.Floats(text.OnRunes(p.Of, p.Memory.Values)), b.W.Say("memory.map.unit", memory)
		fig.Limit = math.Max(fig.Limit, page.Limit([][]float64{fig.Trace}))
	}
	says := b.W.Say("memory.map.says", page.Integer(len(fig.Pairs)), memory)
	fig.Head = b.Head(b.W.Say("memory.map.title"), says)
	return []page.Block{b.Picture("memory-map", fig, fig.Title, command, b.W.Say("memory.map.what"), says)}
}

// lastRune is the last character of a symbol.
func lastRune(of []int, symbol int) int {
	_, to := text.RunesAt(of, symbol, symbol+1)
	return max(0, to-1)
}

// leastEffect is where the curves of reach end: below it float32 rounds.
const leastEffect = 1e-8

func (b *builder) reach(r *memory.Result, command string) []page.Block {
	fig := &figure.Lines{XLabel: b.W.Say("memory.axis.back"), YLabel: b.W.Say("memory.axis.kl"), Steps: true}
	var says []string
	for _, c := range r.Reach {
		if c.Method != memory.Replacement || len(c.Points) == 0 {
			continue
		}
		name := b.W.Say("memory.sort." + strings.ReplaceAll(c.Sort, " ", "_"))
		curve := figure.Curve{Name: name, Ink: figure.Series(len(fig.Curves)), Dots: true}
		for _, p := range c.Points {
			if p.Value.Estimate < leastEffect {
				break
			}
			curve.X = append(curve.X, math.Sqrt(float64(p.Lo)*float64(p.Hi)))
			curve.Y = append(curve.Y, math.Log10(p.Value.Estimate))
		}
		fig.Curves = append(fig.Curves, curve)
		if c.Tenth.Defined() {
			says = append(says, b.W.Say("memory.reach.says", name, page.Number(float64(c.Tenth), 0)))
		} else {
			says = append(says, b.W.Say("memory.reach.beyond", name))
		}
	}
	if len(fig.Curves) == 0 {
		return nil
	}
	fig.Head = b.Head(b.W.Say("memory.reach.title"), b.W.Say("memory.reach.what"))
	return []page.Block{b.Picture("memory-reach", fig, fig.Title, command, append([]string{b.W.Say("memory.reach.what")}, says...)...)}
}

func (b *builder) influence(r *memory.Result, command string) []page.Block {
	fig := &figure.Strip{Legend: b.W.Say("memory.influence.legend"), Shading: b.W.Say("memory.influence.shading")}
	var says []string
	for _, f := range r.Influence {
		rs := []rune(f.Text)
		if f.Of == nil && len(rs) != len(f.Drop) {
			continue // characters the alphabet lacks
		}
		target := text.VisibleString(f.Target)
		row := figure.StripRow{Text: rs, Name: b.W.Say("memory.influence.row", page.Integer(f.At), target, b.PairKind(f.Why))}
		for _, v := range text.OnRunes(f.Of, f.Drop) {
			row.Values = append(row.Values, float64(v))
		}
		if at := f.Opener - f.Lo; f.Opener >= 0 && at >= 0 && at < len(f.Drop) {
			from, to := text.RunesAt(f.Of, at, at+1)
			row.Spans = [][2]int{{from, to}}
			says = append(says, b.influenceSentence(f, rs, target, at))
		}
		fig.Rows = append(fig.Rows, row)
		fig.Limit = math.Max(fig.Limit, page.Limit([][]float64{row.Values}))
	}
	if len(fig.Rows) == 0 {
		return nil
	}
	fig.Head = b.Head(b.W.Say("memory.influence.title"), b.W.Say("memory.influence.what"))
	return []page.Block{b.Picture("memory-influence", fig, fig.Title, command, append([]string{b.W.Say("memory.influence.what")}, says...)...)}
}

func (b *builder) influenceSentence(f memory.Influence, rs []rune, target string, opener int) string {
	most, rank := 0, 1
	for i, v := range f.Drop {
		if v > f.Drop[most] {
			most = i
		}
		if i != opener && v > f.Drop[opener] {
			rank++
		}
	}
	return b.W.Say("memory.influence.says", target, page.Integer(f.At), text.VisibleString(text.SymbolText(rs, f.Of, most)), page.Integer(len(f.Drop)-most), page.Integer(len(f.Drop)-opener), page.Integer(rank))
}

// times is the histogram of time constants, over the logarithm of characters.
func (b *builder) times(r *memory.Result, command string) []page.Block {
	var gate, state []float64
	for _, t := range r.Times {
		if t.Gate.Defined() {
			gate = append(gate, float64(t.Gate))
		}
		if t.Autocorrelation.Defined() {
			state = append(state, float64(t.Autocorrelation))
		}
	}
	if len(state) == 0 {
		return nil
	}
	slices.Sort(gate)
	slices.Sort(state)
	fig := &figure.Lines{XLabel: b.W.Say("memory.axis.tau"), YLabel: b.W.Say("memory.axis.units"), Steps: true}
	says := b.W.Say("memory.times.elman", page.Number(stat.Quantile(state, .5), 1), page.Number(state[len(state)-1], 0))
	if len(gate) > 0 {
		fig.Curves = append(fig.Curves, histogram(b.W.Say("memory.times.gate", b.W.Translate("memory.keep.", r.Keep)), gate, 0))
		says = b.W.Say("memory.times.says", page.Number(stat.Quantile(gate, .5), 1), page.Number(stat.Quantile(state, .5), 1), page.Number(state[len(state)-1], 0))
	}
	fig.Curves = append(fig.Curves, histogram(b.W.Say("memory.times.state"), state, 1))
	fig.Head = b.Head(b.W.Say("memory.times.title"), says)
	return []page.Block{b.Picture("memory-times", fig, fig.Title, command, b.W.Say("memory.times.what"), says)}
}

// histogram counts values in quarter octaves and draws the counts as steps.
func histogram(name string, sorted []float64, series int) figure.Curve {
	c := figure.Curve{Name: name, Ink: figure.Series(series)}
	const perOctave = 2
	bin := func(v float64) int { return int(math.Floor(perOctave * math.Log2(math.Max(v, 0.1)))) }
	count := map[int]int{}
	for _, v := range sorted {
		count[bin(v)]++
	}
	for k := bin(sorted[0]) - 1; k <= bin(sorted[len(sorted)-1])+1; k++ {
		lo, hi := math.Exp2(float64(k)/perOctave), math.Exp2(float64(k+1)/perOctave)
		c.X, c.Y = append(c.X, lo, hi), append(c.Y, float64(count[k]), float64(count[k]))
	}
	return c
}

func (b *builder) saturation(r *memory.Result, command string) []page.Block {
	fig := &figure.Scatter{Lo: 0, Hi: 1, XLabel: b.W.Say("memory.axis.closed"), YLabel: b.W.Say("memory.axis.open")}
	index := map[string]int{}
	open, shut := map[string]int{}, map[string]int{}
	for _, s := range r.Saturation {
		name := "l" + page.Integer(s.Layer) + "." + s.Gate
		i, ok := index[name]
		if !ok {
			i = len(fig.Panels)
			index[name] = i
			fig.Panels = append(fig.Panels, figure.ScatterPanel{Title: name, Ink: figure.Series(i)})
		}
		p := &fig.Panels[i]
		p.X, p.Y = append(p.X, s.Closed), append(p.Y, s.Open)
		if s.Open > .9 {
			open[name]++
		}
		if s.Closed > .9 {
			shut[name]++
		}
	}
	if len(fig.Panels) == 0 {
		return nil
	}
	says := []string{b.W.Say("memory.saturation.what")}
	for _, p := range fig.Panels {
		says = append(says, b.W.Say("memory.saturation.says", p.Title, page.Integer(open[p.Title]), page.Integer(len(p.X)), page.Integer(shut[p.Title])))
	}
	fig.Head = b.Head(b.W.Say("memory.saturation.title"), b.W.Say("memory.saturation.what"))
	return []page.Block{b.Picture("memory-saturation", fig, fig.Title, command, says...)}
}

// unitsShown of each kind of pair.
const unitsShown = 3

func (b *builder) waiting(r *memory.Result, _ string) []page.Block {
	w := b.W
	out := []page.Block{{Heading: w.Say("memory.wait.title")}, {Prose: []string{w.Say("memory.wait.what")}}}
	if len(r.Waiting) == 0 {
		return append(out, page.Block{Prose: []string{w.Say("memory.wait.none")}})
	}
	t := &page.Table{Head: []string{w.Say("head.kind"), w.Say("head.unit"), w.Say("memory.head.verdict"), w.Say("memory.wait.failed"),
		w.Say("memory.criterion.dormancy"), w.Say("memory.criterion.jump"), w.Say("memory.head.retention"), w.Say("memory.criterion.release")}}
	var says []string
	for _, k := range r.Waiting {
		says = append(says, w.Say("memory.wait.says", b.PairKind(k.Kind), page.Integer(k.Named), page.Integer(k.Observed), page.Integer(k.Searched), page.Integer(k.Sham)))
		for i, u := range k.Units {
			if i < unitsShown || u.Verdict == memory.TriggerWait {
				t.Rows = append(t.Rows, b.waitRow(k.Kind, u))
			}
		}
	}
	return append(out, page.Block{Prose: says}, page.Block{Table: t})
}

func (b *builder) waitRow(kind string, u memory.WaitUnit) []string {
	verdict := b.W.Say("memory.wait.partial")
	if u.Verdict == memory.TriggerWait {
		verdict = b.W.Say("memory.wait.waits." + u.Mode)
	}
	var failed []string
	for _, f := range u.Failed {
		failed = append(failed, b.W.Say("memory.criterion."+f))
	}
	return []string{b.PairKind(kind), rnn.UnitName(u.Site, u.Unit), verdict, strings.Join(failed, b.W.Say("list.comma")),
		page.Number(float64(u.Dormancy), 2), page.Percent(float64(u.Jump)), page.Number(float64(u.Retention), 2), page.Percent(float64(u.Release))}
}
