package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/web"
	"github.com/rnnscope/rnnscope/web/jobs"
)

type serveCmd struct {
	Dir    string        `arg:"" optional:"" default:"." help:"Directory of runs, or one run (default: this one)."`
	Addr   string        `placeholder:"HOST" default:"127.0.0.1" help:"Address to listen on. Anything but this machine's own is read-only unless --write is given."`
	Port   *int          `placeholder:"N" help:"Port; 0: any that is free (default: 8421, or the next that is free)."`
	Write  bool          `help:"Let jobs, trainings and notes change runs on an address that others reach, too."`
	Name   []string      `placeholder:"HOST,..." help:"Further names under which browsers reach this server."`
	For    time.Duration `placeholder:"TIME" default:"0s" help:"End by itself after this long, as in 90m; 0: when told to."`
	Export string        `placeholder:"DIR" help:"Instead of serving: write a static copy of chosen views to a new folder, to be opened from the disk or any web server."`
	View   []string      `sep:"none" placeholder:"RUN/VIEW?..." help:"With --export: a view to copy, as it stands behind # in the page's address; may be given several times (default: what each run has to show)."`
	Token  string        `placeholder:"TEXT" env:"RNNSCOPE_TOKEN" help:"Use this token in the address instead of a new one."`

	opened func(address string) // called once the page can be opened
}

func (serveCmd) Help() string {
	return `Opens every run in a directory in a browser, finished or still training: read any text with the real network and see every unit,
hold units and watch samples change, and start what has not been measured yet. One process, one port, nothing to install, no network
needed. The printed address contains the key; whoever has it may read and, on this machine's own address, start jobs.

Examples:

  rnnscope serve
  rnnscope serve runs/ --port 9000
  rnnscope serve runs/ --addr 0.0.0.0 --name lab.example.org
  rnnscope serve runs/ --export lesson
  rnnscope serve runs/ --export lesson --view 'my-run/reader?at=9000&unit=l0.c[41]' --view my-run/evolution`
}

// serveMemory is when the garbage collector begins to work harder.
const serveMemory = 900 << 20

func (c *serveCmd) Run(ctx context.Context, s *console.Session) error {
	if c.For < 0 {
		return console.Misusef("--for %v: want a time to come", c.For)
	}
	if c.Port != nil && (*c.Port < 0 || *c.Port > 65535) {
		return console.Misusef("--port %d: want 0 to 65535", *c.Port)
	}
	if len(c.View) > 0 && c.Export == "" {
		return console.Misusef("--view says what --export copies: name a folder with --export")
	}
	if c.Export != "" {
		return c.export(ctx, s)
	}
	if _, err := os.Stat(c.Dir); os.IsNotExist(err) {
		return console.Misusef("there is no %s: name a directory of runs, or one run", c.Dir)
	}
	l, err := c.listen()
	if err != nil {
		return fmt.Errorf("%w; choose another with --addr and --port", err)
	}
	loop := isLoopback(l.Addr())
	if !loop && c.Token != "" && len(c.Token) < leastToken {
		l.Close()
		return console.Misusef("--token of %d characters on an address that others reach: give at least %d, or leave it out", len(c.Token), leastToken)
	}
	srv, err := web.New(web.Options{
		Dir: c.Dir, Example: c.example(s), Token: c.Token, Names: c.Name, ReadOnly: !loop && !c.Write, Version: console.ProgramVersion(),
		Command: runJob, Log: log.New(s.Console.Stderr, "rnnscope: ", 0),
	})
	if err != nil {
		l.Close()
		return err
	}
	defer srv.Close()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(serveMemory))
	address := c.address(srv, l.Addr())
	if err := c.announce(s, address, loop); err != nil {
		l.Close()
		return err
	}
	if c.opened != nil {
		c.opened(address)
	}
	ctx, stop := context.WithCancel(ctx)
	if c.For > 0 {
		ctx, stop = context.WithTimeout(ctx, c.For)
	}
	defer stop()
	return srv.Serve(ctx, l)
}

// portsTried is how many ports behind the first are tried.
const portsTried = 50

// leastToken is the least length of a user's own key off this machine.
const leastToken = 16

// usualPort is the port where none is asked for.
const usualPort = 8421

func (c *serveCmd) listen() (net.Listener, error) {
	at := func(port int) (net.Listener, error) {
		return net.Listen("tcp", net.JoinHostPort(strings.Trim(c.Addr, "[]"), strconv.Itoa(port)))
	}
	if c.Port != nil {
		return at(*c.Port)
	}
	first, err := at(usualPort)
	for i := 1; err != nil && i < portsTried && inUse(err); i++ {
		if l, e := at(usualPort + i); e == nil {
			return l, nil
		}
	}
	return first, err
}

// inUse says that another program listens there.
func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), "Only one usage of each socket address")
}

func isLoopback(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// serveAnswer is the answer of serve --json, written as soon as the page can be opened.
type serveAnswer struct {
	Address  string `json:"address"`
	ReadOnly bool   `json:"read_only"`
}

// example is a run to show while there is none, if one lies ready.
func (c *serveCmd) example(s *console.Session) string {
	dir, err := readyExample()
	if err != nil {
		s.Note.Warnf("the example cannot be shown: %v", err)
	}
	return dir
}

// address is what a browser is given.
func (c *serveCmd) address(srv *web.Server, a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if len(c.Name) > 0 {
			host = c.Name[0]
		}
	}
	return "http://" + net.JoinHostPort(host, port) + "/?token=" + srv.Token()
}

func (c *serveCmd) announce(s *console.Session, address string, loop bool) error {
	if s.JSON {
		return s.PrintJSON(serveAnswer{address, !loop && !c.Write})
	}
	if !loop {
		s.Note.Warnf("others on the network can reach this address; it has no encryption")
		if !c.Write {
			s.Note.Printf("it only shows: jobs, trainings and notes need --write")
		}
	}
	if _, err := fmt.Fprintln(s.Console.Stdout, address); err != nil {
		return err
	}
	s.Note.Printf("open it in a browser; Ctrl-C ends")
	return nil
}

// runJob runs one command line for the server: with its progress told, and its results where the
// command keeps them.
func runJob(ctx context.Context, args []string, watch func(jobs.Progress)) error {
	said := &lastLine{}
	inner := &Main{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: said, watch: watch}
	status := inner.Run(ctx, args)
	switch {
	case status == console.ExitOK:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errors.New(strings.TrimPrefix(said.line, "rnnscope: "))
}

// lastLine keeps the last line written to it: why a command failed. The hint that follows a misuse is none.
type lastLine struct{ line string }

func (l *lastLine) Write(b []byte) (int, error) {
	for line := range strings.SplitSeq(string(b), "\n") {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "see rnnscope ") {
			l.line = line
		}
	}
	return len(b), nil
}
