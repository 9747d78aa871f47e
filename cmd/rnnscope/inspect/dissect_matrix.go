package inspect

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/stat"
)

// matrixFile is what dissect --matrix writes: everything another program needs to
// compute the same scores.
type matrixFile struct {
	Text      string            `json:"text"`
	Split     string            `json:"split"`
	Seconds   float64           `json:"seconds"`   // labels, activations and scores together, the first time
	Labelling float64           `json:"labelling"` // of them, making the labels
	IDs       []int32           `json:"ids"`       // the whole text in the network's symbols
	Sites     []matrixSite      `json:"sites"`
	Labels    map[string][]int8 `json:"labels"` // by concept: 1 on, 0 off, -1 not to be scored, by Positions
	Blocks    [][3]int          `json:"blocks"` // the network enters at [0], characters [1] to [2] are scored
}

type matrixSite struct {
	Site    string                   `json:"site"`
	AUROC   map[string][]stat.Number `json:"auroc"`   // by concept [H]
	Binning map[string][]stat.Number `json:"binning"` // certified bound on what bins changed
}

// matrix writes every unit against every concept to a file; the run is only read.
func (c *DissectCmd) matrix(ctx context.Context, s *console.Session) error {
	r, ck, err := console.ReadNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	in, err := c.specimen(ctx, s, r, ck)
	if err != nil {
		return err
	}
	defer in.Close()
	opt, err := c.options(ctx, s, in.Text.Source)
	if err != nil {
		return err
	}
	start := time.Now()
	all, labelling, err := dissect.Matrices(ctx, in, opt)
	if err != nil {
		return err
	}
	out := matrixFile{Text: in.Text.Name, Split: in.Split, Seconds: math.Round(time.Since(start).Seconds()*1e3) / 1e3, Labelling: math.Round(labelling.Seconds()*1e3) / 1e3, IDs: make([]int32, in.Text.Source.Len()), Labels: map[string][]int8{}}
	if err := in.Text.Source.Read(out.IDs, 0); err != nil {
		return err
	}
	report := in.Parts(0).Report
	for i := range report.Len() {
		b := report.At(i)
		out.Blocks = append(out.Blocks, [3]int{b.Warm, b.Lo, b.Hi})
	}
	for _, m := range all {
		site := matrixSite{m.Site, map[string][]stat.Number{}, map[string][]stat.Number{}}
		for i, name := range m.Concepts {
			site.AUROC[name], site.Binning[name] = numbers(m.AUROC[i]), numbers(m.Binning[i])
			out.Labels[name] = m.Labels[i]
		}
		out.Sites = append(out.Sites, site)
	}
	if err := durable.WriteFile(c.Only, func(w io.Writer) error { return json.NewEncoder(w).Encode(out) }); err != nil {
		return err
	}
	s.Note.Printf("every unit of %d sites against %d concepts in %.2f s, written to %s", len(out.Sites), len(out.Labels), out.Seconds, c.Only)
	return nil
}

func numbers(x []float64) []stat.Number {
	out := make([]stat.Number, len(x))
	for i, v := range x {
		out[i] = stat.Number(v)
	}
	return out
}
