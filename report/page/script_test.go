package page

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

var update = flag.Bool("update", false, "write assets/ui.js anew from ui/*.ts")

// TestScriptIsCurrent bundles the TypeScript and compares it with the committed script. esbuild is needed here
// alone, so the program does not carry it.
func TestScriptIsCurrent(t *testing.T) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{"ui/main.ts"}, Bundle: true, Format: api.FormatIIFE, Target: api.ES2020, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
	})
	for _, m := range append(result.Errors, result.Warnings...) {
		t.Errorf("%s: %s", m.Location.File, m.Text)
	}
	if t.Failed() {
		return
	}
	made := result.OutputFiles[0].Contents
	if *update {
		if err := os.WriteFile("assets/ui.js", made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("assets/ui.js")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, kept) {
		t.Error("assets/ui.js is not what ui/*.ts gives: run go generate ./report/page")
	}
}
