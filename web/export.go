package web

import (
	"context"
	"io/fs"

	"github.com/rnnscope/rnnscope/web/lesson"
)

// Export writes a static copy of views to a new folder; without views, of what each run has to show. Errors match lesson.ErrInput, or
// are those of reading the runs.
func (s *Server) Export(ctx context.Context, dir string, views []lesson.View, tell func(done, total int, what string)) error {
	page, err := fs.Sub(dist, "ui/dist")
	if err != nil {
		panic(err) // embedded
	}
	c := &lesson.Copy{Server: s.mux, Page: page, Colours: colours(), Version: s.opt.Version, Runs: s.shelf.IDs(), Tell: tell}
	return c.Write(ctx, dir, views)
}
