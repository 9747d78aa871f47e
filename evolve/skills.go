package evolve

import "github.com/rnnscope/rnnscope/stat"

// skill is one figure: when a training text has it, and how samples are measured.
type skill struct {
	Definition
	applies func(f *facts) bool
	measure func(f *facts, samples [][]rune) stat.Interval
}
