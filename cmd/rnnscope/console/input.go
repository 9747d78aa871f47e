package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// SynthPrefix marks an INPUT that is generated instead of read.
const SynthPrefix = "synth:"

// SynthDefault is the size of a generated corpus when none is asked for, in characters.
const SynthDefault = 1_000_000

// InputFlags say how INPUT is read; they are the same for every command that reads text.
type InputFlags struct {
	Bytes     bool   `help:"Symbols are bytes, not Unicode code points."`
	MinCount  int    `placeholder:"N" default:"0" help:"Characters seen less than N times become one unknown symbol, which is never sampled."`
	SynthSize int    `placeholder:"N" default:"${synth_size}" help:"Size of a synth: corpus in characters."`
	SynthSeed uint64 `placeholder:"N" default:"1" help:"Seed of a synth: corpus."`
}

// Cores is how many cores a command may use; 0 is all of them.
type Cores int

// mostCores is more than any machine has, and few enough to start.
const mostCores = 1024

// Networks is a number of networks that figures are held against.
type Networks int

// mostNetworks is how many may be asked for: the highest of a thousand tells what that of ten thousand
// does, and each takes its time.
const mostNetworks = 1_000

// Validate is called by the parser.
func (n Networks) Validate() error {
	if n < 0 || n > mostNetworks {
		return fmt.Errorf("%d networks: want 0 to %s", n, table.Grouped(mostNetworks))
	}
	return nil
}

// Validate is called by the parser where the flag is given.
func (c Cores) Validate() error {
	if c < 0 || c > mostCores {
		return fmt.Errorf("%d cores: want 1 to %s, or 0 for all", int(c), table.Grouped(mostCores))
	}
	return nil
}

// UnknownFlag says what happens to characters the network has never seen.
type UnknownFlag struct {
	Unknown string `enum:"skip,error" default:"error" help:"Characters of the input that the network's alphabet lacks: ${enum}."`
}

func (u UnknownFlag) Policy() text.UnknownPolicy {
	if u.Unknown == "skip" {
		return text.UnknownSkip
	}
	return text.UnknownError
}

func (f InputFlags) options(s *Session) text.Options {
	return text.Options{Bytes: f.Bytes, MinCount: f.MinCount, Stdin: s.Console.Stdin}
}

// Read reads INPUT... into a corpus with an alphabet of its own.
func (f InputFlags) Read(ctx context.Context, s *Session, inputs []string) (*text.Corpus, error) {
	name, generated, err := synthName(inputs)
	if err != nil {
		return nil, err
	}
	if !generated {
		c, err := text.Read(ctx, inputs, f.options(s))
		return withNotes(s, c, err)
	}
	t, err := f.Generate(name)
	if err != nil {
		return nil, err
	}
	return text.FromString(SynthPrefix+name, t.S, f.options(s))
}

// openWith opens INPUT... in the alphabet a network already has, without holding the text; close it.
func (f InputFlags) openWith(ctx context.Context, s *Session, inputs []string, a *text.Alphabet, u text.UnknownPolicy) (*text.File, error) {
	name, generated, err := synthName(inputs)
	if err != nil {
		return nil, err
	}
	opt := f.options(s)
	if generated {
		t, err := f.Generate(name)
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
		file.Name, file.Sources = SynthPrefix+name, []string{SynthPrefix + name}
	}
	tellNotes(s, file.Notes, file.Lost)
	return file, nil
}

func (f InputFlags) Generate(name string) (*synth.Text, error) {
	return synth.Generate(name, f.SynthSize, NewRand(f.SynthSeed, 0), synth.Options{})
}

// synthName tells whether the inputs are one synth:NAME.
func synthName(inputs []string) (name string, generated bool, err error) {
	for _, in := range inputs {
		rest, ok := strings.CutPrefix(in, SynthPrefix)
		if !ok {
			continue
		}
		if len(inputs) > 1 {
			return "", false, Misusef("%s cannot be joined with other inputs: write it to a file with `rnnscope corpus synth %s` first", in, rest)
		}
		return rest, true, nil
	}
	return "", false, nil
}

// withNotes passes on what reading left out.
func withNotes(s *Session, c *text.Corpus, err error) (*text.Corpus, error) {
	if err != nil {
		return nil, err
	}
	tellNotes(s, c.Notes, c.Lost)
	return c, nil
}

// tellNotes prints what was left out of a text; what could not be read, also with --quiet.
func tellNotes(s *Session, notes, lost []string) {
	for _, n := range notes {
		if slices.Contains(lost, n) {
			s.Note.Warnf("%s", n)
		} else {
			s.Note.Printf("%s", n)
		}
	}
}

// Unescape lets a prompt given as a flag hold newlines and tabs: \n, \t and \\.
func Unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(s)
}

// ReadSpan reads A:B, given with a flag.
func ReadSpan(flag, of string) (lo, hi int, err error) {
	if n, _ := fmt.Sscanf(of, "%d:%d", &lo, &hi); n != 2 || lo < 0 || hi <= lo || of != fmt.Sprintf("%d:%d", lo, hi) {
		return 0, 0, Misusef("%s %s: write A:B, as in %s 4:11", flag, of, flag)
	}
	return lo, hi, nil
}

// ReadFile reads a file of the user's, or - for standard input, whole, up to a limit in bytes.
func ReadFile(ctx context.Context, s *Session, path string, limit int64) ([]byte, error) {
	if path != "-" {
		return durable.ReadFile(ctx, path, limit)
	}
	b, err := durable.ReadAll(ctx, s.Console.Stdin, limit)
	if errors.Is(err, durable.ErrTooLarge) {
		return nil, fmt.Errorf("standard input: %w: more than %s bytes", err, table.Grouped(int(limit)))
	}
	return b, err
}
