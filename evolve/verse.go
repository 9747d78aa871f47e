package evolve

import (
	"strings"
	"unicode"
)

func verseSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "verse",
			Titles: map[string]string{"en": "Ten-syllable verse lines (a proxy for metre)", "zh": "十音节诗行（格律的近似指标）"},
			Text: "Share of the verse lines of the sample that have ten syllables by an estimate from English spelling. It is a proxy: ten syllables are not yet iambic pentameter, and the estimate is right for about nine words in ten. " +
				"A verse line is a whole line of 15 to 60 characters and at least four words that begins with a capital, has nothing but letters, spaces and sentence punctuation, does not end with a colon, and is followed by a blank line or one that begins with a capital.",
			Rule:  "Twenty stretches of the training text have together at least 50 of them, and 35 in 100 have ten syllables.",
			Share: true,
		},
		applies: keeps(50, 0.35, countVerse),
		measure: share(countVerse),
	}
}

// verseSyllables is the length of a line of English blank verse.
const verseSyllables = 10

func countVerse(s []rune, e *events) {
	for _, l := range linesOf(s) {
		if l.cut || !isVerse(l) {
			continue
		}
		n := 0
		for _, w := range strings.Fields(l.s) {
			n += Syllables(w)
		}
		e.add(n == verseSyllables)
	}
}

func isVerse(l textLine) bool {
	rs := []rune(l.s)
	if len(rs) < 15 || len(rs) > 60 || !unicode.IsUpper(rs[0]) || rs[len(rs)-1] == ':' || len(strings.Fields(l.s)) < 4 {
		return false
	}
	for _, r := range rs {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" ,.;:!?'’-", r) {
			return false
		}
	}
	after := []rune(strings.TrimSpace(l.after))
	return len(after) == 0 || unicode.IsUpper(after[0])
}

// Syllables estimates the syllables of an English word from its spelling: the
// groups of vowel letters, less silent endings (-e, -ed, -es), plus what one
// group often hides (-le after a consonant, and vowels that belong to two
// syllables, as in "lion" or "poet"). Parts joined by a hyphen are counted one
// by one; at least 1 where there is a letter.
func Syllables(w string) int {
	n := 0
	for _, part := range strings.Split(strings.ToLower(strings.ReplaceAll(w, "’", "'")), "-") {
		n += syllablesOf(part)
	}
	return n
}

func syllablesOf(w string) int {
	w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
	w = withoutClitic(w)
	if w == "" {
		return 0
	}
	if n, ok := irregularSyllables[w]; ok {
		return n
	}
	n := vowelGroups(w) + hiatus(w) - silentEnding(w)
	return max(1, n)
}

// withoutClitic drops what an apostrophe joins without a syllable: 's, 'd, 'll.
func withoutClitic(w string) string {
	head, rest, found := strings.Cut(w, "'")
	if !found {
		return w
	}
	if strings.HasSuffix(head, "n") && rest == "t" && len(head) > 3 && !isVowelLetter(head[len(head)-2]) {
		return head + "et" // didn't, hadn't: a syllable of its own
	}
	if rest == "er" || rest == "en" { // o'er, e'en
		return head + "r"
	}
	return head
}

func isVowelLetter(b byte) bool { return strings.IndexByte("aeiouy", b) >= 0 }

// vowelGroups counts runs of vowel letters; y before a vowel and u after q are consonants.
func vowelGroups(w string) int {
	n, inside := 0, false
	for i := range len(w) {
		v := isVowelLetter(w[i])
		if w[i] == 'y' && i+1 < len(w) && isVowelLetter(w[i+1]) {
			v = false
		}
		if w[i] == 'u' && i > 0 && w[i-1] == 'q' {
			v = false
		}
		if v && !inside {
			n++
		}
		inside = v
	}
	return n
}

// hiatus counts the places where a group of vowels is two syllables.
func hiatus(w string) int {
	n := 0
	for _, pair := range []string{"ia", "io", "iu", "eo", "ua", "uou", "oe", "ying", "oing", "uing", "eing", "iet", "ier", "uel", "yal", "ual", "eate"} {
		i := strings.Index(w, pair)
		if i < 0 {
			continue
		}
		switch {
		case (pair == "ia" || pair == "io") && i > 0 && strings.IndexByte("tcsxg", w[i-1]) >= 0 && i > 1:
			continue // nation, special, region
		case pair == "eo" && (strings.Contains(w, "people") || strings.HasSuffix(w, "eous") || strings.Contains(w, "geon")):
			continue
		case pair == "oe" && !strings.Contains(w, "poe"):
			continue
		case pair == "ua" && (strings.Contains(w, "gua") || strings.Contains(w, "qua") || strings.Contains(w, "ual")):
			continue
		case pair == "ier" && !strings.HasPrefix(w, "qu") && !strings.HasSuffix(w, "rier"):
			continue
		case pair == "ying" && isConsonantBefore(w, i):
		case pair == "iet" && !strings.Contains(w, "quiet") && !strings.Contains(w, "diet"):
			continue
		}
		return n + 1
	}
	return n
}

func isConsonantBefore(w string, i int) bool { return i > 0 && !isVowelLetter(w[i-1]) }

// silentEnding is 1 when the last vowel group is silent.
func silentEnding(w string) int {
	switch {
	case len(w) <= 2 || vowelGroups(w) < 2:
		return 0
	case strings.HasSuffix(w, "ed") && !isVowelLetter(w[len(w)-3]):
		return bitOf(w[len(w)-3] != 't' && w[len(w)-3] != 'd' && !endsLe(w[:len(w)-1]))
	case strings.HasSuffix(w, "es") && !isVowelLetter(w[len(w)-3]):
		return bitOf(!sibilant(w[:len(w)-2]) && !endsLe(w[:len(w)-1]))
	case strings.HasSuffix(w, "e") && !isVowelLetter(w[len(w)-2]):
		return bitOf(!endsLe(w))
	}
	for _, suffix := range []string{"eful", "eless", "ely", "ement", "efully", "eness", "esome"} {
		stem, ok := strings.CutSuffix(w, suffix)
		if ok && len(stem) > 1 && !isVowelLetter(stem[len(stem)-1]) && vowelGroups(stem) > 0 {
			return 1
		}
	}
	return 0
}

func bitOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// endsLe reports a final -le that is a syllable: apple, candle, but not whale.
func endsLe(w string) bool {
	return len(w) > 2 && strings.HasSuffix(w, "le") && !isVowelLetter(w[len(w)-3])
}

// sibilant reports a stem after which -es is a syllable.
func sibilant(stem string) bool {
	for _, end := range []string{"s", "x", "z", "ch", "sh", "c", "g"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	return false
}

// irregularSyllables are common words whose spelling misleads.
var irregularSyllables = map[string]int{
	"every": 2, "evening": 2, "heaven": 2, "even": 2, "being": 2, "business": 2, "different": 2, "something": 2, "sometimes": 2, "someone": 2,
	"therefore": 2, "everything": 3, "everyone": 3, "area": 3, "idea": 3, "create": 2, "created": 3, "science": 2, "lion": 2, "giant": 2,
	"queue": 1, "eye": 1, "eyes": 1, "fire": 1, "hour": 1, "our": 1, "your": 1, "prayer": 1, "flower": 2, "power": 2, "tower": 2,
	"forehead": 2, "whereof": 2, "hereby": 2, "whoever": 3, "somewhere": 2, "nowhere": 2, "homeward": 2, "goodbye": 2, "likewise": 2, "meanwhile": 2,
	"rhythm": 2, "prism": 2, "chasm": 2, "nobleman": 3, "gentleman": 3, "doer": 2, "going": 2, "doing": 2, "seeing": 2, "ruin": 2, "cruel": 2,
	"poem": 2, "poet": 2, "quiet": 2, "duel": 2, "fluid": 2, "diary": 3, "royal": 2, "loyal": 2, "trial": 2, "dial": 2, "violet": 3, "violin": 3,
	"society": 4, "variety": 4, "anxiety": 4, "piety": 3, "obedient": 4, "audience": 3, "experience": 4, "patient": 2, "ancient": 2, "conscience": 2,
	"naked": 2, "wicked": 2, "sacred": 2, "wretched": 2, "beloved": 3, "learned": 2, "hundred": 2, "kindred": 2, "hatred": 2, "crooked": 2,
	"recipe": 3, "apostrophe": 4, "simile": 3, "catastrophe": 4, "people": 2, "whole": 1, "whose": 1, "done": 1, "gone": 1, "none": 1,
}
