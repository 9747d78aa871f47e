package dissect

import (
	"context"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/swap"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// BenchmarkAgainstForward measures what all concepts cost beside the forward pass
// they ride on: read is the network alone, tally and measure add the two passes'
// accumulators.
func BenchmarkAgainstForward(b *testing.B) {
	for _, hidden := range []int{128, 512} {
		x := newBench(b, "mixed", 120_000, rnn.LSTM, hidden)
		r, err := x.in.States(x.in.Sites())
		if err != nil {
			b.Fatal(err)
		}
		ctx, workers := context.Background(), specimen.WorkersOr(0)
		rs, err := x.in.NewRules(ctx, concept.All(), x.parts(), workers)
		if err != nil {
			b.Fatal(err)
		}
		w := &specimen.Pass{States: r, Labels: x.in.NewLabeller(rs, x.parts(), workers), Workers: workers}
		symbols := x.in.Symbols()
		if w.Edges, err = specimen.SettleEdges(ctx, r, specimen.ChooseBlocks(x.parts().Choose, sampleBlocks), workers); err != nil {
			b.Fatal(err)
		}
		validation, err := tallyOver(ctx, w, x.parts().Choose, symbols, -1)
		if err != nil {
			b.Fatal(err)
		}
		choices := choose(validation)
		per := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(specimen.Scored(x.parts().Report)), "ns/char")
		}
		name := map[int]string{128: "lstm128", 512: "lstm512"}[hidden]
		b.Run(name+"/read", func(b *testing.B) {
			for b.Loop() {
				if err := r.Read(ctx, specimen.ChooseBlocks(x.parts().Report, x.parts().Report.Len()), workers, func(int, *specimen.Part) {}); err != nil {
					b.Fatal(err)
				}
			}
			per(b)
		})
		b.Run(name+"/tally", func(b *testing.B) {
			for b.Loop() {
				if _, err := tallyOver(ctx, w, x.parts().Report, symbols, -1); err != nil {
					b.Fatal(err)
				}
			}
			per(b)
		})
		b.Run(name+"/measure", func(b *testing.B) {
			for b.Loop() {
				measureOnce(ctx, b, w, x.parts().Report, validation, choices, symbols)
			}
			per(b)
		})
	}
}

func measureOnce(ctx context.Context, b *testing.B, w *specimen.Pass, report text.Blocks, validation *tally, choices [][]*choice, symbols int) {
	plan := swap.New(report, w.States.Sites(), len(w.Labels.Rules))
	labels, err := w.Labels.Label(ctx, specimen.ChooseBlocks(report, report.Len()))
	if err != nil {
		b.Fatal(err)
	}
	for i, l := range labels {
		plan.Collect(i, l)
	}
	plan.Allocate(w.States.Sites(), unitsOf(choices), validation.ranks)
	p := planReport(report, plan.Length)
	p.choices, p.url, p.symbols = choices, -1, symbols
	if _, err := measureOver(ctx, w, p, plan); err != nil {
		b.Fatal(err)
	}
}
