package dissect

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/gram"
	"github.com/rnnscope/rnnscope/dissect/swap"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// job is one dissection under way.
type job struct {
	in              *input
	opt             Options
	walk            *specimen.Pass
	untrainedBlocks []text.Block   // what untrained networks read
	sample          []text.Block   // what settles the bin borders
	detail          []text.Block   // looked at character by character
	counted         *gram.Index    // what the last characters tell, counted on the way; nil: not asked for
	pages           specimen.Pages // of text to be shown
	url             int            // index of the URL concept, -1 without
	symbols         int
	total           int64 // characters to be read, for progress
}

func newJob(ctx context.Context, in *input, opt Options, progress Progress) (*job, error) {
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	rs, err := in.rules(ctx, opt)
	if err != nil {
		return nil, err
	}
	return newJobOf(in, opt, rs, progress)
}

// rules settles from which value on each concept is on.
func (in *input) rules(ctx context.Context, opt Options) ([]specimen.Rule, error) {
	rs, err := in.NewRules(ctx, opt.Concepts, in.parts(), specimen.WorkersOr(opt.Workers))
	for c := range rs {
		if rs[c].Concept.Kind == concept.Depth {
			rs[c].Above = opt.cuts[rs[c].Concept.Name]
		}
	}
	return rs, err
}

// newJobOf is a job by rules that are settled.
func newJobOf(in *input, opt Options, rs []specimen.Rule, progress Progress) (*job, error) {
	if opt.Positions == 0 {
		opt.Positions = defaultPositions
	}
	if len(opt.Concepts) == 0 {
		return nil, fmt.Errorf("%w: no concept was asked for", ErrInput)
	}
	workers := specimen.WorkersOr(opt.Workers)
	states, err := in.States(opt.Sites)
	if err != nil {
		return nil, err
	}
	j := &job{
		in: in, opt: opt, symbols: in.Symbols(),
		walk:            &specimen.Pass{States: states, Labels: in.NewLabeller(rs, in.parts(), workers), Workers: workers},
		untrainedBlocks: upTo(in.Report, opt.Positions),
		sample:          specimen.ChooseBlocks(in.Choose, sampleBlocks),
		detail:          specimen.ChooseBlocks(in.Report, detailBlocks),
		url:             slices.IndexFunc(opt.Concepts, func(c concept.Concept) bool { return c.Name == "url" }),
	}
	j.pages.Source = in.Text.Source
	if opt.Extent != FiguresOnly {
		j.counted = gram.New(countedBlocks(in), len(rs))
	}
	j.walk.Progress = j.counter(progress)
	return j, nil
}

// counter adds up what was read and tells progress, one call at a time.
func (j *job) counter(progress Progress) func(int) {
	if progress == nil {
		return nil
	}
	j.total = specimen.Scored(j.in.Choose) + specimen.Scored(j.in.Report) + int64(j.opt.Untrained)*specimen.Scored(text.BlockList(j.untrainedBlocks)) + specimen.Scored(text.BlockList(j.detail))
	var mu sync.Mutex
	var done int64
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += int64(n)
		progress(done, j.total)
	}
}

// asides are what the pass over the blocks units are chosen on looks at besides: the
// labels of the report, and those that k-grams are counted on.
func (j *job) asides(swap *swap.Plan, rare *rarities) []specimen.Aside {
	out := []specimen.Aside{{Blocks: j.in.Report, See: func(i int, b *specimen.BlockLabels) {
		swap.Collect(i, b)
		rare.see(i, b)
	}}}
	if j.counted != nil {
		out = append(out, specimen.Aside{Blocks: text.BlockList(j.counted.Blocks), See: j.counted.See, Once: true})
	}
	return out
}

// setUntrainedBlocks settles what untrained networks read, and has its labels and those of the
// closer look kept when the report is labelled for the last time.
func (j *job) setUntrainedBlocks(blocks []text.Block) {
	j.total += int64(j.opt.Untrained) * (specimen.Scored(text.BlockList(blocks)) - specimen.Scored(text.BlockList(j.untrainedBlocks)))
	j.untrainedBlocks = blocks
	if j.opt.Untrained > 0 {
		j.walk.Labels.Keep(j.untrainedBlocks)
	}
	if j.opt.Extent != FiguresOnly {
		j.walk.Labels.Keep(j.detail)
	}
}

func (j *job) control(k int) (specimen.States, error) {
	return j.in.Control(k, j.opt.Sites, j.opt.Seed)
}
