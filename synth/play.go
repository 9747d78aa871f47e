package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// playDomain: scenes in verse. A speech is a heading (the speaker in capitals,
// a colon, alone on its line) followed by lines of ten syllables whose stresses
// alternate, weak first; a blank line ends it. Stage directions stand in
// square brackets.
func playDomain() domain {
	return domain{name: "play", columns: append(brackets(), "speaker-heading"), write: writePlay}
}

func writePlay(w *writer, n int, rng *rand.Rand, opt Options) {
	p := &play{english: newEnglish(rng, opt), w: w}
	p.castPeople()
	lo := len(w.runes)
	goal := min(n, 3000+rng.IntN(3000))
	w.put(fmt.Sprintf("SCENE %s. %s\n\n", roman(1+rng.IntN(9)), capitalise(article(p.describe(p.place().one.text, p.placely)))+" "+p.oneOf("near", "in", "before")+" "+pick(rng, p.l.towns).text+"."))
	p.direction("Enter " + p.list())
	speaker := rng.IntN(len(p.cast))
	for len(w.runes)-lo < goal {
		next := (speaker + 1 + rng.IntN(len(p.cast)-1)) % len(p.cast)
		p.speechOf(p.cast[speaker], p.cast[next])
		speaker = next
	}
	p.direction(p.oneOf("Exeunt all", "Trumpets sound within", "Exeunt "+p.list()))
}

// player is a member of the cast.
type player struct {
	name string
	who  pronouns
}

type play struct {
	*english
	w    *writer
	cast []player
}

func (p *play) castPeople() {
	seen := map[string]bool{}
	for want := 3 + p.rng.IntN(2); len(p.cast) < want; {
		c := player{pick(p.rng, p.l.women).text, she}
		if p.chance(0.5) {
			c = player{pick(p.rng, p.l.men).text, he}
		}
		if !seen[c.name] {
			seen[c.name] = true
			p.cast = append(p.cast, c)
		}
	}
}

func (p *play) list() string {
	var names []string
	for _, c := range p.cast {
		names = append(names, strings.ToUpper(c.name))
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func (p *play) direction(s string) { p.w.raw("[" + s + "]\n\n") }

// speechOf is one speech of a, addressed to b.
func (p *play) speechOf(a, b player) {
	p.w.set("speaker-heading", 1)
	p.w.put(strings.ToUpper(a.name) + ":")
	p.w.set("speaker-heading", 0)
	p.w.put("\n")
	for range 1 + p.rng.IntN(5) {
		p.w.put(p.verse(b))
		p.w.put("\n")
	}
	p.w.put("\n")
	if p.chance(0.06) {
		p.direction(p.oneOf("Enter a messenger", "Exit a servant", "Aside to "+strings.ToUpper(b.name), "Thunder within", "They embrace", "Draws a "+p.thing().one.text))
	}
}

// verse is one line of ten syllables, weak and strong in turn, with its
// punctuation.
func (p *play) verse(b player) string {
	for {
		if s, ok := p.fit(pick(p.rng, verseFrames), b); ok {
			return s
		}
	}
}

// verseFrames are the shapes of a line. A slot in braces is a word class;
// every other word is written as it stands, and is a single syllable that may
// be weak or strong.
var verseFrames = parseFrames(
	"my {kin} {take3} the {adj} {thing}.",
	"the {adj} {person} {meet3} the {adj} {person}.",
	"I {take} the {adj} {thing} and {take} the {thing}.",
	"and in the {adj} {place} the {beasts} {rest}.",
	"O {name}, the {adj} {thing} is in the {place}!",
	"the {weather} {sky3} and all {adj} {things} {sky}.",
	"what {adj} {person} would {take} my {thing}?",
	"if {feeling} {rest3}, then {adj} {things} {sky}.",
	"go {meet} the {person} by the {adj} {place}.",
	"thou art as {adj} as the {weather}, {name}.",
	"she {rest3} and {take3} her {adj} {thing} no more.",
	"he {move3} to the {place} and {take3} his {adj} {thing}.",
	"no {person} of {town} shall {take} the {thing}.",
	"my {adj} heart {rest3} with {feel} {feeling}.",
	"{name}, I {think} thy {kin} is in the {place}.",
	"we {move} from {town} to {take} the {adj} {things}.",
	"let {feeling} be the {thing} of {adj} {kins}.",
	"how {manner} do the {adj} {beasts} {rest}?",
	"so {manner} the {person} {meet3} my {kin}.",
	"the {things} that {persons} {take} are {adj} and {adj}.",
	"yet when {weather} {sky3}, thy {feel} {feeling} {sky3};",
	"be {adj}, {name}; the {adj} {weather} {sky3}.",
	"the {persons} of the {place} {think} that we {rest},",
	"a {thing}, a {thing}, a {adj} {beast}, a {thing}!",
	"not {feeling} nor {feel} {feeling} can {take} my {thing},",
	"when {persons} {meet} the {kins} of {adj} {persons},",
	"{feel} {feeling} {rest3} where {adj} {beasts} {rest};",
	"bring me the {thing} and {meet} the {adj} {person}.",
	"ere {persons} {rest}, the {adj} {thing} shall be thine.",
	"in {town} stands a {adj} {place} of {things}.",
	"{manner} I {take} what {adj} {persons} {take}.",
	"who {think3} that {beasts} {rest} by {adj} {places}?",
	"our {kins} {move} to the {places} and {rest}.",
	"thy {feel} {feeling} is a {adj} {thing}.",
	"O thou, the {adj} {person} {think3} I {rest}.",
	"O {adj} {thing}, O {adj} {thing}, O {thing}!",
	"his {kin} {move3} from {place} to {adj} {place}.",
	"such {adj} {things} as {persons} {take} and {take}.",
	"{name} {meet3} {adj} {kins} in {town}.",
	"nor shall the {weather} of {town} {take} me.",
	"with {thing} and {adj} {thing} the {person} {rest3};",
	"two {adj} {beasts} {rest} below the {place}.",
	"{persons} and {persons} {move} to {town}.",
	"she {think3} the {weather} {sky3} on {adj} {kins}.",
	"if I {meet} thee, {name}, {adj} {things} {sky};",
	"let {beasts} {rest}; the {adj} {person} {rest3}.",
)

// slot is one element of a frame: a fixed word or a class, and what follows it.
type slot struct{ fixed, class, after string }

func parseFrames(lines ...string) [][]slot {
	var out [][]slot
	for _, line := range lines {
		var frame []slot
		for _, f := range strings.Fields(line) {
			core := strings.TrimRight(f, ".,;!?")
			s := slot{fixed: core, after: f[len(core):]}
			if class, ok := strings.CutPrefix(core, "{"); ok {
				s.fixed, s.class = "", strings.TrimSuffix(class, "}")
			}
			frame = append(frame, s)
		}
		out = append(out, frame)
	}
	return out
}

// syllablesALine is the length of a verse line.
const syllablesALine = 10

// fit fills frame so that the line has ten syllables in rising rhythm: a
// stressed syllable stands on an even place (counted from one), an unstressed
// one on an odd place. It searches depth first with few tries at each slot.
func (p *play) fit(frame []slot, b player) (string, bool) {
	chosen := make([]string, len(frame))
	var try func(i, at int) bool
	try = func(i, at int) bool {
		if i == len(frame) {
			return at == syllablesALine
		}
		if at >= syllablesALine {
			return false
		}
		if frame[i].class == "" {
			chosen[i] = frame[i].fixed
			return try(i+1, at+1)
		}
		for range 4 {
			w := p.classWord(frame[i].class, b)
			if at+len(w.stress) <= syllablesALine && rises(w.stress, at) {
				chosen[i] = w.text
				if try(i+1, at+len(w.stress)) {
					return true
				}
			}
		}
		return false
	}
	if !try(0, 0) {
		return "", false
	}
	for i, s := range frame {
		if chosen[i] == "a" && i+1 < len(frame) {
			chosen[i] = strings.TrimSuffix(article(chosen[i+1]), " "+chosen[i+1])
		}
		chosen[i] += s.after
	}
	return capitalise(strings.Join(chosen, " ")), true
}

// rises says whether a word whose first syllable is number at (from zero) keeps
// stresses on odd places; a one-syllable word stands anywhere.
func rises(stress string, at int) bool {
	if len(stress) == 1 {
		return true
	}
	for i := range len(stress) {
		if stress[i] == '1' && (at+i)%2 == 0 {
			return false
		}
	}
	return true
}

// classWord draws a word of a class; name is the person spoken to.
func (p *play) classWord(class string, b player) word {
	l := p.l
	verbs := map[string][]verb{"take": {p.taking()}, "meet": l.meet, "move": {p.moving()}, "rest": l.rest, "sky": l.sky, "think": l.think}
	if v, ok := verbs[strings.TrimSuffix(class, "3")]; ok {
		if strings.HasSuffix(class, "3") {
			return pick(p.rng, v).third
		}
		return pick(p.rng, v).base
	}
	switch class {
	case "kin":
		return pick(p.rng, l.kin).one
	case "kins":
		return pick(p.rng, l.kin).many
	case "adj":
		return p.adjective()
	case "feel":
		return pick(p.rng, l.ofFeeling)
	case "thing":
		return p.thing().one
	case "things":
		return p.thing().many
	case "person":
		return p.person().one
	case "persons":
		return p.person().many
	case "place":
		return p.place().one
	case "places":
		return p.place().many
	case "beast":
		return p.beast().one
	case "beasts":
		return p.beast().many
	case "weather":
		return pick(p.rng, l.weather).one
	case "feeling":
		return pick(p.rng, l.feelings).one
	case "manner":
		return pick(p.rng, l.manner)
	case "town":
		return pick(p.rng, l.towns)
	case "name":
		for _, list := range [][]word{l.women, l.men} {
			for _, w := range list {
				if w.text == b.name {
					return w
				}
			}
		}
	}
	panic("synth: no word class " + class)
}

func (p *play) adjective() word {
	switch p.rng.IntN(3) {
	case 0:
		return p.thingly()
	case 1:
		return p.placely()
	}
	return pick(p.rng, p.l.ofPerson)
}

// roman writes 1..9 in Roman figures.
func roman(n int) string {
	return [...]string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}[n-1]
}
