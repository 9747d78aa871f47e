package units

import (
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
)

// Builder writes the sections on concepts and units.
type Builder struct{ *page.Builder }

func NewBuilder(d *content.Data, w page.Words) *Builder { return &Builder{&page.Builder{D: d, W: w}} }
