package report

import (
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// memory is how far back the network remembers, and which units wait.
func (b *builder) memory() *section {
	r := b.d.Memory
	if r == nil {
		return nil
	}
	s := b.section("memory")
	s.add(block{Prose: []string{b.w.say("memory.from", r.Text, b.w.part(r.Split), integer(r.Chosen), integer(r.Reported), integer(r.Order), b.w.part(r.Baseline))}})
	if r.Counted < r.Learned {
		s.add(block{Prose: []string{b.w.say("memory.counted", integer(r.Counted), integer(r.Learned))}})
	}
	command := b.command("memory")
	for _, make := range []func(*memory.Result, string) []block{
		b.recall, b.minimal, b.pairMemory, b.reach, b.influence, b.times, b.saturation, b.waiting,
	} {
		s.add(make(r, command)...)
	}
	return s
}

// drawnFrom is how many closers a range of gaps needs to be drawn: fewer jump.
const drawnFrom = 20

// mostCurves is how many kinds one figure can tell apart.
const mostCurves = 3

func (b *builder) recall(r *memory.Result, command string) []block {
	if len(r.Recall) == 0 {
		return []block{{Prose: []string{b.w.say("memory.none")}}}
	}
	fig := &figure.Lines{XLabel: b.w.say("memory.axis.gap"), YLabel: b.w.say("memory.axis.right"), Steps: true}
	var says []string
	for i, k := range r.Recall[:min(mostCurves, len(r.Recall))] {
		name := b.pairKind(k.Kind)
		net := figure.Curve{Name: name, Ink: figure.Series(i), Dots: true}
		line := figure.Curve{Name: b.w.say("memory.curve.ngram", name), Ink: figure.Series(i), Faint: true}
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
	what := b.w.say("memory.recall.what", integer(drawnFrom))
	fig.Head = b.head(b.w.say("memory.recall.title"), what)
	return []block{b.picture("memory-recall", fig, fig.Title, command, append([]string{what}, says...)...)}
}

func (b *builder) recallSentence(k memory.Recall) string {
	name := b.pairKind(k.Kind)
	if k.Far == nil {
		return b.w.say("memory.recall.name", name, b.horizon(k.Horizon))
	}
	return b.w.sentences(b.w.say("memory.recall.far", name, shares(k.Far.Right), shares(k.Far.NgramRight)), b.horizon(k.Horizon))
}

func (b *builder) horizon(h memory.Horizon) string {
	switch {
	case h.None:
		return b.w.say("memory.recall.nolead")
	case h.Censored:
		return b.w.say("memory.recall.censored", number(h.Longest, 0))
	}
	return b.w.say("memory.recall.horizon", interval(h.Gap, 0))
}

// shares writes 93 % [90, 96].
func shares(i stat.Interval) string {
	if math.IsNaN(i.Lo) || math.IsNaN(i.Hi) {
		return percent(i.Estimate)
	}
	return percent(i.Estimate) + " [" + number(100*i.Lo, 0) + ", " + number(100*i.Hi, 0) + "]"
}

func (b *builder) suiteName(name string) string {
	if kind, ok := strings.CutPrefix(name, "swap "); ok {
		return b.w.say("memory.suite.swap", b.pairKind(kind))
	}
	if b.w.has("memory.suite." + name) {
		return b.w.say("memory.suite." + name)
	}
	return name
}

func (b *builder) minimal(r *memory.Result, command string) []block {
	if len(r.Minimal) == 0 {
		return nil
	}
	fig := &figure.Lines{XLabel: b.w.say("memory.axis.gap"), YLabel: b.w.say("memory.axis.right"), Steps: true}
	var says []string
	for i, k := range r.Minimal {
		name := b.suiteName(k.Name)
		says = append(says, b.suiteSentence(name, k))
		if i >= mostCurves {
			continue
		}
		net := figure.Curve{Name: name, Ink: figure.Series(i), Dots: true}
		line := figure.Curve{Name: b.w.say("memory.curve.ngram", name), Ink: figure.Series(i), Faint: true}
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
	fig.Head = b.head(b.w.say("memory.pairs.title"), b.w.say("memory.pairs.what"))
	return []block{b.picture("memory-pairs", fig, fig.Title, command, append([]string{b.w.say("memory.pairs.what")}, says...)...)}
}

func (b *builder) suiteSentence(name string, k memory.SuiteResult) string {
	parts := []string{b.w.say("memory.pairs.says", name, shares(k.All.Right), integer(k.All.Right.N), percent(k.All.NgramRight.Estimate))}
	if !math.IsNaN(k.All.Apart.Estimate) {
		parts = append(parts, b.w.say("memory.pairs.apart", shares(k.All.Apart), percent(k.All.NgramApart.Estimate)))
	}
	return b.w.sentences(append(parts, b.horizon(k.Horizon))...)
}

// pairMemory is the passage with arcs, the units that change and the one nearest to waiting.
func (b *builder) pairMemory(r *memory.Result, command string) []block {
	p := r.Passage
	if p == nil || p.Text == "" || len(p.Units) == 0 {
		return nil
	}
	fig := &figure.Pairs{Text: []rune(p.Text), OpenLabel: b.w.say("pairs.open"), CloseLabel: b.w.say("pairs.close"), Legend: b.w.say("heatmap.legend")}
	for _, q := range p.Pairs {
		open, shut := lastRune(p.Of, q.Open-p.Lo), lastRune(p.Of, q.Close-p.Lo)
		fig.Pairs = append(fig.Pairs, figure.Pair{Open: open, Close: shut})
	}
	for _, u := range p.Units {
		fig.Units, fig.Values = append(fig.Units, rnn.UnitName(u.Site, u.Unit)), append(fig.Values, floats(text.OnRunes(p.Of, u.Values)))
	}
	fig.Limit = quantile(fig.Values, 90)
	memory := "–"
	if p.Memory != nil {
		memory = rnn.UnitName(p.Memory.Site, p.Memory.Unit)
		fig.Memory, fig.Trace, fig.MemoryLegend = memory, floats(text.OnRunes(p.Of, p.Memory.Values)), b.w.say("memory.map.unit", memory)
		fig.Limit = math.Max(fig.Limit, limit([][]float64{fig.Trace}))
	}
	says := b.w.say("memory.map.says", integer(len(fig.Pairs)), memory)
	fig.Head = b.head(b.w.say("memory.map.title"), says)
	return []block{b.picture("memory-map", fig, fig.Title, command, b.w.say("memory.map.what"), says)}
}

// lastRune is the last character of a symbol.
func lastRune(of []int, symbol int) int {
	_, to := text.RunesAt(of, symbol, symbol+1)
	return max(0, to-1)
}

// leastEffect is where the curves of reach end: below it float32 rounds.
const leastEffect = 1e-8

func (b *builder) reach(r *memory.Result, command string) []block {
	fig := &figure.Lines{XLabel: b.w.say("memory.axis.back"), YLabel: b.w.say("memory.axis.kl"), Steps: true}
	var says []string
	for _, c := range r.Reach {
		if c.Method != memory.Replacement || len(c.Points) == 0 {
			continue
		}
		name := b.w.say("memory.sort." + strings.ReplaceAll(c.Sort, " ", "_"))
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
			says = append(says, b.w.say("memory.reach.says", name, number(float64(c.Tenth), 0)))
		} else {
			says = append(says, b.w.say("memory.reach.beyond", name))
		}
	}
	if len(fig.Curves) == 0 {
		return nil
	}
	fig.Head = b.head(b.w.say("memory.reach.title"), b.w.say("memory.reach.what"))
	return []block{b.picture("memory-reach", fig, fig.Title, command, append([]string{b.w.say("memory.reach.what")}, says...)...)}
}

func (b *builder) influence(r *memory.Result, command string) []block {
	fig := &figure.Strip{Legend: b.w.say("memory.influence.legend"), Shading: b.w.say("memory.influence.shading")}
	var says []string
	for _, f := range r.Influence {
		rs := []rune(f.Text)
		if f.Of == nil && len(rs) != len(f.Drop) {
			continue // characters the alphabet lacks
		}
		target := text.VisibleString(f.Target)
		row := figure.StripRow{Text: rs, Name: b.w.say("memory.influence.row", integer(f.At), target, b.pairKind(f.Why))}
		for _, v := range text.OnRunes(f.Of, f.Drop) {
			row.Values = append(row.Values, float64(v))
		}
		if at := f.Opener - f.Lo; f.Opener >= 0 && at >= 0 && at < len(f.Drop) {
			from, to := text.RunesAt(f.Of, at, at+1)
			row.Spans = [][2]int{{from, to}}
			says = append(says, b.influenceSentence(f, rs, target, at))
		}
		fig.Rows = append(fig.Rows, row)
		fig.Limit = math.Max(fig.Limit, limit([][]float64{row.Values}))
	}
	if len(fig.Rows) == 0 {
		return nil
	}
	fig.Head = b.head(b.w.say("memory.influence.title"), b.w.say("memory.influence.what"))
	return []block{b.picture("memory-influence", fig, fig.Title, command, append([]string{b.w.say("memory.influence.what")}, says...)...)}
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
	return b.w.say("memory.influence.says", target, integer(f.At), text.VisibleString(text.SymbolText(rs, f.Of, most)), integer(len(f.Drop)-most), integer(len(f.Drop)-opener), integer(rank))
}

// times is the histogram of time constants, over the logarithm of characters.
func (b *builder) times(r *memory.Result, command string) []block {
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
	fig := &figure.Lines{XLabel: b.w.say("memory.axis.tau"), YLabel: b.w.say("memory.axis.units"), Steps: true}
	says := b.w.say("memory.times.elman", number(stat.Quantile(state, .5), 1), number(state[len(state)-1], 0))
	if len(gate) > 0 {
		fig.Curves = append(fig.Curves, histogram(b.w.say("memory.times.gate", b.w.named("memory.keep.", r.Keep)), gate, 0))
		says = b.w.say("memory.times.says", number(stat.Quantile(gate, .5), 1), number(stat.Quantile(state, .5), 1), number(state[len(state)-1], 0))
	}
	fig.Curves = append(fig.Curves, histogram(b.w.say("memory.times.state"), state, 1))
	fig.Head = b.head(b.w.say("memory.times.title"), says)
	return []block{b.picture("memory-times", fig, fig.Title, command, b.w.say("memory.times.what"), says)}
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

func (b *builder) saturation(r *memory.Result, command string) []block {
	fig := &figure.Scatter{Lo: 0, Hi: 1, XLabel: b.w.say("memory.axis.closed"), YLabel: b.w.say("memory.axis.open")}
	index := map[string]int{}
	open, shut := map[string]int{}, map[string]int{}
	for _, s := range r.Saturation {
		name := "l" + integer(s.Layer) + "." + s.Gate
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
	says := []string{b.w.say("memory.saturation.what")}
	for _, p := range fig.Panels {
		says = append(says, b.w.say("memory.saturation.says", p.Title, integer(open[p.Title]), integer(len(p.X)), integer(shut[p.Title])))
	}
	fig.Head = b.head(b.w.say("memory.saturation.title"), b.w.say("memory.saturation.what"))
	return []block{b.picture("memory-saturation", fig, fig.Title, command, says...)}
}

// unitsShown of each kind of pair.
const unitsShown = 3

func (b *builder) waiting(r *memory.Result, _ string) []block {
	w := b.w
	out := []block{{Heading: w.say("memory.wait.title")}, {Prose: []string{w.say("memory.wait.what")}}}
	if len(r.Waiting) == 0 {
		return append(out, block{Prose: []string{w.say("memory.wait.none")}})
	}
	t := &table{Head: []string{w.say("head.kind"), w.say("head.unit"), w.say("memory.head.verdict"), w.say("memory.wait.failed"),
		w.say("memory.criterion.dormancy"), w.say("memory.criterion.jump"), w.say("memory.head.retention"), w.say("memory.criterion.release")}}
	var says []string
	for _, k := range r.Waiting {
		says = append(says, w.say("memory.wait.says", b.pairKind(k.Kind), integer(k.Named), integer(k.Observed), integer(k.Searched), integer(k.Sham)))
		for i, u := range k.Units {
			if i < unitsShown || u.Verdict == memory.TriggerWait {
				t.Rows = append(t.Rows, b.waitRow(k.Kind, u))
			}
		}
	}
	return append(out, block{Prose: says}, block{Table: t})
}

func (b *builder) waitRow(kind string, u memory.WaitUnit) []string {
	verdict := b.w.say("memory.wait.partial")
	if u.Verdict == memory.TriggerWait {
		verdict = b.w.say("memory.wait.trigger-wait." + u.Mode)
	}
	var failed []string
	for _, f := range u.Failed {
		failed = append(failed, b.w.say("memory.criterion."+f))
	}
	return []string{b.pairKind(kind), rnn.UnitName(u.Site, u.Unit), verdict, strings.Join(failed, b.w.say("list.comma")),
		number(float64(u.Dormancy), 2), percent(float64(u.Jump)), number(float64(u.Retention), 2), percent(float64(u.Release))}
}
