package records

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// Sizes of a heatmap file.
const (
	heatmapWidth = 1200 // pixels
	heatmapUnits = 64   // rows, unless --units chooses
	heatmapLimit = 1    // colour range of hidden states

	HeatmapCharacters = 4000 // in one picture
)

// heatmap draws the first recorded site: characters by units.
func (c *TraceCmd) heatmap(s *console.Session, r *run.Run, ck *checkpoint.Checkpoint, t *trace.Trace) (figure.Figure, error) {
	if c.From < 0 || c.From >= t.Len() {
		return nil, console.Misusef("--from %d: the passage has the characters 0 to %d", c.From, t.Len()-1)
	}
	to := min(t.Len(), c.From+HeatmapCharacters)
	if to < t.Len() {
		s.Note.Printf("drawn: characters %s to %s of %s; the next: --from %d", table.Grouped(c.From), table.Grouped(to-1), table.Grouped(t.Len()), to)
	}
	units, err := c.drawn(t)
	if err != nil {
		return nil, err
	}
	runes, of := ck.Alphabet.Show(t.IDs[c.From:to])
	h := &figure.Heatmap{
		Head: figure.Head{
			Title:      fmt.Sprintf("%s over %d characters", t.Sites[0], to-c.From),
			Alt:        fmt.Sprintf("Heatmap of the activation of %d units of %s after each of %d characters.", len(units), t.Sites[0], to-c.From),
			Provenance: provenance(r, ck.Step),
		},
		Text: runes, Limit: heatmapLimit, Legend: "activation",
	}
	for _, u := range units {
		row := make([]float64, to-c.From)
		for n := range row {
			row[n] = float64(t.Row(0, c.From+n)[u])
		}
		h.Units = append(h.Units, rnn.UnitName(t.Sites[0], u))
		h.Values = append(h.Values, text.OnRunes(of, row))
	}
	return h, nil
}

// drawn are the units of the first site that were asked for, or else those that vary most.
func (c *TraceCmd) drawn(t *trace.Trace) ([]int, error) {
	if len(c.Units) == 0 {
		return varied(t, heatmapUnits), nil
	}
	var out []int
	for _, name := range c.Units {
		number := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, t.Sites[0]), "["), "]")
		u, err := strconv.Atoi(number)
		if err != nil || u < 0 || u >= t.Units {
			return nil, console.Misusef("--units %s: the heatmap is of %s, which has the units 0 to %d; --sites chooses another", name, t.Sites[0], t.Units-1)
		}
		out = append(out, u)
	}
	return out, nil
}

// varied lists the units of the first site whose activation varies most over the trace, in unit order.
func varied(t *trace.Trace, most int) []int {
	variance := make([]float64, t.Units)
	for u := range variance {
		var sum, squares float64
		for n := range t.Len() {
			a := float64(t.Row(0, n)[u])
			sum += a
			squares += a * a
		}
		mean := sum / float64(t.Len())
		variance[u] = squares/float64(t.Len()) - mean*mean
	}
	units := make([]int, t.Units)
	for u := range units {
		units[u] = u
	}
	slices.SortStableFunc(units, func(a, b int) int {
		switch {
		case variance[a] > variance[b]:
			return -1
		case variance[a] < variance[b]:
			return 1
		}
		return 0
	})
	units = units[:min(most, len(units))]
	slices.Sort(units)
	return units
}

// provenance is the small print of a figure.
func provenance(r *run.Run, step int64) string {
	info := r.Info()
	hash := info.SHA256
	if len(hash) > 12 {
		hash = hash[:12]
	}
	return fmt.Sprintf("rnnscope %s · %s · text %s · seed %d · kernels %s · step %d · a passage from its first character", console.ProgramVersion(), info.Name, hash, info.Seed, f32.Path(), step)
}
