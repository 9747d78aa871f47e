// Package report renders a run as one self-contained HTML page, in English or Chinese, that needs no network, reads on a
// phone, follows the reader's light or dark theme and works without JavaScript; and writes its figures as SVG and PNG.
//
// The page is made of sections. Each takes the views of the run it is about (Data), says in plain sentences what they
// show, computed from the figures themselves, and is left out or says so when its view was never made. Everything
// that comes from a text or a network is data: it passes through html/template or html.EscapeString, never into markup.
//
// lang holds the words (one JSON catalogue a language, the same keys in each), ui the TypeScript source of the script in
// assets, which `go generate` bundles with esbuild.
//
// Legend: T characters of a passage, H units.
package report

//go:generate go test -run ^TestScriptIsCurrent$ . -update
