package synth

import (
	"math"
	"math/rand/v2"
	"strings"
)

// PairSuite is a kind of minimal pairs that Pairs makes.
type PairSuite struct {
	Name  string
	About string // one sentence
	Needs string // what the texts the pairs are made like have in plenty
}

// MinimalPair asks which of two continuations of a text is right. Right and Wrong
// are equally long. Gap is the number of characters between what decides and the
// answer. The two pairs of one Item differ in what decides, and what is right in one
// is wrong in the other: who remembers nothing gets half of them.
type MinimalPair struct {
	Prefix, Right, Wrong string
	Gap, Item            int
}

type pairMaker struct {
	PairSuite
	make func(rng *rand.Rand, gap, version int) MinimalPair
	most int // longest gap aimed at
}

func pairMakers() []pairMaker {
	return []pairMaker{
		{PairSuite{"gender", "somebody is named once; after paragraphs in which nobody occurs: her or his?", " She "}, genderPair, 1000},
		{PairSuite{"gender-told", "somebody is named once and then called she or he over paragraphs: her or his? The gap is that to the name", " She "}, toldPair, 1000},
		{PairSuite{"tags", "which of two elements of this document is still open?", "</"}, tagPair, 600},
		{PairSuite{"environments", "which of two environments of this section is still open?", `\begin{`}, environmentPair, 600},
		{PairSuite{"math", "was it a round bracket or a brace, before a formula with brackets of its own?", `$`}, mathPair, 120},
	}
}

// PairSuites lists the suites in a fixed order.
func PairSuites() []PairSuite {
	var out []PairSuite
	for _, m := range pairMakers() {
		out = append(out, m.PairSuite)
	}
	return out
}

// Pairs makes n minimal pairs (one more if n is odd) of a suite, their gaps spread
// evenly in log gap. The same rng state gives the same pairs. It panics when there
// is no such suite.
func Pairs(suite string, n int, rng *rand.Rand) []MinimalPair {
	const least = 4
	for _, m := range pairMakers() {
		if m.Name != suite {
			continue
		}
		var out []MinimalPair
		for item := 1; len(out) < n; item++ {
			gap := int(least * math.Exp(rng.Float64()*math.Log(float64(m.most)/least)))
			seed := [2]uint64{rng.Uint64(), rng.Uint64()}
			for version := range 2 {
				p := m.make(rand.New(rand.NewPCG(seed[0], seed[1])), gap, version)
				p.Item = item
				out = append(out, p)
			}
		}
		return out
	}
	panic("synth: no minimal pairs called " + suite)
}

// paragraphs writes sentences as wrapped paragraphs of two to five.
func paragraphs(w *writer, sentences []string, rng *rand.Rand) {
	for len(sentences) > 0 {
		n := min(len(sentences), 2+rng.IntN(4))
		lo := len(w.runes)
		w.put(strings.Join(sentences[:n], " "))
		w.wrap(lo, pairWidth)
		w.put("\n\n")
		sentences = sentences[n:]
	}
}

const pairWidth = 70

// cast is a chapter's beginning about one person, who is a woman in version 0.
func cast(rng *rand.Rand, version int) (*novel, character) {
	b := &novel{english: newEnglish(rng, Options{}), w: newWriter(nil)}
	b.castPeople(4)
	b.heading()
	woman, man := pick(rng, b.l.women).text, pick(rng, b.l.men).text
	c := b.cast[0]
	c.name, c.who = woman, she
	if version == 1 {
		c.name, c.who = man, he
	}
	return b, c
}

// scenes are sentences without a person until they are gap characters long.
func (b *novel) scenes(gap int) []string {
	var out []string
	for n := 0; n < gap; {
		s := capitalise(b.scene()) + "."
		out = append(out, s)
		n += len(s) + 1
	}
	return out
}

// ownerPair ends the text with a participle and asks whose thing it is about: "Polishing" her or his.
func (b *novel) ownerPair(c character, cue int) MinimalPair {
	lo := len(b.w.runes)
	b.w.put(capitalise(b.taking().ing.text) + " ")
	at := len(b.w.runes)
	b.w.put(c.who.possessive + " " + b.thing().one.text)
	b.w.wrap(lo, pairWidth)
	other := she
	if c.who == she {
		other = he
	}
	return MinimalPair{Prefix: string(b.w.runes[:at]), Right: c.who.possessive, Wrong: other.possessive, Gap: at - cue}
}

func genderPair(rng *rand.Rand, gap, version int) MinimalPair {
	b, c := cast(rng, version)
	first := c.name + " was " + pick(rng, b.l.ofPerson).text
	rest := b.scenes(gap - len("."))
	lo := len(b.w.runes)
	paragraphs(b.w, append([]string{first + "."}, rest...), rng)
	return b.ownerPair(c, lo+len([]rune(c.name)))
}

func toldPair(rng *rand.Rand, gap, version int) MinimalPair {
	b, c := cast(rng, version)
	cue := len(b.w.runes)
	sentences := []string{c.name + " " + b.past(c.who) + "."}
	for n := len(sentences[0]); n < gap; {
		s := capitalise(b.sentence(c.who.subject, c.who)) + "."
		if b.chance(0.15) {
			s = capitalise(b.scene()) + "."
		}
		sentences = append(sentences, s)
		n += len(s) + 1
	}
	paragraphs(b.w, sentences, rng)
	return b.ownerPair(c, cue+len([]rune(c.name)))
}

// twoNames draws two element names of equal length that differ.
func (d *xmlDoc) twoNames() [2]string {
	for {
		a, b := d.elementName(), d.elementName()
		if a != b && len(a) == len(b) {
			return [2]string{a, b}
		}
	}
}

func tagPair(rng *rand.Rand, gap, version int) MinimalPair {
	d := &xmlDoc{english: newEnglish(rng, Options{}), w: newWriter(nil), next: rng.IntN(900)}
	names := d.twoNames()
	for len(d.leaves) < 6 {
		if n := d.elementName(); n != names[0] && n != names[1] {
			d.leaves = append(d.leaves, n)
		}
	}
	d.leaves = append(d.leaves, "title", "name", "note", "price", "date")
	d.keys = []string{"id", "kind", "owner", "colour", "count", "href"}
	open, closed := names[version], names[1-version]
	d.open(d.elementName()+"-list", 0)
	d.open(closed, 1)
	d.leaf(pick(rng, d.leaves), 2)
	d.end(closed, 1)
	d.open(open, 1)
	cue := len(d.w.runes)
	for len(d.w.runes)-cue < gap {
		d.leaf(pick(rng, d.leaves), 2)
	}
	d.indent(1)
	d.w.put("</")
	return MinimalPair{Prefix: string(d.w.runes), Right: open + ">", Wrong: closed + ">", Gap: len(d.w.runes) - cue}
}

func environmentPair(rng *rand.Rand, gap, version int) MinimalPair {
	d := newPaper(rng)
	names := [][2]string{{"lemma", "claim"}, {"theorem", "example"}}[rng.IntN(2)]
	open, closed := names[version], names[1-version]
	d.prose(1)
	d.w.put("\n")
	d.begin(closed, 0)
	d.w.put("\n")
	d.statementLine()
	d.end(closed, 0)
	d.begin(open, 0)
	cue := len(d.w.runes)
	d.w.put("\n")
	for len(d.w.runes)-cue < gap {
		d.statementLine()
	}
	d.w.put(`\end{`)
	return MinimalPair{Prefix: string(d.w.runes), Right: open + "}", Wrong: closed + "}", Gap: len(d.w.runes) - cue}
}

// statementLine is one line inside a statement.
func (d *latex) statementLine() {
	d.indent(1)
	d.sentenceOf()
	d.w.put("\n")
}

// newPaper is the beginning of a section of a paper.
func newPaper(rng *rand.Rand) *latex {
	d := &latex{english: newEnglish(rng, Options{}), w: newWriter(nil), width: pairWidth}
	d.letters = []string{"a", "f", "x", "n"}
	d.greek = []string{`\alpha`, `\lambda`}
	d.object, d.class = pick(rng, mathObjects), pick(rng, mathAdjectives)
	return d
}

func mathPair(rng *rand.Rand, gap, version int) MinimalPair {
	d := newPaper(rng)
	d.prose(1)
	d.w.put("The " + d.object + " $")
	if version == 0 {
		d.w.put(pick(rng, d.letters) + "(")
	} else {
		d.w.put(pick(rng, d.letters) + "_{")
	}
	cue := len(d.w.runes)
	d.term(1)
	for len(d.w.runes)-cue < gap {
		d.w.put(" + ")
		d.term(1)
	}
	right, wrong := ")", "}"
	if version == 1 {
		right, wrong = wrong, right
	}
	return MinimalPair{Prefix: string(d.w.runes), Right: right, Wrong: wrong, Gap: len(d.w.runes) - cue}
}
