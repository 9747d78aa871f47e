package report

import (
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/report/units"
)

// builder writes the sections of a report.
type builder struct{ *units.Builder }

func newBuilder(d *content.Data, w page.Words) *builder { return &builder{units.NewBuilder(d, w)} }
