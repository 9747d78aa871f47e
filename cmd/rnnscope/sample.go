package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/sample"
)

type sampleCmd struct {
	Dir         string   `arg:"" name:"run" help:"Directory of the run."`
	Length      int      `short:"n" placeholder:"N" default:"500" help:"Characters to write."`
	Temperature float64  `short:"t" placeholder:"X" default:"1" help:"Below 1 more careful, above 1 wilder."`
	TopK        *int     `placeholder:"K" help:"Draw among the K likeliest characters only."`
	TopP        *float64 `placeholder:"P" help:"Draw among the likeliest characters that together have probability P."`
	Greedy      bool     `help:"Always the likeliest character."`
	Prompt      string   `short:"p" placeholder:"TEXT" xor:"prompt" help:"Text to go on from; \\n is a newline."`
	PromptFile  string   `placeholder:"FILE" xor:"prompt" help:"Read the prompt from a file, or - for standard input, as it is."`
	Step        int64    `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Seed        uint64   `placeholder:"N" default:"1" help:"Same seed, same text."`
	Count       int      `placeholder:"N" default:"1" help:"How many samples, each from the next seed."`
	Clamp       []string `placeholder:"UNIT=X,..." help:"Hold units at a value, or at a quantile of their own values: l0.c41=0.9,l0.h[3]=q95. The untouched sample is printed beside."`
	Ablate      []string `placeholder:"UNIT,..." help:"Set units to their means (0 without a text), beside the untouched sample."`
	console.UnknownFlag
}

func (sampleCmd) Help() string {
	return `Examples:

  rnnscope sample my-run
  rnnscope sample my-run --prompt 'She said, "' --temperature 0.7
  rnnscope sample my-run --prompt-file start.txt -n 2000 > out.txt
  rnnscope sample my-run --step 100            as it wrote after 100 updates
  rnnscope sample my-run --clamp l0.c41=0.9 --ablate l0.h3 -n 300`
}

// sampleJSON is the answer of sample --json.
type sampleJSON struct {
	Run    string `json:"run"`
	Step   int64  `json:"step"`
	Prompt string `json:"prompt"`
	// PromptBytes is the prompt where it is not UTF-8, in base64.
	PromptBytes []byte       `json:"prompt_bytes,omitempty"`
	Options     sampleSaid   `json:"options"`
	Samples     []sampleText `json:"samples"`
	// Interventions are what was done to the network for Changed, sample by sample from
	// the random streams of Samples.
	Interventions []intervene.Intervention `json:"interventions,omitempty"`
	Changed       []sampleText             `json:"changed,omitempty"`
}

type sampleSaid struct {
	Length      int     `json:"length"`
	Temperature float64 `json:"temperature"`
	TopK        int     `json:"top_k"`
	TopP        float64 `json:"top_p"`
	Greedy      bool    `json:"greedy"`
}

type sampleText struct {
	Seed uint64 `json:"seed"`
	Text string `json:"text"` // what is not UTF-8 of it is U+FFFD: Bytes then has it all
	// Bytes is the text where it is not UTF-8, in base64: networks over bytes write any.
	Bytes []byte  `json:"bytes,omitempty"`
	Nats  float64 `json:"nats"` // mean -log p of the characters, at temperature 1
}

func (c *sampleCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.check(); err != nil {
		return err
	}
	r, ck, err := console.ReadNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	prompt, err := c.prompt(ctx, s)
	if err != nil {
		return err
	}
	ids, err := ck.Alphabet.Encode(prompt, c.Policy())
	if err != nil {
		return fmt.Errorf("the prompt: %w", err)
	}
	answer := sampleJSON{Run: r.Dir(), Step: ck.Step, Prompt: string(prompt), PromptBytes: notText(prompt),
		Options: sampleSaid{c.Length, c.Temperature, c.topK(), c.topP(), c.Greedy}}
	if answer.Interventions, err = c.interventions(ctx, s, r, ck); err != nil {
		return err
	}
	if answer.Samples, err = c.write(ctx, s, ck, string(prompt), ids, nil); err != nil {
		return err
	}
	if len(answer.Interventions) > 0 {
		if answer.Changed, err = c.write(ctx, s, ck, string(prompt), ids, answer.Interventions); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.PrintJSON(answer)
	}
	return c.compare(s, &answer)
}

func (c *sampleCmd) check() error {
	if !(c.Temperature > 0) || math.IsInf(c.Temperature, 1) {
		return console.Misusef("--temperature must be a number above 0; for the likeliest character use --greedy")
	}
	if c.TopK != nil && *c.TopK < 1 {
		return console.Misusef("--top-k %d: want at least 1 character; leave it out to draw among all", *c.TopK)
	}
	if c.TopP != nil && !(*c.TopP > 0 && *c.TopP <= 1) {
		return console.Misusef("--top-p %v: want a probability above 0, at most 1; leave it out to draw among all", *c.TopP)
	}
	if c.Count < 1 {
		return console.Misusef("--count must be at least 1")
	}
	return nil
}

// topK and topP are 0 where nothing is said: all characters.
func (c *sampleCmd) topK() int {
	if c.TopK == nil {
		return 0
	}
	return *c.TopK
}

func (c *sampleCmd) topP() float64 {
	if c.TopP == nil {
		return 0
	}
	return *c.TopP
}

// write draws the samples, by the network with what is done to it; without --json they
// appear on standard output as they are drawn.
func (c *sampleCmd) write(ctx context.Context, s *console.Session, ck *checkpoint.Checkpoint, prompt string, ids []int32, done []intervene.Intervention) ([]sampleText, error) {
	plan, err := intervene.Prepare(ck.Model, done, nil, nil)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(written(s))
	if s.JSON {
		w = bufio.NewWriter(io.Discard)
	}
	opt := sample.Options{N: c.Length, Temperature: c.Temperature, TopK: c.topK(), TopP: c.topP(), Greedy: c.Greedy}
	var all []sampleText
	for i := range c.Count {
		seed := c.Seed + uint64(i)
		if title := c.title(seed, done); title != "" {
			fmt.Fprintf(w, "--- %s ---\n", title)
		}
		fmt.Fprint(w, prompt)
		var said strings.Builder
		var nats float64
		err := generator(ck, plan).Generate(ctx, ids, opt, console.NewRand(seed, 0), func(t sample.Token) error {
			nats -= t.LogProb
			said.WriteString(t.Symbol)
			fmt.Fprint(w, t.Symbol)
			return w.Flush() // people watch it write
		})
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(w)
		all = append(all, sampleText{seed, said.String(), notText([]byte(said.String())), nats / float64(max(1, c.Length))})
	}
	return all, w.Flush()
}

// written is where texts go that somebody may want to the byte: as they are to a file or a pipe,
// and through text.Screen to a terminal.
func written(s *console.Session) io.Writer {
	if f, ok := s.Console.Data.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return s.Console.Stdout
	}
	return s.Console.Data
}

// notText is b where it is not UTF-8, which JSON strings cannot hold, and else nil.
func notText(b []byte) []byte {
	if utf8.Valid(b) {
		return nil
	}
	return b
}

func (c *sampleCmd) prompt(ctx context.Context, s *console.Session) ([]byte, error) {
	switch c.PromptFile {
	case "":
		return []byte(console.Unescape(c.Prompt)), nil
	}
	return console.ReadFile(ctx, s, c.PromptFile, longestPrompt)
}

// longestPrompt bounds a prompt in bytes: what is read before the first character is written.
const longestPrompt = 64 << 20
