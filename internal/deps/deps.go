// Package deps holds modules in go.mod while the rooms that import them are being built.
package deps

import (
	_ "github.com/alecthomas/kong"
	_ "github.com/evanw/esbuild/pkg/api"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/nlpodyssey/safetensors"
	_ "github.com/parquet-go/parquet-go"
	_ "github.com/sbinet/npyio"
	_ "github.com/schollz/progressbar/v3"
	_ "go.uber.org/goleak"
	_ "gonum.org/v1/gonum/stat"
	_ "gonum.org/v1/plot"
	_ "gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgpdf"
	_ "gonum.org/v1/plot/vg/vgsvg"
	_ "golang.org/x/sys/cpu"
	_ "modernc.org/sqlite"
	_ "pgregory.net/rapid"
)
