package rnnscope_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/rnnscope/rnnscope"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// Open a run that was trained before, look at its activations, and ask what its units do in words and how far back it
// remembers; everything measured goes into the report.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "rnnscope-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	trainSmall(ctx, filepath.Join(dir, "run"))

	run, err := rnnscope.Open(filepath.Join(dir, "run"))
	if err != nil {
		log.Fatal(err)
	}
	defer run.Close()
	activations, err := run.Trace(ctx, "He said so.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(activations.IDs), "characters read")

	other, err := synth.Generate("novel", 60_000, rand.New(rand.NewPCG(2, 0)), synth.Options{})
	if err != nil {
		log.Fatal(err)
	}
	sp, err := run.On("another novel", other.S)
	if err != nil {
		log.Fatal(err)
	}
	defer sp.Close()
	words, err := run.Explain(ctx, sp, explain.Options{Sites: []string{"l0.h"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(words.Sites[0].Units), "units described")
	far, err := run.Memory(ctx, sp, memory.Options{Order: 5, Kinds: []string{"paren"}, Suites: []string{memory.SuiteNone}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(far.Text, len(far.Times) > 0)
	page, err := run.Report(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(page))
	// Output:
	// 11 characters read
	// 4 units described
	// another novel true
	// report.html
}

// trainSmall trains a network in a second.
func trainSmall(ctx context.Context, dir string) {
	novel, err := synth.Generate("novel", 120_000, rand.New(rand.NewPCG(1, 0)), synth.Options{})
	if err != nil {
		log.Fatal(err)
	}
	corpus, err := text.FromString("novel", novel.S, text.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := rnnscope.Preset("demo")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Model.Hidden, cfg.Iterations = 4, 10
	run, err := rnnscope.Train(ctx, dir, corpus, cfg)
	if err != nil {
		log.Fatal(err)
	}
	if err := run.Close(); err != nil {
		log.Fatal(err)
	}
}
