package lab

import (
	"context"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

const (
	plantedText  = 300_000 // characters of each generated text
	plantedUnits = 16      // units of the network that six are planted in
	PlantedLeast = 0.8     // R2 that a planted rule must come to
)

// PlantedKind is what came out for one kind of planted unit over all seeds.
type PlantedKind struct {
	Kind    string        `json:"kind"`
	Right   stat.Interval `json:"right"` // share of seeds in which all is as planted; of a noise: in which nothing is found
	Root    int           `json:"root"`  // seeds with the planted predicate as first question
	Lowest  float64       `json:"lowest"`
	Highest float64       `json:"highest"`
}

// Planted explains units of known rule in as many networks and says how often the rule was
// found. progress may be nil: it is told the networks that are done. Errors are ctx's.
func Planted(ctx context.Context, seeds, workers int, progress func(done, total int64)) ([]PlantedKind, error) {
	byKind, order := map[string]*PlantedKind{}, []string{}
	right := map[string]int64{}
	for seed := range seeds {
		units, err := plantedUnitsOf(ctx, uint64(seed), workers)
		if err != nil {
			return nil, err
		}
		for _, u := range units {
			k := byKind[u.Kind]
			if k == nil {
				k = &PlantedKind{Kind: u.Kind, Lowest: u.R2, Highest: u.R2}
				byKind[u.Kind] = k
				order = append(order, u.Kind)
			}
			k.Lowest, k.Highest = min(k.Lowest, u.R2), max(k.Highest, u.R2)
			if u.Root {
				k.Root++
			}
			if u.Noise && u.Leaves == 1 || !u.Noise && u.Root && u.R2 > PlantedLeast {
				right[u.Kind]++
			}
		}
		if progress != nil {
			progress(int64(seed+1), int64(seeds))
		}
	}
	var all []PlantedKind
	for _, name := range order {
		k := byKind[name]
		k.Right = stat.Wilson(right[name], int64(seeds))
		all = append(all, *k)
	}
	return all, nil
}

// plantedUnitsOf plants the units in one untrained network on one generated text.
func plantedUnitsOf(ctx context.Context, seed uint64, workers int) ([]explain.PlantedUnit, error) {
	made, err := synth.Generate("novel", plantedText, newRand(seed, 1), synth.Options{})
	if err != nil {
		return nil, err
	}
	corpus, err := text.FromString("synth:novel", string(made.Runes), text.Options{})
	if err != nil {
		return nil, err
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: corpus.Alphabet.Size(), Hidden: plantedUnits, Layers: 1})
	if err != nil {
		return nil, err
	}
	m.Init(rand.New(rand.NewPCG(seed, 2)))
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		return nil, err
	}
	net := specimen.Network{Model: m, Alphabet: corpus.Alphabet, Step: specimen.NoStep}
	return explain.Planted(ctx, specimen.OwnText(net, specimen.InMemory(corpus), split), seed, workers)
}
