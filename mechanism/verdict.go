package mechanism

import (
	"strings"

	"github.com/rnnscope/rnnscope/stat"
)

// Verdicts beside a mechanism or several joined by "or".
const (
	Mixed = "mixed" // every mechanism is excluded by some test
	None  = "none"  // the network does not tell inside from outside, in probes and in the text: nothing to explain
)

// Thresholds of the verdict. They lie between what hand-wired flags, counters and
// stacks measure with noise on every weight; TestHandWired holds them.
const (
	// knows: an AUROC whose interval lies above says that the network tells the two
	// cases apart, one whose interval lies below that it does not.
	knows = 0.75
	// surely: the same for a claim about all depths beyond training.
	surely = 0.9
	// leastInside and leastNats: telling inside from outside at all. What stands before
	// a closer differs from place to place, so that the AUROC of a network that uses the
	// quotation need not be high; untrained networks fall short of both.
	leastInside = 0.6
	leastNats   = 0.3
	// dominates: the share of the variance that a term of the toggle fit must explain.
	dominates = 0.5
	// vanishes: a step this small beside the first one is none.
	vanishes = 0.35
	// parallel and orthogonal: mean cosine of two steps.
	parallel   = 0.6
	orthogonal = 0.4
	// unequal: the smallest of the steps beside the largest.
	unequal = 0.4
	// restored: what the closer gives back of the opener's step.
	restored = 0.5
	// apart: share of the distance between two states that is left after filler.
	apart = 0.25
	// neutral: |eigenvalue| a character of a direction that neither decays nor grows.
	neutralLow, neutralHigh = 0.96, 1.04
)

// decide draws the verdict from what the tests leave.
func (r *Result) decide() {
	r.Left = []Mechanism{}
	for _, m := range r.Candidates {
		excluded := false
		for i := range r.Tests {
			for _, e := range r.Tests[i].Excludes {
				excluded = excluded || r.Tests[i].Applicable && e.Mechanism == m
			}
		}
		if !excluded {
			r.Left = append(r.Left, m)
		}
	}
	switch n := r.Natural; {
	case tells(r.Inside.AUROC, r.Inside.Nats):
		r.name()
	case n != nil && tells(n.AUROC, n.Nats):
		r.Left, r.Verdict = []Mechanism{}, OffText
	default:
		r.Left, r.Verdict = []Mechanism{}, None
	}
}

// name puts the mechanisms that are left into words.
func (r *Result) name() {
	switch {
	case len(r.Left) == 0:
		r.Verdict = Mixed
	default:
		words := make([]string, len(r.Left))
		for i, m := range r.Left {
			words[i] = string(m)
		}
		r.Verdict = strings.Join(words, " or ")
	}
}

// OffText is the verdict where the network tells inside from outside in the text itself and
// not in the probes: these are unlike the text, and what they show of it is nothing.
const OffText = "off its text"

// tells reports whether inside is told from outside by the thresholds of the verdict.
func tells(auroc, nats stat.Interval) bool { return auroc.Lo >= leastInside && nats.Lo >= leastNats }

// ByContent reports that inside and outside are told apart about as well without reading the mark:
// what stands there says so, and the state need not have kept it.
func (i Inside) ByContent() bool {
	return tells(i.Unmarked, i.UnmarkedNats) && i.UnmarkedNats.Hi >= i.Nats.Lo
}
