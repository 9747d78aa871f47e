package inspect

import (
	"context"
	"encoding/json"
	"io"

	"github.com/sbinet/npyio/npz"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/specimen"
)

// table writes what the descriptions of one site are grown on, for another learner.
func (c *ExplainCmd) table(ctx context.Context, s *console.Session, sp *specimen.Specimen, opt explain.Options) error {
	site := sp.Sites()[0]
	if len(c.Sites) > 0 {
		site = c.Sites[0]
	}
	t, err := explain.MakeTable(ctx, sp, site, opt)
	if err != nil {
		return err
	}
	n := len(t.Position)
	values, activations := make([]uint8, 0, n*len(t.Words)), make([]float32, 0, n*len(t.Activations))
	for _, v := range t.Values {
		values = append(values, v...)
	}
	for _, a := range t.Activations {
		activations = append(activations, a...)
	}
	words, err := json.Marshal(t.Words)
	if err != nil {
		return err
	}
	err = durable.WriteFile(c.Table, func(w io.Writer) error {
		z := npz.NewWriter(w)
		for _, a := range []struct {
			name string
			v    any
		}{
			{"values", values}, {"activations", activations}, {"position", int64s(t.Position)}, {"words", words}, {"r2", t.R2},
		} {
			if err := z.Write(a.name+".npy", a.v); err != nil {
				return err
			}
		}
		return z.Close()
	})
	if err != nil {
		return err
	}
	s.Note.Printf("%d columns and %d units of %s at %s characters, written to %s; trees of %d leaves grown in %.2f s",
		len(t.Words), len(t.Activations), site, table.Grouped(n), c.Table, explain.Leaves[explain.Sizes-1], t.Seconds)
	return nil
}

func int64s(x []int) []int64 {
	out := make([]int64, len(x))
	for i, v := range x {
		out[i] = int64(v)
	}
	return out
}
