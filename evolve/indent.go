package evolve

import (
	"strings"

	"github.com/rnnscope/rnnscope/stat"
)

const tabWidth = 8

func indentSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "indentation",
			Titles: map[string]string{"en": "Indentation that follows the braces", "zh": "与花括号深度一致的缩进"},
			Text: "Share of the lines of program text whose indentation differs from that of the line before by exactly one unit for each brace opened or closed between them (a line that begins with } counts as closed already). " +
				"The unit is the commonest step of the training text at an opening brace; a tab is eight columns. A line counts if the line before it, without its comment, ends with { } or ; and if the two lines are indented or differ in depth; blank lines are passed over; lines that begin with \\ or < belong to markup and do not count, nor do cut ones.",
			Rule:  "Twenty stretches of the training text have together at least 50 of them, and 6 in 10 agree.",
			Share: true,
		},
		applies: func(f *facts) bool { return f.unit > 0 && keeps(50, 0.6, counting(f.unit))(f) },
		measure: func(f *facts, samples [][]rune) stat.Interval { return share(counting(f.unit))(f, samples) },
	}
}

// counting counts lines for one unit of indentation.
func counting(unit int) func(s []rune, e *events) {
	return func(s []rune, e *events) {
		for _, p := range stepsOf(s) {
			if p.counts() {
				e.add(p.columns == unit*p.depth)
			}
		}
	}
}

// indentStep compares a line of code with the one before it.
type indentStep struct {
	columns  int  // change of indentation
	depth    int  // change of brace depth
	indented bool // the line is indented
}

// counts reports whether the step says anything: something changes, or the line is indented.
func (p indentStep) counts() bool { return p.depth != 0 || p.columns != 0 || p.indented }

// stepsOf lists the steps between neighbouring lines of code in s.
func stepsOf(s []rune) []indentStep {
	var out []indentStep
	var before codeLine
	lines := linesOf(s)
	for i, l := range lines {
		if i == 0 || i == len(lines)-1 {
			continue
		}
		c := readCode(l.s)
		if c.blank {
			continue
		}
		if before.ends && !before.markup && !c.markup {
			out = append(out, indentStep{columns: c.columns - before.columns, depth: before.after - c.closes, indented: c.columns > 0})
		}
		before = c
	}
	return out
}

// codeLine is what the indentation figure reads off a line.
type codeLine struct {
	columns int  // of indentation
	closes  int  // closing braces it begins with
	after   int  // change of depth from behind those to its end
	blank   bool // nothing but white space
	ends    bool // ends a statement or a block line
	markup  bool
}

func readCode(line string) codeLine {
	var c codeLine
	body := strings.TrimLeft(line, " \t")
	for _, r := range line[:len(line)-len(body)] {
		if r == '\t' {
			c.columns += tabWidth - c.columns%tabWidth
			continue
		}
		c.columns++
	}
	code := strings.TrimRight(withoutComments(body), " \t\r")
	c.blank = strings.TrimSpace(body) == ""
	c.markup = strings.HasPrefix(body, `\`) || strings.HasPrefix(body, "<")
	c.ends = code != "" && strings.ContainsRune("{};", rune(code[len(code)-1]))
	for strings.HasPrefix(code[c.closes:], "}") {
		c.closes++
	}
	quoted := false
	for i := c.closes; i < len(code); i++ {
		switch code[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '{':
			if !quoted {
				c.after++
			}
		case '}':
			if !quoted {
				c.after--
			}
		}
	}
	return c
}

// withoutComments cuts // comments and /* */ comments that end on the line.
func withoutComments(line string) string {
	if from := strings.Index(line, "/*"); from >= 0 {
		if to := strings.Index(line[from:], "*/"); to >= 0 {
			line = line[:from] + line[from+to+2:]
		}
	}
	if from := strings.Index(line, "//"); from >= 0 && (from == 0 || line[from-1] != ':') {
		line = line[:from]
	}
	return line
}

// indentUnit is the commonest growth of indentation at one opening brace, in
// columns; 0 when there is none.
func indentUnit(stretches [][]rune) int {
	count := map[int]int{}
	for _, s := range stretches {
		for _, p := range stepsOf(s) {
			if p.depth == 1 && p.columns > 0 {
				count[p.columns]++
			}
		}
	}
	best := 0
	for columns := 1; columns <= 16; columns++ {
		if count[columns] > count[best] {
			best = columns
		}
	}
	return best
}
