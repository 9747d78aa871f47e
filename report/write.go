package report

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/run"
)

// Options say how a report is written.
type Options struct {
	Lang string   // one of Languages; "" is English
	Dir  string   // where the page and figures/ are written; "" is the run's directory
	Want run.Want // which of what was measured on several texts and steps
}

// Build writes report.html and the figures (SVG, PNG, PDF) of a run, each atomically, and returns the page's path. It reads the run's
// metrics, samples and views, and traces one passage of the validation part with the latest weights. Errors match ErrLanguage or those of run.
func Build(ctx context.Context, r *run.Run, opt Options) (string, error) {
	d, err := content.Collect(ctx, r, opt.Want)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	var p page.Page
	var figures []page.FigureFile
	err = guarded(ctx, func() (err error) {
		p, figures, err = build(d, opt.Lang)
		return err
	})
	if err != nil {
		return "", err
	}
	file, figureDir := r.ReportPath(), r.FigurePath("")
	if opt.Dir != "" {
		file, figureDir = filepath.Join(opt.Dir, filepath.Base(file)), filepath.Join(opt.Dir, filepath.Base(figureDir))
		if err := os.MkdirAll(figureDir, 0o755); err != nil {
			return "", fmt.Errorf("report: %w", err)
		}
	} else if err := ownFolder(filepath.Clean(figureDir)); err != nil {
		return "", err
	}
	if err := writeFigures(ctx, figureDir, figures); err != nil {
		return "", err
	}
	if err := guarded(ctx, func() error { return durable.WriteFile(file, p.Write) }); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return file, nil
}

// writeFigures draws on all cores; figures share nothing but fonts.
func writeFigures(ctx context.Context, dir string, figures []page.FigureFile) error {
	return crew.TryEach(ctx, len(figures), runtime.GOMAXPROCS(0), func(_, i int) error {
		if err := guarded(ctx, func() error { return writeFigure(dir, figures[i]) }); err != nil {
			return fmt.Errorf("report: figure %s: %w", figures[i].Name, err)
		}
		return nil
	})
}

func writeFigure(dir string, f page.FigureFile) error {
	for ext, write := range map[string]func(io.Writer, figure.Figure, float64) error{
		".svg": figure.WriteSVG, ".png": figure.WritePNG, ".pdf": figure.WritePDF,
	} {
		err := durable.WriteFile(filepath.Join(dir, f.Name+ext), func(w io.Writer) error { return write(w, f.Fig, page.FileWidth) })
		if err != nil {
			return err
		}
	}
	return nil
}
