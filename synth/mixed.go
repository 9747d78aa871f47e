package synth

import "math/rand/v2"

// domains lists the simple domains in the order of Names.
func domains() []domain {
	return []domain{dyckDomain()}
}

// generateMixed alternates sections of the other domains.
func generateMixed(n int, rng *rand.Rand, opt Options) *Text {
	w := newWriter(brackets())
	for len(w.runes) < n {
		for _, d := range domains() {
			w.section(d, n-len(w.runes), rng, opt)
		}
	}
	return w.text("mixed")
}
