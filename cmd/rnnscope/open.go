package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/cli/browser"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

type openCmd struct {
	Dir       string        `arg:"" optional:"" name:"run" default:"example" help:"A run, a directory of runs, or example: a small network that lies ready or is trained in a minute."`
	Port      *int          `placeholder:"N" help:"Port; 0: any that is free (default: 8421, or the next that is free)."`
	NoBrowser bool          `help:"Print the address; start no browser."`
	Token     string        `placeholder:"TEXT" env:"RNNSCOPE_TOKEN" help:"Use this token in the address instead of a new one."`
	For       time.Duration `placeholder:"TIME" default:"0s" help:"End by itself after this long, as in 90m; 0: when told to."`
}

func (openCmd) Help() string {
	return `Shows a run in the browser, as serve does, and opens the page. Without a run of your own yet, look at the example: an LSTM of 48 units
that read a made encyclopedia, dissected, with every unit in words. It is kept in your cache directory; nothing is fetched.

Examples:

  rnnscope open example
  rnnscope open my-run`
}

// Run serves until it is told to end.
func (c *openCmd) Run(ctx context.Context, s *console.Session) error {
	dir := c.Dir
	if _, err := os.Stat(dir); dir == exampleName && os.IsNotExist(err) {
		if dir, err = example(ctx, s); err != nil {
			return err
		}
	}
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return console.Misusef("there is no %s: name a run, a directory of runs, or example", dir)
	}
	serve := serveCmd{Dir: dir, Addr: "127.0.0.1", Port: c.Port, Token: c.Token, For: c.For}
	if !c.NoBrowser && hasScreen() {
		serve.opened = func(address string) { go showInBrowser(address) }
	}
	return serve.Run(ctx, s)
}

// showInBrowser asks the desktop for its browser. Where there is none, the printed address has to do.
func showInBrowser(address string) {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	_ = browser.OpenURL(address)
}

// hasScreen says whether a browser would be seen. Without a display Linux would start one that takes over the terminal.
func hasScreen() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("WSL_DISTRO_NAME") != ""
}
