package explain

import (
	"context"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

func benchmark(b *testing.B, hidden int) {
	network, corpus := randomNetwork(b, "mixed", 1_000_000, hidden, rnn.LSTM, 3)
	sp := specimen.OtherText(network, specimen.InMemory(corpus))
	ctx := context.Background()
	for b.Loop() {
		j, err := newJob(sp, Options{})
		if err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		whole := text.Grid{}.Blocks(text.Span{Hi: len(corpus.IDs)})
		if err := j.states.Read(ctx, whole, 2, func(int, *specimen.Part) {}); err != nil {
			b.Fatal(err)
		}
		forward := time.Since(begin)
		begin = time.Now()
		if err := j.prepare(ctx); err != nil {
			b.Fatal(err)
		}
		words := time.Since(begin)
		begin = time.Now()
		err = j.studies(ctx, j.states, j.plan.report, func() {}, func(_ int, s *study) error {
			s.site("")
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		grown := time.Since(begin)
		b.ReportMetric(forward.Seconds(), "forward-s")
		b.ReportMetric(words.Seconds(), "words-s")
		b.ReportMetric(grown.Seconds(), "grown-s")
		b.ReportMetric((words+grown).Seconds()/forward.Seconds(), "times-forward")
	}
}

func BenchmarkExplain128(b *testing.B) { benchmark(b, 128) }
func BenchmarkExplain512(b *testing.B) { benchmark(b, 512) }
