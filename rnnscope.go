// Package rnnscope is the library in a page: train a recurrent network on a text, or open
// a run that the command of the same name made, and ask what its units follow, whether
// the network uses them, how far back it remembers and what each of them can be
// described by. Whatever is measured is kept in the run, under what it was measured on, where
// the command, the report and the live page find it.
//
// Every function here is a few lines over the packages that do the work; ARCHITECTURE.md
// says where those are.
package rnnscope

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/results"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
	"github.com/rnnscope/rnnscope/train"
)

// Run is a run directory and its newest network, open for reading and keeping results.
// Close it.
type Run struct {
	*run.Run
	Network *checkpoint.Checkpoint // the newest weights and their alphabet
}

// command is what runs note as the command of what this package does.
const command = "rnnscope (library)"

// Preset is named settings of a training: see train.Presets. A name that is not there
// matches train.ErrConfig.
func Preset(name string) (train.Config, error) { return train.Preset(name) }

// Train makes the run directory dir, which must not exist, of a text, and trains a
// network on the first 80 % of it. Snapshots of the weights are kept at the steps of
// the schedule of docs/methods.md, section 7. Errors match text.ErrTooShort, train.ErrConfig or run.ErrExists, or are
// those of the disk; when ctx ends, the run can be gone on with: `rnnscope resume`.
func Train(ctx context.Context, dir string, corpus *text.Corpus, cfg train.Config) (*Run, error) {
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		return nil, err
	}
	checked, err := train.New(cfg, train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: split}, train.Options{})
	if err != nil {
		return nil, err
	}
	cfg = checked.Config()
	cfg.Snapshots = evolve.Schedule(cfg.Iterations)
	r, err := run.Create(dir, run.Info{Command: command, Seed: cfg.Seed, Split: split, Config: &cfg}, corpus)
	if err != nil {
		return nil, err
	}
	t, _, err := r.Trainer(train.Extend{}, train.Options{})
	if err == nil {
		err = t.Run(ctx, r.Listener(train.Listener{}))
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return newest(r)
}

// Open opens a run that was trained or imported. Errors match run.ErrNotRun,
// run.ErrLocked (another process writes it) or run.ErrNoCheckpoint.
func Open(dir string) (*Run, error) {
	r, err := run.OpenWriter(dir, command)
	if err != nil {
		return nil, err
	}
	return newest(r)
}

func newest(r *run.Run) (*Run, error) {
	c, err := r.Latest()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &Run{r, c}, nil
}

// OwnText is the run's network on the run's own text: what is chosen is chosen on validation,
// figures are measured on test. Close it.
func (r *Run) OwnText(ctx context.Context) (*specimen.Specimen, error) {
	return r.Specimen(ctx, r.Network)
}

// On is the run's network on another text, in the network's alphabet: what is chosen is
// chosen on the even blocks, figures are measured on the odd ones. The error names the
// first symbol that the network does not know.
func (r *Run) On(name, words string) (*specimen.Specimen, error) {
	ids, err := r.Network.Alphabet.Encode([]byte(words), text.UnknownError)
	if err != nil {
		return nil, err
	}
	return r.SpecimenOn(context.Background(), r.Network, specimen.TextOf(name, []byte(words), ids)), nil
}

// Dissect finds out what the units of a specimen follow, and keeps it in the run beside what was
// found of other concepts. No concepts: all built-in ones.
func (r *Run) Dissect(ctx context.Context, s *specimen.Specimen, opt dissect.Options) (*dissect.Result, error) {
	opt.Version = run.Version()
	result, err := dissect.Run(ctx, s, opt, nil)
	if err != nil {
		return nil, err
	}
	return result, errors.Join(results.KeepDissection(r.Run, s.Subject(), result), r.Flush())
}

// Ablate says of the units that follow a concept best whether the network uses them for
// it, and keeps the verdicts in the run.
func (r *Run) Ablate(ctx context.Context, s *specimen.Specimen, names []string, opt intervene.Options) (*intervene.Result, error) {
	var asked []intervene.Candidate
	for _, name := range names {
		c, err := concept.Find(name)
		if err != nil {
			return nil, err
		}
		asked = append(asked, intervene.Candidate{Concept: c})
	}
	opt.Version = run.Version()
	result, err := intervene.Run(ctx, s, asked, opt, nil)
	if err != nil {
		return nil, err
	}
	return result, errors.Join(results.KeepVerdicts(r.Run, s.Subject(), result), r.Flush())
}

// Memory measures how far back a network remembers, and keeps it in the run.
func (r *Run) Memory(ctx context.Context, s *specimen.Specimen, opt memory.Options) (*memory.Result, error) {
	opt.Version = run.Version()
	result, err := memory.Run(ctx, s, opt, nil)
	if err != nil {
		return nil, err
	}
	return result, r.keep(s, memory.ViewName, result, result.Findings())
}

// Explain describes every unit in short rules that are scored by what they predict, and
// keeps them in the run.
func (r *Run) Explain(ctx context.Context, s *specimen.Specimen, opt explain.Options) (*explain.Result, error) {
	opt.Version = run.Version()
	result, err := explain.Run(ctx, s, opt, nil)
	if err != nil {
		return nil, err
	}
	return result, r.keep(s, explain.ViewName, result, result.Findings())
}

// keep stores a result under what it was measured on, durably.
func (r *Run) keep(s *specimen.Specimen, name string, view any, found []finding.Finding) error {
	subject := s.Subject()
	if err := r.PutView(subject, name, view); err != nil {
		return err
	}
	if err := r.SetFindings(subject, name, found); err != nil {
		return err
	}
	return r.Flush()
}

// Sample lets the network write n characters after a prompt. The same seed gives the same
// text. The error names a symbol of the prompt that the network does not know.
func (r *Run) Sample(ctx context.Context, prompt string, n int, seed uint64) (string, error) {
	ids, err := r.Network.Alphabet.Encode([]byte(prompt), text.UnknownError)
	if err != nil {
		return "", fmt.Errorf("prompt: %w", err)
	}
	opt := sample.Options{N: n, Temperature: 1}
	return sample.Text(ctx, r.Network.Model, r.Network.Alphabet, ids, opt, rand.New(rand.NewPCG(seed, 0)))
}

// Trace records the sites named (none: h of every layer) while the network reads a passage.
// Errors match rnn.ErrSite, trace.ErrInput, or name the first symbol that the network does
// not know.
func (r *Run) Trace(ctx context.Context, passage string, sites ...string) (*trace.Trace, error) {
	ids, err := r.Network.Alphabet.Encode([]byte(passage), text.UnknownError)
	if err != nil {
		return nil, err
	}
	if len(sites) == 0 {
		sites = r.Network.Model.Config().HiddenSites()
	}
	return trace.Passage(ctx, r.Network.Model, ids, trace.Options{Sites: sites, Loss: true})
}

// Report writes the one-file report of what the run holds and returns its path.
func (r *Run) Report(ctx context.Context) (string, error) {
	return report.Build(ctx, r.Run, report.Options{})
}
