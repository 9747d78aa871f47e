package table

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Explained prints what all units come to, and the best and the least explained; dir is the run, as a command names it.
func Explained(w io.Writer, r *explain.Result, dir string, show int, lang string) error {
	var b strings.Builder
	explainHead(&b, r)
	explainSites(&b, r)
	explainMemory(&b, r)
	explainWords(&b, r)
	explainUnits(&b, r, dir, show, lang)
	_, err := fmt.Fprint(w, b.String())
	return err
}

func explainHead(b *strings.Builder, r *explain.Result) {
	fmt.Fprintf(b, r.Symbols.Say("%s, %s: descriptions grown on %s characters, pruned on %s, scored on %s\n"),
		r.Text, r.Symbols.Say(r.Split), Grouped(r.Grown), Grouped(r.Held), Grouped(r.Reported))
}

func explainSites(b *strings.Builder, r *explain.Result) {
	section(b, "HOW MUCH OF A UNIT IS SAID", r.Symbols.Say("R2 of descriptions of at most 4, 16 and 64 leaves, median over units; share of units with .5 and more; share that remembers:\nits score beyond the last five characters lies above every unit of the untrained networks, and outlasts the permutation of all older context."))
	rows := [][]string{{"site", "units", "4", "16", "64", "≥ .5 at 16", "at 64", "remember", "95 %"}}
	for _, s := range r.Sites {
		rows = append(rows, siteRow(s.Name, len(s.Units), s.Median, s.Half, s.Remember))
		if f := s.Fresh; f != nil {
			rows = append(rows, siteRow(fmt.Sprintf("  %d untrained", f.Networks), f.Networks*len(s.Units), f.Median, f.Half, stat.Point(math.NaN(), 0)))
		}
	}
	b.WriteString(Aligned(rows, 1))
}

func siteRow(name string, units int, median explain.Curve, half [explain.Sizes]stat.Interval, remember stat.Interval) []string {
	row := []string{name, Grouped(units)}
	for _, m := range median {
		row = append(row, Near(float64(m), 2))
	}
	share := Fixed(remember.Estimate, 3)
	return append(row, Fixed(half[1].Estimate, 2), Fixed(half[2].Estimate, 2), share, Bounds(remember, 3))
}

func explainMemory(b *strings.Builder, r *explain.Result) {
	if r.Memory == nil {
		return
	}
	what := fmt.Sprintf(r.Symbols.Say("1 less the squared change when the state k characters ago is exchanged for one from elsewhere, over twice the variance;\nmedian over units, %s places."), Grouped(r.Memory.Places))
	if r.Memory.Method == explain.SameContext {
		what = fmt.Sprintf(r.Symbols.Say("1 less the squared difference of two places after the same k characters, over twice the variance (these states have no\nnetwork whose state could be exchanged); median over units, %s pairs. Asked: the share of the text after k characters seen often enough."), Grouped(r.Memory.Places))
	}
	section(b, r.Symbols.Say("HOW MUCH THE LAST k CHARACTERS FIX"), what)
	head := []string{"site"}
	for _, k := range r.Memory.Ks {
		head = append(head, "k="+strconv.Itoa(k))
	}
	rows := [][]string{head}
	for _, f := range r.Memory.Median {
		row := []string{f.Site}
		for _, v := range f.S {
			row = append(row, Near(float64(v), 2))
		}
		rows = append(rows, row)
	}
	if len(r.Memory.Covered) > 0 {
		row := []string{"asked"}
		for _, v := range r.Memory.Covered {
			row = append(row, Near(v, 2))
		}
		rows = append(rows, row)
	}
	b.WriteString(Aligned(rows, 1))
}

func explainWords(b *strings.Builder, r *explain.Result) {
	w := r.Words
	if w == nil {
		return
	}
	section(b, "THE NETWORK IN WORDS", fmt.Sprintf(r.Symbols.Say("All units of the top layer's h replaced at the readout, %s characters, in nats a character. K: 1 is the network, 0 the frequency\nof characters. Cooled: with one temperature fitted on held-back text."), Grouped(w.Positions)))
	rows := [][]string{{"in the place of h", "loss", "K", "95 %", "temperature", "loss cooled", "K cooled", "95 %"}}
	plain := func(name string, loss stat.Interval, k string, ci string) {
		rows = append(rows, []string{name, Fixed(loss.Estimate, 3), k, ci, "", "", "", ""})
	}
	plain("the network itself", w.Network, "1", "")
	if w.NGram != nil {
		plain(fmt.Sprintf("(%d-gram model)", w.NGram.Order), w.NGram.Loss, Near(w.NGram.K.Estimate, 2), Bounds(w.NGram.K, 2))
	}
	plain("(frequency alone)", w.Unigram, "0", "")
	add := func(name string, x explain.ReplacementResult) {
		row := []string{name, Fixed(x.Loss.Estimate, 3), Near(x.K.Estimate, 2), Bounds(x.K, 2), "", "", "", ""}
		if x.CooledK != nil {
			row[4], row[5], row[6], row[7] = Fixed(float64(x.Temperature), 2), Fixed(x.CooledLoss.Estimate, 3), Near(x.CooledK.Estimate, 2), Bounds(*x.CooledK, 2)
		}
		rows = append(rows, row)
	}
	for _, x := range w.Described {
		add(fmt.Sprintf("descriptions, %d leaves", x.Leaves), x)
	}
	for _, x := range w.Means {
		name := "means"
		if x.Last > 0 {
			name = fmt.Sprintf("means given the last %d", x.Last)
		}
		add(name, x)
	}
	for _, x := range w.Recurrent {
		add(fmt.Sprintf("recurrence alone, %d leaves", x.Leaves), x)
	}
	b.WriteString(Aligned(rows, 1))
}

// ranked is a unit with its site.
type ranked struct {
	site string
	explain.Unit
}

// explainUnits prints the best and the least explained units, one of each family.
func explainUnits(b *strings.Builder, r *explain.Result, dir string, show int, lang string) {
	var all []ranked
	for _, s := range r.Sites {
		for _, u := range s.Units {
			if u.Family == u.Unit && u.R2[1].Estimate == u.R2[1].Estimate {
				all = append(all, ranked{s.Name, u})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y ranked) int { return cmp.Compare(y.R2[1].Estimate, x.R2[1].Estimate) })
	if show == 0 || len(all) == 0 {
		return
	}
	show = min(show, (len(all)+1)/2)
	section(b, "BEST EXPLAINED", r.Symbols.Say("R2 at 16 leaves, and what the description says first; of units with like descriptions one is shown. Beyond: * where it remembers.\nFixed by 5: how much the last five characters fix. Costs: thousandths of a nat where the unit stands at its mean at the readout."))
	b.WriteString(unitRows(all[:show], lang))
	section(b, "LEAST EXPLAINED", fmt.Sprintf("What is known of them: rnnscope explain %s --units UNIT.", dir))
	b.WriteString(unitRows(all[len(all)-show:], lang))
}

func unitRows(units []ranked, lang string) string {
	rows := [][]string{{"unit", "description", "R2", "95 %", "at 64", "beyond", "fixed by 5", "costs"}}
	for _, u := range units {
		for i, rule := range u.Rules[:min(2, len(u.Rules))] {
			row := []string{"", Clip(rule.Text[lang], 90), "", "", "", "", "", ""}
			if i == 0 {
				row = []string{rnn.UnitName(u.site, u.Unit.Unit), Clip(rule.Text[lang], 90),
					Near(u.R2[1].Estimate, 2), Bounds(u.R2[1], 2), Near(u.R2[2].Estimate, 2), beyondCell(u.Unit), fixedByFive(u.Unit), costCell(u.Unit)}
			}
			rows = append(rows, row)
		}
	}
	return Aligned(rows, 2)
}

// beyondCell is the beyond-score, marked where it counts.
func beyondCell(u explain.Unit) string {
	s := Near(u.Beyond[explain.Sizes-1].Estimate, 3)
	if u.Remembers {
		return s + " *"
	}
	return s + "  "
}

// fixedByFive is S_5, and costCell what the loss rises by, in thousandths of a nat, where the unit stands at its
// mean at the readout.
func fixedByFive(u explain.Unit) string {
	if len(u.Memory) < 5 {
		return ""
	}
	return Near(u.Memory[4].Estimate, 2)
}

func costCell(u explain.Unit) string {
	if u.Uses == nil {
		return ""
	}
	return Near(1000*u.Uses.Estimate, 1)
}

// ExplainedUnits prints single units in full.
func ExplainedUnits(w io.Writer, r *explain.Result, lang string) error {
	var b strings.Builder
	explainHead(&b, r)
	for _, site := range r.Sites {
		for _, u := range site.Units {
			explainUnit(&b, r, site, u, lang)
		}
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func explainUnit(b *strings.Builder, r *explain.Result, site explain.Site, u explain.Unit, lang string) {
	fmt.Fprintf(b, "\n%s\n\n", rnn.UnitName(site.Name, u.Unit))
	rows := [][]string{{"leaves", "left", "R2", "95 %", "last five only", "95 %", "beyond", "95 %", "fidelity", "95 %"}}
	for i, k := range r.Leaves {
		row := []string{strconv.Itoa(k), strconv.Itoa(u.Leaves[i]), Near(u.R2[i].Estimate, 3), Bounds(u.R2[i], 3),
			Near(u.Short[i].Estimate, 3), Bounds(u.Short[i], 3), Near(u.Beyond[i].Estimate, 3), Bounds(u.Beyond[i], 3), "", ""}
		if u.Fidelity != nil {
			row[8], row[9] = Near(u.Fidelity[i].Estimate, 2), Bounds(u.Fidelity[i], 2)
		}
		rows = append(rows, row)
	}
	b.WriteString(Aligned(rows, 0))
	b.WriteByte('\n')
	if u.P.Defined() {
		fmt.Fprintf(b, "permuting all older context: p %s over %s draws", pValue(float64(u.P)), Grouped(site.Draws))
		if site.Fresh != nil {
			fmt.Fprintf(b, "; highest beyond-score of %d untrained networks: %s", site.Fresh.Networks, Near(float64(site.Fresh.Highest[explain.Sizes-1]), 3))
		}
		b.WriteString(map[bool]string{true: "; remembers\n", false: "\n"}[u.Remembers])
	}
	if u.Uses != nil {
		fmt.Fprintf(b, "at its mean the unit costs %s %s thousandths of a nat at the readout\n", Near(1000*u.Uses.Estimate, 2), Bounds(thousandths(*u.Uses), 2))
	}
	if len(u.Memory) > 0 {
		b.WriteString("fixed by the last")
		for i, k := range r.Memory.Ks {
			fmt.Fprintf(b, "  %d: %s", k, Near(u.Memory[i].Estimate, 2))
		}
		b.WriteByte('\n')
	}
	if t := u.Times; t != nil && t.Autocorrelation.Defined() {
		fmt.Fprintf(b, r.Symbols.Say("time constant: %s characters by its autocorrelation"), Near(float64(t.Autocorrelation), 1))
		if t.Gate.Defined() {
			fmt.Fprintf(b, ", %s by what its gate keeps", Near(float64(t.Gate), 1))
		}
		b.WriteByte('\n')
	}
	if u.Family != u.Unit {
		fmt.Fprintf(b, "its description says what that of %s says\n", rnn.UnitName(site.Name, u.Family))
	}
	b.WriteByte('\n')
	for _, rule := range u.Rules {
		fmt.Fprintf(b, "%5.1f %%  %s\n", 100*rule.Share, rule.Text[lang])
	}
	if len(u.Places) == 0 {
		return
	}
	b.WriteString("\nWhere it is highest and lowest, in standard deviations, and what the description says there:\n\n")
	rows = [][]string{{"text before", "unit", "says"}}
	for _, p := range u.Places {
		rows = append(rows, []string{text.VisibleString(p.Text), Near(p.Z, 1), Near(p.Says, 1)})
	}
	b.WriteString(Aligned(rows, 0))
}

func thousandths(i stat.Interval) stat.Interval {
	return stat.Interval{Estimate: 1000 * i.Estimate, Lo: 1000 * i.Lo, Hi: 1000 * i.Hi, N: i.N}
}
