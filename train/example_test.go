package train_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// A training tells of every step; this one learns that b follows a.
func ExampleNew() {
	corpus, err := text.FromString("ab", strings.Repeat("ab", 3000), text.Options{})
	if err != nil {
		panic(err)
	}
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		panic(err)
	}
	cfg, err := train.Preset("demo")
	if err != nil {
		panic(err)
	}
	cfg.Model = rnn.Config{Cell: rnn.Elman, Hidden: 4, Layers: 1}
	cfg.Batch, cfg.Seq, cfg.Iterations = 8, 20, 60
	t, err := train.New(cfg, train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: split}, train.Options{})
	if err != nil {
		panic(err)
	}
	var first, last float64
	err = t.Run(context.Background(), train.Listener{Step: func(e train.Step) error {
		if last = e.Loss; e.Step == 1 {
			first = e.Loss
		}
		return nil
	}})
	fmt.Println(err, t.Step(), last < first/2)
	// Output: <nil> 60 true
}
