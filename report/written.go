package report

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/report/page"
)

// document is a page of the laboratory, about several networks, and its figures.
type document struct {
	w       page.Words
	small   string // under every figure
	command string
	figures []page.FigureFile
}

// languageCodes are those of HTML.
var languageCodes = map[string]string{"en": "en", "zh": "zh-CN"}

// start is a page without sections.
func (d *document) start(title, lead string) page.Page {
	return page.Page{Lang: languageCodes[d.w.Lang], Title: title, Lead: lead, Style: page.Style(), Script: page.ScriptJS(), Policy: page.Policy(), Words: d.w}
}

// picture makes the block of a figure and keeps the figure for the files.
func (d *document) picture(id string, fig figure.Figure, title string, says ...string) page.Block {
	d.figures = append(d.figures, page.FigureFile{Name: id, Fig: fig})
	p := &page.Picture{ID: id, Title: title, Says: says, Small: d.small, Command: d.command}
	if _, fixed := fig.(*figure.Pairs); fixed {
		p.Wide = template.HTML(figure.Inline(fig, page.WideWidth, "fixed"))
		return page.Block{Picture: p}
	}
	p.Wide = template.HTML(figure.Inline(fig, page.WideWidth, "wide"))
	p.Narrow = template.HTML(figure.Inline(fig, page.NarrowWidth, "narrow"))
	return page.Block{Picture: p}
}

func (d *document) head(title, alt string) figure.Head {
	return figure.Head{Title: title, Alt: alt, Provenance: d.small}
}

// write puts the figures into dir/figures and then the page into dir/name.
func (d *document) write(ctx context.Context, dir, name string, p page.Page) error {
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o777); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, f := range d.figures {
		if err := ctx.Err(); err != nil {
			return err
		}
		for ext, write := range map[string]func(io.Writer, figure.Figure, float64) error{
			".svg": figure.WriteSVG, ".png": figure.WritePNG, ".pdf": figure.WritePDF,
		} {
			path := filepath.Join(dir, "figures", f.Name+ext)
			if err := durable.WriteFile(path, func(w io.Writer) error { return write(w, f.Fig, page.FileWidth) }); err != nil {
				return fmt.Errorf("report: figure %s: %w", f.Name, err)
			}
		}
	}
	return durable.WriteFile(filepath.Join(dir, name), p.Write)
}
