package table

import (
	"fmt"

	"github.com/rnnscope/rnnscope/evolve"
)

// HeldOut has a row for every kind of held-out items and a column for every moment: the share of them
// that is right, and their log probability.
func HeldOut(h *evolve.History, shown []evolve.Snapshot) string {
	if len(h.Measures) == 0 {
		return ""
	}
	right := [][]string{heldOutHead("held-out items right, by step", shown)}
	logp := [][]string{heldOutHead("their log probability, nats a symbol", shown)}
	for k, m := range h.Measures {
		one, other := []string{m.Titles["en"], fmt.Sprint(m.Items)}, []string{m.Titles["en"], fmt.Sprint(m.Items)}
		for _, x := range shown {
			share, nats := "–", "–"
			if k < len(x.HeldOut) {
				share, nats = fmt.Sprintf("%.0f %%", 100*x.HeldOut[k].Right.Estimate), fmt.Sprintf("%.2f", x.HeldOut[k].LogP.Estimate)
			}
			one, other = append(one, share), append(other, nats)
		}
		p := h.Pairings[k]
		how := came(p.Right)
		if p.Metric != "" {
			how += ", " + p.Metric.Words()
		}
		right, logp = append(right, append(one, how)), append(logp, append(other, came(p.LogP)))
	}
	return "\n" + Aligned(right, 1) + "\n" + Aligned(logp, 1)
}

func heldOutHead(title string, shown []evolve.Snapshot) []string {
	head := []string{title, "items"}
	for _, x := range shown {
		head = append(head, Grouped(int(x.Step)))
	}
	return append(head, "came")
}
