package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"path/filepath"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/web"
	"github.com/rnnscope/rnnscope/web/lesson"
)

// export writes a static copy of views.
func (c *serveCmd) export(ctx context.Context, s *console.Session) error {
	views := make([]lesson.View, len(c.View))
	for i, v := range c.View {
		var err error
		if views[i], err = lesson.Parse(v); err != nil {
			return console.AsMisuse(err)
		}
	}
	srv, err := web.New(web.Options{Dir: c.Dir, ReadOnly: true, Version: console.ProgramVersion(), Log: log.New(s.Console.Stderr, "rnnscope: ", 0)})
	if err != nil {
		return err
	}
	defer srv.Close()
	bar := s.Note.Progress("views", "view", 0)
	defer bar.Done()
	written := 0
	err = srv.Export(ctx, c.Export, views, func(done, total int, _ string) {
		written = total
		bar.Of(int64(done), int64(total))
	})
	if errors.Is(err, lesson.ErrInput) {
		return console.AsMisuse(err)
	}
	if err != nil {
		return err
	}
	page := filepath.Join(c.Export, "index.html")
	if s.JSON {
		return s.PrintJSON(exported{page, written})
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "%s  %s; open it in a browser\n", page, table.Several(written, "view"))
	return err
}

// exported is the answer of --export.
type exported struct {
	Page  string `json:"page"`
	Views int    `json:"views"`
}
