package table

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Memory prints the tables of a measurement, a heading and a sentence above each.
func Memory(w io.Writer, r *memory.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: units chosen on %s characters, figures measured on %s\nn-gram line: order %d, trained on %s\n"),
		r.Text, r.Symbols.Say(r.Split), Grouped(int(r.Chosen)), Grouped(int(r.Reported)), r.Order, r.Baseline)
	if r.Counted < r.Learned {
		fmt.Fprintf(&b, r.Symbols.Say("to bound memory it was counted on the last %s of %s characters\n"), Grouped(int(r.Counted)), Grouped(int(r.Learned)))
	}
	if r.From > 0 {
		fmt.Fprintf(&b, r.Symbols.Say("to bound memory only what follows the first %s characters of the text is held\n"), Grouped(int(r.From)))
	}
	recallTables(&b, r)
	suiteTable(&b, r)
	endsTable(&b, r)
	reachTable(&b, r)
	influenceTable(&b, r)
	timesTable(&b, r)
	waitTable(&b, r)
	_, err := fmt.Fprint(w, b.String())
	return err
}

// Near is fixed without the sign of a zero.
func Near(v float64, decimals int) string {
	s := Fixed(v, decimals)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

func section(b *strings.Builder, title, sentence string) {
	fmt.Fprintf(b, "\n%s\n%s\n\n", title, sentence)
}

func recallTables(b *strings.Builder, r *memory.Result) {
	if len(r.Recall) == 0 {
		section(b, "RECALL", "The text has too few pairs to ask for their closers.")
		return
	}
	section(b, "RECALL BY GAP", "At true closers: is the right one likelier than every other? Share right, network and n-gram line; margin in nats.")
	rows := [][]string{{"pair", "gap", "closers", "right", "95 %", "n-gram", "margin", "n-gram", "excess", "95 %"}}
	for _, k := range r.Recall {
		for i, bin := range k.Bins {
			name := ""
			if i == 0 {
				name = k.Kind + " (" + k.Asked + ")"
			}
			rows = append(rows, recallRow(name, bin))
		}
		if k.Far != nil {
			rows = append(rows, recallRow("", *k.Far))
		}
		rows = append(rows, []string{"", "horizon", k.Horizon.String(), "", "", "", "", "", "", ""})
	}
	b.WriteString(Aligned(rows, 2))
}

func recallRow(name string, bin memory.RecallBin) []string {
	return []string{name, gapRange(bin.Lo, bin.Hi), strconv.FormatInt(bin.Right.N, 10),
		Near(bin.Right.Estimate, 2), Bounds(bin.Right, 2), Near(bin.NgramRight.Estimate, 2),
		Near(bin.Margin.Estimate, 1), Near(bin.NgramMargin.Estimate, 1), Near(bin.Excess.Estimate, 1), Bounds(bin.Excess, 1)}
}

func gapRange(lo, hi int) string {
	switch {
	case hi == 0 && lo > 0:
		return Grouped(lo) + " and more"
	case hi == lo:
		return Grouped(lo)
	}
	return Grouped(lo) + "–" + Grouped(hi)
}

func Bounds(i stat.Interval, decimals int) string {
	if math.IsNaN(i.Lo) || math.IsNaN(i.Hi) {
		return ""
	}
	return "[" + Near(i.Lo, decimals) + ", " + Near(i.Hi, decimals) + "]"
}

func suiteTable(b *strings.Builder, r *memory.Result) {
	if len(r.Minimal) == 0 {
		return
	}
	section(b, "MINIMAL PAIRS", "Two texts that differ in what decides: is the right continuation the likelier? 0.50 is knowing nothing.\nTold apart: over both versions of one thing together, so that a bias for one continuation does not count.")
	rows := [][]string{{"suite", "gap", "pairs", "right", "95 %", "n-gram", "told apart", "95 %", "n-gram", "margin", "95 %"}}
	for _, s := range r.Minimal {
		for i, bin := range s.Bins {
			name := ""
			if i == 0 {
				name = s.Name
			}
			rows = append(rows, suiteRow(name, gapRange(bin.Lo, bin.Hi), bin))
		}
		if s.Far != nil {
			rows = append(rows, suiteRow("", gapRange(s.Far.Lo, 0), *s.Far))
		}
		rows = append(rows, suiteRow("", "all", s.All), []string{"", "horizon", s.Horizon.String(), "", "", "", "", "", "", "", ""})
	}
	b.WriteString(Aligned(rows, 2))
	for _, s := range r.Minimal {
		note := ""
		if !s.Length {
			note = " Right and wrong are not equally long in every pair: shorter is likelier."
		}
		if s.Skipped > 0 {
			note += fmt.Sprintf(" Left out, because the network lacks their characters: %d.", s.Skipped)
		}
		fmt.Fprintf(b, "%s: %s%s\n", s.Name, s.About, note)
	}
}

func suiteRow(name, gap string, bin memory.SuiteBin) []string {
	return []string{name, gap, strconv.FormatInt(bin.Right.N, 10), Near(bin.Right.Estimate, 2), Bounds(bin.Right, 2),
		Near(bin.NgramRight.Estimate, 2), Near(bin.Apart.Estimate, 2), Bounds(bin.Apart, 2), Near(bin.NgramApart.Estimate, 2), Near(bin.Margin.Estimate, 2), Bounds(bin.Margin, 2)}
}

func endsTable(b *strings.Builder, r *memory.Result) {
	if len(r.Pairs) == 0 {
		return
	}
	section(b, "STATES AT BOTH ENDS", "Cosine of the last layer's h after opener and closer, centred; beside places as far apart, and the closer of another pair.")
	rows := [][]string{{"pair", "count", "median gap", "deepest", "cosine", "random", "difference", "95 %", "other pair's", "most changing unit", "change", "random", "p"}}
	for _, k := range r.Pairs {
		deepest := 0
		for d, n := range k.Depth {
			if n > 0 {
				deepest = d + 1
			}
		}
		row := []string{k.Kind, Grouped(int(k.Count)), Near(k.Median, 0), strconv.Itoa(deepest), Near(k.Cosine.Estimate, 2), Near(k.Random.Estimate, 2),
			Near(k.OverRandom.Estimate, 2), Bounds(k.OverRandom, 2), Near(k.Mismatched.Estimate, 2), "", "", "", ""}
		if len(k.Units) > 0 {
			u := k.Units[0]
			row[9], row[10], row[11], row[12] = rnn.UnitName(u.Site, u.Unit), Near(u.Change.Estimate, 2), Near(float64(u.Random), 2), pValue(float64(u.P))
		}
		rows = append(rows, row)
	}
	b.WriteString(Aligned(rows, 1))
	b.WriteString("change: mean change of the unit from end to end, in its standard deviations; p: over all units, random places standing for pairs.\n")
}

func reachTable(b *strings.Builder, r *memory.Result) {
	if len(r.Reach) == 0 {
		return
	}
	section(b, "HOW FAR BACK MATTERS", r.Symbols.Say("Replacing a character by another of its class changes the prediction k characters on by so many nats (KL); gradient: of the logit."))
	head := []string{"what", "by", "places"}
	for _, p := range r.Reach[0].Points {
		if p.Lo == p.Hi || p.Hi >= 8 && p.Hi&(p.Hi-1) == 0 {
			head = append(head, gapRange(p.Lo, p.Hi))
		}
	}
	rows := [][]string{append(head, "below 1/10 at")}
	for _, c := range r.Reach {
		row := []string{c.Sort, c.Method, strconv.FormatInt(c.N, 10)}
		for _, p := range c.Points {
			if p.Lo == p.Hi || p.Hi >= 8 && p.Hi&(p.Hi-1) == 0 {
				row = append(row, fmt.Sprintf("%.2g", p.Value.Estimate))
			}
		}
		tenth := "beyond"
		if c.Tenth.Defined() {
			tenth = Near(float64(c.Tenth), 0)
		}
		rows = append(rows, append(row, tenth))
	}
	b.WriteString(Aligned(rows, 2))
}

// deciders is how many characters are named for each position.
const deciders = 6

func influenceTable(b *strings.Builder, r *memory.Result) {
	if len(r.Influence) == 0 {
		return
	}
	section(b, "WHAT DECIDED IT", r.Symbols.Say("The characters whose replacement costs the next character most log-probability, how far back they stand, and the cost in nats."))
	rows := [][]string{{"position", "next", "log P", "opener", "cost", r.Symbols.Say("the costliest: character, back, cost")}}
	for _, f := range r.Influence {
		rs := []rune(f.Text)
		order := make([]int, len(f.Drop))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(f.Drop[y], f.Drop[x]) })
		var top []string
		for _, i := range order[:min(deciders, len(order))] {
			if s := text.SymbolText(rs, f.Of, i); s != "" {
				top = append(top, fmt.Sprintf("%s %d %s", text.VisibleString(s), len(f.Drop)-i, Near(float64(f.Drop[i]), 1)))
			}
		}
		opener, cost := "", ""
		if at := f.Opener - f.Lo; f.Opener >= 0 && at >= 0 && at < len(f.Drop) {
			opener, cost = fmt.Sprintf("%s %d back", text.VisibleString(text.SymbolText(rs, f.Of, at)), len(f.Drop)-at), Near(float64(f.Drop[at]), 2)
		}
		rows = append(rows, []string{Grouped(f.At), text.VisibleString(f.Target), Near(float64(f.LogProb), 2), opener, cost, strings.Join(top, "   ")})
	}
	b.WriteString(Aligned(rows, len(rows[0])))
}

func timesTable(b *strings.Builder, r *memory.Result) {
	if len(r.Times) == 0 {
		return
	}
	section(b, "TIME CONSTANTS", r.Symbols.Say("In characters, over the units of each layer. ")+gateWords(r.Keep)+"tau: integrated autocorrelation time of h.")
	rows := [][]string{{"layer", "from", "q10", "median", "q90", "longest", "unit"}}
	layers := 0
	for _, t := range r.Times {
		layers = max(layers, t.Layer+1)
	}
	for l := range layers {
		for _, which := range []string{"gate", "tau"} {
			if row := timesRow(r, l, which); row != nil {
				rows = append(rows, row)
			}
		}
	}
	b.WriteString(Aligned(rows, 2))
	saturationTable(b, r)
}

func gateWords(keep string) string {
	if keep == "" {
		return ""
	}
	return "gate: " + keep + "; "
}

func timesRow(r *memory.Result, layer int, which string) []string {
	var values []float64
	longest, unit := math.Inf(-1), 0
	for _, t := range r.Times {
		v := float64(t.Gate)
		if which == "tau" {
			v = float64(t.Autocorrelation)
		}
		if t.Layer != layer || math.IsNaN(v) {
			continue
		}
		values = append(values, v)
		if v > longest {
			longest, unit = v, t.Unit
		}
	}
	if len(values) == 0 {
		return nil
	}
	q := Quantiles(values, 0.1, 0.5, 0.9)
	return []string{strconv.Itoa(layer), which, Near(q[0], 1), Near(q[1], 1), Near(q[2], 1), Near(longest, 1), rnn.UnitName(fmt.Sprintf("l%d.h", layer), unit)}
}

func saturationTable(b *strings.Builder, r *memory.Result) {
	type key struct {
		layer int
		gate  string
	}
	closed, open := map[key][]float64{}, map[key][]float64{}
	var order []key
	for _, s := range r.Saturation {
		k := key{s.Layer, s.Gate}
		if closed[k] == nil {
			order = append(order, k)
		}
		closed[k], open[k] = append(closed[k], s.Closed), append(open[k], s.Open)
	}
	if len(order) == 0 {
		return
	}
	rows := [][]string{{"gate", "closed (< .1)", "q90", "open (> .9)", "q90", "units open > 90 % of the time"}}
	for _, k := range order {
		c, o, n := Quantiles(closed[k], 0.5, 0.9), Quantiles(open[k], 0.5, 0.9), 0
		for _, v := range open[k] {
			if v > 0.9 {
				n++
			}
		}
		rows = append(rows, []string{fmt.Sprintf("l%d.%s", k.layer, k.gate), Near(c[0], 2), Near(c[1], 2), Near(o[0], 2), Near(o[1], 2), strconv.Itoa(n)})
	}
	b.WriteString("\nshare of time each gate is closed and open: median unit and 90 % quantile\n")
	b.WriteString(Aligned(rows, 1))
}

func waitTable(b *strings.Builder, r *memory.Result) {
	if len(r.Waiting) == 0 {
		section(b, "WAITING UNITS", "The text has too few pairs with a gap of 20 and more to search for units that wait.")
		return
	}
	section(b, "WAITING UNITS", "Asleep before a trigger, a jump at it, held or counted, released; acts at the closer and not before. All six, or partial.")
	rows := [][]string{{"pair", "unit", "verdict", "failed", "dormancy", "jump", "retention", "to gap", "release", "effect", "others", "timing"}}
	for _, w := range r.Waiting {
		for i, u := range w.Units {
			if i >= 3 && u.Verdict != memory.TriggerWait {
				break
			}
			name := ""
			if i == 0 {
				name = w.Kind
			}
			verdict := string(u.Verdict)
			if u.Verdict == memory.TriggerWait {
				verdict += " (" + u.Mode + ")"
			}
			rows = append(rows, []string{name, rnn.UnitName(u.Site, u.Unit), verdict, strings.Join(u.Failed, ", "),
				Near(float64(u.Dormancy), 2), Near(float64(u.Jump), 2), Near(float64(u.Retention), 2), strconv.Itoa(u.Retained),
				Near(float64(u.Release), 2), Near(float64(u.Effect), 2), Near(float64(u.Others), 2), Near(float64(u.Timing), 1)})
		}
	}
	b.WriteString(Aligned(rows, 4))
	for _, w := range r.Waiting {
		fmt.Fprintf(b, "%s: %d trials; of %s units %d meet the four criteria that need no intervention (with random places for triggers: %d).\n",
			w.Kind, w.Trials, Grouped(w.Searched), w.Observed, w.Sham)
	}
	b.WriteString("Limits: dormancy <= .10, jump and release >= .80, retention >= .90, effect above 95 % of the other units, timing >= 5.\n")
}
