package memory

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/text"
)

// replacer draws another character of the same class, as often as the text has it.
type replacer struct {
	class   []int // by symbol
	members map[int][]int32
	weight  []float64 // by symbol
}

// Classes of characters that may stand for each other.
const (
	classLower = iota
	classUpper
	classLetter
	classDigit
	classOpen
	classClose
	classSpace
	classMark
)

func classOf(r rune) int {
	switch {
	case unicode.IsLower(r):
		return classLower
	case unicode.IsUpper(r):
		return classUpper
	case unicode.IsLetter(r):
		return classLetter
	case unicode.IsDigit(r):
		return classDigit
	case strings.ContainsRune("([{<“‘«「『", r):
		return classOpen
	case strings.ContainsRune(")]}>”’»」』", r):
		return classClose
	case unicode.IsSpace(r):
		return classSpace
	}
	return classMark
}

func newReplacer(a *text.Alphabet, ids []int32) *replacer {
	r := &replacer{class: make([]int, a.Size()), weight: make([]float64, a.Size()), members: map[int][]int32{}}
	for _, id := range ids {
		r.weight[id]++
	}
	unknown, hasUnknown := a.Unknown()
	for id := range int32(a.Size()) {
		if hasUnknown && id == unknown || r.weight[id] == 0 {
			continue
		}
		r.class[id] = classOf(a.First(id))
		r.members[r.class[id]] = append(r.members[r.class[id]], id)
	}
	return r
}

// draw is another symbol of id's class or, where it is alone, any other symbol; ok
// is false where the text has no other.
func (r *replacer) draw(id int32, rng *rand.Rand) (other int32, ok bool) {
	if o, ok := r.among(r.members[r.class[id]], id, rng); ok {
		return o, true
	}
	var all []int32
	for c := classLower; c <= classMark; c++ {
		all = append(all, r.members[c]...)
	}
	return r.among(all, id, rng)
}

func (r *replacer) among(members []int32, not int32, rng *rand.Rand) (int32, bool) {
	total := 0.0
	for _, m := range members {
		if m != not {
			total += r.weight[m]
		}
	}
	if total == 0 {
		return 0, false
	}
	at := rng.Float64() * total
	last := int32(-1)
	for _, m := range members {
		if m == not {
			continue
		}
		last = m
		if at -= r.weight[m]; at < 0 {
			break
		}
	}
	return last, true
}
