package synth

import (
	"math/rand/v2"
	"slices"
)

// domains lists the simple domains in the order of Names.
func domains() []domain {
	return []domain{novelDomain(), playDomain(), wikiDomain(), codeDomain(), latexDomain(), xmlDomain(), dyckDomain()}
}

// mixedColumns are the concepts that every domain leaves exact: comments and
// string literals are missing because a quotation in a novel is no literal.
func mixedColumns() []string {
	columns := slices.Concat(brackets(), quotes(), tagColumns())
	return append(columns, "url", "wiki-link", "wiki-template", "heading", "latex-environment", "latex-math", "speaker-heading")
}

// dyckLines is how many lines of brackets stand together in the mixed text.
const dyckLines = 6

// generateMixed alternates sections of 600 to 3,000 runes of the other domains.
// They come in shuffled rounds, each domain once a round and never twice
// running. The sections of a round share a topic, and topics come in shuffled
// rounds too, so that any tail of some length has all of them. Brackets stand
// apart there, so that none looks like [[ or {{.
func generateMixed(n int, rng *rand.Rand, opt Options) *Text {
	w := newWriter(mixedColumns())
	opt.Spaced = true
	opt.Length = min(opt.Length, 40)
	round := domains()
	var topics []int
	for last := ""; len(w.runes) < n; {
		rng.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		if round[0].name == last {
			round[0], round[1] = round[1], round[0]
		}
		last = round[len(round)-1].name
		if len(topics) == 0 {
			topics = rng.Perm(len(words().topics))
		}
		opt.topic, topics = &words().topics[topics[0]], topics[1:]
		for _, d := range round {
			w.mixedSection(d, rng, opt)
		}
	}
	return w.text("mixed")
}

func (w *writer) mixedSection(d domain, rng *rand.Rand, opt Options) {
	if d.name != "dyck" {
		w.section(d, 600+rng.IntN(2400), rng, opt)
		return
	}
	lines := d
	lines.write = func(w *writer, n int, rng *rand.Rand, opt Options) {
		for range dyckLines {
			d.write(w, n, rng, opt)
		}
		w.put("\n")
	}
	w.section(lines, 0, rng, opt)
}
