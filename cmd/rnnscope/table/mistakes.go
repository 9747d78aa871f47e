package table

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/text"
)

// gainsPrinted are the characters of each end of the list of gains.
const gainsPrinted = 6

// Mistakes prints what a network gets wrong, and why.
func Mistakes(w io.Writer, r *mistakes.Result) error {
	words := finding.LoadWords("en")
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: %s of %s characters are errors (%s %%); they make %s of the loss, %s nats a character\n\n"),
		r.Text, r.Symbols.Say(r.Split), Grouped(int(r.Wrong)), Grouped(int(r.Characters)), Fixed(100*r.Rate.Estimate, 1), Fixed(r.LossShare.Estimate, 3), Fixed(r.Loss.Estimate, 3))
	rows := [][]string{{"cause", "true of", "removes", "share", "95 % interval", "nats", "95 % interval", "share of the loss", "95 % interval"}}
	for _, c := range r.Causes {
		rows = append(rows, []string{
			words.Kind("error_removed", c.Name), Grouped(int(c.Holds)), Grouped(int(c.Removed)), Fixed(c.Share.Estimate, 3), Bounds(c.Share, 3),
			Fixed(c.Nats.Estimate, 4), Bounds(c.Nats, 4), Fixed(c.Shapley.Estimate, 3), Bounds(c.Shapley, 3),
		})
	}
	b.WriteString(Aligned(rows, 1))
	fmt.Fprintf(&b, r.Symbols.Say(`
removes: errors of which no cause above is true; share: of all errors. nats, share of the loss: averaged over all orders of removal
(Shapley value), nats a character of text and share of the loss on errors. Intervals: delete-one-segment jackknife, %d segments of %s
characters. n-gram models of order 1 to %d, counted on %s.
`), r.Segments, Grouped(r.Segment), r.Orders, r.Baseline)
	b.WriteString(mistakesInContext(words, r))
	gainTable(&b, r)
	_, err := fmt.Fprint(w, b.String())
	return err
}

// mistakesInContext are the costliest errors of every cause.
func mistakesInContext(words finding.Words, r *mistakes.Result) string {
	rows := [][]string{{"cause", "text", "wrong at", "expected", "p of it", "p of the right one"}}
	for _, c := range r.Causes {
		name := words.Kind("error_removed", c.Name)
		for _, e := range c.Worst {
			rows = append(rows, []string{name, text.VisibleString(e.Before), text.VisibleString(e.Char), text.VisibleString(e.Expected), Fixed(e.Q, 3), strconv.FormatFloat(e.P, 'g', 2, 64)})
			name = ""
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return "\n" + Aligned(rows, 4)
}

// gainTable is where the network gains most and least over the best n-gram model.
func gainTable(b *strings.Builder, r *mistakes.Result) {
	fmt.Fprintf(b, r.Symbols.Say("\nover the n-gram model of order %d (%s nats), by character that comes next:\n\n"), r.Best, Fixed(r.NGramLoss.Estimate, 3))
	rows := [][]string{{"char", "count", "network", "n-gram", "gain", "95 % interval"}}
	list := r.Gains
	if len(list) > 2*gainsPrinted {
		list = append(append([]mistakes.Gain{}, list[:gainsPrinted]...), list[len(list)-gainsPrinted:]...)
	}
	for _, g := range list {
		rows = append(rows, []string{text.VisibleString(g.Char), Grouped(int(g.Count)), Fixed(g.Network, 3), Fixed(g.NGram, 3), Fixed(g.Gain.Estimate, 4), Bounds(g.Gain, 4)})
	}
	b.WriteString(Aligned(rows, 1))
	b.WriteString(r.Symbols.Say("\nnetwork, n-gram: mean loss where the character comes next, nats; gain: what the difference adds over the whole text, nats a character.\n"))
}
