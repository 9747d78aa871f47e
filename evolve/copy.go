package evolve

import (
	"index/suffixarray"

	"github.com/rnnscope/rnnscope/stat"
)

func copySkill() skill {
	return skill{
		Definition: Definition{
			Name:   "copied",
			Titles: map[string]string{"en": "Longest stretch copied from the training text", "zh": "与训练文本相同的最长片段"},
			Text: "Length, in characters, of the longest substring of a sample that occurs in the training text, found exactly in a suffix array; the mean over the samples, with Student's t interval when there are two or more. " +
				"Compare it with the figure of held-out text: only a larger one speaks of copying. N counts samples.",
			Rule: "Every training text.",
		},
		applies: func(*facts) bool { return true },
		measure: func(f *facts, samples [][]rune) stat.Interval {
			var lengths []float64
			for _, s := range samples {
				if len(s) > 0 {
					lengths = append(lengths, float64(longestCommon(f.index(), s)))
				}
			}
			return stat.MeanInterval(lengths)
		},
	}
}

// longestCommon is the length in characters of the longest substring of s that
// the indexed text contains. If s[i:j] occurs, so does s[i+1:j]: one pass with
// two ends needs at most 2 len(s) searches.
func longestCommon(index *suffixarray.Index, s []rune) int {
	offset := make([]int, len(s)+1) // of each rune in UTF-8
	b := []byte(string(s))
	at := 0
	for i, r := range s {
		offset[i] = at
		at += len(string(r))
	}
	offset[len(s)] = at
	best := 0
	for i := 0; i+best < len(s); i++ {
		for i+best < len(s) && len(index.Lookup(b[offset[i]:offset[i+best+1]], 1)) > 0 {
			best++
		}
	}
	return best
}
