package concept

import (
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/synth"
)

// BenchmarkLabels: time a character for each concept on the mixed text.
func BenchmarkLabels(b *testing.B) {
	text, err := synth.Generate("mixed", 200_000, rand.New(rand.NewPCG(1, 1)), synth.Options{})
	if err != nil {
		b.Fatal(err)
	}
	rs := text.Runes
	run := func(name string, cs []Concept) {
		b.Run(name, func(b *testing.B) {
			var ls []Labeler
			for _, c := range cs {
				ls = append(ls, c.New())
			}
			dst := make([]Label, 0, len(rs)+20_000)
			for b.Loop() {
				for _, l := range ls {
					dst = l.Flush(l.Write(dst[:0], rs))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rs)), "ns/char")
		})
	}
	for _, c := range All() {
		run(c.Name, []Concept{c})
	}
	run("all", All())
}

func BenchmarkPairs(b *testing.B) {
	text, err := synth.Generate("mixed", 200_000, rand.New(rand.NewPCG(1, 1)), synth.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Pairs(text.Runes)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text.Runes)), "ns/char")
}
