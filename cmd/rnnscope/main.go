// Command rnnscope trains character-level recurrent networks on a text and opens them up.
//
// Every subcommand is one small file. Results go to standard output, everything a person watches
// (progress, notes, errors) to standard error, so that output can be piped.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"
	"github.com/willabides/kongplete"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/run"
)

// Exit statuses of the program.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells report it
)

// Main is the whole program with its surroundings as fields, so that a test can run it.
type Main struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Args   []string // the words after the program's name, kept for provenance
}

// commands is the command line; its struct tags are the documentation that --help prints.
type commands struct {
	JSON  bool `name:"json" help:"Print the result as one JSON object on standard output."`
	Quiet bool `short:"q" help:"No progress; results and errors only."`

	Demo      demoCmd      `cmd:"" help:"Train on the built-in text, open the network, write a report: all in one go."`
	Train     trainCmd     `cmd:"" help:"Train a network on a text."`
	Resume    resumeCmd    `cmd:"" help:"Go on with an interrupted training, exactly where it stopped."`
	Sample    sampleCmd    `cmd:"" help:"Let a trained network write."`
	Evolution evolutionCmd `cmd:"" help:"Show how samples and skills grew during training."`
	Trace     traceCmd     `cmd:"" help:"Record hidden states, cells and gates over a text."`
	Dissect   dissectCmd   `cmd:"" help:"Find out which units follow which concept."`
	Atlas     atlasCmd     `cmd:"" help:"List, filter and export everything measured on a run."`
	Calibrate calibrateCmd `cmd:"" help:"Measure by simulation how often the atlas is wrong, and what it finds."`
	Memory    memoryCmd    `cmd:"" help:"Measure how far back a network remembers, and which units wait."`
	Explain   explainCmd   `cmd:"" help:"Say in words what every unit does, and what the words are worth."`
	Quotes    quotesCmd    `cmd:"" help:"Find out how a network counts quotation marks: flag, counter or stack."`
	Ablate    ablateCmd    `cmd:"" help:"Find out which units the network really uses."`
	Steer     steerCmd     `cmd:"" help:"Turn one unit and watch predictions and samples change."`
	Patch     patchCmd     `cmd:"" help:"Put one run's state into another: which units carry the answer?"`
	Report    reportCmd    `cmd:"" help:"Write the one-file HTML report of a run."`
	Import    importCmd    `cmd:"" help:"Make a run of weights saved from PyTorch."`
	Verify    verifyCmd    `cmd:"" help:"Check that every snapshot is, to the bit, what the training comes to."`
	Corpus    corpusCmd    `cmd:"" help:"Generate a built-in text, or describe one of yours."`
	Bench     benchCmd     `cmd:"" help:"Time training, forward and sampling on this machine."`
	Version   versionCmd   `cmd:"" help:"Print the version and the kernels this machine uses."`

	MCP        mcpCmd        `cmd:"" name:"mcp" help:"Serve runs to agents and editors over the Model Context Protocol."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in your shell."`
	Man        manCmd        `cmd:"" hidden:"" help:"Print the manual page (roff)."`
}

// session is what every command gets: where to read and write, and how to speak.
type session struct {
	context.Context
	main  *Main
	json  bool
	quiet bool
	note  *notes
}

const about = `A microscope for recurrent networks.

Train a character-level network on a text, watch its samples grow from noise to language, and see which units came to mean something.

  rnnscope demo                              everything on a built-in text
  rnnscope train novel.txt --out my-run      your own text
  rnnscope dissect my-run                    which units follow what
  rnnscope report my-run                     the report`

func main() {
	m := &Main{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	status := m.Run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// Run executes one command line and returns the exit status. It never calls os.Exit.
func (m *Main) Run(ctx context.Context, args []string) int {
	m.Args = args
	var cli commands
	var asked *int // set when kong itself wants to end: --help
	parser := m.parser(&cli, func(status int) { asked = &status })
	if kongplete.Complete(parser); asked != nil { // a shell asked what can follow; see completion.go
		return *asked
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if asked != nil {
		return *asked
	}
	if err != nil {
		return m.usage(err)
	}
	if err := f32.CheckPath(); err != nil {
		return m.usage(err)
	}
	s := &session{Context: ctx, main: m, json: cli.JSON, quiet: cli.Quiet, note: newNotes(m.Stderr, cli.Quiet)}
	return m.status(parsed.Run(s, parser))
}

// parser reads command lines into cli; exit is called where kong itself wants to end.
func (m *Main) parser(cli *commands, exit func(status int)) *kong.Kong {
	parser, err := kong.New(cli,
		kong.Name("rnnscope"),
		kong.Description(about),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars(helpVars()),
	)
	if err != nil {
		panic(err) // the struct tags of commands are wrong
	}
	return parser
}

func (m *Main) usage(err error) int {
	fmt.Fprintf(m.Stderr, "rnnscope: %v\n", err)
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Command() != "" {
		word, _, _ := strings.Cut(parse.Context.Command(), " ")
		fmt.Fprintf(m.Stderr, "see rnnscope %s --help\n", word)
		return exitUsage
	}
	fmt.Fprintln(m.Stderr, "see rnnscope --help")
	return exitUsage
}

// misuse is an error of the command line: a value or a combination of flags that cannot be
// meant. The program says what is allowed and ends with exitUsage.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// status prints an error as one line and turns it into the exit status.
func (m *Main) status(err error) int {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return exitOK // a closed pipe downstream (head, less) is not our failure
	}
	if !errors.Is(err, context.Canceled) {
		fmt.Fprintf(m.Stderr, "rnnscope: %s%s\n", oneLine(err.Error()), advice(err))
		var wrong misuse
		if errors.As(err, &wrong) {
			return exitUsage
		}
		return exitFailed
	}
	said := "stopped before it was done"
	var plain plainly
	if errors.As(err, &plain) {
		said = plain.Error()
	}
	fmt.Fprintf(m.Stderr, "rnnscope: %s\n", oneLine(said))
	return exitInterrupted
}

// advice says what to do about damage that no command can mend.
func advice(err error) string {
	switch {
	case errors.Is(err, checkpoint.ErrForeign):
		return "; weights saved from PyTorch as safetensors come in with: rnnscope import"
	case errors.Is(err, checkpoint.ErrCorrupt), errors.Is(err, checkpoint.ErrTruncated):
		return "; use an earlier snapshot with --step N (files under checkpoints/), or a copy of the run"
	case errors.Is(err, run.ErrCorrupt):
		return "; restore the run from a copy, or train it again"
	case errors.Is(err, syscall.ENOSPC), strings.Contains(err.Error(), "disk I/O error"), strings.Contains(err.Error(), "disk is full"):
		return "; is the disk full? make room, then run the same command or rnnscope resume"
	}
	return ""
}

// oneLine keeps an error on one line, and what a damaged file puts into it off the terminal's controls.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
