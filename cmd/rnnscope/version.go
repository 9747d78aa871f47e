package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/train"
)

type versionCmd struct{}

func (versionCmd) Help() string {
	return `Examples:

  rnnscope version
  rnnscope version --json`
}

// versionAnswer is the answer of version --json.
type versionAnswer struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Kernels string `json:"kernels"`
	Cores   int    `json:"cores"`
}

func (versionCmd) Run(s *console.Session) error {
	v := versionAnswer{console.ProgramVersion(), run.Commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, f32.Path(), runtime.GOMAXPROCS(0)}
	if s.JSON {
		return s.PrintJSON(v)
	}
	at := ""
	if v.Commit != "" {
		at = " at " + v.Commit
	}
	_, err := fmt.Fprintf(s.Console.Stdout, "rnnscope %s%s, %s %s/%s, %s kernels, %d cores\n", v.Version, at, v.Go, v.OS, v.Arch, v.Kernels, v.Cores)
	return err
}

// helpVars are the values that help texts and defaults quote.
func helpVars() kong.Vars {
	return kong.Vars{
		"synth_names":        strings.Join(synth.Names(), ", "),
		"synth_size":         strconv.Itoa(console.SynthDefault),
		"demo_size":          strconv.Itoa(demoSize),
		"heatmap_characters": strconv.Itoa(records.HeatmapCharacters),
		"steered_length":     strconv.Itoa(intervene.SteeredLength),
		"presets":            strings.Join(train.Presets(), ","),
		"pair_kinds":         strings.Join(memory.PairKinds(), ", "),
		"pair_suites":        strings.Join(memory.SuiteNames(), ", "),
	}
}
