package report

import (
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
)

// builder writes the sections of a report.
type builder struct{ *page.Builder }

func newBuilder(d *content.Data, w page.Words) *builder { return &builder{&page.Builder{D: d, W: w}} }
