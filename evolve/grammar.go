package evolve

import (
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/synth"
)

func grammarSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "grammar",
			Titles: map[string]string{"en": "Sentences that the generator's grammar parses", "zh": "符合生成语法的句子"},
			Text: "Share of the sentences of the sample that the grammar of the built-in corpora can write, by a recogniser of that grammar (package synth): agreement of possessives, forms of verbs, articles, the order of phrases. " +
				"A sentence is a stretch of at least three words that begins with a capital where a sentence may begin (after a blank line, an opening quotation mark or a final mark and white space) and ends with . ! or ?, with nothing but letters, white space, commas, semicolons, hyphens and apostrophes between.",
			Rule:  "Twenty stretches of the training text have together at least 50 of them, and 6 in 10 are parsed: so a text of the package's own that is mostly prose (verse and formulas have a grammar of their own).",
			Share: true,
		},
		applies: keeps(50, 0.6, countSentences),
		measure: share(countSentences),
	}
}

// sentenceWords is how many words a sentence has at least, and longestSentence how many
// characters at most.
const (
	sentenceWords   = 3
	longestSentence = 600
)

func countSentences(s []rune, e *events) {
	for _, x := range sentencesOf(s) {
		e.add(synth.Parses(x))
	}
}

// sentencesOf cuts the sentences out of a sample, line ends turned into spaces.
func sentencesOf(s []rune) []string {
	var out []string
	for i, r := range s {
		if !unicode.IsUpper(r) || !mayBegin(s, i) {
			continue
		}
		for j := i; j < len(s) && j < i+longestSentence; j++ {
			r := s[j]
			if r == '.' || r == '!' || r == '?' {
				if x := strings.Join(strings.Fields(string(s[i:j+1])), " "); strings.Count(x, " ") >= sentenceWords-1 {
					out = append(out, x)
				}
				break
			}
			blank := r == '\n' && j+1 < len(s) && s[j+1] == '\n'
			if blank || !unicode.IsLetter(r) && !strings.ContainsRune(" \n,;-'’", r) {
				break
			}
		}
	}
	return out
}

// mayBegin reports whether a sentence may begin at s[i].
func mayBegin(s []rune, i int) bool {
	if i == 0 {
		return false // a sample may begin anywhere
	}
	before := s[i-1]
	if strings.ContainsRune("\"“‘", before) {
		return true
	}
	if before != ' ' && before != '\n' {
		return false
	}
	if i < 2 {
		return false
	}
	return before == '\n' && s[i-2] == '\n' || strings.ContainsRune(".!?", s[i-2])
}
