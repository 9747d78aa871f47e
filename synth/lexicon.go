package synth

import (
	"slices"
	"strings"
	"sync"
)

// word is a written form with its stress: one digit a syllable, 1 stressed.
type word struct {
	text   string
	stress string
}

// noun is a word with its plural.
type noun struct{ one, many word }

// verb is a word in its six forms.
type verb struct{ base, third, past, part, ing word }

// topic is the part of the world one chapter, article or scene is about.
type topic struct {
	name                           string
	people, things, places, beasts []noun
	take, move                     []verb // what is done there
	ofThing, ofPlace               []word // what things and places are like there
}

// lexicon is every word list, parsed once.
type lexicon struct {
	topics []topic

	feelings, abstract, weather, body, clothes, kin []noun

	take, meet, move, rest, speak, think, seek, begin, sky []verb

	ofPerson, ofThing, ofPlace, ofFeeling []word

	manner, often []word

	women, men, surnames, towns []word
}

var words = sync.OnceValue(func() *lexicon {
	l := &lexicon{
		feelings: nouns(feelingWords), abstract: nouns(abstractWords), weather: nouns(weatherWords),
		body: nouns(bodyWords), clothes: nouns(clothesWords), kin: nouns(kinWords),
		take: verbs(takeWords), meet: verbs(meetWords), move: verbs(moveWords), rest: verbs(restWords),
		speak: verbs(speakWords), think: verbs(thinkWords), seek: verbs(seekWords), begin: verbs(beginWords), sky: verbs(skyWords),
		ofPerson: plain(personAdjectives), ofThing: plain(thingAdjectives), ofPlace: plain(placeAdjectives), ofFeeling: plain(feelingAdjectives),
		manner: plain(mannerAdverbs), often: plain(oftenAdverbs),
		women: plain(womenNames), men: plain(menNames), surnames: plain(surnameWords), towns: plain(townWords),
	}
	for i, t := range topicWords {
		habits := topicHabits[i]
		l.topics = append(l.topics, topic{
			name: t[0], people: nouns(t[1]), things: nouns(t[2]), places: nouns(t[3]), beasts: nouns(t[4]),
			take:    among(l.take, habits[0], func(v verb) string { return v.base.text }),
			move:    among(l.move, habits[1], func(v verb) string { return v.base.text }),
			ofThing: among(l.ofThing, habits[2], func(w word) string { return w.text }),
			ofPlace: among(l.ofPlace, habits[3], func(w word) string { return w.text }),
		})
	}
	return l
})

// among finds the entries of list that names names.
func among[T any](list []T, names string, name func(T) string) []T {
	var out []T
	for _, n := range strings.Fields(names) {
		i := slices.IndexFunc(list, func(x T) bool { return name(x) == n })
		if i < 0 {
			panic("synth: a topic has " + n + ", which is not in its list")
		}
		out = append(out, list[i])
	}
	return out
}

// plain parses "word:stress" entries.
func plain(list string) []word {
	var out []word
	for _, f := range strings.Fields(list) {
		out = append(out, parseWord(f))
	}
	return out
}

// parseWord reads "word:stress"; "_" stands for a space.
func parseWord(s string) word {
	text, stress, ok := strings.Cut(s, ":")
	if !ok || strings.Trim(stress, "01") != "" || stress == "" {
		panic("synth: word list entry without stress: " + s)
	}
	return word{strings.ReplaceAll(text, "_", " "), stress}
}

// nouns parses "one:stress" or "one:stress/many:stress".
func nouns(list string) []noun {
	var out []noun
	for _, f := range strings.Fields(list) {
		one, many, irregular := strings.Cut(f, "/")
		n := noun{one: parseWord(one)}
		n.many = withS(n.one)
		if irregular {
			n.many = parseWord(many)
		}
		out = append(out, n)
	}
	return out
}

// verbs parses "base:stress", "base+:stress" (doubles its last consonant) or
// "base:stress/past/participle[:stress]" with "+" doubling for -ing too.
func verbs(list string) []verb {
	var out []verb
	for _, f := range strings.Fields(list) {
		parts := strings.Split(f, "/")
		double := strings.Contains(parts[0], "+")
		base := parseWord(strings.Replace(parts[0], "+", "", 1))
		v := verb{base: base, third: withS(base), ing: withIng(base, double)}
		if len(parts) == 1 {
			v.past = withEd(base, double)
			v.part = v.past
		} else {
			v.past = irregular(parts[1], base)
			v.part = irregular(parts[2], base)
		}
		out = append(out, v)
	}
	return out
}

// irregular is a form given in full; its stress is the base's unless stated.
func irregular(s string, base word) word {
	if strings.Contains(s, ":") {
		return parseWord(s)
	}
	return word{s, base.stress}
}

// withS forms the plural or the third person.
func withS(w word) word {
	t := w.text
	switch {
	case endsIn(t, "s", "x", "z", "ch", "sh"):
		return word{t + "es", w.stress + "0"}
	case endsIn(t, "ge", "ce", "se", "ze"):
		return word{t + "s", w.stress + "0"}
	case endsIn(t, "y") && !isVowel(t[len(t)-2]):
		return word{t[:len(t)-1] + "ies", w.stress}
	case t == "go" || t == "echo":
		return word{t + "es", w.stress}
	}
	return word{t + "s", w.stress}
}

// withEd forms the regular past.
func withEd(w word, double bool) word {
	t, stress := w.text, w.stress
	if endsIn(t, "t", "d", "te", "de") {
		stress += "0"
	}
	switch {
	case double:
		return word{t + t[len(t)-1:] + "ed", stress}
	case endsIn(t, "e"):
		return word{t + "d", stress}
	case endsIn(t, "y") && !isVowel(t[len(t)-2]):
		return word{t[:len(t)-1] + "ied", stress}
	}
	return word{t + "ed", stress}
}

// withIng forms the present participle.
func withIng(w word, double bool) word {
	t := w.text
	switch {
	case double:
		t += t[len(t)-1:]
	case endsIn(t, "e") && !endsIn(t, "ee", "oe", "ye"):
		t = t[:len(t)-1]
	}
	return word{t + "ing", w.stress + "0"}
}

func endsIn(s string, suffixes ...string) bool {
	for _, x := range suffixes {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

func isVowel(b byte) bool { return strings.IndexByte("aeiouAEIOU", b) >= 0 }

// article puts "a" or "an" before s, by sound: an hourglass, a useless oar.
func article(s string) string {
	silent := strings.HasPrefix(s, "ho") && (strings.HasPrefix(s, "honest") || strings.HasPrefix(s, "hour"))
	if silent || isVowel(s[0]) && !strings.HasPrefix(s, "use") {
		return "an " + s
	}
	return "a " + s
}

// capitalise raises the first letter of s.
func capitalise(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
