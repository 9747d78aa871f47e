package memory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/synth"
)

// SuiteAll asks for every built-in suite whether or not the text speaks its words.
const SuiteAll = "all"

// SuiteNone asks for none.
const SuiteNone = "none"

const (
	suitePairs = 600 // of a built-in suite
	suiteNeeds = 50  // times what a suite needs must stand in the training text for it to be asked
	suiteSpeak = 20  // times a suite's answers must stand in the training text to be asked
)

// SuiteNames lists the built-in suites.
func SuiteNames() []string {
	var names []string
	for _, s := range synth.PairSuites() {
		names = append(names, s.Name)
	}
	return names
}

// suites are the minimal pairs to be asked: the built-in ones that were named or,
// when none was, whose answers the training text uses; and the user's own.
func (o *Options) suites(in *input, rng *rand.Rand) ([]Suite, error) {
	if slices.Contains(o.Suites, SuiteNone) {
		return o.Own, nil
	}
	for _, n := range o.Suites {
		if n != SuiteAll && n != SuiteNone && !slices.Contains(SuiteNames(), n) {
			return nil, fmt.Errorf("%w: %w %q; choose among %s, %s, %s", ErrInput, ErrSuite, n, strings.Join(SuiteNames(), ", "), SuiteAll, SuiteNone)
		}
	}
	var out []Suite
	for _, s := range synth.PairSuites() {
		suite := Suite{Name: s.Name, About: s.About}
		for _, p := range synth.Pairs(s.Name, suitePairs, rng) {
			suite.Pairs = append(suite.Pairs, MinimalPair{Prefix: p.Prefix, Right: p.Right, Wrong: p.Wrong, Gap: p.Gap, Item: p.Item})
		}
		asked := slices.Contains(o.Suites, s.Name) || slices.Contains(o.Suites, SuiteAll)
		if asked || len(o.Suites) == 0 && speaks(in, suite, s.Needs) {
			out = append(out, suite)
		}
	}
	return append(out, o.Own...), nil
}

// speaks reports whether nine in ten of a suite's pairs are written in the
// network's alphabet and their answers, and what the suite needs, are common in
// the training text.
func speaks(in *input, s Suite, needs string) bool {
	train := in.Alphabet.Decode(in.Train[:min(len(in.Train), maxCharacter)])
	if strings.Count(train, needs) < suiteNeeds {
		return false
	}
	count := map[string]int{}
	known := 0
	for _, p := range s.Pairs {
		ok := true
		for _, w := range []string{p.Right, p.Wrong} {
			if _, seen := count[w]; !seen {
				count[w] = strings.Count(train, w)
			}
			ok = ok && count[w] >= suiteSpeak
		}
		for _, r := range p.Prefix {
			if _, in := in.Alphabet.Lookup(r); !in {
				ok = false
				break
			}
		}
		if ok {
			known++
		}
	}
	return 10*known >= 9*len(s.Pairs)
}
