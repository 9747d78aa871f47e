package evolve

import (
	"unicode"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/stat"
)

// letterRuns lists the maximal runs of letters, in lower case.
func letterRuns(rs []rune) []string {
	var out []string
	var run []rune
	for _, r := range append(rs[:len(rs):len(rs)], ' ') {
		if unicode.IsLetter(r) {
			run = append(run, unicode.ToLower(r))
			continue
		}
		if len(run) > 0 {
			out = append(out, string(run))
			run = run[:0]
		}
	}
	return out
}

func wordSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "words",
			Titles: map[string]string{"en": "Letter runs that are training words", "zh": "属于训练词汇的字母串"},
			Text: "Share of the maximal runs of two letters and more of the sample, case ignored, that also occur as a letter run in the training text. The first and the last run of a sample may be cut and do not count. " +
				"Single letters do not count: nearly every one of them stands alone somewhere, so that noise, half of whose runs are single letters, would score about one half. Without them the shuffled characters of a text score a few in a hundred, nearly all by runs of two letters.",
			Rule:  "The training text has at least 50 different letter runs, and 8 in 10 of all its runs are of a kind that occurs twice or more (so not a script that is written without spaces).",
			Share: true,
		},
		applies: func(f *facts) bool { return len(f.words) >= 50 && f.familiar >= 0.8 },
		measure: func(f *facts, samples [][]rune) stat.Interval {
			var e events
			for _, s := range samples {
				countWords(f.words, s, &e)
			}
			return stat.Wilson(e.right, e.all)
		},
	}
}

// shortestWord is how many letters a run has at least to count.
const shortestWord = 2

func countWords(words map[string]bool, s []rune, e *events) {
	runs := letterRuns(s)
	if len(runs) < 3 {
		return
	}
	for _, w := range runs[1 : len(runs)-1] {
		if utf8.RuneCountInString(w) >= shortestWord {
			e.add(words[w])
		}
	}
}

// readWords lists the kinds of letter runs and the share of runs whose kind
// occurs more than once.
func readWords(training []rune) (words map[string]bool, familiar float64) {
	runs := letterRuns(training)
	count := map[string]int{}
	for _, w := range runs {
		count[w]++
	}
	words = make(map[string]bool, len(count))
	again := 0
	for w, n := range count {
		words[w] = true
		if n > 1 {
			again += n
		}
	}
	return words, float64(again) / float64(max(1, len(runs)))
}
