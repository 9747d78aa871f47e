package synth

import "sync"

// The phrases of english.go, in its order and under its names.

// lazily puts a rule off until it is read: rules that hold themselves.
func lazily(make func() rule) rule { return func(p *parser, at int) []int { return make()(p, at) } }

var (
	aThing    = in(func(g *grammar) *phrases { return g.thing })
	someThing = in(func(g *grammar) *phrases { return g.things })
	aPlace    = in(func(g *grammar) *phrases { return g.place })
	aPerson   = in(func(g *grammar) *phrases { return g.person })
	people    = in(func(g *grammar) *phrases { return g.people })
	ofThing   = in(func(g *grammar) *phrases { return g.ofThing })
	ofPlace   = in(func(g *grammar) *phrases { return g.ofPlace })
	ofPerson  = in(func(g *grammar) *phrases { return g.ofPerson })
	ofFeeling = in(func(g *grammar) *phrases { return g.ofFeeling })
	aNumber   = in(func(g *grammar) *phrases { return g.number })
	aManner   = in(func(g *grammar) *phrases { return g.manner })
)

// withArticle reads a or an and what follows, if the two fit.
func withArticle(r rule) rule {
	return func(p *parser, at int) []int {
		if at+1 >= len(p.words) || article(p.words[at+1]) != p.words[at]+" "+p.words[at+1] {
			return nil
		}
		return r(p, at+1)
	}
}

func thingPhrase(my string) rule {
	one := then(perhaps(ofThing), aThing)
	return either(
		then(say(my), one), withArticle(one), then(say("the"), one),
		then(aNumber, perhaps(ofThing), someThing), then(say("the"), perhaps(ofThing), someThing),
		then(say("the"), aThing, say("of the"), perhaps(ofPerson), aPerson),
	)
}

func personPhrase(my string) rule {
	return either(
		then(say(my), perhaps(ofPerson), in(func(g *grammar) *phrases { return g.kin })),
		otherPeople, withArticle(then(perhaps(ofPerson), aPerson)), then(say("the"), perhaps(ofPerson), aPerson),
	)
}

var (
	otherPeople = then(say("the"), perhaps(ofPerson), people)
	thePlace    = then(say("the"), perhaps(ofPlace), aPlace)
	where       = then(in(func(g *grammar) *phrases { return g.near }), thePlace)
	whither     = either(
		then(in(func(g *grammar) *phrases { return g.toward }), thePlace),
		then(say("to", "towards", "from"), in(func(g *grammar) *phrases { return g.town })),
	)
	whenever = either(
		in(func(g *grammar) *phrases { return g.when }),
		then(in(func(g *grammar) *phrases { return g.hourPrep }), say("the"), in(func(g *grammar) *phrases { return g.hourNoun })),
		then(say("on the"), in(func(g *grammar) *phrases { return g.dayOrder }), in(func(g *grammar) *phrases { return g.dayNoun })),
		then(in(func(g *grammar) *phrases { return g.spanPrep }), aNumber, in(func(g *grammar) *phrases { return g.spanNoun })),
	)
	feeling = then(perhaps(ofFeeling), in(func(g *grammar) *phrases { return g.feeling }))
)

// verbOf reads a verb of a list in a form.
func verbOf(list string, f form) rule {
	return in(func(g *grammar) *phrases { return g.verbs[list][f] })
}

// small reads one of the small verbs named, in a form.
func small(f form, names ...string) rule {
	return func(p *parser, at int) []int {
		if at >= len(p.words) {
			return nil
		}
		for _, n := range names {
			if p.small[n].in(f) == p.words[at] {
				return []int{at + 1}
			}
		}
		return nil
	}
}

func predicateRule(f form, who pronouns, depth int) rule {
	rules := []rule{
		then(verbOf("take", f), thingPhrase(who.possessive), perhaps(where), perhaps(whenever)),
		then(verbOf("move", f), perhaps(aManner), whither, perhaps(whenever), perhaps(then(say("with"), feeling))),
		then(verbOf("meet", f), personPhrase(who.possessive), perhaps(where)),
		then(verbOf("rest", f), perhaps(aManner), perhaps(where)),
		then(small(f, "raise", "lower", "rub", "turn", "clasp", "hide"), say(who.possessive), in(func(g *grammar) *phrases { return g.body }), perhaps(aManner), perhaps(whenever)),
	}
	if depth > 0 {
		rules = append(rules,
			then(verbOf("seek", f), say("to"), lazily(func() rule { return predicateRule(base, who, depth-1) })),
			then(verbOf("begin", f), predicateRule(ing, who, 0)),
			then(verbOf("think", f), say("that"), lazily(func() rule { return factRule(f, who, depth-1) })),
			then(small(f, "feel", "remember", "conceal", "confess", "show"), feeling, perhaps(whenever)),
		)
	}
	return either(rules...)
}

func factRule(f form, who pronouns, depth int) rule {
	if f == past || f == part {
		return either(
			then(say(who.subject), say("had", "had never", "had already"), predicateRule(part, who, 0)),
			then(otherPeople, say("had", "had often", "would soon have"), predicateRule(part, they, depth-1)),
		)
	}
	return then(otherPeople, say("will", "must", "may", "cannot", "would never"), predicateRule(base, they, depth-1))
}

// number reads a noun with was or were as it asks.
func wasWere(before rule, one, many rule) rule {
	return either(then(before, one, say("was")), then(before, many, say("were")))
}

var sceneRule = either(
	then(say("the"), perhaps(ofFeeling), in(func(g *grammar) *phrases { return g.weather }), verbOf("sky", past), in(func(g *grammar) *phrases { return g.scenePrep }), thePlace),
	then(wasWere(say("the"), in(func(g *grammar) *phrases { return g.beast }), in(func(g *grammar) *phrases { return g.beasts })), verbOf("rest", ing), where),
	then(wasWere(then(say("the"), perhaps(ofThing)), aThing, someThing), say("lying", "hidden", "waiting", "left", "still", "found"), where),
	then(thePlace, say("was"), ofPlace, perhaps(whenever)),
)

func pastRule(who pronouns) rule {
	return either(
		then(say("had"), predicateRule(part, who, 1)),
		then(say("could", "could not", "would", "would not", "might"), predicateRule(base, who, 1)),
		then(in(func(g *grammar) *phrases { return g.often }), predicateRule(past, who, 1)),
		then(say("was"), ofPerson, perhaps(then(say("and"), say("full of", "without"), feeling))),
		predicateRule(past, who, 2),
	)
}

// subjectRule reads what a person with these pronouns is called: a pronoun, a name, a surname,
// name and surname, name and role.
func subjectRule(who pronouns) rule {
	return func(p *parser, at int) []int {
		if at >= len(p.words) {
			return nil
		}
		if p.words[at] == who.subject || who != they && p.surnames.has[p.words[at]] {
			return []int{at + 1}
		}
		for _, w := range p.names[p.words[at]] {
			if w == who {
				return either(func(*parser, int) []int { return []int{at + 1} },
					then(func(*parser, int) []int { return []int{at + 1} }, in(func(g *grammar) *phrases { return g.surnames })),
					then(func(*parser, int) []int { return []int{at + 1} }, say("the"), aPerson))(p, at)
			}
		}
		return nil
	}
}

func sentenceRule(who pronouns) rule {
	subject, predicate := subjectRule(who), pastRule(who)
	main := then(subject, predicate)
	return either(
		then(say("when", "while", "because", "although", "before", "after", "as soon as"), sceneRule, say(","), main),
		then(main, say(","), say("and", "but", "for", "so"), sceneRule),
		then(predicateRule(ing, who, 0), say(","), main),
		then(main, say(","), say("then", "but soon", "and at last"), predicateRule(past, who, 0)),
		then(whenever, say(","), main),
		then(subject, say(","), say("who"), say("had", "had never", "had once", "had always"), predicateRule(part, who, 0), say(","), predicate),
		then(main, perhaps(then(say(";"), sceneRule))),
		then(main, say("while"), sceneRule),
		then(subject, say("still had", "looked at", "reached for", "thought of", "would not part with"), say(who.possessive), ofThing, aThing, perhaps(whenever)),
		then(subject, verbOf("meet", past), anybody, perhaps(where)),
	)
}

// anybody reads a first name.
func anybody(p *parser, at int) []int {
	if at < len(p.words) && len(p.names[p.words[at]]) > 0 {
		return []int{at + 1}
	}
	return nil
}

// speechRules are what somebody says, by final mark.
func speechRule(mark byte) rule {
	narration := either(
		then(say("I"), say("will", "must", "cannot", "shall", "would", "can't", "won't", "didn't"), predicateRule(base, i1, 1)),
		then(say("we"), say("shall", "must", "have to", "never", "always", "don't"), predicateRule(base, we, 1)),
		then(say("I have"), perhaps(say("never", "already", "often")), predicateRule(part, i1, 1)),
		then(listener, say(","), say("you"), say("should", "may", "must", "ought to", "mustn't"), predicateRule(base, you, 1)),
		predicateRule(base, you, 0), sceneRule,
		then(say("if"), otherPeople, predicateRule(base, they, 0), say(","), say("I shall"), predicateRule(base, i1, 0)),
	)
	if mark != '?' {
		return narration
	}
	return either(
		then(say("do", "can", "will", "must", "why do", "why don't", "when will", "how can"), say("you"), predicateRule(base, you, 1)),
		then(say("where"), say("is", "was"), say("the"), perhaps(ofThing), aThing, perhaps(then(say("of the"), aPerson))),
	)
}

// listener reads how somebody is spoken to.
func listener(p *parser, at int) []int {
	return either(anybody, say("my friend", "children", "sir", "madam"), in(func(g *grammar) *phrases { return g.surnames }))(p, at)
}

// wholeSentences are the rules of sentences by final mark, made once.
var wholeSentences = sync.OnceValue(func() map[byte]rule {
	narration := either(sceneRule, sentenceRule(she), sentenceRule(he), sentenceRule(they))
	return map[byte]rule{'.': either(speechRule('.'), narration), '!': speechRule('!'), '?': speechRule('?')}
})

// whole reports whether the words are a sentence that ends with the mark.
func (p *parser) whole(mark byte) bool {
	out := wholeSentences()[mark](p, 0)
	return len(out) > 0 && out[len(out)-1] == len(p.words)
}
