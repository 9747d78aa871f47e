package memory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// SuiteResult is how a network and the n-gram line did.
type SuiteResult struct {
	Name    string     `json:"name"`
	About   string     `json:"about"`
	N       int        `json:"n"`
	Skipped int        `json:"skipped"` // pairs with characters the network does not know, or cut apart from their prefix
	Length  bool       `json:"length"`  // right and wrong are equally long in every pair
	All     SuiteBin   `json:"all"`
	Bins    []SuiteBin `json:"bins"`
	Far     *SuiteBin  `json:"far,omitempty"` // all gaps of at least 50 characters
	Horizon Horizon    `json:"horizon"`
}

// SuiteBin is a range of gaps: the share of pairs whose right continuation is the
// likelier (a tie counts half), the share of items told apart, and the mean of
// ln P(right) - ln P(wrong). An item is told apart when its two margins sum to more
// than 0: what decides then moves the preference the right way, even where a bias
// for one continuation hides it from the single pairs.
type SuiteBin struct {
	Lo          int           `json:"lo"`
	Hi          int           `json:"hi"`
	Gap         stat.Number   `json:"gap"`
	Right       stat.Interval `json:"right"`
	Margin      stat.Interval `json:"margin"`
	Apart       stat.Interval `json:"apart"` // undefined where no item has two versions
	NgramApart  stat.Interval `json:"ngram_apart"`
	NgramRight  stat.Interval `json:"ngram_right"`
	NgramMargin stat.Interval `json:"ngram_margin"`
}

// ReadPairs reads minimal pairs, one JSON object a line; empty lines are skipped.
// The error names the line.
func ReadPairs(r io.Reader) ([]MinimalPair, error) {
	var out []MinimalPair
	err := text.JSONLines(r, func(_ int, p MinimalPair) error {
		if p.Prefix == "" || p.Right == "" || p.Wrong == "" || p.Gap < 0 || p.Right == p.Wrong {
			return errors.New(`a minimal pair needs "prefix", "right", a different "wrong" and "gap" of at least 0`)
		}
		out = append(out, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: minimal pairs: %w", ErrInput, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no minimal pairs in the file", ErrInput)
	}
	return out, nil
}

// scoredPair is a minimal pair with ln P(right) - ln P(wrong).
type scoredPair struct {
	gap, segment, item int
	net, finite        float64
}

// Scorer is who is asked minimal pairs: a network, and an n-gram model beside it unless nil.
type Scorer struct {
	Model    *rnn.Model
	Alphabet *text.Alphabet
	NGram    *ngram.Model
	Workers  int
}

// Score asks every pair of a suite. The network reads each prefix from the zero state.
// Items are taken as drawn independently: intervals are over items.
func (q Scorer) Score(ctx context.Context, s Suite, rng *rand.Rand) (SuiteResult, error) {
	m, a, model := q.Model, q.Alphabet, q.NGram
	res := SuiteResult{Name: s.Name, About: s.About, Length: true, Bins: []SuiteBin{}}
	var prefixes [][]int32
	var continuations [][2][]int32
	var pairs []MinimalPair
	for _, p := range s.Pairs {
		prefix, e := a.Encode([]byte(p.Prefix), text.UnknownError)
		right, ok := continuationIDs(a, prefix, p.Prefix, p.Right)
		wrong, ok2 := continuationIDs(a, prefix, p.Prefix, p.Wrong)
		if e != nil || !ok || !ok2 {
			res.Skipped++
			continue
		}
		res.Length = res.Length && len(right) == len(wrong)
		prefixes, continuations = append(prefixes, prefix), append(continuations, [2][]int32{right, wrong})
		pairs = append(pairs, p)
	}
	res.N = len(pairs)
	logp, err := scoreContinuations(ctx, m, prefixes, continuations, q.Workers)
	if err != nil {
		return res, err
	}
	list := make([]scoredPair, len(pairs))
	for i, p := range pairs {
		list[i] = scoredPair{gap: p.Gap, segment: p.group, item: p.Item, net: logp[i][0] - logp[i][1]}
		switch {
		case p.group == 0 && p.Item == 0:
			list[i].segment = -1 - i
		case p.group == 0:
			list[i].segment = p.Item
		}
		if model != nil {
			list[i].finite = finiteMargin(model, prefixes[i], continuations[i][0], continuations[i][1])
		}
	}
	res.figures(list, model != nil, rng)
	return res, nil
}

// continuationIDs is the symbols of what follows a prefix; ok is false where the alphabet lacks
// some, or where words or pieces do not end with the prefix.
func continuationIDs(a *text.Alphabet, prefix []int32, before, after string) (ids []int32, ok bool) {
	if k := a.Kind(); k == text.Characters || k == text.Bytes {
		ids, err := a.Encode([]byte(after), text.UnknownError)
		return ids, err == nil
	}
	whole, err := a.Encode([]byte(before+after), text.UnknownError)
	if err != nil || len(whole) <= len(prefix) || !slices.Equal(whole[:len(prefix)], prefix) {
		return nil, false
	}
	return whole[len(prefix):], true
}

func finiteMargin(model *ngram.Model, prefix, right, wrong []int32) float64 {
	s := model.NewScorer()
	read(s, stretch{ids: prefix}, len(prefix), model.Order())
	r := continuation(s, right, model.Order())
	read(s, stretch{ids: prefix}, len(prefix), model.Order())
	return r - continuation(s, wrong, model.Order())
}

func (r *SuiteResult) figures(list []scoredPair, baseline bool, rng *rand.Rand) {
	byBin := map[int][]scoredPair{}
	var obs []observation
	var far []scoredPair
	for _, p := range list {
		if p.gap >= farGap {
			far = append(far, p)
		}
		byBin[log2Bin(p.gap)] = append(byBin[log2Bin(p.gap)], p)
		obs = append(obs, observation{p.gap, p.net - p.finite, p.segment})
	}
	r.All = suiteBin(list, 0, 0, baseline)
	for b := range 40 {
		if len(byBin[b]) > 0 {
			lo, hi := binRange(b)
			r.Bins = append(r.Bins, suiteBin(byBin[b], lo, hi, baseline))
		}
	}
	if len(far) > 0 {
		bin := suiteBin(far, farGap, 0, baseline)
		r.Far = &bin
	}
	r.Horizon = horizonOf(obs, rng)
}

func suiteBin(list []scoredPair, lo, hi int, baseline bool) SuiteBin {
	mean := func(f func(p scoredPair) float64) stat.Interval {
		var x sums
		for _, p := range list {
			x.add(p.segment, f(p))
		}
		return x.mean()
	}
	b := SuiteBin{Lo: lo, Hi: hi, Gap: stat.Number(mean(func(p scoredPair) float64 { return float64(p.gap) }).Estimate),
		Right: shareOf(mean(func(p scoredPair) float64 { return likelier(p.net) })), Margin: mean(func(p scoredPair) float64 { return p.net })}
	none := stat.Point(float64(stat.Undefined()), 0)
	b.Apart, b.NgramApart = shareApart(list, func(p scoredPair) float64 { return p.net }), none
	b.NgramRight, b.NgramMargin = none, none
	if baseline {
		b.NgramApart = shareApart(list, func(p scoredPair) float64 { return p.finite })
		b.NgramRight = shareOf(mean(func(p scoredPair) float64 { return likelier(p.finite) }))
		b.NgramMargin = mean(func(p scoredPair) float64 { return p.finite })
	}
	return b
}

// leastApart is how many nats two margins must sum to before they count: float32
// rounds what is smaller.
const leastApart = 1e-4

// shareApart is the share of items with two versions whose margins sum to more than 0.
func shareApart(list []scoredPair, margin func(p scoredPair) float64) stat.Interval {
	first := map[int]scoredPair{}
	var x sums
	for _, p := range list {
		if p.item == 0 {
			continue
		}
		other, ok := first[p.item]
		if !ok {
			first[p.item] = p
			continue
		}
		sum := margin(p) + margin(other)
		if math.Abs(sum) < leastApart {
			sum = 0
		}
		x.add(p.segment, likelier(sum))
	}
	return shareOf(x.mean())
}

// likelier is 1 where the right continuation is, 1/2 for a tie.
func likelier(margin float64) float64 {
	switch {
	case margin > 0:
		return 1
	case margin == 0:
		return 0.5
	}
	return 0
}
