package main

import (
	"errors"
	"fmt"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

type importCmd struct {
	File         string `arg:"" type:"existingfile" help:"Weights saved from PyTorch as safetensors."`
	Alphabet     string `required:"" type:"existingfile" placeholder:"FILE" help:"JSON: a list of symbols in id order, or a map from symbol to id."`
	Out          string `short:"o" required:"" placeholder:"DIR" help:"Directory of the run; it must not exist."`
	Nonlinearity string `enum:"tanh,relu" default:"tanh" help:"Of an Elman network: ${enum}."`
}

func (importCmd) Help() string {
	return `The file holds one nn.RNN, nn.LSTM or nn.GRU and one nn.Linear (and one nn.Embedding unless the input is
one-hot), under whatever names. In Python:

  from safetensors.torch import save_file
  save_file(model.state_dict(), "weights.safetensors")
  json.dump(chars, open("alphabet.json", "w"))        # chars[i] is symbol i

Examples:

  rnnscope import weights.safetensors --alphabet alphabet.json --out my-run
  rnnscope dissect my-run novel.txt`
}

// longestAlphabet bounds an alphabet file in bytes: all of Unicode as JSON has 20 MB.
const longestAlphabet = 64 << 20

func (c *importCmd) Run(s *session) error {
	if err := mustNotExist(c.Out); err != nil {
		return err
	}
	raw, err := durable.ReadFile(s, c.Alphabet, longestAlphabet)
	if err != nil {
		return err
	}
	a, err := text.ParseAlphabet(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Alphabet, err)
	}
	ck, err := checkpoint.Import(c.File, checkpoint.ImportOptions{Alphabet: a, Nonlinearity: c.Nonlinearity})
	if errors.Is(err, checkpoint.ErrForeign) {
		return fmt.Errorf("%s is not a safetensors file of a recurrent network: save it with safetensors.torch.save_file", c.File)
	}
	if err != nil {
		return err
	}
	r, err := run.Import(c.Out, run.Info{
		Name: c.File, Command: s.main.commandLine(), Sources: []string{c.File}, Alphabet: a,
	}, ck)
	if err != nil {
		return err
	}
	defer s.close(r)
	m := ck.Model.Config()
	if s.json {
		return s.printJSON(struct {
			Run        string `json:"run"`
			Model      any    `json:"model"`
			Parameters int    `json:"parameters"`
		}{r.Dir(), m, m.Parameters()})
	}
	_, err = fmt.Fprintf(s.main.Stdout, "run         %s\nnetwork     %s %dx%d, %d symbols\nparameters  %s\n",
		r.Dir(), m.Cell, m.Layers, m.Hidden, m.Vocab, grouped(m.Parameters()))
	return err
}
