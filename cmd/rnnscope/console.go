package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

// Exit statuses of the program.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells report it
)

// console is what the program reads from and writes to, and how it was called.
type console struct {
	Stdin  io.Reader
	Stdout io.Writer // through text.Screen
	Stderr io.Writer // through text.Screen
	Args   []string  // the words after the program's name, kept for provenance

	data io.Writer // standard output as it is: for output that is data, to the byte
}

// commandLine is the command as it was typed, for provenance.
func (c *console) commandLine() string {
	line := "rnnscope"
	for _, a := range c.Args {
		line += " " + shellWord(a)
	}
	return line
}

// session is what every command gets: where to read and write, and how to speak.
type session struct {
	main  *console
	json  bool
	quiet bool
	note  *notes

	notKept []error // what was measured and could not be stored
}

// newSession is a session that speaks to these; its Args, json and quiet are for the caller to fill.
func newSession(stdin io.Reader, stdout, stderr io.Writer) *session {
	c := &console{Stdin: stdin, Stdout: text.Screen(stdout), Stderr: text.Screen(stderr), data: stdout}
	return &session{main: c, note: newNotes(stderr, false)}
}

// misuse is an error of the command line: a value or a combination of flags that cannot be
// meant. The program says what is allowed and ends with exitUsage.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// plainly is an error in other words; what it matches stays.
type plainly struct {
	words string
	error
}

func (p plainly) Error() string { return p.words }
func (p plainly) Unwrap() error { return p.error }

// programVersion is the version the Go toolchain recorded.
func programVersion() string { return run.Version() }

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
