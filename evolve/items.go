package evolve

import (
	"strconv"
	"unicode"
)

// place is one item of held-out text: the symbols [from, to), which the network is to
// predict one after the other.
type place struct {
	from, to int
	gap      int  // symbols between an opener and its closer
	stops    bool // behind them no white space is to follow: they are a whole indentation
}

// family is the items of one skill: when a training text has it and where its items are.
type family struct {
	Definition
	byGap bool
	skill string // whose rule it shares
	find  func(f *facts, s []rune) []place
}

// gapBounds are the first symbols of the classes of gaps; the last one is open.
var gapBounds = []int{1, 8, 32, 128}

// itemFamilies lists the items in the order of reports.
func itemFamilies() []family {
	return []family{
		{
			Definition: Definition{Name: "held-out-words", Share: true,
				Titles: map[string]string{"en": "Ends of words", "zh": "单词的后半"},
				Text:   "Held-out words of at least four letters that the training text has too, from their third letter on."},
			skill: "words", find: wordPlaces,
		},
		{
			Definition: Definition{Name: "held-out-quotes", Share: true,
				Titles: map[string]string{"en": "Closing quotation marks", "zh": "后引号"},
				Text:   "Held-out quotation marks that close the innermost open one; the gap is the characters between the two."},
			byGap: true, skill: "quotes", find: quotePlaces,
		},
		{
			Definition: Definition{Name: "held-out-brackets", Share: true,
				Titles: map[string]string{"en": "Closing brackets", "zh": "后括号"},
				Text:   "Held-out brackets ) ] } that close the innermost open one; the gap is the characters between the two."},
			byGap: true, skill: "brackets", find: bracketPlaces,
		},
		{
			Definition: Definition{Name: "held-out-tags", Share: true,
				Titles: map[string]string{"en": "Names of closing tags", "zh": "结束标签的名称"},
				Text:   "Held-out closing tags and environments that match the innermost open one: the letters of their name. The gap is the characters between the two."},
			byGap: true, skill: "tags", find: tagPlaces,
		},
		{
			Definition: Definition{Name: "held-out-verse", Share: true,
				Titles: map[string]string{"en": "Ends of verse lines", "zh": "诗行末尾"},
				Text:   "The line ends of held-out verse lines, as the figure of ten-syllable lines reads them."},
			skill: "verse", find: versePlaces,
		},
		{
			Definition: Definition{Name: "held-out-speakers", Share: true,
				Titles: map[string]string{"en": "Ends of speaker headings", "zh": "说话人标题的末尾"},
				Text:   "The colon and the line end of well-formed speaker headings of held-out text."},
			skill: "speakers", find: speakerPlaces,
		},
		{
			Definition: Definition{Name: "held-out-sections", Share: true,
				Titles: map[string]string{"en": "Ends of section headings", "zh": "章节标题的末尾"},
				Text:   "The closing equals signs and the line end of well-formed section headings of held-out text."},
			skill: "sections", find: sectionPlaces,
		},
		{
			Definition: Definition{Name: "held-out-indentation", Share: true,
				Titles: map[string]string{"en": "Indentation", "zh": "缩进"},
				Text:   "Lines of held-out program text that are indented as their braces ask: all the white space they begin with, and that no more follows."},
			skill: "indentation", find: indentPlaces,
		},
	}
}

// classOf is the class of a gap: the last bound that it reaches.
func classOf(gap int) int {
	k := 0
	for k+1 < len(gapBounds) && gap >= gapBounds[k+1] {
		k++
	}
	return k
}

// className says a class of gaps: "1-7", "128-".
func className(k int) string {
	if k+1 == len(gapBounds) {
		return strconv.Itoa(gapBounds[k]) + "-"
	}
	return strconv.Itoa(gapBounds[k]) + "-" + strconv.Itoa(gapBounds[k+1]-1)
}

// itemWord is how many letters a word of the items has at least, and itemLetters how many
// of them are given.
const (
	itemWord    = 4
	itemLetters = 2
)

func wordPlaces(f *facts, s []rune) []place {
	var out []place
	for i := 0; i < len(s); i++ {
		if !unicode.IsLetter(s[i]) {
			continue
		}
		j := i
		for j < len(s) && unicode.IsLetter(s[j]) {
			j++
		}
		if whole := i > 0 && j < len(s); whole && j-i >= itemWord && f.words[lowerCase(s[i:j])] {
			out = append(out, place{from: i + itemLetters, to: j})
		}
		i = j
	}
	return out
}

func lowerCase(s []rune) string {
	out := make([]rune, len(s))
	for i, r := range s {
		out[i] = unicode.ToLower(r)
	}
	return string(out)
}

func bracketPlaces(_ *facts, s []rune) []place {
	var out []place
	matchBrackets(s, &events{}, func(open, shut int) { out = append(out, closing(open, shut)) })
	return out
}

// closing is the item of a closer of one symbol.
func closing(open, shut int) place { return place{from: shut, to: shut + 1, gap: shut - open} }

func quotePlaces(_ *facts, s []rune) []place {
	var out []place
	pair := func(open, shut int) { out = append(out, closing(open, shut)) }
	matchDirected(s, &events{}, pair)
	matchStraight(s, &events{}, pair)
	return out
}

func tagPlaces(_ *facts, s []rune) []place {
	var out []place
	matchTags(s, &events{}, func(open, shut tag) {
		before := len([]rune("</"))
		if shut.name[0] == '\\' {
			before = len([]rune(`\end{`))
		}
		name := len([]rune(shut.name)) - 1
		out = append(out, place{from: shut.at + before, to: shut.at + before + name, gap: shut.at - open.at})
	})
	return out
}

// eachLine calls with every whole line of s, its beginning and its end, where the line end stands.
func eachLine(s []rune, see func(l textLine, at, end int)) {
	at := 0
	for _, l := range linesOf(s) {
		end := at + len([]rune(l.s))
		if !l.cut {
			see(l, at, end)
		}
		at = end + 1
	}
}

func versePlaces(_ *facts, s []rune) []place {
	var out []place
	eachLine(s, func(l textLine, _, end int) {
		if isVerse(l) {
			out = append(out, place{from: end, to: end + 1})
		}
	})
	return out
}

func speakerPlaces(_ *facts, s []rune) []place {
	var out []place
	eachLine(s, func(l textLine, _, end int) {
		if isSpeaker(l.s) {
			out = append(out, place{from: end - 1, to: end + 1})
		}
	})
	return out
}

func sectionPlaces(_ *facts, s []rune) []place {
	var out []place
	eachLine(s, func(l textLine, _, end int) {
		marks := 0
		for rs := []rune(l.s); marks < len(rs) && rs[len(rs)-1-marks] == '='; {
			marks++
		}
		if marks > 0 && wellFormed(l.s) {
			out = append(out, place{from: end - marks, to: end + 1})
		}
	})
	return out
}

func indentPlaces(f *facts, s []rune) []place {
	var out []place
	before := codeLine{}
	eachLine(s, func(l textLine, at, _ int) {
		c := readCode(l.s)
		if c.blank {
			return
		}
		step := indentStep{columns: c.columns - before.columns, depth: before.after - c.closes, indented: c.columns > 0}
		if before.ends && !before.markup && !c.markup && step.counts() && step.columns == f.unit*step.depth {
			end := at
			for s[end] == ' ' || s[end] == '\t' {
				end++
			}
			out = append(out, place{from: at, to: end, stops: true})
		}
		before = c
	})
	return out
}

// MeasureNames are the kinds of held-out items there are, all gaps together: a test holds the names
// that births knows against it.
func MeasureNames() []string {
	var out []string
	for _, f := range itemFamilies() {
		out = append(out, f.Name)
	}
	return out
}
