package evolve

import "github.com/rnnscope/rnnscope/stat"

// skill is one figure: when a training text has it, and how samples are measured.
type skill struct {
	Definition
	applies func(f *facts) bool
	measure func(f *facts, samples [][]rune) stat.Interval
}

// skills lists all figures in the order of reports.
func skills() []skill {
	return []skill{
		wordSkill(), grammarSkill(), quoteSkill(), bracketSkill(), tagSkill(), lineSkill(), verseSkill(), metreSkill(),
		speakerSkill(), sectionSkill(), indentSkill(), copySkill(),
	}
}
