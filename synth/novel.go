package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// novelDomain: chapters of hard-wrapped narrative in the past tense. A chapter
// keeps a small cast. In narration (outside quotation marks) a third-person
// singular pronoun always means the person whom the paragraph is about: the
// one first named in its first sentence or, when that names nobody, the one the
// paragraph before was about. So a gender, once set by a name, holds over
// paragraphs.
func novelDomain() domain {
	return domain{name: "novel", columns: quotes(), write: writeNovel}
}

func quotes() []string {
	return []string{"quote-straight", "quote-single", "quote-depth", "quote-parity", "in-quote"}
}

// Marks inside phrases: where a quotation opens and closes.
const (
	openMark  = '\x01'
	closeMark = '\x02'
)

// character is one member of the cast.
type character struct {
	name, surname string
	role          string // "the pilot"
	keeps         string // a thing that is theirs all through the chapter
	who           pronouns
}

type novel struct {
	*english
	w     *writer
	cast  []character
	curly bool
	open  []rune // closing marks still due
}

func writeNovel(w *writer, n int, rng *rand.Rand, opt Options) {
	b := &novel{english: newEnglish(rng, opt), w: w}
	b.curly = opt.Quotes == QuotesCurly || opt.Quotes == QuotesMixed && rng.IntN(2) == 0
	b.castPeople(3 + rng.IntN(3))
	lo := len(w.runes)
	goal := min(n, 3000+rng.IntN(3000))
	b.heading()
	for len(w.runes)-lo < goal {
		b.episode(opt.Width)
	}
	w.put("\n")
}

// castPeople draws k people with distinct names, both genders among them.
func (b *novel) castPeople(k int) {
	seen := map[string]bool{}
	for len(b.cast) < k {
		c := character{who: she, name: pick(b.rng, b.l.women).text}
		if len(b.cast) == 1 || len(b.cast) > 1 && b.chance(0.5) {
			c.who, c.name = he, pick(b.rng, b.l.men).text
		}
		c.surname = pick(b.rng, b.l.surnames).text
		c.role = pick(b.rng, b.topic.people).one.text
		c.keeps = b.thingly().text + " " + pick(b.rng, b.topic.things).one.text
		if seen[c.name] || seen[c.role] {
			continue
		}
		seen[c.name], seen[c.role] = true, true
		b.cast = append(b.cast, c)
	}
	b.rng.Shuffle(k, func(i, j int) { b.cast[i], b.cast[j] = b.cast[j], b.cast[i] })
}

func (b *novel) heading() {
	title := b.thingly().text + " " + b.thing().one.text
	if b.chance(0.4) {
		title = pick(b.rng, b.topic.people).one.text + " of " + pick(b.rng, b.l.towns).text
	}
	b.w.put(fmt.Sprintf("Chapter %d. The %s\n\n", 1+b.rng.IntN(60), titleCase(title)))
}

// titleCase capitalises every word of s but the small ones.
func titleCase(s string) string {
	fields := strings.Fields(s)
	for i, f := range fields {
		if f != "of" && f != "the" && f != "and" {
			fields[i] = capitalise(f)
		}
	}
	return strings.Join(fields, " ")
}

// episode is a few paragraphs about one person: told by name first, then by
// pronoun, then perhaps in talk with another.
func (b *novel) episode(width int) {
	about := b.cast[b.rng.IntN(len(b.cast))]
	b.paragraph(width, b.paragraphAbout(about, true))
	for range b.rng.IntN(3) {
		b.paragraph(width, b.paragraphAbout(about, false))
	}
	if b.chance(0.75) {
		b.talk(width, about)
	}
}

// paragraph writes marked text, wrapped, and a blank line.
func (b *novel) paragraph(width int, s string) {
	lo := len(b.w.runes)
	b.writeMarked(s)
	b.w.wrap(lo, width)
	b.w.put("\n\n")
}

// paragraphAbout is a paragraph of two to five sentences about c; named says whether the
// first calls c by name.
func (b *novel) paragraphAbout(c character, named bool) string {
	var out []string
	for i := range 2 + b.rng.IntN(4) {
		subject := c.who.subject
		if i == 0 && named {
			subject = c.nameIn(b.english)
		}
		var s string
		switch {
		case i > 0 && b.chance(0.15):
			s = b.scene()
		case b.chance(0.12):
			s = subject + " " + b.oneOf("still had", "looked at", "reached for", "thought of", "would not part with") + " " + c.who.possessive + " " + c.keeps + b.maybe(0.5, b.when)
		case i > 0 && b.chance(0.12):
			s = subject + " " + pick(b.rng, b.l.meet).past.text + " " + b.someoneElse(c).name + b.maybe(0.6, b.where)
		default:
			s = b.sentence(subject, c.who)
		}
		out = append(out, capitalise(s)+".")
	}
	return strings.Join(out, " ")
}

// nameIn is a way to name c: first name, full name, or name and role.
func (c character) nameIn(e *english) string {
	switch e.rng.IntN(6) {
	case 0:
		return c.name + " " + c.surname
	case 1:
		return c.name + " the " + c.role
	}
	return c.name
}

func (b *novel) someoneElse(c character) character {
	for {
		if o := b.cast[b.rng.IntN(len(b.cast))]; o.name != c.name {
			return o
		}
	}
}

// talk is an exchange between about and somebody else, in turns.
func (b *novel) talk(width int, about character) {
	a, o := about, b.someoneElse(about)
	for range 2 + b.rng.IntN(4) {
		b.paragraph(width, b.turn(a, o))
		a, o = o, a
	}
}

// turn is one paragraph in which a speaks to o.
func (b *novel) turn(a, o character) string {
	first := b.quotation(1+b.rng.IntN(2), o.name, 1)
	verb := pick(b.rng, b.l.speak).past.text
	tag := verb + " " + a.name
	if b.chance(0.4) {
		tag = a.name + " " + verb
	}
	switch b.rng.IntN(5) {
	case 0:
		return first + " " + b.quotedRest(o.name)
	case 1:
		return comma(first) + " " + tag + b.maybe(0.5, b.how) + ". " + b.quotedRest(o.name)
	case 2:
		return comma(first) + " " + tag + ", " + b.predicate(ing, a.who, 0) + "."
	case 3:
		return a.name + " " + b.predicate(past, a.who, 0) + ". " + first
	}
	return comma(first) + " " + tag + b.maybe(0.4, b.how) + b.maybe(0.3, func() string { return "to " + o.name }) + "."
}

// quotedRest is a second quotation of one to three sentences.
func (b *novel) quotedRest(listener string) string {
	return b.quotation(1+b.rng.IntN(3), listener, 1)
}

// quotation is k sentences of direct speech between marks; a sentence may report
// somebody's words in a quotation of its own, to the style's depth.
func (b *novel) quotation(k int, listener string, depth int) string {
	deepest := 2
	if b.curly {
		deepest = 3
	}
	var out []string
	for range k {
		s := b.speech(listener)
		if depth < deepest && b.chance(0.22) {
			teller := b.cast[b.rng.IntN(len(b.cast))]
			inner := b.quotation(1+b.rng.IntN(2), b.oneOf("my friend", teller.surname, "children", "sir", "madam"), depth+1)
			s = b.oneOf(teller.name, "the "+teller.role, "somebody", "the letter") + " " + b.oneOf("told me", "said", "always said", "answered", "wrote", "whispered to me") + ", " + inner
			if b.chance(0.4) {
				s = comma(inner) + " " + b.oneOf("was all "+teller.name+" said.", "said "+teller.name+".", "the "+teller.role+" told us.")
			}
			s = capitaliseMarked(s)
		}
		out = append(out, s)
	}
	return string(openMark) + strings.Join(out, " ") + string(closeMark)
}

// capitaliseMarked raises the first letter unless a quotation stands first.
func capitaliseMarked(s string) string {
	if s[0] == openMark {
		return s
	}
	return capitalise(s)
}

// comma turns the full stop at the end of a quotation into a comma.
func comma(q string) string {
	body := strings.TrimRight(q, string(closeMark))
	if !strings.HasSuffix(body, ".") {
		return q
	}
	return body[:len(body)-1] + "," + q[len(body):]
}

// writeMarked writes s, turning marks into the chapter's quotation marks.
func (b *novel) writeMarked(s string) {
	for _, r := range s {
		switch {
		case r == openMark:
			b.openQuote()
		case r == closeMark:
			b.closeQuote()
		case r == '\'' && b.curly:
			b.w.put("’")
		default:
			b.w.put(string(r))
		}
	}
}

// openQuote writes the opener for the present depth.
func (b *novel) openQuote() {
	outer := len(b.open)%2 == 0
	switch {
	case b.curly && outer:
		b.open = append(b.open, '”')
		b.deepen(+1)
		b.w.put("“")
	case b.curly:
		b.open = append(b.open, '’')
		b.deepen(+1)
		b.w.put("‘")
	case outer:
		b.open = append(b.open, '"')
		b.w.raw(`"`)
	default:
		b.open = append(b.open, '\'')
		b.w.set("quote-single", 1)
		b.w.put("'")
	}
}

// closeQuote writes the closer that is due.
func (b *novel) closeQuote() {
	mark := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	switch mark {
	case '"':
		b.w.raw(`"`)
		return
	case '\'':
		b.w.set("quote-single", 0)
	default:
		b.deepen(-1)
	}
	b.w.put(string(mark))
}

func (b *novel) deepen(d int16) {
	b.w.add("quote-depth", d)
	b.w.refreshQuotes()
}
