package dissect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// TestImpossibleShards: sums and labels that no text gives, in files that are whole and in order: refused before
// anything counts with them.
func TestImpossibleShards(t *testing.T) {
	g := newForge(t)
	for name, change := range map[string]func(m *measured, r *rarities){
		"a position more":             func(m *measured, _ *rarities) { m.tables[0].N++ },
		"a character less":            func(m *measured, _ *rarities) { m.tables[0].CharN[0]-- },
		"a histogram of two networks": func(m *measured, _ *rarities) { m.tables[0].Htot[3]++; m.tables[0].Htot[4]-- },
		"on more often than there":    func(m *measured, _ *rarities) { m.tables[0].H1[0] += 1 << 40 },
		"invalid characters alone": func(m *measured, _ *rarities) {
			m.tables[0].CharX[0], m.tables[0].HX[0] = make([]int64, m.tables[0].V), nil
		},
		"a segment with more":          func(m *measured, _ *rarities) { m.pairs[0][0].bins.On[5]++ },
		"a segment with less than 0":   func(m *measured, _ *rarities) { m.pairs[0][0].bins.Off[0] -= 1 << 50 },
		"held more often than it is":   func(m *measured, _ *rarities) { m.pairs[0][0].held.on[farLevel][7]++ },
		"far in no segment":            func(m *measured, _ *rarities) { m.pairs[0][0].held.far.Off[1]++ },
		"URLs longer than the text":    func(m *measured, _ *rarities) { m.url.onN[0] += 1 << 40 },
		"active behind the text":       func(m *measured, _ *rarities) { m.peaks[0][0].Add(1<<40, []int32{1 << 30}) },
		"active before the text":       func(m *measured, _ *rarities) { m.peaks[0][0].Add(-5, []int32{1 << 30}) },
		"rare in a block that is none": func(_ *measured, r *rarities) { r.seen[0] = []occurrence{{block: 1 << 40, on: 3}} },
		"rare in a block before all":   func(_ *measured, r *rarities) { r.seen[0] = []occurrence{{block: -1, on: 3}} },
		"on fewer than 0 times":        func(_ *measured, r *rarities) { r.have[0] = -1 << 40 },
	} {
		if g.tried++; testing.Short() && g.tried > 2 {
			break // any two, since maps have no order
		}
		g.again("report", func() { g.changeReport(change) }, name)
	}
	for name, change := range map[string]func(b *specimen.BlockLabels){
		"held beyond every gap":  func(b *specimen.BlockLabels) { b.Held[0][0] = 200 },
		"held of what is not":    func(b *specimen.BlockLabels) { b.Held[0] = nil },
		"on and out of scoring":  func(b *specimen.BlockLabels) { b.Labels[0].Positive, b.Labels[0].Invalid = []int32{3}, []int32{3} },
		"a number where none is": func(b *specimen.BlockLabels) { b.Labels[0].Values = make([]int32, b.Block.Len()) },
	} {
		if g.tried++; testing.Short() && g.tried > 5 {
			break
		}
		g.again("labels", func() { g.changeLabels(change) }, name)
	}
	if _, err := g.merge(); err != nil {
		t.Errorf("put back: %v", err)
	}
}

// again makes a change to the first file of a round, and undoes it.
func (g *forge) again(round string, change func(), what string) {
	path := filepath.Join(g.f.Dir, round+"-1-of-2.shard")
	was, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	change()
	if _, err := g.merge(); !errors.Is(err, shard.ErrDamaged) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), round+"-") {
		g.t.Errorf("%s: %v", what, err)
	}
	if err := os.WriteFile(path, was, 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// job is the work on the shards as the merge begins it.
func (g *forge) job() (*job, *shard.Labels) {
	own, opt, _, err := admit(context.Background(), g.b.in, g.opt)
	if err != nil {
		g.t.Fatal(err)
	}
	j, labels, err := storedJob(own, opt, g.f, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	return j, labels
}

// changeReport writes what the first shard of the report counted, changed.
func (g *forge) changeReport(change func(m *measured, r *rarities)) {
	j, labels := g.job()
	defer labels.Close()
	n, err := j.chosen(context.Background(), g.f)
	if err != nil {
		g.t.Fatal(err)
	}
	m := newMeasured(j.walk.States.Sites(), j.walk.Labels.Rules, n.plan)
	rare := newRarities(j.untrainedBlocks, len(j.walk.Labels.Rules))
	walk := func(c *shard.Coder) {
		m.walk(c)
		n.swap.Walk(c)
		rare.walk(c)
	}
	if err := g.f.Load("report", 0, walk); err != nil {
		g.t.Fatal(err)
	}
	change(m, rare)
	if err := g.f.Save("report", 0, walk); err != nil {
		g.t.Fatal(err)
	}
}

// changeLabels writes the labels of the first shard, changed in every block.
func (g *forge) changeLabels(change func(b *specimen.BlockLabels)) {
	j, labels := g.job()
	defer labels.Close()
	var mine []int // the concepts of the first of two shards
	for c := 0; c < len(j.walk.Labels.Rules); c += 2 {
		mine = append(mine, c)
	}
	var rules []specimen.Rule
	for _, c := range mine {
		rules = append(rules, j.walk.Labels.Rules[c])
	}
	var blocks []*specimen.BlockLabels
	for _, block := range j.in.labelledBlocks() {
		made, err := j.walk.Labels.Label(context.Background(), []text.Block{block})
		if err != nil {
			g.t.Fatal(err)
		}
		b := &specimen.BlockLabels{Block: block}
		for _, c := range mine {
			b.Labels, b.Held = append(b.Labels, made[0].Labels[c]), append(b.Held, slices.Clone(made[0].Held[c]))
		}
		change(b)
		blocks = append(blocks, b)
	}
	err := g.f.SaveLabels(0, rules, func(w *shard.LabelWriter) error {
		for _, b := range blocks {
			if err := w.Block(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
}
