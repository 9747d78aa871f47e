package dissect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Round is a step of a dissection that several processes make together: each shard of it can be made
// by another, in any order and as often as one likes, once the round before is whole. The last is
// Merge.
type Round string

// The rounds, in their order.
const (
	LabelRound  Round = shard.RoundLabels // the text is labelled, a share of the concepts a shard
	ChooseRound Round = "choose"          // counted where units are chosen, a share of the blocks a shard
	ReportRound Round = "report"          // counted where figures are measured
)

// Rounds are all rounds in their order.
func Rounds() []Round { return []Round{LabelRound, ChooseRound, ReportRound} }

// PlanOf is what the tasks of a dissection in n shards agree on. kernels names the code path, which
// others would answer with other bits. Errors match ErrInput.
func PlanOf(s *specimen.Specimen, opt Options, n int, kernels string) (shard.Plan, error) {
	if s.Model == nil {
		return shard.Plan{}, fmt.Errorf("%w in shards: these states were recorded elsewhere, and counting them takes no time", ErrInput)
	}
	if _, err := newInput(s); err != nil {
		return shard.Plan{}, err
	}
	opt = opt.withDefaults(s)
	p := shard.Plan{
		Format: shard.Format, Program: opt.Version, Kernels: kernels, Text: s.Text.Name, SHA256: s.Text.SHA256, Split: s.Split,
		Step: s.Step, Weights: s.Network.SHA256, Sites: opt.Sites, Controls: opt.Untrained, Places: opt.Positions,
		Draws: opt.Draws, Seed: opt.Seed, Rules: opt.AnyRule, Shards: n,
	}
	for _, c := range opt.Concepts {
		p.Concepts = append(p.Concepts, c.Name+": "+c.Definition)
		if c.Labels != "" {
			p.Labels = append(p.Labels, shard.LabelFile{Concept: c.Name, SHA256: c.Labels})
		}
	}
	return p, nil
}

// Task is one shard of a round, to be left in the folder.
type Task struct {
	Folder *shard.Folder
	Round  Round
	Shard  int // counted from 0
}

// RunShard makes a shard and leaves it in the folder. Errors match
// shard.ErrMissing where the round before is not whole, and otherwise as those of Run.
func RunShard(ctx context.Context, s *specimen.Specimen, opt Options, task Task, progress Progress) error {
	f, round, i := task.Folder, task.Round, task.Shard
	in, opt, _, err := admit(ctx, s, opt)
	if err != nil {
		return err
	}
	if round == LabelRound {
		return labelShard(ctx, in, opt, f, i, progress)
	}
	if len(opt.Concepts) == 0 {
		return f.Save(string(round), i, func(*shard.Coder) {})
	}
	j, labels, err := storedJob(in, opt, f, progress)
	if err != nil {
		return err
	}
	defer labels.Close()
	if round == ChooseRound {
		return aboutLabels(f, j.chooseShard(ctx, f, i))
	}
	return aboutLabels(f, j.reportShard(ctx, f, i))
}

// aboutLabels says where the labels lie that cannot be.
func aboutLabels(f *shard.Folder, err error) error {
	if errors.Is(err, specimen.ErrStored) {
		return f.Contradicts(string(LabelRound), err)
	}
	return err
}

// MergeShards adds up what the shards left and does the rest: the result of Run, to the bit.
func MergeShards(ctx context.Context, s *specimen.Specimen, opt Options, f *shard.Folder, progress Progress) (*Result, error) {
	for _, r := range Rounds() {
		if err := f.Need(string(r)); err != nil {
			return nil, err
		}
	}
	in, opt, others, err := admit(ctx, s, opt)
	if err != nil {
		return nil, err
	}
	if len(opt.Concepts) == 0 {
		return in.nothing(opt, others), nil
	}
	j, labels, err := storedJob(in, opt, f, progress)
	if err != nil {
		return nil, err
	}
	defer labels.Close()
	res, err := j.merge(ctx, f)
	if res != nil {
		res.Others = others
	}
	return res, aboutLabels(f, err)
}

// labelShard labels the text by every n-th concept.
func labelShard(ctx context.Context, in *input, opt Options, f *shard.Folder, i int, progress Progress) error {
	var mine []concept.Concept
	for c := i; c < len(opt.Concepts); c += f.Plan.Shards {
		mine = append(mine, opt.Concepts[c])
	}
	if len(mine) == 0 {
		return f.SaveLabels(i, nil, func(*shard.LabelWriter) error { return nil })
	}
	opt.Concepts = mine
	rules, err := in.rules(ctx, opt)
	if err != nil {
		return err
	}
	labeller := in.NewLabeller(rules, in.parts(), specimen.WorkersOr(opt.Workers))
	labeller.KeepAll = false
	blocks := in.labelledBlocks()
	return f.SaveLabels(i, rules, func(w *shard.LabelWriter) error {
		var done int64
		total := specimen.Scored(text.BlockList(blocks))
		for some := range slices.Chunk(blocks, specimen.Stripe) {
			labels, err := labeller.Label(ctx, some)
			if err != nil {
				return err
			}
			for _, b := range labels {
				if err := w.Block(b); err != nil {
					return err
				}
				done += int64(b.Block.Len())
			}
			labeller.Release(labels)
			if progress != nil {
				progress(done, total)
			}
		}
		return nil
	})
}

// labelledBlocks are all blocks whose labels are asked for, once each, in the order of the text.
func (in *input) labelledBlocks() []text.Block {
	out := slices.Concat(specimen.List(in.Choose), specimen.List(in.Report), countedBlocks(in))
	slices.SortStableFunc(out, func(a, b text.Block) int { return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi)) })
	return slices.CompactFunc(out, func(a, b text.Block) bool { return a.Lo == b.Lo && a.Hi == b.Hi })
}

// storedJob is a job whose labels were made in the first round.
func storedJob(in *input, opt Options, f *shard.Folder, progress Progress) (*job, *shard.Labels, error) {
	var names []string
	rules := make([]specimen.Rule, len(opt.Concepts))
	for c, k := range opt.Concepts {
		names = append(names, k.Name)
		rules[c] = specimen.RuleOf(k)
	}
	labels, above, err := f.OpenLabels(names, len(in.labelledBlocks()))
	if err != nil {
		return nil, nil, err
	}
	for c := range rules {
		rules[c].Above = above[c]
	}
	j, err := newJobOf(in, opt, rules, progress)
	if err != nil {
		labels.Close()
		return nil, nil, err
	}
	j.walk.Labels.Stored, j.walk.Labels.KeepAll = labels, false
	return j, labels, nil
}

// share is the i-th of n runs of neighbouring blocks.
type share struct {
	text.Blocks
	from, to int
}

func shareOf(blocks text.Blocks, i, n int) share {
	return share{blocks, blocks.Len() * i / n, blocks.Len() * (i + 1) / n}
}

// Len returns the number of blocks.
func (s share) Len() int { return s.to - s.from }

// At returns the i-th block.
func (s share) At(i int) text.Block { return s.Blocks.At(s.from + i) }

// chooseShard counts a share of the blocks on which units are chosen.
func (j *job) chooseShard(ctx context.Context, f *shard.Folder, i int) error {
	if _, _, err := j.settle(ctx); err != nil {
		return err
	}
	blocks := shareOf(j.in.Choose, i, f.Plan.Shards)
	j.total = specimen.Scored(blocks)
	t, err := tallyOver(ctx, j.walk, blocks, j.symbols, j.url)
	if err != nil {
		return err
	}
	return f.Save(string(ChooseRound), i, t.walk)
}

// reportShard measures the chosen units on a share of the report.
func (j *job) reportShard(ctx context.Context, f *shard.Folder, i int) error {
	n, err := j.chosen(ctx, f)
	if err != nil {
		return err
	}
	blocks := shareOf(j.in.Report, i, f.Plan.Shards)
	j.total = specimen.Scored(blocks)
	rare := newRarities(j.untrainedBlocks, len(j.walk.Labels.Rules))
	if err := j.see(ctx, blocks, func(k int, b *specimen.BlockLabels) { rare.see(blocks.from+k, b) }); err != nil {
		return err
	}
	p := *n.plan
	p.blocks, p.start = blocks, func(k int) int { return n.plan.start(blocks.from + k) }
	m, err := measureOver(ctx, j.walk, &p, n.swap)
	if err != nil {
		return err
	}
	return f.Save(string(ReportRound), i, func(c *shard.Coder) {
		m.walk(c)
		n.swap.Walk(c)
		rare.walk(c)
	})
}

// chosen adds up what was counted where units are chosen, and chooses them.
func (j *job) chosen(ctx context.Context, f *shard.Folder) (*counted, error) {
	swap, _, err := j.settle(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.Need(string(ChooseRound)); err != nil {
		return nil, err
	}
	sites, concepts := j.walk.States.Sites(), len(j.walk.Labels.Rules)
	validation := newTally(sites, concepts, j.symbols, false)
	for i := range f.Plan.Shards {
		if err := f.Load(string(ChooseRound), i, validation.walk); err != nil {
			return nil, err
		}
	}
	if err := validation.check(specimen.Scored(j.in.Choose)); err != nil {
		return nil, f.Contradicts(string(ChooseRound), err)
	}
	grouped := swap.Blocks(j.in.Report)
	places := make([]text.Block, len(grouped))
	for k, i := range grouped {
		places[k] = j.in.Report.At(i)
	}
	if err := j.see(ctx, text.BlockList(places), func(k int, b *specimen.BlockLabels) { swap.Collect(grouped[k], b) }); err != nil {
		return nil, err
	}
	return &counted{validation: validation, plan: j.plan(validation, swap), swap: swap}, nil
}

// see looks at the labels of blocks, in the order of the text.
func (j *job) see(ctx context.Context, blocks text.Blocks, look func(i int, b *specimen.BlockLabels)) error {
	for first, some := range specimen.Stripes(blocks) {
		labels, err := j.walk.Labels.Label(ctx, some)
		if err != nil {
			return err
		}
		for k, b := range labels {
			look(first+k, b)
		}
		j.walk.Labels.Release(labels)
	}
	return nil
}

// merge adds up the report and concludes.
func (j *job) merge(ctx context.Context, f *shard.Folder) (*Result, error) {
	n, err := j.chosen(ctx, f)
	if err != nil {
		return nil, err
	}
	rules := j.walk.Labels.Rules
	rare := newRarities(j.untrainedBlocks, len(rules))
	n.measured = newMeasured(j.walk.States.Sites(), rules, n.plan)
	for i := range f.Plan.Shards {
		err := f.Load(string(ReportRound), i, func(c *shard.Coder) {
			n.measured.walk(c)
			n.swap.Walk(c)
			rare.walk(c)
		})
		if err != nil {
			return nil, err
		}
	}
	if err = n.measured.check(specimen.Scored(j.in.Report), j.in.Report); err == nil {
		err = rare.check(j.in.Report)
	}
	if err != nil {
		return nil, f.Contradicts(string(ReportRound), err)
	}
	n.blind = j.blind(rare)
	if j.counted != nil {
		if err := j.see(ctx, text.BlockList(j.counted.Blocks), j.counted.See); err != nil {
			return nil, err
		}
	}
	return j.conclude(ctx, n)
}
