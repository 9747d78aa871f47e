package table

import (
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/explain"
)

// Directions prints the directions of a site beside its units: how easily they are explained, and what is lost with what is said of them
// in the state's place.
func Directions(w io.Writer, r *explain.DirectionResult) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("Directions of %s, %s units: the network has %s nats a character, the frequency of characters %s.\n"),
		r.Site, Grouped(r.Units), Fixed(r.Network.Estimate, 3), Fixed(r.Unigram.Estimate, 3))
	section(&b, "HOW EASILY ARE THEY EXPLAINED", fmt.Sprintf(r.Symbols.Say("R2 of descriptions of at most 4, 16 and 64 leaves, median over directions; share with .5 and more at 16; share that remembers: beyond\nthe last five characters above every such direction of %d untrained networks, with p. Lost: share of the variance that a dictionary cannot tell."), r.Untrained))
	rows := [][]string{{"directions", "size", "used", "dead", "lost", "4", "16", "64", "≥ .5 at 16", "remember", "95 %", "untrained reach"}}
	for _, d := range r.Bases {
		row := []string{directionName(d), Grouped(d.Size), "", "", ""}
		if d.Used > 0 {
			row[2], row[3], row[4] = Grouped(d.Used), Grouped(d.Dead), Fixed(d.Lost, 3)
		}
		for _, m := range d.Median {
			row = append(row, Near(float64(m), 2))
		}
		rows = append(rows, append(row, Fixed(d.Half[1].Estimate, 2), Fixed(d.Remember.Estimate, 3), Bounds(d.Remember, 3), Near(float64(d.Highest[explain.Sizes-1]), 3)))
	}
	b.WriteString(Aligned(rows, 1))
	section(&b, "WHAT IS LOST WITH THEM", r.Symbols.Say("The readout reads the state written in the directions (own), and in what descriptions say of them; K: 1 is the network, 0 the frequency of\ncharacters, with one temperature fitted on held-back text. Leaves: of all descriptions together, what they cost."))
	rows = [][]string{{"directions", "own", "K", "leaves", "loss", "K", "95 %", "leaves", "loss", "K", "95 %", "leaves", "loss", "K", "95 %"}}
	for _, d := range r.Bases {
		row := []string{directionName(d), Fixed(d.Own.Loss.Estimate, 3), Near(d.Own.CooledK.Estimate, 2)}
		for i, x := range d.Described {
			row = append(row, Grouped(d.Grown[i]), Fixed(x.CooledLoss.Estimate, 3), Near(x.CooledK.Estimate, 2), Bounds(*x.CooledK, 2))
		}
		rows = append(rows, row)
	}
	b.WriteString(Aligned(rows, 1))
	_, err := fmt.Fprint(w, b.String())
	return err
}

func directionName(d explain.Directions) string {
	switch d.Name {
	case "dictionary":
		return fmt.Sprintf("dictionary x%d, seed %d", d.Times, d.Seed)
	case "rotation":
		return fmt.Sprintf("rotation, seed %d", d.Seed)
	}
	return d.Name
}
