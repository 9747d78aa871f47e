package evolve

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/stat"
)

// longestLine is the length at which line lengths are capped, in characters.
const longestLine = 500

// longLine is the longest that nine lines in ten may be for the figure to be measured.
const longLine = 200

// completeLines lists the lengths of the lines of s in characters, without the
// line end. cut says that s is cut out of a text: then its first and last line
// may be incomplete and are left out.
func completeLines(s []rune, cut bool) []int {
	var out []int
	at := 0
	for i, r := range s {
		if r == '\n' {
			if at > 0 || !cut {
				out = append(out, min(longestLine, i-at))
			}
			at = i + 1
		}
	}
	if !cut && at < len(s) {
		out = append(out, min(longestLine, len(s)-at))
	}
	return out
}

// lengthCDF is the share of lines of at most 0, 1, ... longestLine characters.
func lengthCDF(lengths []int) []float64 {
	cdf := make([]float64, longestLine+1)
	for _, n := range lengths {
		cdf[n]++
	}
	for i := 1; i < len(cdf); i++ {
		cdf[i] += cdf[i-1]
	}
	for i := range cdf {
		cdf[i] /= float64(max(1, len(lengths)))
	}
	return cdf
}

func quantileOf(cdf []float64, q float64) int {
	for n, p := range cdf {
		if p >= q {
			return n
		}
	}
	return len(cdf) - 1
}

// transport is the Wasserstein-1 distance of two distributions on 0..longestLine,
// in characters: the area between their distribution functions.
func transport(a, b []float64) float64 {
	d := 0.0
	for i := range a {
		d += math.Abs(a[i] - b[i])
	}
	return d
}

// bootstrapDraws and bootstrapSeed make an interval a function of its data.
const (
	bootstrapDraws = 200
	bootstrapSeed  = 20
)

func lineSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "line-lengths",
			Titles: map[string]string{"en": "Line-length distance", "zh": "行长分布距离"},
			Text: "Wasserstein-1 distance, in characters, between the line lengths of the samples and those of the training text (the area between the two distribution functions; lengths above 500 count as 500). " +
				"The first and the last line of a sample may be cut and do not count. Few lines make the distance too large; the interval is a bootstrap over lines. N counts lines.",
			Rule:  "The training text has at least 50 lines, and nine in ten of them are of at most 200 characters (a sample shows whole lines only).",
			Lower: true,
		},
		applies: func(f *facts) bool { return f.lines >= 50 && quantileOf(f.cdf, 0.9) <= longLine },
		measure: func(f *facts, samples [][]rune) stat.Interval {
			var lengths []int
			for _, s := range samples {
				lengths = append(lengths, completeLines(s, true)...)
			}
			if len(lengths) == 0 {
				return stat.Point(math.NaN(), 0)
			}
			rng := rand.New(rand.NewPCG(bootstrapSeed, uint64(len(lengths))))
			drawn := make([]int, len(lengths))
			return stat.Bootstrap(len(lengths), bootstrapDraws, rng, func(index []int) float64 {
				for i, j := range index {
					drawn[i] = lengths[j]
				}
				return transport(lengthCDF(drawn), f.cdf)
			})
		},
	}
}

// textLine is a line with what stands around it.
type textLine struct {
	s              string
	before, after  string // the lines around it
	hasBefore, cut bool   // cut: the line has no line end, or begins with the sample
}

// linesOf splits s; the first line and one without a line end are marked cut.
func linesOf(s []rune) []textLine {
	parts := strings.Split(string(s), "\n")
	out := make([]textLine, 0, len(parts))
	for i, p := range parts {
		l := textLine{s: p, cut: i == 0 || i == len(parts)-1}
		if i > 0 {
			l.before, l.hasBefore = parts[i-1], true
		}
		if i+1 < len(parts) {
			l.after = parts[i+1]
		}
		out = append(out, l)
	}
	return out
}

func speakerSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "speakers",
			Titles: map[string]string{"en": "Well-formed speaker headings", "zh": "格式正确的说话人标题"},
			Text: "Share of the speaker headings of the sample that stand as in a printed play: after a blank line and before a line that is not blank. " +
				"A speaker heading is a whole line of at most 40 characters that begins with a capital and ends with a colon, with nothing but letters, spaces, full stops, apostrophes and hyphens before it.",
			Rule:  "Twenty stretches of the training text have together at least 20 of them, and 8 in 10 are well formed.",
			Share: true,
		},
		applies: keeps(20, 0.8, countSpeakers),
		measure: share(countSpeakers),
	}
}

func countSpeakers(s []rune, e *events) {
	lines := linesOf(s)
	for i, l := range lines {
		if l.cut || !isSpeaker(l.s) || i == len(lines)-2 && l.after == "" {
			continue
		}
		e.add(strings.TrimSpace(l.before) == "" && strings.TrimSpace(l.after) != "")
	}
}

func isSpeaker(line string) bool {
	name, ok := strings.CutSuffix(line, ":")
	if !ok || name == "" || len([]rune(name)) > 40 || !unicode.IsUpper([]rune(name)[0]) {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" .'’-", r) {
			return false
		}
	}
	return true
}

func sectionSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "sections",
			Titles: map[string]string{"en": "Well-formed section headings", "zh": "格式正确的章节标题"},
			Text: "Share of the wiki headings of the sample that are well formed: a whole line of two to six equals signs, a title without equals signs, and as many equals signs again. " +
				"Every whole line that begins with two equals signs, or begins with a letter and ends with two, counts.",
			Rule:  "Twenty stretches of the training text have together at least 10 of them, and 9 in 10 are well formed.",
			Share: true,
		},
		applies: keeps(10, 0.9, countSections),
		measure: share(countSections),
	}
}

func countSections(s []rune, e *events) {
	for _, l := range linesOf(s) {
		line := strings.TrimRight(l.s, " \r")
		if l.cut || line == "" {
			continue
		}
		begins := strings.HasPrefix(line, "==")
		if begins || unicode.IsLetter([]rune(line)[0]) && strings.HasSuffix(line, "==") {
			e.add(wellFormed(line))
		}
	}
}

// wellFormed reports whether line is == title == with equal runs of 2 to 6.
func wellFormed(line string) bool {
	title := strings.TrimLeft(line, "=")
	left := len(line) - len(title)
	core := strings.TrimRight(title, "=")
	right := len(title) - len(core)
	return left == right && left >= 2 && left <= 6 && strings.TrimSpace(core) != "" && !strings.Contains(core, "=")
}
