package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/run"
)

type reportCmd struct {
	Dir string `arg:"" name:"run" help:"Directory of the run."`
	Out string `short:"o" placeholder:"DIR" help:"Directory for report.html and figures/ (default: the run's own)."`
	console.SubjectFlags
	Lang string `enum:"en,zh" default:"en" help:"Language of the report: ${enum}."`
}

func (reportCmd) Help() string {
	return `Writes report.html, one self-contained file, and every figure as SVG and PNG under figures/.

Examples:

  rnnscope report my-run
  rnnscope report my-run --lang zh
  rnnscope report my-run --text other.txt --out other
  rnnscope report my-run --out page             the run is only read`
}

func (c *reportCmd) Run(ctx context.Context, s *console.Session) error {
	r, err := c.open(s)
	if err != nil {
		return err
	}
	defer s.Close(r)
	want, err := c.Want()
	if err != nil {
		return err
	}
	if want != (run.Want{}) { // a text or a step of which there is nothing gives no page of nothing
		if _, err := r.Choose("", want); err != nil {
			return err
		}
	}
	path, err := writeReport(ctx, s, r, report.Options{Lang: c.Lang, Dir: c.Out, Want: want})
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(reportWritten{path})
	}
	_, err = fmt.Fprintln(s.Console.Stdout, path)
	return err
}

// reportWritten is the answer of report --json.
type reportWritten struct {
	Report string `json:"report"` // path of the page
}

// open opens the run for writing only if the page goes there.
func (c *reportCmd) open(s *console.Session) (*run.Run, error) {
	if c.Out != "" {
		return run.Open(c.Dir)
	}
	r, err := console.OpenWriter(s, c.Dir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, run.ErrReadOnly) || errors.Is(err, run.ErrLocked) {
		return nil, fmt.Errorf("%w; write the report elsewhere with --out DIR", err)
	}
	return r, err
}

// writeReport makes the page and its figures and returns the page's path.
func writeReport(ctx context.Context, s *console.Session, r *run.Run, opt report.Options) (string, error) {
	s.Note.Printf("writing the report")
	return report.Build(ctx, r, opt)
}
