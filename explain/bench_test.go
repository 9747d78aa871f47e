package explain

import (
	"context"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// benchInput is an LSTM on a megabyte of text that it was not trained on.
func benchInput(b *testing.B, hidden int) Input {
	in := randomInput(b, "mixed", 1_000_000, hidden, rnn.LSTM, 3)
	return OtherText(in.Name, in.Model, in.Alphabet, in.Text, text.Grid{})
}

func benchmark(b *testing.B, hidden int) {
	in := benchInput(b, hidden)
	ctx := context.Background()
	net := &network{in.Model, in.Text}
	sites := []string{"l0.h", "l0.c"}
	for b.Loop() {
		begin := time.Now()
		whole := text.BlockList(text.Grid{}.Blocks(text.Span{Hi: in.Text.Len()}))
		if err := net.read(ctx, sites, whole, 2, 2, func(int, int, int, [][]float32) {}); err != nil {
			b.Fatal(err)
		}
		forward := time.Since(begin)
		j := &job{in: &in, source: net}
		begin = time.Now()
		if err := j.prepare(ctx); err != nil {
			b.Fatal(err)
		}
		words := time.Since(begin)
		begin = time.Now()
		err := j.studies(ctx, net, sites, func() {}, func(i int, s *study) error {
			s.site(sites[i])
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
