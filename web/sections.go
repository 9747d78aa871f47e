package web

import (
	"context"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/report"
)

type sectionsInput struct {
	RunInput
	Names string `query:"names" required:"true" maxLength:"200" doc:"evolution, losses, heatmap, concepts, atlas, mech, use, explain, memory, mistakes: with commas."`
	Lang  string `query:"lang" default:"en" enum:"en,zh"`
}

type sectionsOutput struct {
	Body struct {
		Sections []report.Section `json:"sections" doc:"Those whose analysis was made."`
	}
}

func (s *Server) sectionRoutes() {
	huma.Register(s.api, get("sections", "/api/runs/{run}/sections", "Parts of the one-file report as data: the same words, tables and figures."), s.sections)
}

func (s *Server) sections(ctx context.Context, in *sectionsInput) (*sectionsOutput, error) {
	names := strings.Split(in.Names, ",")
	for _, n := range names {
		if !slices.Contains(report.SectionNames(), n) {
			return nil, huma.Error422UnprocessableEntity("there is no section " + n + "; there are " + strings.Join(report.SectionNames(), ", "))
		}
	}
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	leave, err := s.heavy.Enter(ctx)
	if err != nil {
		return nil, httpError(err)
	}
	defer leave()
	out := &sectionsOutput{}
	out.Body.Sections, err = report.Sections(ctx, r.Run, in.Lang, names...)
	return out, httpError(err)
}
