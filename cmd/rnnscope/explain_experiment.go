package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
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
	plantedLeast = 0.8     // R2 that a planted rule must come to
)

// plantedKind is what came out for one kind of planted unit over all seeds.
type plantedKind struct {
	Kind    string        `json:"kind"`
	Right   stat.Interval `json:"right"` // share of seeds in which all is as planted; of a noise: in which nothing is found
	Root    int           `json:"root"`  // seeds with the planted predicate as first question
	Lowest  float64       `json:"lowest"`
	Highest float64       `json:"highest"`
}

// planted explains units of known rule and says how often the rule was found.
func (c *explainCmd) planted(ctx context.Context, s *session) error {
	byKind, order := map[string]*plantedKind{}, []string{}
	right := map[string]int64{}
	bar := s.note.Progress("planting", "network", int64(c.Seeds))
	defer bar.Done()
	for seed := range c.Seeds {
		units, err := plantedUnitsOf(ctx, s, uint64(seed), int(c.Workers))
		if err != nil {
			return err
		}
		for _, u := range units {
			k := byKind[u.Kind]
			if k == nil {
				k = &plantedKind{Kind: u.Kind, Lowest: u.R2, Highest: u.R2}
				byKind[u.Kind] = k
				order = append(order, u.Kind)
			}
			k.Lowest, k.Highest = min(k.Lowest, u.R2), max(k.Highest, u.R2)
			if u.Root {
				k.Root++
			}
			if u.Noise && u.Leaves == 1 || !u.Noise && u.Root && u.R2 > plantedLeast {
				right[u.Kind]++
			}
		}
		bar.Set(int64(seed+1), "")
	}
	var all []plantedKind
	rows := [][]string{{"planted", "networks", "right", "95 %", "first question", "lowest R2", "highest"}}
	for _, name := range order {
		k := byKind[name]
		k.Right = stat.Wilson(right[name], int64(c.Seeds))
		all = append(all, *k)
		rows = append(rows, []string{name, table.Grouped(c.Seeds), table.Fixed(k.Right.Estimate, 3), table.Bounds(k.Right, 3), table.Grouped(k.Root), table.Near(k.Lowest, 3), table.Near(k.Highest, 3)})
	}
	if s.json {
		return s.printJSON(all)
	}
	_, err := fmt.Fprintf(s.main.Stdout, "Right: the first question agrees with the planted one on 99 %% of the report and R2 exceeds %.1f; of noise: nothing is found.\n\n%s", plantedLeast, table.Aligned(rows, 1))
	return err
}

// plantedUnitsOf plants the units in one untrained network on one generated text.
func plantedUnitsOf(ctx context.Context, s *session, seed uint64, workers int) ([]explain.PlantedUnit, error) {
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
	return explain.Planted(ctx, specimen.Own(net, specimen.Held(corpus), split), seed, workers)
}

// untrained says how often untrained networks pass for ones that remember.
func (c *explainCmd) untrained(ctx context.Context, s *session, sp *specimen.Specimen, opt explain.Options) error {
	bar := newStages(s.note)
	defer bar.done()
	all, err := explain.Calibrate(ctx, sp, opt, c.Seeds, bar.tell)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(all)
	}
	rows := [][]string{{"site", "networks", "pass", "95 %", "units", "pass", "95 %", "R2 at 16", "at 64", "highest beyond"}}
	for _, k := range all {
		rows = append(rows, []string{k.Site, table.Grouped(int(k.Networks.N)), table.Fixed(k.Networks.Estimate, 3), table.Bounds(k.Networks, 3),
			table.Grouped(int(k.Units.N)), table.Fixed(k.Units.Estimate, 5), table.Bounds(k.Units, 5), table.Near(float64(k.Median[1]), 2), table.Near(float64(k.Median[2]), 2), table.Near(k.Highest, 3)})
	}
	_, err = fmt.Fprintf(s.main.Stdout, "Untrained networks of the run's shape, each held against all others: how many have a unit that passes for one that remembers?\n\n%s", table.Aligned(rows, 1))
	return err
}

// directions says whether other directions of the top layer's h are easier to explain than its units.
func (c *explainCmd) directions(ctx context.Context, s *session, sp *specimen.Specimen, opt explain.Options) error {
	bar := newStages(s.note)
	defer bar.done()
	r, err := explain.ExplainDirections(ctx, sp, opt, explain.DirectionOptions{Seeds: c.Seeds, Times: c.Times}, bar.tell)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(r)
	}
	return table.Directions(s.main.Stdout, r)
}
