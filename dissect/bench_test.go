package dissect

import (
	"context"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// BenchmarkAgainstForward measures what all concepts cost beside the forward pass
// they ride on: read is the network alone, tally and measure add the two passes'
// accumulators.
func BenchmarkAgainstForward(b *testing.B) {
	for _, hidden := range []int{128, 512} {
		x := newBench(b, "mixed", 120_000, rnn.LSTM, hidden)
		r, err := newModelReader(x.in.Model, x.in.Text, x.in.Model.Config().StateSites())
		if err != nil {
			b.Fatal(err)
		}
		ctx, workers := context.Background(), workersOr(0)
		rs, err := rules(ctx, &x.in, concept.All(), workers)
		if err != nil {
			b.Fatal(err)
		}
		w := &walk{reader: r, labels: newLabeller(&x.in, rs, workers), workers: workers}
		symbols := x.in.Model.Config().Vocab
		if w.frozen, err = freeze(ctx, r, chooseBlocks(x.in.Choose, sampleBlocks), workers); err != nil {
			b.Fatal(err)
		}
		validation, err := w.tallyOver(ctx, x.in.Choose, symbols, -1)
		if err != nil {
			b.Fatal(err)
		}
		choices := choose(validation)
		per := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(scored(x.in.Report)), "ns/char")
		}
		name := map[int]string{128: "lstm128", 512: "lstm512"}[hidden]
		b.Run(name+"/read", func(b *testing.B) {
			for b.Loop() {
				if err := r.read(ctx, chooseBlocks(x.in.Report, x.in.Report.Len()), workers, func(int, *part) {}); err != nil {
					b.Fatal(err)
				}
			}
			per(b)
		})
		b.Run(name+"/tally", func(b *testing.B) {
			for b.Loop() {
				if _, err := w.tallyOver(ctx, x.in.Report, symbols, -1); err != nil {
					b.Fatal(err)
				}
			}
			per(b)
		})
		b.Run(name+"/measure", func(b *testing.B) {
			for b.Loop() {
				measureOnce(ctx, b, w, x.in.Report, validation, choices, symbols)
			}
			per(b)
		})
	}
}

func measureOnce(ctx context.Context, b *testing.B, w *walk, report text.Blocks, validation *tally, choices [][]*choice, symbols int) {
	swap := planSwap(w, report)
	labels, err := w.labels.label(ctx, chooseBlocks(report, report.Len()))
	if err != nil {
		b.Fatal(err)
	}
	for i, l := range labels {
		swap.collect(i, l)
	}
	swap.allocate(w.reader.sites(), len(w.labels.rules), validation, choices)
	p := planReport(report, swap.length)
	p.choices, p.url, p.symbols = choices, -1, symbols
	if _, err := w.measure(ctx, p, swap); err != nil {
		b.Fatal(err)
	}
}
