package rnnscope_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/rnnscope/rnnscope"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// Train a network on a text, ask what its units follow, whether it uses them, and read what is
// kept in the run.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "rnnscope-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	novel, err := synth.Generate("novel", 450_000, rand.New(rand.NewPCG(1, 0)), synth.Options{})
	if err != nil {
		log.Fatal(err)
	}
	corpus, err := text.FromString("novel", novel.S, text.Options{}) // text.Read takes files
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := rnnscope.Preset("demo")
	if err != nil {
		log.Fatal(err)
	}
	cfg.Model.Hidden, cfg.Iterations = 8, 40 // small, so that the example takes seconds
	run, err := rnnscope.Train(ctx, filepath.Join(dir, "run"), corpus, cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer run.Close()

	own, err := run.OwnText(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer own.Close()
	capital, err := concept.Find("capital")
	if err != nil {
		log.Fatal(err)
	}
	atlas, err := run.Dissect(ctx, own, dissect.Options{Concepts: []concept.Concept{capital}})
	if err != nil {
		log.Fatal(err)
	}
	best := atlas.Concepts[0].Best
	fmt.Println(atlas.Concepts[0].Verdict, best.AUROC.Above(0.8))

	used, err := run.Ablate(ctx, own, []string{"capital"}, intervene.Options{Characters: 2000, GateCharacters: 500, Top: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(used.Concepts[0].Pairs), "unit asked about")

	said, err := run.Sample(ctx, "He said", 20, 1)
	if err != nil {
		log.Fatal(err)
	}
	found, err := run.FindingsOf(dissect.ViewName, own.Subject())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len([]rune(said)), "characters written;", len(found) > 0)
	// Output:
	// associated true
	// 1 unit asked about
	// 20 characters written; true
}
