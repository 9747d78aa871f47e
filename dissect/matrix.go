package dissect

import (
	"context"
	"time"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
)

// Matrix is every unit of one site against every concept on the report: one pass,
// nothing chosen, no null. It is where a search starts, not what it found.
type Matrix struct {
	Site      string      `json:"site"`
	Concepts  []string    `json:"concepts"`
	AUROC     [][]float64 `json:"auroc"`     // [C][H], NaN where the label does not change
	Binning   [][]float64 `json:"binning"`   // [C][H] certified bound on what histogram bins changed
	Positions []int64     `json:"positions"` // [N] symbol offsets of the scored characters
	Labels    [][]int8    `json:"labels"`    // [C][N]: 1 on, 0 off, -1 not to be scored
}

// Matrices scores every unit of every site against every concept on the report.
// Of the options Untrained, Positions, Draws and Seed do not apply. labelling is the
// part of the time that making the labels and giving them out took: the file of `dissect
// --matrix` says it, since programs that are compared with it are given their labels. Errors match ErrInput, rnn.ErrSite
// or the context's.
func Matrices(ctx context.Context, s *specimen.Specimen, opt Options) (all []Matrix, labelling time.Duration, err error) {
	in, err := newInput(s)
	if err != nil {
		return nil, 0, err
	}
	if len(opt.Sites) == 0 {
		opt.Sites = s.Sites()
	}
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	r, err := in.States(opt.Sites)
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	workers := specimen.WorkersOr(opt.Workers)
	rs, err := in.NewRules(ctx, opt.Concepts, in.parts(), workers)
	if err != nil {
		return nil, 0, err
	}
	w := &specimen.Pass{States: r, Labels: in.NewLabeller(rs, in.parts(), workers), Workers: workers, Counts: true}
	w.Labels.KeepAll = true // for the pass below, and to be given out
	if _, err := w.Labels.Label(ctx, specimen.ChooseBlocks(in.Report, in.Report.Len())); err != nil {
		return nil, 0, err
	}
	labelling = time.Since(start)
	// Nothing is chosen, so that borders may come from what they are used on: the bound on
	// what they change is certified whatever they are.
	sample := specimen.ChooseBlocks(in.Report, sampleBlocks)
	if own, ok := r.(*specimen.NetworkStates); ok {
		if err := own.Hold(ctx, sample, workers, specimen.HoldMost); err != nil {
			return nil, 0, err
		}
	}
	if w.Edges, err = specimen.SettleEdges(ctx, r, sample, workers); err != nil {
		return nil, 0, err
	}
	t, err := tallyOver(ctx, w, in.Report, in.Symbols(), -1)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Matrix, len(opt.Sites))
	for s, table := range t.tables {
		m := Matrix{Site: opt.Sites[s], AUROC: newMatrix(table.C, table.U), Binning: newMatrix(table.C, table.U)}
		for c, k := range opt.Concepts {
			m.Concepts = append(m.Concepts, k.Name)
			for u := range table.U {
				m.AUROC[c][u], m.Binning[c][u] = table.AUROC(c, u)
			}
		}
		out[s] = m
	}
	start = time.Now()
	err = addLabels(ctx, w, in, out)
	return out, labelling + time.Since(start), err
}

// addLabels fills positions and labels, the same for every site.
func addLabels(ctx context.Context, w *specimen.Pass, in *input, out []Matrix) error {
	labels, err := w.Labels.Label(ctx, specimen.ChooseBlocks(in.Report, in.Report.Len()))
	if err != nil {
		return err
	}
	first := &out[0]
	first.Labels = make([][]int8, len(first.Concepts))
	for _, b := range labels {
		for p := b.Block.Lo; p < b.Block.Hi; p++ {
			first.Positions = append(first.Positions, int64(p))
		}
		for c := range first.Labels {
			first.Labels[c] = append(first.Labels[c], specimen.OnOff(nil, len(b.Chars), &b.Labels[c])...)
		}
	}
	for s := range out {
		out[s].Positions, out[s].Labels = first.Positions, first.Labels
	}
	return nil
}
