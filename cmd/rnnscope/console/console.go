package console

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

// Exit statuses of the program.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130 // 128 + SIGINT, as shells report it
)

// Console is what the program reads from and writes to, and how it was called.
type Console struct {
	Stdin  io.Reader
	Stdout io.Writer // through text.Screen
	Stderr io.Writer // through text.Screen
	Args   []string  // the words after the program's name, kept for provenance

	Data io.Writer // standard output as it is: for output that is data, to the byte
}

// CommandLine is the command as it was typed, for provenance.
func (c *Console) CommandLine() string {
	line := "rnnscope"
	for _, a := range c.Args {
		line += " " + ShellWord(a)
	}
	return line
}

// Session is what every command gets: where to read and write, and how to speak.
type Session struct {
	Console *Console
	JSON    bool
	Quiet   bool
	Note    *Notes

	MustKeep bool    // an answer that cannot be stored is none: nobody reads what is printed
	NotKept  []error // what was measured and could not be stored
}

// NewSession is a session that speaks to these; its Args, json and quiet are for the caller to fill.
func NewSession(stdin io.Reader, stdout, stderr io.Writer) *Session {
	c := &Console{Stdin: stdin, Stdout: text.Screen(stdout), Stderr: text.Screen(stderr), Data: stdout}
	return &Session{Console: c, Note: newNotes(stderr, false)}
}

// Misuse is an error of the command line: a value or a combination of flags that cannot be
// meant. The program says what is allowed and ends with ExitUsage.
type Misuse struct{ error }

func (m Misuse) Unwrap() error { return m.error }

// AsMisuse is err as an error of the command line.
func AsMisuse(err error) error { return Misuse{err} }

// Misusef is an error of the command line in words.
func Misusef(format string, args ...any) error { return Misuse{fmt.Errorf(format, args...)} }

// RewordedError is an error in other words; what it matches stays.
type RewordedError struct {
	words string
	error
}

// Reword is err in other words; what it matches stays.
func Reword(words string, err error) error { return RewordedError{words, err} }

func (p RewordedError) Error() string { return p.words }
func (p RewordedError) Unwrap() error { return p.error }

// ProgramVersion is the version the Go toolchain recorded.
func ProgramVersion() string { return run.Version() }

// NewRand is a stream of random numbers of a seed.
func NewRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
