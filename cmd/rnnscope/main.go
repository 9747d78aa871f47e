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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/willabides/kongplete"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/sweep"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
	"github.com/rnnscope/rnnscope/web/jobs"
)

// Main is the whole program with its surroundings as fields, so that a test can run it.
type Main struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	noFlags bool // who asks types no flags: advice names none

	watch func(jobs.Progress) // told how far long work is, by the server's jobs
}

// commands is the command line; its struct tags are the documentation that --help prints.
type commands struct {
	JSON  bool `name:"json" help:"Print the result as one JSON object on standard output."`
	Quiet bool `short:"q" help:"Results, warnings and errors only."`

	Demo      demoCmd              `cmd:"" help:"Train on the built-in text, open the network, write a report: all in one go."`
	Train     trainCmd             `cmd:"" help:"Train a network on a text."`
	Resume    resumeCmd            `cmd:"" help:"Go on with an interrupted training, exactly where it stopped."`
	Sample    sampleCmd            `cmd:"" help:"Let a trained network write."`
	Evolution evolutionCmd         `cmd:"" help:"Show how samples and skills grew during training."`
	Trace     records.TraceCmd     `cmd:"" help:"Record hidden states, cells and gates over a text."`
	Dissect   inspect.DissectCmd   `cmd:"" help:"Find out which units follow which concept."`
	Merge     inspect.MergeCmd     `cmd:"" help:"Put together a dissection that was made in shards."`
	Atlas     records.AtlasCmd     `cmd:"" help:"List, filter and export everything measured on a run."`
	Calibrate inspect.CalibrateCmd `cmd:"" help:"Measure by simulation how often the atlas is wrong, and what it finds."`
	Match     inspect.MatchCmd     `cmd:"" help:"Mark a span, and find the places where the network is in the same state, and what they share."`
	Memory    inspect.MemoryCmd    `cmd:"" help:"Measure how far back a network remembers, and which units wait."`
	Explain   inspect.ExplainCmd   `cmd:"" help:"Say in words what every unit does, and what the words are worth."`
	Quotes    inspect.QuotesCmd    `cmd:"" help:"Find out how a network counts quotation marks: flag, counter or stack."`
	Births    inspect.BirthsCmd    `cmd:"" help:"Say when in the training each concept was born, and how long after the skill it serves."`
	Compare   inspect.CompareCmd   `cmd:"" help:"Compare runs: units found again in other networks; verdicts, births and horizons over seeds."`
	Errors    inspect.ErrorsCmd    `cmd:"" help:"Say what the network still gets wrong, and why."`
	Ablate    inspect.AblateCmd    `cmd:"" help:"Find out which units the network really uses."`
	Steer     inspect.SteerCmd     `cmd:"" help:"Turn one unit and watch predictions and samples change."`
	Patch     inspect.PatchCmd     `cmd:"" help:"Put one run's state into another: which units carry the answer?"`
	Report    reportCmd            `cmd:"" help:"Write the one-file HTML report of a run."`
	Notes     records.NotesCmd     `cmd:"" help:"List, make and export labels and comments on units and places."`
	Open      openCmd              `cmd:"" help:"Open a run, or an example, in a browser."`
	Serve     serveCmd             `cmd:"" help:"Open runs live in a browser: type, point, turn."`
	Import    records.ImportCmd    `cmd:"" help:"Make a run of weights saved from PyTorch."`
	Verify    verifyCmd            `cmd:"" help:"Check that every snapshot is, to the bit, what the training comes to."`
	Sweep     sweepCmd             `cmd:"" help:"Train and measure a grid of networks, on one machine or many."`
	Corpus    corpusCmd            `cmd:"" help:"Generate a built-in text, or describe one of yours."`
	Bench     benchCmd             `cmd:"" help:"Time training, forward and sampling on this machine."`
	Version   versionCmd           `cmd:"" help:"Print the version and the kernels this machine uses."`

	MCP        mcpCmd        `cmd:"" name:"mcp" help:"Serve runs to agents and editors over the Model Context Protocol."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in your shell."`
	Man        manCmd        `cmd:"" hidden:"" help:"Print the manual page (roff)."`
}

const about = `A microscope for recurrent networks.

Train a character-level network on a text, watch its samples grow from noise to language, and see which units came to mean something.

  rnnscope demo                              everything on a built-in text
  rnnscope train novel.txt --out my-run      your own text
  rnnscope dissect my-run                    which units follow what
  rnnscope report my-run                     the report`

func main() {
	m := &Main{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	context.AfterFunc(ctx, func() {
		stop() // a second Ctrl-C ends the program at once
		time.AfterFunc(stopTime, func() {
			fmt.Fprintf(m.Stderr, "rnnscope: ended, since it did not stop within %v\n", stopTime)
			os.Exit(console.ExitInterrupted)
		})
	})
	status := m.Run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// stopTime is how long a command may take to stop before the program ends. Whatever it is
// writing then is whole or not there: it survives a kill as well.
const stopTime = 30 * time.Second

// stopSignals are what asks the program to save and stop: Ctrl-C, kill, and a terminal that
// is closed, unless the program was started with nohup.
func stopSignals() []os.Signal {
	asked := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		asked = append(asked, syscall.SIGHUP)
	}
	return asked
}

// Run executes one command line and returns the exit status. It never calls os.Exit.
//
// Everything printed for people goes through text.Screen: names and texts may come
// from anywhere, and no terminal acts on what they hold.
func (m *Main) Run(ctx context.Context, args []string) int {
	s := console.NewSession(m.Stdin, m.Stdout, m.Stderr)
	s.Console.Args = args
	m = &Main{Stdin: m.Stdin, Stdout: s.Console.Stdout, Stderr: s.Console.Stderr, watch: m.watch, noFlags: m.noFlags}
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
		var parse *kong.ParseError
		if errors.As(err, &parse) && parse.Context != nil {
			return m.usage(err, parse.Context.Selected())
		}
		return m.usage(err, nil)
	}
	if err := f32.CheckPath(); err != nil {
		return m.usage(err, parsed.Selected())
	}
	if err := heedless(parsed); err != nil {
		return m.usage(err, parsed.Selected())
	}
	s.JSON, s.Quiet = cli.JSON, cli.Quiet
	s.Note.Quiet, s.Note.Watch, s.MustKeep = cli.Quiet, m.watch, m.watch != nil
	parsed.BindTo(ctx, (*context.Context)(nil))
	return m.statusOf(s, parsed.Run(s, parser), parsed.Selected())
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
		anyBytes(),
	)
	if err != nil {
		panic(err) // the struct tags of commands are wrong
	}
	return parser
}

func (m *Main) usage(err error, asked *kong.Node) int {
	fmt.Fprintf(m.Stderr, "rnnscope: %v\n", err)
	if m.noFlags {
		return console.ExitUsage
	}
	fmt.Fprintln(m.Stderr, "see "+strings.TrimSpace("rnnscope "+command(asked))+" --help")
	return console.ExitUsage
}

// statusOf prints what went wrong, a line each, and turns it into the exit status.
func (m *Main) statusOf(s *console.Session, err error, command *kong.Node) int {
	for _, e := range s.NotKept {
		fmt.Fprintf(s.Console.Stderr, "rnnscope: not kept: %s%s\n", table.OneLine(e.Error()), m.advice(e, command))
	}
	var with console.ExitWith
	if errors.As(err, &with) {
		fmt.Fprintf(s.Console.Stderr, "rnnscope: %s\n", table.OneLine(with.Error()))
		return with.Status
	}
	switch {
	case err == nil || errors.Is(err, syscall.EPIPE): // a closed pipe downstream (head, less) is not our failure
		if len(s.NotKept) > 0 {
			return console.ExitFailed
		}
		return console.ExitOK
	case !errors.Is(err, context.Canceled):
		fmt.Fprintf(s.Console.Stderr, "rnnscope: %s%s\n", table.OneLine(err.Error()), m.advice(err, command))
		if misuses(err, command) {
			return console.ExitUsage
		}
		return console.ExitFailed
	}
	said := "stopped before it was done"
	var plain console.RewordedError
	if errors.As(err, &plain) {
		said = plain.Error()
	}
	fmt.Fprintf(s.Console.Stderr, "rnnscope: %s\n", table.OneLine(said))
	return console.ExitInterrupted
}

// misuses tells whether an error is one of the command line: settings that nothing can have,
// a concept, unit, site or step that is not there. Damage and what a machine lacks are not.
func misuses(err error, command *kong.Node) bool {
	var wrong console.Misuse
	if errors.As(err, &wrong) {
		return true
	}
	for _, damage := range []error{run.ErrCorrupt, checkpoint.ErrCorrupt, checkpoint.ErrTruncated, checkpoint.ErrForeign} {
		if errors.Is(err, damage) {
			return false
		}
	}
	if errors.Is(err, rnn.ErrTooLarge) && hasFlag(command, "hidden") { // the size was asked for, not found in a file
		return true
	}
	for _, what := range []error{
		sweep.ErrGrid, sweep.ErrOther, train.ErrConfig, rnn.ErrConfig, optim.ErrConfig, text.ErrImpossible, text.ErrMinCount, sample.ErrOptions,
		synth.ErrUnknown, synth.ErrOption, memory.ErrKind, memory.ErrSuite, memory.ErrPosition, ngram.ErrOrder, match.ErrInput, run.ErrExact, run.ErrNoSubject, run.ErrNoCheckpoint, concept.ErrUnknown, concept.ErrName, concept.ErrPattern, rnn.ErrSite, rnn.ErrUnit, intervene.ErrMode, intervene.ErrDose,
	} {
		if errors.Is(err, what) {
			return true
		}
	}
	return false
}

// advice is what to do, for who types commands.
func (m *Main) advice(err error, command *kong.Node) string {
	if m.noFlags {
		return ""
	}
	return advice(err, command)
}

// advice says what to do about damage that no command can mend, as far as the command can.
func advice(err error, command *kong.Node) string {
	if errors.Is(err, text.ErrUnknown) && hasFlag(command, "unknown") {
		return "; remove it, or leave such characters out with --unknown skip"
	}
	damaged := errors.Is(err, checkpoint.ErrCorrupt) || errors.Is(err, checkpoint.ErrTruncated)
	importing := command != nil && command.Name == "import"
	switch {
	case importing:
		return ""
	case errors.Is(err, checkpoint.ErrForeign):
		return "; weights saved from PyTorch as safetensors come in with: rnnscope import"
	case damaged && strings.Contains(err.Error(), "--step "), errors.Is(err, run.ErrNoResume):
		return ""
	case damaged && hasFlag(command, "step") && !hasFlag(command, "lang"): // --step of report is of what was measured
		return "; use an earlier snapshot with --step N (files under checkpoints/), or a copy of the run"
	case damaged, errors.Is(err, run.ErrCorrupt):
		return "; restore the run from a copy, or train it again"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), strings.Contains(err.Error(), "disk I/O error"), strings.Contains(err.Error(), "disk is full"):
		return "; is the disk full? make room, then run the same command or rnnscope resume"
	}
	return ""
}

func hasFlag(command *kong.Node, name string) bool {
	return command != nil && slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == name })
}
