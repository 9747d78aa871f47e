package main

import (
	"fmt"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

type dissectCmd struct {
	Dir   string   `arg:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" help:"Another text to dissect on: files, folders, globs, - or synth:NAME (default: the run's own)."`
	inputFlags
	unknownFlag
	dissectFlags
	Step int64 `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
}

// dissectFlags are shared with demo.
type dissectFlags struct {
	Sites     []string `placeholder:"SITE,..." help:"Sites to search, as in l0.h,l0.c (default: h of every layer, and c of an LSTM)."`
	Concepts  []string `placeholder:"NAME,..." help:"Only these concepts (default: all)."`
	Untrained int      `placeholder:"N" default:"19" help:"Untrained networks of the same shape that a unit must beat to be called learned."`
	Workers   int      `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (dissectCmd) Help() string {
	return `Units are chosen on the validation part and measured on the test part; on another text, chosen on even blocks and
measured on odd ones. "Not found" is an answer.

Examples:

  rnnscope dissect my-run
  rnnscope dissect my-run other.txt --unknown skip
  rnnscope dissect my-run --concepts url,in-quote --sites l0.c --json`
}

func (c *dissectCmd) Run(s *session) error {
	r, err := openWriter(s, c.Dir)
	if err != nil {
		return err
	}
	defer r.Close()
	result, err := c.dissect(s, r)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(result)
	}
	return printVerdicts(s, result)
}

// dissect runs the dissection and keeps it in the run.
func (c *dissectCmd) dissect(s *session, r *run.Run) (*dissect.Result, error) {
	ck, err := weights(r, c.Step)
	if err != nil {
		return nil, err
	}
	opt, err := c.options(r.Info().Seed)
	if err != nil {
		return nil, err
	}
	in, err := c.input(s, r, ck)
	if err != nil {
		return nil, err
	}
	bar := s.note.Progress("dissecting", "char", 0)
	defer bar.Done()
	result, err := dissect.Run(s, in, opt, bar.of)
	if err != nil {
		return nil, err
	}
	if err := r.PutView(dissect.ViewName, result); err != nil {
		return nil, err
	}
	return result, r.SetFindings(dissect.ViewName, result.Findings())
}

func (c *dissectCmd) options(seed uint64) (dissect.Options, error) {
	opt := dissect.Options{Sites: c.Sites, Untrained: c.Untrained, Workers: c.Workers, Seed: seed, Version: programVersion()}
	for _, name := range c.Concepts {
		k, err := concept.Find(name)
		if err != nil {
			return opt, err
		}
		opt.Concepts = append(opt.Concepts, k)
	}
	return opt, nil
}

// input is the run's own text with its split, or another text in alternating blocks.
func (c *dissectCmd) input(s *session, r *run.Run, ck *checkpoint.Checkpoint) (dissect.Input, error) {
	if len(c.Input) == 0 {
		corpus, err := r.Corpus()
		if err != nil {
			return dissect.Input{}, fmt.Errorf("%w; name a text: rnnscope dissect %s FILE", err, shellWord(c.Dir))
		}
		return dissect.OwnText(corpus.Name, ck.Model, ck.Alphabet, corpus.IDs, r.Info().Split, text.Grid{}), nil
	}
	corpus, err := c.readWith(s, c.Input, ck.Alphabet, c.policy())
	if err != nil {
		return dissect.Input{}, err
	}
	return dissect.OtherText(corpus.Name, ck.Model, ck.Alphabet, corpus.IDs, text.Grid{}), nil
}
