package intervene

import (
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/text"
)

// kindNames are the kinds of the character that is predicted.
var kindNames = []string{"lower case", "capital", "other letter", "digit", "space", "line end", "quote", "bracket", "other mark"}

func kindOf(r rune) int {
	switch {
	case unicode.IsLower(r):
		return 0
	case unicode.IsUpper(r):
		return 1
	case unicode.IsLetter(r):
		return 2
	case unicode.IsDigit(r):
		return 3
	case r == '\n':
		return 5
	case unicode.IsSpace(r):
		return 4
	case strings.ContainsRune("\"'“”‘’«»「」『』", r):
		return 6
	case strings.ContainsRune("()[]{}<>", r):
		return 7
	}
	return 8
}

// kindSets is, for every kind, the positions of the windows that predict such a character.
func kindSets(a *text.Alphabet, ids []int32, starts []int) []set {
	sets := make([]set, len(kindNames))
	for k := range sets {
		sets[k] = newSet(len(starts))
	}
	for w, start := range starts {
		for i := range Window {
			k := kindOf(a.First(ids[start+i+1]))
			sets[k].at[w] = append(sets[k].at[w], uint16(i))
		}
	}
	return sets
}
