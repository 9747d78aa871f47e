package main

import (
	"fmt"

	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/run"
)

type reportCmd struct {
	Dir  string `arg:"" name:"run" help:"Directory of the run."`
	Lang string `enum:"en,zh" default:"en" help:"Language of the report: ${enum}."`
}

func (reportCmd) Help() string {
	return `Writes report.html, one self-contained file, and every figure as SVG and PNG under figures/.

Examples:

  rnnscope report my-run
  rnnscope report my-run --lang zh`
}

func (c *reportCmd) Run(s *session) error {
	r, err := openWriter(s, c.Dir)
	if err != nil {
		return err
	}
	defer r.Close()
	path, err := writeReport(s, r, c.Lang)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(struct {
			Report string `json:"report"`
		}{path})
	}
	_, err = fmt.Fprintln(s.main.Stdout, path)
	return err
}

// writeReport makes the page and its figures and returns the page's path.
func writeReport(s *session, r *run.Run, lang string) (string, error) {
	s.note.Printf("writing the report")
	if err := report.Build(s, r, report.Options{Lang: lang}); err != nil {
		return "", err
	}
	return r.ReportPath(), nil
}
