package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// Settings of the experiment: networks small enough to train by the dozen, languages
// in which filler separates the marks, so that a mark must be remembered.
const (
	quotesHidden  = 64
	quotesText    = 300_000 // characters
	quotesBatch   = 32
	quotesSeq     = 64
	quotesRate    = 5e-3
	quotesGapHigh = 10
	quotesFiller  = "abcdefgh"
)

// quotesDepths are the greatest depths of the training texts.
var quotesDepths = []int{1, 2, 4}

// growthSteps are looked at along the training of each architecture's first network.
var growthSteps = []int64{0, 10, 20, 50, 100, 200, 350, 500, 700, 1000, 1500, 2000}

// laboratory is one experiment under way.
type laboratory struct {
	opt      QuotesOptions
	progress func(done, total int64, name string)
	bench    *bench
}

// quotesLanguage is a generated language with its training text.
type quotesLanguage struct {
	corpus *text.Corpus
	split  text.Split
	l      *mechanism.Language
}

// job is one network to train and measure; its result goes where finish puts it.
type job struct {
	name string
	work int64 // updates, for the progress
	into any   // where do puts what it finds, a pointer
	do   func(ctx context.Context) error
}

// QuotesOptions say which networks the experiment with quotation marks trains.
type QuotesOptions struct {
	Seed       uint64
	Only       []string // of QuotesLanguages; none: all
	Networks   int      // of every architecture; below 5 none gets a verdict
	Iterations int64    // updates of every network of the grid
	Workers    int      // networks trained at once; 0: all cores
	// Dir is where finished networks are kept until FinishQuotes, so that the same options go on after a
	// kill; "": nowhere.
	Dir string
}

// QuotesLanguages are the names that QuotesOptions.Only may hold.
func QuotesLanguages() []string {
	known := append([]string{referenceLanguages}, references...)
	for _, n := range nestings() {
		known = append(known, n.name)
	}
	return known
}

// Quotes trains networks of every cell on generated languages of nested marks, and small
// ones on the languages of the literature, and asks of each how it counts. progress may be
// nil: it is told the updates that are done, of how many, and which network was last.
// Command, Version and Kernels of the result are for the caller to fill. Errors match ErrNameTaken (the
// directory holds something else) or are those of the file system or ctx's.
func Quotes(ctx context.Context, opt QuotesOptions, progress func(done, total int64, name string)) (*mechanism.Experiment, error) {
	b, err := opt.open()
	if err != nil {
		return nil, err
	}
	defer b.close()
	lab := &laboratory{opt: opt, progress: progress, bench: b}
	entries, jobs, err := lab.grid()
	if err != nil {
		return nil, err
	}
	reference, more, err := lab.reference()
	if err != nil {
		return nil, err
	}
	if err := lab.run(ctx, append(jobs, more...)); err != nil {
		return nil, err
	}
	return &mechanism.Experiment{
		Seed: opt.Seed, Settings: opt.settings(), Entries: entries, Groups: mechanism.Summarize(entries),
		Compared: mechanism.Compare(entries, "elman + counter", "elman"), Reference: reference,
		Seconds: b.seconds(),
	}, nil
}

func (o QuotesOptions) settings() mechanism.Settings {
	return mechanism.Settings{
		Grid:      mechanism.Training{Hidden: quotesHidden, Updates: o.Iterations, Rate: quotesRate, Batch: quotesBatch, Seq: quotesSeq},
		Reference: mechanism.Training{Hidden: referenceHidden, Updates: o.referenceIterations(), Rate: referenceRate, Batch: referenceBatch, Seq: referenceSeq},
		Text:      quotesText, Gap: quotesGapHigh, Filler: quotesFiller,
	}
}

// architecture is a cell as the experiment names it.
type architecture struct {
	name string
	cfg  rnn.Config
}

func architectures() []architecture {
	return []architecture{
		{"elman", rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.Tanh}},
		{"gru", rnn.Config{Cell: rnn.GRU}},
		{"lstm", rnn.Config{Cell: rnn.LSTM}},
		{"elman + counter", rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.Tanh, Counter: true}},
	}
}

// nestings are the languages of the grid by name, with the depths they are trained at.
func nestings() []struct {
	name   string
	marks  []synth.Mark
	free   bool
	depths []int
} {
	return []struct {
		name   string
		marks  []synth.Mark
		free   bool
		depths []int
	}{
		{"straight", synth.StraightMarks, false, []int{1}},
		{"one kind", synth.CurlyMarks[:1], false, quotesDepths},
		{"two kinds", synth.CornerMarks, true, quotesDepths},
	}
}

// grid plans the networks of the main experiment. Entries are filled by the jobs.
func (lab *laboratory) grid() ([]mechanism.Entry, []job, error) {
	var entries []mechanism.Entry
	var plans []func(e *mechanism.Entry) job
	for _, n := range nestings() {
		if !lab.opt.wants(n.name) {
			continue
		}
		for _, depth := range n.depths {
			q, err := lab.language(n.name, synth.Nesting{
				Marks: n.marks, Free: n.free, Depth: depth, End: 0.4, GapHigh: quotesGapHigh, Filler: quotesFiller,
			})
			if err != nil {
				return nil, nil, err
			}
			for _, arch := range architectures() {
				for i := range lab.opt.Networks {
					cfg := arch.cfg
					cfg.Hidden, cfg.Layers = quotesHidden, 1
					entries = append(entries, mechanism.Entry{Language: n.name, Cell: arch.name, Depth: depth, Seed: lab.opt.Seed + uint64(i)})
					plans = append(plans, func(e *mechanism.Entry) job { return lab.entry(e, q, cfg, i == 0) })
				}
			}
		}
	}
	jobs := make([]job, len(entries))
	for i := range entries {
		jobs[i] = plans[i](&entries[i])
	}
	return entries, jobs, nil
}

// language generates a text of a nested language.
func (lab *laboratory) language(name string, n synth.Nesting) (*quotesLanguage, error) {
	t, err := synth.Nest(quotesText, newRand(lab.opt.Seed, 1), n)
	if err != nil {
		return nil, err
	}
	q, err := newQuotesLanguage(name, t.S)
	if err != nil {
		return nil, err
	}
	unseen := q.corpus.IDs[q.split.Val.Lo:q.split.Test.Hi]
	q.l, err = mechanism.NewLanguage(name, q.corpus.Alphabet, unseen, n.Marks)
	return q, err
}

func newQuotesLanguage(name, s string) (*quotesLanguage, error) {
	corpus, err := text.FromString(name, s, text.Options{})
	if err != nil {
		return nil, err
	}
	split, err := text.DefaultSplit(len(corpus.IDs))
	return &quotesLanguage{corpus: corpus, split: split}, err
}

// entry trains one network of the grid and measures it.
func (lab *laboratory) entry(e *mechanism.Entry, q *quotesLanguage, cfg rnn.Config, grow bool) job {
	return job{fmt.Sprintf("%s %s depth %d", e.Cell, e.Language, e.Depth), lab.opt.Iterations, e, func(ctx context.Context) error {
		var look func(ctx context.Context, m *rnn.Model, step int64) error
		if grow {
			look = func(ctx context.Context, m *rnn.Model, step int64) error {
				moment, err := mechanism.Look(ctx, m, q.l, step, "", e.Seed)
				if err == nil {
					e.Growth = append(e.Growth, *moment)
				}
				return err
			}
		}
		m, loss, err := trainSmall(ctx, q, cfg, schooling{quotesBatch, quotesSeq, lab.opt.Iterations, quotesRate}, e.Seed, look)
		if err != nil {
			return err
		}
		e.Loss = loss
		sp := specimen.OwnText(specimen.Network{Model: m, Alphabet: q.corpus.Alphabet, Step: lab.opt.Iterations}, specimen.InMemory(q.corpus), q.split)
		e.Result, err = mechanism.Run(ctx, sp, mechanism.Options{Seed: e.Seed, Language: q.l, Passage: 120})
		return err
	}}
}

// schooling is how a small network is trained.
type schooling struct {
	batch, seq int
	iterations int64
	rate       float64
}

// trainSmall trains one network on one core and returns it with its validation loss.
func trainSmall(ctx context.Context, q *quotesLanguage, model rnn.Config, how schooling, seed uint64,
	look func(ctx context.Context, m *rnn.Model, step int64) error) (*rnn.Model, float64, error) {
	cfg := train.Config{
		Model: model, Batch: how.batch, Seq: how.seq, Iterations: how.iterations, Seed: seed,
		Optim: optim.Config{
			Name: optim.Adam, LR: how.rate, Clip: optim.ClipNorm, ClipAt: 1,
			Schedule: optim.Schedule{Name: optim.Cosine, Warmup: 20, Floor: 0.05},
		},
	}
	if look != nil {
		cfg.Snapshots = growthSteps
	}
	t, err := train.New(cfg, train.Data{Alphabet: q.corpus.Alphabet, IDs: q.corpus.IDs, Split: q.split}, train.Options{Workers: 1})
	if err != nil {
		return nil, 0, err
	}
	var loss float64
	err = t.Run(ctx, train.Listener{Snapshot: func(ctx context.Context, e train.Snapshot) error {
		loss = e.Loss
		if look == nil {
			return nil
		}
		return look(ctx, e.Checkpoint.Model, e.Step)
	}})
	return t.Model(), loss, err
}

// run works the jobs off, one network a core.
func (lab *laboratory) run(ctx context.Context, jobs []job) error {
	var total int64
	for _, j := range jobs {
		total += j.work
	}
	workers := lab.opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	tell := func(done int64, name string) {
		if lab.progress != nil {
			lab.progress(done, total, name)
		}
	}
	var next, done atomic.Int64
	there := make([]bool, len(jobs))
	for i, j := range jobs {
		if there[i] = lab.bench.has(ctx, i, j); there[i] {
			done.Add(j.work)
		}
	}
	tell(done.Load(), "")
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make([]error, len(jobs))
	var wg sync.WaitGroup
	for range min(workers, len(jobs)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) || working.Err() != nil {
					return
				}
				if there[i] {
					continue
				}
				err := jobs[i].do(working)
				if err == nil {
					err = lab.bench.keep(i, jobs[i])
				}
				if err != nil {
					failed[i] = fmt.Errorf("%s: %w", jobs[i].name, err)
					cancel()
					return
				}
				tell(done.Add(jobs[i].work), jobs[i].name)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range failed {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil
}

// Networks of the reference experiments: small, and read in stretches longer than
// any line they have to count, at a rate at which one unit finds its way too.
const (
	referenceHidden = 10
	referenceBatch  = 8
	referenceSeq    = 256
	referenceRate   = 1e-2
)

func (o QuotesOptions) referenceIterations() int64 { return 3 * o.Iterations }

// reference plans the experiments of the literature: counting and Dyck languages
// without filler, four small cells, and the LSTM of one unit.
func (lab *laboratory) reference() ([]mechanism.Reference, []job, error) {
	cells := []architecture{
		{"elman tanh", rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.Tanh, Hidden: referenceHidden}},
		{"elman relu", rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.ReLU, Hidden: referenceHidden}},
		{"gru", rnn.Config{Cell: rnn.GRU, Hidden: referenceHidden}},
		{"lstm", rnn.Config{Cell: rnn.LSTM, Hidden: referenceHidden}},
		{"lstm of one unit", rnn.Config{Cell: rnn.LSTM, Hidden: 1}},
	}
	var out []mechanism.Reference
	var plans []func(r *mechanism.Reference) job
	for _, name := range references {
		if !lab.opt.wants(referenceLanguages) && !lab.opt.wants(name) {
			continue
		}
		q, lang, err := lab.referenceText(name)
		if err != nil {
			return nil, nil, err
		}
		for _, a := range cells {
			for i := range lab.opt.Networks {
				cfg := a.cfg
				cfg.Layers = 1
				out = append(out, mechanism.Reference{Language: name, Cell: a.name, Hidden: cfg.Hidden, Seed: lab.opt.Seed + uint64(i), Trained: referenceTrained[name]})
				plans = append(plans, func(r *mechanism.Reference) job { return lab.referenceJob(r, q, lang, cfg) })
			}
		}
	}
	jobs := make([]job, len(out))
	for i := range out {
		jobs[i] = plans[i](&out[i])
	}
	return out, jobs, nil
}

const countLanguage = "a^n b^n"

// references are the languages of the literature by name.
var references = []string{countLanguage, "Dyck-1", "Dyck-2"}

// referenceLanguages is what --only calls the languages of the literature.
const referenceLanguages = "reference"

// wants reports whether a language is part of the experiment.
func (o QuotesOptions) wants(name string) bool {
	return len(o.Only) == 0 || slices.Contains(o.Only, name)
}

// referenceTrained is the largest n, or the most marks on a line, of the training
// texts. The depth of a line has no limit of its own: where depth 10 must close, what
// is learned is to stop counting there.
var referenceTrained = map[string]int{countLanguage: 50, "Dyck-1": 50, "Dyck-2": 50}

// referenceMarks are the lengths of the lines read in the end; their depth is free.
var referenceMarks = []int{40, 100, 160, 640}

// referenceText generates the training text of a reference language.
func (lab *laboratory) referenceText(name string) (*quotesLanguage, synth.Nesting, error) {
	rng := newRand(lab.opt.Seed, 2)
	if name == countLanguage {
		t, err := synth.Count(quotesText, referenceTrained[name], "ab", rng)
		if err != nil {
			return nil, synth.Nesting{}, err
		}
		q, err := newQuotesLanguage(name, t.S)
		return q, synth.Nesting{}, err
	}
	lang := synth.Nesting{Marks: synth.BracketMarks[:1], Free: true, Depth: referenceTrained[name] / 2, Most: referenceTrained[name], End: 0.3}
	if name == "Dyck-2" {
		lang.Marks = synth.BracketMarks[:2]
	}
	t, err := synth.Nest(quotesText, rng, lang)
	if err != nil {
		return nil, lang, err
	}
	q, err := newQuotesLanguage(name, t.S)
	return q, lang, err
}

func (lab *laboratory) referenceJob(r *mechanism.Reference, q *quotesLanguage, lang synth.Nesting, cfg rnn.Config) job {
	iterations := lab.opt.referenceIterations()
	return job{r.Cell + " " + r.Language, iterations, r, func(ctx context.Context) error {
		m, loss, err := trainSmall(ctx, q, cfg, schooling{referenceBatch, referenceSeq, iterations, referenceRate}, r.Seed, nil)
		if err != nil {
			return err
		}
		r.Loss = loss
		if r.Language == countLanguage {
			r.Most = 4 * r.Trained
			r.CountsTo, r.Counted, err = mechanism.CountsTo(ctx, m, q.corpus.Alphabet, r.Trained, r.Most)
			return err
		}
		for _, marks := range referenceMarks {
			rng := rand.New(rand.NewPCG(r.Seed, uint64(marks)))
			score, err := mechanism.ReadLines(ctx, m, q.corpus.Alphabet, mechanism.Lines{Language: lang, N: 100, Marks: marks, Depth: marks}, rng)
			if err != nil {
				return err
			}
			r.Lines = append(r.Lines, score)
		}
		return nil
	}}
}

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
