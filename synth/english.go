package synth

import (
	"math/rand/v2"
	"strings"
)

// form chooses a verb form.
type form int

const (
	past form = iota
	third
	base // plural and first-person present, and after will, must, to
	part
	ing
)

func (v verb) in(f form) string {
	return [...]string{v.past.text, v.third.text, v.base.text, v.part.text, v.ing.text}[f]
}

// pronouns of one person, number and gender.
type pronouns struct{ subject, object, possessive, reflexive string }

var (
	she  = pronouns{"she", "her", "her", "herself"}
	he   = pronouns{"he", "him", "his", "himself"}
	they = pronouns{"they", "them", "their", "themselves"}
	i1   = pronouns{"I", "me", "my", "myself"}
	we   = pronouns{"we", "us", "our", "ourselves"}
	you  = pronouns{"you", "you", "your", "yourself"}
	it   = pronouns{"it", "it", "its", "itself"}
)

// speaker of English: draws phrases about one topic. All phrases are lower
// case, single-spaced and carry no final punctuation.
type english struct {
	rng   *rand.Rand
	l     *lexicon
	topic *topic
	// wrap, when set, may decorate a noun of the topic (a wiki link).
	wrap func(noun string) string
}

// newEnglish speaks about the topic of opt or, when that is open, about one it draws.
func newEnglish(rng *rand.Rand, opt Options) *english {
	e := &english{rng: rng, l: words(), topic: opt.topic}
	if e.topic == nil {
		e.topic = e.l.anyTopic(rng)
	}
	return e
}

func (l *lexicon) anyTopic(rng *rand.Rand) *topic { return &l.topics[rng.IntN(len(l.topics))] }

// pick draws one element evenly.
func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// oneOf draws one string evenly.
func (e *english) oneOf(s ...string) string { return pick(e.rng, s) }

// chance is true with probability p.
func (e *english) chance(p float64) bool { return e.rng.Float64() < p }

// of draws from the present topic, now and then from another.
func (e *english) of(list func(*topic) []noun) noun {
	t := e.topic
	if e.chance(abroad) {
		t = &e.l.topics[e.rng.IntN(len(e.l.topics))]
	}
	return pick(e.rng, list(t))
}

// abroad is how often a word is drawn from outside the topic.
const abroad = 0.05

// own draws from the topic's own list, now and then from the general one.
func own[T any](e *english, topic, general []T) T {
	if e.chance(abroad) {
		return pick(e.rng, general)
	}
	return pick(e.rng, topic)
}

func (e *english) taking() verb  { return own(e, e.topic.take, e.l.take) }
func (e *english) moving() verb  { return own(e, e.topic.move, e.l.move) }
func (e *english) thingly() word { return own(e, e.topic.ofThing, e.l.ofThing) }
func (e *english) placely() word { return own(e, e.topic.ofPlace, e.l.ofPlace) }

func (e *english) thing() noun  { return e.of(func(t *topic) []noun { return t.things }) }
func (e *english) place() noun  { return e.of(func(t *topic) []noun { return t.places }) }
func (e *english) person() noun { return e.of(func(t *topic) []noun { return t.people }) }
func (e *english) beast() noun  { return e.of(func(t *topic) []noun { return t.beasts }) }

func (e *english) decorate(s string) string {
	if e.wrap == nil {
		return s
	}
	return e.wrap(s)
}

// describe is a noun with an adjective four times in ten.
func (e *english) describe(n string, adjective func() word) string {
	n = e.decorate(n)
	if e.chance(0.4) {
		return adjective().text + " " + n
	}
	return n
}

// among draws from one list.
func (e *english) among(list []word) func() word {
	return func() word { return pick(e.rng, list) }
}

// thingPhrase is a noun phrase for a thing; my is the owner's possessive.
func (e *english) thingPhrase(my string) string {
	n := e.thing()
	switch e.rng.IntN(8) {
	case 0, 1:
		return my + " " + e.describe(n.one.text, e.thingly)
	case 2:
		return article(e.describe(n.one.text, e.thingly))
	case 3:
		return e.number() + " " + e.describe(n.many.text, e.thingly)
	case 4:
		return "the " + e.describe(n.many.text, e.thingly)
	case 5:
		return "the " + n.one.text + " of the " + e.describe(e.person().one.text, e.among(e.l.ofPerson))
	}
	return "the " + e.describe(n.one.text, e.thingly)
}

func (e *english) number() string {
	return e.oneOf("two", "three", "four", "five", "six", "seven", "nine", "ten", "a dozen", "twenty", "several", "many")
}

// personPhrase names somebody who is not the subject.
func (e *english) personPhrase(my string) string {
	switch e.rng.IntN(5) {
	case 0:
		return my + " " + e.describe(pick(e.rng, e.l.kin).one.text, e.among(e.l.ofPerson))
	case 1:
		return "the " + e.describe(e.person().many.text, e.among(e.l.ofPerson))
	case 2:
		return article(e.describe(e.person().one.text, e.among(e.l.ofPerson)))
	}
	return "the " + e.describe(e.person().one.text, e.among(e.l.ofPerson))
}

// where is a prepositional phrase of place.
func (e *english) where() string {
	p := e.oneOf("in", "near", "behind", "beside", "outside", "at the edge of", "not far from", "above", "within sight of", "below")
	return p + " the " + e.describe(e.place().one.text, e.placely)
}

// whither is a prepositional phrase of direction.
func (e *english) whither() string {
	p := e.oneOf("to", "towards", "across", "through", "past", "into", "away from", "round", "as far as", "out of")
	if e.chance(0.1) {
		return e.oneOf("to ", "towards ", "from ") + pick(e.rng, e.l.towns).text
	}
	return p + " the " + e.describe(e.place().one.text, e.placely)
}

// when is an adverbial of time.
func (e *english) when() string {
	switch e.rng.IntN(5) {
	case 0:
		return "at " + e.oneOf("dawn", "dusk", "midnight", "noon", "sunrise", "nightfall", "the end of the day", "the appointed hour")
	case 1:
		return e.oneOf("in", "before", "after", "until", "late in", "early in") + " the " +
			e.oneOf("morning", "evening", "winter", "summer", "spring", "autumn", "night", "afternoon", "harvest", "festival", "war", "wedding")
	case 2:
		return "on the " + e.oneOf("first", "second", "third", "fourth", "fifth", "last", "same", "following") + " " +
			e.oneOf("day", "night", "morning", "evening", "Sunday", "Monday", "Friday", "Saturday")
	case 3:
		return e.oneOf("for", "after", "within") + " " + e.number() + " " + e.oneOf("days", "hours", "weeks", "years", "months", "minutes")
	}
	return e.oneOf("that night", "next morning", "the day before", "long ago", "every year", "once more", "by chance", "all day long", "at last")
}

// feeling is "a bitter envy", "great joy".
func (e *english) feeling() string {
	n := pick(e.rng, e.l.feelings).one.text
	if e.chance(0.5) {
		return pick(e.rng, e.l.ofFeeling).text + " " + n
	}
	return n
}

// predicate is a verb phrase in form f whose subject has pronouns who. depth
// bounds how many clauses may hang on it.
func (e *english) predicate(f form, who pronouns, depth int) string {
	choice := e.rng.IntN(12)
	if depth <= 0 {
		choice = e.rng.IntN(8)
	}
	switch choice {
	case 0, 1, 2:
		s := e.taking().in(f) + " " + e.thingPhrase(who.possessive)
		return s + e.maybe(0.4, e.where) + e.maybe(0.15, e.when)
	case 3, 4:
		return e.motion(f)
	case 5:
		return pick(e.rng, e.l.meet).in(f) + " " + e.personPhrase(who.possessive) + e.maybe(0.3, e.where)
	case 6:
		return pick(e.rng, e.l.rest).in(f) + e.maybe(0.4, e.how) + e.maybe(0.5, e.where)
	case 7:
		b := pick(e.rng, e.l.body).one.text
		return e.oneOfForm(f, "raise", "lower", "rub", "turn", "clasp", "hide") + " " + who.possessive + " " + b + e.maybe(0.3, e.how) + e.maybe(0.2, e.when)
	case 8:
		return pick(e.rng, e.l.seek).in(f) + " to " + e.predicate(base, who, depth-1)
	case 9:
		return pick(e.rng, e.l.begin).in(f) + " " + e.predicate(ing, who, 0)
	case 10:
		return pick(e.rng, e.l.think).in(f) + " that " + e.fact(f, who, depth-1)
	}
	return e.oneOfForm(f, "feel", "remember", "conceal", "confess", "show") + " " + e.feeling() + e.maybe(0.3, e.when)
}

// motion is a verb phrase of motion.
func (e *english) motion(f form) string {
	v := e.moving().in(f)
	if e.chance(0.25) {
		v += " " + pick(e.rng, e.l.manner).text
	}
	return v + " " + e.whither() + e.maybe(0.25, e.when) + e.maybe(0.15, func() string { return "with " + e.feeling() })
}

func (e *english) how() string { return pick(e.rng, e.l.manner).text }

var smallVerbs = verbs(`raise:1 lower:10 rub+:1 turn:1 clasp:1 hide:1/hid/hidden:10 feel:1/felt/felt remember:010 conceal:01 confess:01 show:1/showed/shown be:1/was/been`)

// oneOfForm draws one of the small verbs named and inflects it.
func (e *english) oneOfForm(f form, names ...string) string {
	name := pick(e.rng, names)
	for _, v := range smallVerbs {
		if v.base.text == name {
			return v.in(f)
		}
	}
	panic("synth: no small verb " + name)
}

// maybe is " "+phrase with probability p, else nothing.
func (e *english) maybe(p float64, phrase func() string) string {
	if e.chance(p) {
		return " " + phrase()
	}
	return ""
}

// fact is a clause after "that", its tense following that of the main verb.
func (e *english) fact(f form, who pronouns, depth int) string {
	if f == past || f == part {
		if e.chance(0.3) {
			return who.subject + " " + e.oneOf("had", "had never", "had already") + " " + e.predicate(part, who, 0)
		}
		return e.other() + " " + e.oneOf("had", "had often", "would soon have") + " " + e.predicate(part, they, depth-1)
	}
	return e.other() + " " + e.oneOf("will", "must", "may", "cannot", "would never") + " " + e.predicate(base, they, depth-1)
}

// other is a plural subject that is nobody in particular.
func (e *english) other() string {
	return "the " + e.describe(e.person().many.text, e.among(e.l.ofPerson))
}

// scene is a clause in the past whose subject is not a person.
func (e *english) scene() string {
	switch e.rng.IntN(4) {
	case 0:
		return "the " + e.describe(pick(e.rng, e.l.weather).one.text, e.among(e.l.ofFeeling)) + " " + pick(e.rng, e.l.sky).past.text + " " + e.oneOf("over", "beyond", "above", "around") + " the " + e.describe(e.place().one.text, e.placely)
	case 1:
		n, was := e.beast(), " was"
		s := n.one.text
		if e.chance(0.5) {
			s, was = n.many.text, " were"
		}
		return "the " + e.decorate(s) + was + " " + pick(e.rng, e.l.rest).ing.text + " " + e.where()
	case 2:
		n, was := e.thing(), " was"
		s := n.one.text
		if e.chance(0.5) {
			s, was = n.many.text, " were"
		}
		return "the " + e.describe(s, e.thingly) + was + " " + e.oneOf("lying", "hidden", "waiting", "left", "still", "found") + " " + e.where()
	}
	return "the " + e.describe(e.place().one.text, e.placely) + " was " + e.placely().text + e.maybe(0.6, e.when)
}

// sentence joins clauses about somebody in the past: subject is how they are
// called here (a name or a pronoun), who their pronouns.
func (e *english) sentence(subject string, who pronouns) string {
	main := func(s string) string { return s + " " + e.past(who) }
	switch e.rng.IntN(9) {
	case 0:
		return e.oneOf("when", "while", "because", "although", "before", "after", "as soon as") + " " + e.scene() + ", " + main(subject)
	case 1:
		return main(subject) + ", " + e.oneOf("and", "but", "for", "so") + " " + e.scene()
	case 2:
		return e.predicate(ing, who, 0) + ", " + main(subject)
	case 3:
		return main(subject) + ", " + e.oneOf("then", "but soon", "and at last") + " " + e.predicate(past, who, 0)
	case 4:
		return e.when() + ", " + main(subject)
	case 5:
		return subject + ", who " + e.oneOf("had", "had never", "had once", "had always") + " " + e.predicate(part, who, 0) + ", " + e.past(who)
	case 6:
		return main(subject) + "; " + e.scene()
	}
	return main(subject) + e.maybe(0.3, func() string { return "while " + e.scene() })
}

// past is a whole verb phrase in the past, simple or composed.
func (e *english) past(who pronouns) string {
	switch e.rng.IntN(7) {
	case 0:
		return "had " + e.predicate(part, who, 1)
	case 1:
		return e.oneOf("could", "could not", "would", "would not", "might") + " " + e.predicate(base, who, 1)
	case 2:
		return pick(e.rng, e.l.often[:8]).text + " " + e.predicate(past, who, 1)
	case 3:
		return "was " + pick(e.rng, e.l.ofPerson).text + e.maybe(0.5, func() string { return "and " + e.oneOf("full of ", "without ") + e.feeling() })
	}
	return e.predicate(past, who, 2)
}

// speech is one sentence somebody says: first or second person, with its final
// punctuation.
func (e *english) speech(listener string) string {
	s := ""
	switch e.rng.IntN(9) {
	case 0:
		s = "I " + e.oneOf("will", "must", "cannot", "shall", "would", "can't", "won't", "didn't") + " " + e.predicate(base, i1, 1)
	case 1:
		s = e.oneOf("do", "can", "will", "must", "why do", "why don't", "when will", "how can") + " you " + e.predicate(base, you, 1) + "?"
	case 2:
		s = e.predicate(base, you, 0) + e.oneOf("!", ".", ".")
	case 3:
		s = "we " + e.oneOf("shall", "must", "have to", "never", "always", "don't") + " " + e.predicate(base, we, 1)
	case 4:
		s = "I have " + e.oneOf("", "never ", "already ", "often ") + e.predicate(part, i1, 1)
	case 5:
		s = listener + ", you " + e.oneOf("should", "may", "must", "ought to", "mustn't") + " " + e.predicate(base, you, 1)
	case 6:
		s = e.scene()
	case 7:
		s = "where " + e.oneOf("is", "was") + " the " + e.describe(e.thing().one.text, e.thingly) + e.maybe(0.3, func() string { return "of the " + e.person().one.text }) + "?"
	case 8:
		s = "if " + e.other() + " " + e.predicate(base, they, 0) + ", I shall " + e.predicate(base, i1, 0)
	}
	s = capitalise(strings.TrimSpace(s))
	if endsIn(s, "?", "!", ".") {
		return s
	}
	return s + e.oneOf(".", ".", ".", "!")
}
