package evolve

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/stat"
)

// shuffles is how often the words of a line are put in another order, and metreSeed makes
// the orders a function of the line.
const (
	shuffles  = 20
	metreSeed = 31
)

func metreSkill() skill {
	return skill{
		Definition: Definition{
			Name:   "metre",
			Titles: map[string]string{"en": "Iambic stress beyond that of shuffled lines", "zh": "抑扬格重音，减去打乱词序的诗行"},
			Text: "Share of the syllables of a verse line whose stress is that of an iambic line (every second syllable), less the mean of the same line with its words in 20 random orders; mean over the verse lines of the sample. " +
				"Stress is estimated from English spelling: short function words have none, other words of one syllable have it, longer ones by their prefixes and endings. Words alone cannot raise the figure: only their order can. N counts lines.",
			Rule: "Twenty stretches of the training text have together at least 100 verse lines, and the lower bound of their own figure is above 0.",
		},
		applies: func(f *facts) bool {
			own := metreOf(f.samplePieces())
			return own.N >= 100 && own.Lo > 0
		},
		measure: func(_ *facts, samples [][]rune) stat.Interval { return metreOf(samples) },
	}
}

// metreOf is the mean over verse lines, with Student's interval.
func metreOf(samples [][]rune) stat.Interval {
	var all []float64
	for _, s := range samples {
		for _, l := range linesOf(s) {
			if !l.cut && isVerse(l) {
				all = append(all, beyondShuffled(l.s))
			}
		}
	}
	if len(all) == 0 {
		return stat.Point(math.NaN(), 0)
	}
	return stat.MeanInterval(all)
}

// beyondShuffled is how iambic a line is, less the same words in random orders.
func beyondShuffled(line string) float64 {
	var words [][]bool
	for _, w := range strings.Fields(line) {
		if s := StressPattern(w); len(s) > 0 {
			words = append(words, s)
		}
	}
	own := iambic(words)
	rng := rand.New(rand.NewPCG(metreSeed, stat.HashOf(line)))
	sum := 0.0
	for range shuffles {
		rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		sum += iambic(words)
	}
	return own - sum/shuffles
}

// iambic is the share of syllables that are stressed where the second, fourth ... of a line are.
func iambic(words [][]bool) float64 {
	right, at := 0, 0
	for _, w := range words {
		for _, stressed := range w {
			if stressed == (at%2 == 1) {
				right++
			}
			at++
		}
	}
	return float64(right) / float64(max(1, at))
}

// StressPattern estimates which syllables of an English word are stressed, from its spelling: as
// many as Syllables, alternating from the one main stress.
func StressPattern(w string) []bool {
	w = strings.ToLower(strings.ReplaceAll(w, "’", "'"))
	var out []bool
	for part := range strings.SplitSeq(w, "-") {
		part = strings.TrimFunc(part, func(r rune) bool { return !unicode.IsLetter(r) })
		n := syllablesOf(part)
		main := mainStress(part, n)
		for i := range n {
			out = append(out, main >= 0 && (i-main)%2 == 0)
		}
	}
	return out
}

// mainStress is the syllable of a word of n syllables that carries its stress, -1 for none.
func mainStress(w string, n int) int {
	switch {
	case n == 0 || n == 1 && unstressed[w]:
		return -1
	case n == 1:
		return 0
	}
	if n > 2 {
		for _, ending := range []string{"tion", "sion", "cian", "ity", "ic", "ical", "ious", "ial", "ian", "ience", "ient"} {
			if strings.HasSuffix(w, ending) {
				after := map[string]int{"ity": 2, "ical": 2, "ious": 2, "ial": 2, "ian": 2, "ience": 2, "ient": 2}[ending]
				return max(0, n-1-max(1, after))
			}
		}
	}
	if iambicWords[w] || lightPrefix(w) {
		return 1
	}
	return 0
}

// lightPrefix reports a first syllable that is seldom stressed: about, before, delay, return, except.
func lightPrefix(w string) bool {
	for _, p := range []string{"a", "be", "de", "re", "e"} {
		rest, ok := strings.CutPrefix(w, p)
		if !ok || len(rest) < 3 || isVowelLetter(rest[0]) {
			continue
		}
		if strings.HasPrefix(rest, "st") || strings.HasPrefix(rest, "tr") || strings.HasPrefix(rest, "br") || strings.HasPrefix(rest, "gr") {
			return true
		}
		if isVowelLetter(rest[1]) || rest[1] == 'h' {
			return syllablesOf(w) > 2 || !strings.HasSuffix(w, "y") && !strings.HasSuffix(w, "er") && !strings.HasSuffix(w, "il") && !strings.HasSuffix(w, "ing") && !strings.HasSuffix(w, "en")
		}
	}
	for _, p := range []string{"ex", "un", "mis", "dis", "for", "per", "en", "con", "com", "pro", "sup", "sur", "ob"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len(rest) >= 3 && !isVowelLetter(rest[0]) && endsHeavy(rest) {
			return true
		}
	}
	return false
}

// endsHeavy reports a last syllable that spelling shows to be long: a silent e behind it, two
// vowels, or two consonants at its end.
func endsHeavy(w string) bool {
	n := len(w)
	if n < 3 {
		return false
	}
	if w[n-1] == 'e' && !isVowelLetter(w[n-2]) && isVowelLetter(w[n-3]) {
		return true
	}
	if !isVowelLetter(w[n-1]) && isVowelLetter(w[n-2]) && isVowelLetter(w[n-3]) {
		return true
	}
	return !isVowelLetter(w[n-1]) && !isVowelLetter(w[n-2]) && w[n-1] != 's' && w[n-1] != 'y' && !strings.HasSuffix(w, "ng")
}

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// unstressed are words of one syllable that verse puts in weak places.
var unstressed = wordSet(`a an the and or but nor if as of to in on at by for from with than that this so
	i my me he him his she her we us our you your thy thee thou ye it its they them their who whom whose which what
	is am are was were be been do did does has had have hath doth shall will would should could can may might must art wilt
	shalt let when where while then there here not no yet up o oh`)

// iambicWords are common words of two syllables and more that are stressed on the second.
var iambicWords = wordSet(`into upon until unto within without himself herself myself thyself itself yourself ourselves themselves
	among across against along again about above away alone alas adieu amen today tonight tomorrow
	before behind below beneath beside between betwixt beyond because become became begin begun behold believe belong beloved
	enough indeed instead perhaps perchance prevent preserve prepare present pretend prevail provide pronounce
	forget forgot forgive forsake farewell moreover however whoever whatever wherever therein whereof hereby
	goodbye machine canoe bamboo police guitar hotel obey allow annoy apply ally july supply employ enjoy destroy`)
