// Package page is the one-file page as data, its template, style and script, its words in English and
// Chinese, and the builder that every section of a report is written with.
//
// lang holds the words (one JSON catalogue a language, the same keys in each), ui the TypeScript source of the script in
// assets, which `go generate` bundles with esbuild.
package page

//go:generate go test -run ^TestScriptIsCurrent$ . -update
