package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// wikiDomain: encyclopedia articles in wiki markup, one paragraph a line, with
// links, templates, headings, lists, references and URLs.
func wikiDomain() domain {
	columns := append(brackets(), "wiki-link", "wiki-template", "heading", "url")
	return domain{name: "wiki", columns: append(columns, tagColumns()...), write: writeWiki}
}

// Marks inside phrases: where a linked noun begins and ends.
const (
	linkMark = '\x03'
	linkEnd  = '\x04'
)

type wiki struct {
	*english
	w       *writer
	subject character
}

func writeWiki(w *writer, n int, rng *rand.Rand, opt Options) {
	a := &wiki{english: newEnglish(rng, opt), w: w}
	a.subject = character{who: she, name: pick(rng, a.l.women).text, surname: pick(rng, a.l.surnames).text}
	if a.chance(0.5) {
		a.subject.who, a.subject.name = he, pick(rng, a.l.men).text
	}
	a.subject.role = pick(rng, a.topic.people).one.text
	a.wrap = func(noun string) string {
		if !a.chance(0.16) {
			return noun
		}
		return string(linkMark) + noun + string(linkEnd)
	}
	lo := len(w.runes)
	goal := min(n, 2500+rng.IntN(3000))
	a.infobox()
	a.lead()
	for len(w.runes)-lo < goal {
		a.chapter()
	}
	a.sources()
	w.put("\n")
}

func (a *wiki) year() string { return fmt.Sprint(1500 + a.rng.IntN(500)) }

func (a *wiki) infobox() {
	fields := [][2]string{
		{"name", a.subject.name + " " + a.subject.surname},
		{"born", a.year()},
		{"occupation", a.subject.role},
		{"home", pick(a.rng, a.l.towns).text},
		{"known for", a.thingly().text + " " + a.thing().many.text},
		{"website", ""},
	}
	a.rng.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	a.w.last("{{", func() { a.w.set("wiki-template", 1) })
	a.w.put("Infobox " + a.oneOf("person", "biography", a.subject.role))
	for _, f := range fields[:3+a.rng.IntN(4)] {
		a.w.put(" | " + f[0] + " = ")
		if f[1] == "" {
			a.url()
			continue
		}
		a.w.put(f[1])
	}
	a.w.put(" ")
	a.closeTemplate()
	a.w.put("\n")
}

func (a *wiki) closeTemplate() { a.w.last("}}", func() { a.w.set("wiki-template", 0) }) }

func (a *wiki) lead() {
	s := a.subject
	a.w.raw(s.name + " " + s.surname + " (" + a.oneOf("born ", "died ", "baptised ", "active around ") + a.year() + ")")
	a.writeMarked(" was " + article(pick(a.rng, a.l.ofPerson).text+" "+s.role) + " from " + string(linkMark) + pick(a.rng, a.l.towns).text + string(linkEnd) + ", who " + a.past(s.who) + ".")
	a.paragraphRest(2)
}

// paragraphRest goes on with k sentences about the subject and ends the line.
func (a *wiki) paragraphRest(k int) {
	for range k {
		a.w.put(" ")
		a.statement()
	}
	a.w.put("\n\n")
}

// statement is one sentence with, at times, a reference or a URL.
func (a *wiki) statement() {
	who := a.subject.who
	subject := who.subject
	if a.chance(0.4) {
		subject = a.subject.surname
	}
	s := a.sentence(subject, who)
	if a.chance(0.2) {
		s = "in " + a.year() + ", " + subject + " " + a.past(who)
	}
	if s[0] != linkMark {
		s = capitalise(s)
	}
	a.writeMarked(s)
	switch a.rng.IntN(12) {
	case 0:
		a.w.raw(" (" + a.oneOf("see ", "from ", "text at "))
		a.url()
		a.w.raw(").")
	case 1:
		a.w.put(a.oneOf("; see ", ", as told at ", ", according to "))
		a.url()
		a.w.put(a.oneOf(".", ", too.", ", among others.", "!"))
	case 2:
		a.w.put(".")
		a.reference()
	default:
		a.w.put(".")
	}
}

// chapter is a heading, paragraphs, perhaps a subheading or a list.
func (a *wiki) chapter() {
	titles := []string{"early life", "later years", "work", "family", "legacy", "travels", "critics", "the " + a.thing().many.text, "the " + a.place().one.text, "life in " + pick(a.rng, a.l.towns).text}
	a.heading("==", pick(a.rng, titles))
	for range 1 + a.rng.IntN(2) {
		a.statement()
		a.paragraphRest(1 + a.rng.IntN(4))
	}
	if a.chance(0.35) {
		a.heading("===", a.oneOf("the ", "a ")+a.thingly().text+" "+a.thing().one.text)
		a.statement()
		a.paragraphRest(1 + a.rng.IntN(3))
	}
	if a.chance(0.5) {
		a.bullets()
	}
}

func (a *wiki) heading(marks, title string) {
	a.w.last(marks, func() { a.w.set("heading", 1) })
	a.w.put(" " + capitalise(title) + " ")
	a.w.last(marks, func() { a.w.set("heading", 0) })
	a.w.put("\n")
}

func (a *wiki) bullets() {
	for range 2 + a.rng.IntN(4) {
		a.w.put("* ")
		a.writeLink(a.thingly().text + " " + a.thing().one.text)
		a.writeMarked(a.oneOf(", ", " and ", " with ") + a.thingPhrase("the") + ", " + a.year() + "\n")
	}
	a.w.put("\n")
}

// writeLink writes a link to an article about the noun.
func (a *wiki) writeLink(noun string) {
	a.w.last("[[", func() { a.w.set("wiki-link", 1) })
	switch a.rng.IntN(4) {
	case 0:
		a.w.put(capitalise(noun) + "|" + noun)
	case 1:
		a.w.raw(capitalise(noun) + " (" + a.topic.name + ")|" + noun)
	default:
		a.w.put(noun)
	}
	a.w.last("]]", func() { a.w.set("wiki-link", 0) })
}

// writeMarked writes s, turning marked nouns into links.
func (a *wiki) writeMarked(s string) {
	for {
		before, rest, found := strings.Cut(s, string(linkMark))
		a.w.put(before)
		if !found {
			return
		}
		noun, after, _ := strings.Cut(rest, string(linkEnd))
		a.writeLink(noun)
		s = after
	}
}

func (a *wiki) reference() {
	a.w.startTag("ref", func() {}, false)
	a.w.last("{{", func() { a.w.set("wiki-template", 1) })
	a.w.put("cite " + a.oneOf("web", "book", "journal") + " | url = ")
	a.url()
	a.w.put(" | title = " + titleCase("the "+a.placely().text+" "+a.place().one.text) + " | year = " + a.year() + " ")
	a.closeTemplate()
	a.w.endTag("ref")
}

// sources is the closing list of URLs.
func (a *wiki) sources() {
	a.heading("==", a.oneOf("external links", "sources", "references", "see also"))
	for range 2 + a.rng.IntN(3) {
		a.w.put("* ")
		if a.chance(0.5) {
			a.w.raw("[")
			a.url()
			a.w.raw(" " + capitalise(a.placely().text) + " " + a.place().one.text + "]")
		} else {
			a.url()
		}
		a.w.put("\n")
	}
}

func (a *wiki) url() { a.english.url(a.w) }

// url writes a URL; the label is on from its fourth rune to its last.
func (e *english) url(w *writer) {
	simple := func(n noun) string { return strings.ReplaceAll(n.one.text, " ", "-") }
	host := simple(e.place()) + e.oneOf("-", "", ".") + simple(e.thing()) + e.oneOf(".org", ".net", ".com", ".edu", ".info")
	u := e.oneOf("http://", "https://", "http://www.", "https://www.", "www.") + host
	for range e.rng.IntN(3) {
		u += "/" + e.oneOf(simple(e.thing()), simple(e.person()), fmt.Sprint(e.rng.IntN(2000)), strings.ToLower(pick(e.rng, e.l.towns).text))
	}
	switch e.rng.IntN(8) {
	case 0, 1, 2:
		u += "#" + e.oneOf(simple(e.beast()), simple(e.place()), "section-"+fmt.Sprint(1+e.rng.IntN(30)))
	case 3:
		u += "/" + capitalise(simple(e.place())) + "_(" + e.topic.name + ")"
	case 4:
		u += "/?" + e.oneOf("id", "page", "year") + "=" + fmt.Sprint(e.rng.IntN(5000))
	case 5:
		u += "/" + simple(e.thing()) + e.oneOf(".html", ".pdf", ".txt")
	}
	w.put(u[:3])
	w.set("url", 1)
	w.raw(u[3:])
	w.set("url", 0)
}
