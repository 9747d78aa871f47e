package synth

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Parses reports whether the English of this package can write a sentence: one that the
// novel tells (about a person named or called by pronoun, or a scene) or that somebody in
// it says. s is the sentence with its final mark, its spaces single or line ends. It is a
// recogniser of english.go, phrase by phrase: whatever that file can draw, and nothing
// else, is a sentence. Nothing is asked of meaning beyond agreement: possessives and
// reflexives are those of the subject, a and an follow the sound, verbs have the form that
// stands before them.
func Parses(s string) bool {
	words, mark := tokens(s)
	if len(words) == 0 || mark == 0 {
		return false
	}
	for _, first := range firstWords(words[0]) {
		words[0] = first
		p := &parser{grammarOf(), words}
		if p.whole(mark) {
			return true
		}
	}
	return false
}

// tokens are the words, commas and semicolons of a sentence, and its final mark; 0 without one.
func tokens(s string) (words []string, mark byte) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "’", "'"))
	if s == "" || strings.IndexByte(".!?", s[len(s)-1]) < 0 {
		return nil, 0
	}
	mark, s = s[len(s)-1], s[:len(s)-1]
	s = strings.NewReplacer(",", " ,", ";", " ;").Replace(s)
	return strings.Fields(s), mark
}

// firstWords are the ways to read the first word: as a name, or as any word that the
// beginning of the sentence made a capital of.
func firstWords(w string) []string {
	r, n := utf8.DecodeRuneInString(w)
	if !unicode.IsUpper(r) {
		return nil
	}
	return []string{w, string(unicode.ToLower(r)) + w[n:]}
}

// phrases is a set of phrases of one to longest words.
type phrases struct {
	has     map[string]bool
	longest int
}

func phrasesOf(lists ...[]string) *phrases {
	p := &phrases{has: map[string]bool{}}
	for _, l := range lists {
		for _, s := range l {
			p.has[s] = true
			p.longest = max(p.longest, len(strings.Fields(s)))
		}
	}
	return p
}

// grammar is the lexicon as sets of phrases.
type grammar struct {
	thing, things, place, person, people, beast, beasts, kin   *phrases
	feeling, weather, body                                     *phrases
	ofThing, ofPlace, ofPerson, ofFeeling, manner, often, town *phrases
	names                                                      map[string][]pronouns
	surnames                                                   *phrases
	verbs                                                      map[string][5]*phrases
	small                                                      map[string]verb
	number, near, scenePrep, toward, when                      *phrases
	hourNoun, hourPrep, dayOrder, dayNoun, spanPrep, spanNoun  *phrases
}

var grammarOf = sync.OnceValue(func() *grammar {
	l := words()
	g := &grammar{names: map[string][]pronouns{}, verbs: map[string][5]*phrases{}, small: map[string]verb{}}
	one := func(f func(*topic) []noun, many bool) *phrases {
		p := phrasesOf()
		for i := range l.topics {
			p.addNouns(f(&l.topics[i]), many)
		}
		return p
	}
	things, places := func(t *topic) []noun { return t.things }, func(t *topic) []noun { return t.places }
	people, beasts := func(t *topic) []noun { return t.people }, func(t *topic) []noun { return t.beasts }
	g.thing, g.things, g.place = one(things, false), one(things, true), one(places, false)
	g.person, g.people, g.beast, g.beasts = one(people, false), one(people, true), one(beasts, false), one(beasts, true)
	nounSet := func(ns []noun) *phrases { p := phrasesOf(); p.addNouns(ns, false); return p }
	g.kin, g.feeling, g.weather, g.body = nounSet(l.kin), nounSet(l.feelings), nounSet(l.weather), nounSet(l.body)
	set := func(ws []word) *phrases { p := phrasesOf(); p.addWords(ws); return p }
	g.ofThing, g.ofPlace, g.ofPerson, g.ofFeeling = set(l.ofThing), set(l.ofPlace), set(l.ofPerson), set(l.ofFeeling)
	g.manner, g.often, g.town, g.surnames = set(l.manner), set(l.often[:8]), set(l.towns), set(l.surnames)
	for _, w := range l.women {
		g.names[w.text] = append(g.names[w.text], she)
	}
	for _, w := range l.men {
		g.names[w.text] = append(g.names[w.text], he)
	}
	for name, vs := range map[string][]verb{"take": l.take, "meet": l.meet, "move": l.move, "rest": l.rest, "seek": l.seek, "begin": l.begin, "think": l.think, "sky": l.sky} {
		var forms [5]*phrases
		for f := past; f <= ing; f++ {
			forms[f] = phrasesOf()
			for _, v := range vs {
				forms[f].add(v.in(f))
			}
		}
		g.verbs[name] = forms
	}
	for _, v := range smallVerbs {
		g.small[v.base.text] = v
	}
	g.number = phrasesOf(strings.Split("two,three,four,five,six,seven,nine,ten,a dozen,twenty,several,many", ","))
	g.near = phrasesOf(strings.Split("in,near,behind,beside,outside,at the edge of,not far from,above,within sight of,below", ","))
	g.scenePrep = phrasesOf(strings.Split("over,beyond,above,around", ","))
	g.toward = phrasesOf(strings.Split("to,towards,across,through,past,into,away from,round,as far as,out of", ","))
	g.when = phrasesOf(strings.Split("at dawn,at dusk,at midnight,at noon,at sunrise,at nightfall,at the end of the day,at the appointed hour,that night,next morning,the day before,long ago,every year,once more,by chance,all day long,at last", ","))
	g.hourPrep = phrasesOf(strings.Split("in,before,after,until,late in,early in", ","))
	g.hourNoun = phrasesOf(strings.Split("morning,evening,winter,summer,spring,autumn,night,afternoon,harvest,festival,war,wedding", ","))
	g.dayOrder = phrasesOf(strings.Split("first,second,third,fourth,fifth,last,same,following", ","))
	g.dayNoun = phrasesOf(strings.Split("day,night,morning,evening,Sunday,Monday,Friday,Saturday", ","))
	g.spanPrep = phrasesOf(strings.Split("for,after,within", ","))
	g.spanNoun = phrasesOf(strings.Split("days,hours,weeks,years,months,minutes", ","))
	return g
})

func (p *phrases) add(s string) {
	p.has[s] = true
	p.longest = max(p.longest, len(strings.Fields(s)))
}

func (p *phrases) addWords(ws []word) {
	for _, w := range ws {
		p.add(w.text)
	}
}

func (p *phrases) addNouns(ns []noun, many bool) {
	for _, n := range ns {
		if many {
			p.add(n.many.text)
		} else {
			p.add(n.one.text)
		}
	}
}

// rule reads on from a place and gives the places where it may have ended, ascending.
type rule func(p *parser, at int) []int

// parser is a grammar on a sentence.
type parser struct {
	*grammar
	words []string
}

// then reads one rule after the other.
func then(rules ...rule) rule {
	return func(p *parser, at int) []int {
		places := []int{at}
		for _, r := range rules {
			var next []int
			for _, a := range places {
				next = append(next, r(p, a)...)
			}
			slices.Sort(next)
			if places = slices.Compact(next); len(places) == 0 {
				return nil
			}
		}
		return places
	}
}

// either reads any of the rules.
func either(rules ...rule) rule {
	return func(p *parser, at int) []int {
		var out []int
		for _, r := range rules {
			out = append(out, r(p, at)...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
}

// perhaps reads a rule or nothing.
func perhaps(r rule) rule { return either(r, func(_ *parser, at int) []int { return []int{at} }) }

// in reads a phrase of a set.
func in(set func(g *grammar) *phrases) rule {
	return func(p *parser, at int) []int {
		s := set(p.grammar)
		var out []int
		for n := 1; n <= s.longest && at+n <= len(p.words); n++ {
			if s.has[strings.Join(p.words[at:at+n], " ")] {
				out = append(out, at+n)
			}
		}
		return out
	}
}

// say reads one of some fixed phrases.
func say(these ...string) rule {
	set := phrasesOf(these)
	return in(func(*grammar) *phrases { return set })
}
