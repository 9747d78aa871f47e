package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// synthPrefix marks an INPUT that is generated instead of read.
const synthPrefix = "synth:"

// synthDefault is the size of a generated corpus when none is asked for, in characters.
const synthDefault = 1_000_000

// inputFlags say how INPUT is read; they are the same for every command that reads text.
type inputFlags struct {
	Bytes     bool   `help:"Symbols are bytes, not Unicode code points."`
	MinCount  int    `placeholder:"N" default:"0" help:"Characters seen less than N times become one unknown symbol, which is never sampled."`
	SynthSize int    `placeholder:"N" default:"${synth_size}" help:"Size of a synth: corpus in characters."`
	SynthSeed uint64 `placeholder:"N" default:"1" help:"Seed of a synth: corpus."`
}

// cores is how many cores a command may use; 0 is all of them.
type cores int

// mostCores is more than any machine has, and few enough to start.
const mostCores = 1024

// Validate is called by the parser where the flag is given.
func (c cores) Validate() error {
	if c < 0 || c > mostCores {
		return fmt.Errorf("%d cores: want 1 to %s, or 0 for all", int(c), table.Grouped(mostCores))
	}
	return nil
}

// unknownFlag says what happens to characters the network has never seen.
type unknownFlag struct {
	Unknown string `enum:"skip,error" default:"error" help:"Characters of the input that the network's alphabet lacks: ${enum}."`
}

func (u unknownFlag) policy() text.UnknownPolicy {
	if u.Unknown == "skip" {
		return text.UnknownSkip
	}
	return text.UnknownError
}

func (f inputFlags) options(s *session) text.Options {
	return text.Options{Bytes: f.Bytes, MinCount: f.MinCount, Stdin: s.main.Stdin}
}

// read reads INPUT... into a corpus with an alphabet of its own.
func (f inputFlags) read(ctx context.Context, s *session, inputs []string) (*text.Corpus, error) {
	name, generated, err := synthName(inputs)
	if err != nil {
		return nil, err
	}
	if !generated {
		c, err := text.Read(ctx, inputs, f.options(s))
		return told(s, c, err)
	}
	t, err := f.generate(name)
	if err != nil {
		return nil, err
	}
	return text.FromString(synthPrefix+name, t.S, f.options(s))
}

// openWith opens INPUT... in the alphabet a network already has, without holding the text; close it.
func (f inputFlags) openWith(ctx context.Context, s *session, inputs []string, a *text.Alphabet, u text.UnknownPolicy) (*text.File, error) {
	name, generated, err := synthName(inputs)
	if err != nil {
		return nil, err
	}
	opt := f.options(s)
	if generated {
		t, err := f.generate(name)
		if err != nil {
			return nil, err
		}
		opt, inputs = text.Options{Stdin: strings.NewReader(t.S)}, []string{"-"}
	}
	file, err := text.Open(ctx, inputs, opt, a, u)
	if err != nil {
		return nil, err
	}
	if generated {
		file.Name, file.Sources = synthPrefix+name, []string{synthPrefix + name}
	}
	for _, n := range file.Notes {
		s.note.Printf("%s", n)
	}
	return file, nil
}

func (f inputFlags) generate(name string) (*synth.Text, error) {
	return synth.Generate(name, f.SynthSize, newRand(f.SynthSeed, 0), synth.Options{})
}

// synthName tells whether the inputs are one synth:NAME.
func synthName(inputs []string) (name string, generated bool, err error) {
	for _, in := range inputs {
		rest, ok := strings.CutPrefix(in, synthPrefix)
		if !ok {
			continue
		}
		if len(inputs) > 1 {
			return "", false, misused("%s cannot be joined with other inputs: write it to a file with `rnnscope corpus synth %s` first", in, rest)
		}
		return rest, true, nil
	}
	return "", false, nil
}

// told passes on what reading left out.
func told(s *session, c *text.Corpus, err error) (*text.Corpus, error) {
	if err != nil {
		return nil, err
	}
	for _, n := range c.Notes {
		s.note.Printf("%s", n)
	}
	return c, nil
}

// unescape lets a prompt given as a flag hold newlines and tabs: \n, \t and \\.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(s)
}
