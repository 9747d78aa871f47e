package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
)

// The page, made by ui/build from ui/src: committed, so that Go alone builds the program, and
// made anew in CI, which compares.
//
//go:embed all:ui/dist
var dist embed.FS

// assets serves the page. Every address of the page is the same file: what is shown is in the
// part after #.
func (s *Server) assets() {
	files, err := fs.Sub(dist, "ui/dist")
	if err != nil {
		panic(err) // embedded above
	}
	server := http.FileServerFS(files)
	s.mux.HandleFunc("GET /icon.svg", func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, r) })
	s.mux.HandleFunc("GET /colours.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		fmt.Fprint(w, colours())
	})
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, r) })
	s.mux.HandleFunc("GET /assets/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		// Their names change with their content.
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		server.ServeHTTP(w, r)
	})
}

// levels is the number of grounds on each side of 0, as in the report.
const levels = 10

// colours is the report's palette as a stylesheet: page, report and figures have the same.
func colours() string {
	theme := func(dark bool) string {
		css := figure.Stylesheet(dark)
		for i := range 2*levels + 1 {
			css += fmt.Sprintf("--a%d:%s;", i, figure.Hex(figure.DivergingText(float64(i-levels)/levels, dark)))
		}
		return css
	}
	css := ":root{color-scheme:light;" + theme(false) + "}\n:root[data-theme=dark]{color-scheme:dark;" + theme(true) + "}\n"
	for i := range 2*levels + 1 {
		if i != levels {
			css += fmt.Sprintf(".a%d{background-color:var(--a%d)}\n", i, i)
		}
	}
	return css
}
