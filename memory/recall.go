package memory

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	recallPerBin = 600       // closers of a kind and log2 gap bin that are asked, chosen by hash
	recallFewest = 60        // the same where the alphabet is large
	recallBytes  = 256 << 20 // of predictions kept, about: 4 V bytes each, in ten bins of every kind
	recallLeast  = 20        // closers of a kind, fewer are not reported
	farGap       = 50        // "50 and more characters"
)

// What is asked at a closer.
const (
	AskedMark = "closing mark"
	AskedName = "whole name"
)

// Recall is how well the right closer is known after gaps of all lengths, for one
// kind of pair.
type Recall struct {
	Kind    string      `json:"kind"`
	Asked   string      `json:"asked"`  // AskedMark: among the closing marks; AskedName: among names
	Others  string      `json:"others"` // the marks it is compared with, or how many names
	Pairs   int64       `json:"pairs"`  // in the reported part
	N       int64       `json:"n"`      // asked
	Bins    []RecallBin `json:"bins"`
	Far     *RecallBin  `json:"far,omitempty"` // all gaps of at least 50 characters, each bin weighing as in the text
	Horizon Horizon     `json:"horizon"`
}

// RecallBin is recall over a range of gaps. Probability is that of the right closer
// among the possible ones, Margin its LD in nats, Right the share with LD > 0.
type RecallBin struct {
	Lo               int           `json:"lo"`
	Hi               int           `json:"hi"` // 0: no upper end
	Gap              stat.Number   `json:"gap"`
	Probability      stat.Interval `json:"probability"`
	Margin           stat.Interval `json:"margin"`
	Right            stat.Interval `json:"right"`
	NgramProbability stat.Interval `json:"ngram_probability"`
	NgramMargin      stat.Interval `json:"ngram_margin"`
	NgramRight       stat.Interval `json:"ngram_right"`
	Excess           stat.Interval `json:"excess"`       // Margin - NgramMargin
	ExcessRight      stat.Interval `json:"excess_right"` // Right - NgramRight
}

// answer is the recall of one right thing among several: its margin and probability.
type answer struct{ margin, probability float64 }

// answerOf takes log-probabilities of the right thing and of the others.
func answerOf(right float64, others []float64) answer {
	best := slices.Max(others)
	sum := math.Exp(right)
	for _, o := range others {
		sum += math.Exp(o)
	}
	return answer{margin: right - best, probability: math.Exp(right) / sum}
}

func (a answer) right() float64 {
	if a.margin > 0 {
		return 1
	}
	return 0
}

// asked is a true closer with what the network and the n-gram line answered.
type asked struct {
	p           *pair
	weight      float64 // closers of the text it stands for
	net, finite answer
}

// recaller measures the recall of all kinds from one reading.
type recaller struct {
	in     *input
	opt    *Options
	found  *found
	model  *ngram.Model
	ask    *ask
	asked  map[string][]asked
	others map[string][]int32 // possible closing marks by kind
	names  map[string][]string
}

func newRecaller(in *input, opt *Options, f *found, a *ask) *recaller {
	return &recaller{in: in, opt: opt, found: f, ask: a, asked: map[string][]asked{}, others: map[string][]int32{}, names: map[string][]string{}}
}

// want chooses the closers to be asked and says which states that needs.
func (r *recaller) want() {
	var kinds []string
	for _, kind := range r.opt.Kinds {
		if len(r.found.byKind[kind]) >= recallLeast && r.prepare(kind) {
			kinds = append(kinds, kind)
		}
	}
	room := recallBytes / (4 * r.in.Model.Config().Vocab) / (10 * max(1, len(kinds)))
	perBin := max(recallFewest, min(recallPerBin, room))
	for _, kind := range kinds {
		ps := r.found.byKind[kind]
		bins := map[int][]pair{}
		for _, p := range ps {
			b := log2Bin(p.gap())
			bins[b] = append(bins[b], p)
		}
		for b := range 40 {
			sample := thin(bins[b], perBin)
			for i := range sample {
				p := &sample[i]
				at := r.question(p)
				if at < 0 {
					continue
				}
				r.asked[kind] = append(r.asked[kind], asked{p: p, weight: float64(len(bins[b])) / float64(len(sample))})
				r.ask.prediction(at - 1)
				if hasName(kind) {
					r.ask.state(at - 1)
				}
			}
		}
	}
}

// question is the position of the first symbol that answers: the closer's first
// mark, or the first letter of its name; -1 where the block does not score it, or where
// the mark is no symbol of its own.
func (r *recaller) question(p *pair) int {
	at := int(p.CloseStart)
	if hasName(p.Kind) {
		at = r.in.nameStart(p)
	}
	if !hasName(p.Kind) && !slices.Contains(r.others[p.Kind], r.in.IDs.at(at)) && r.in.splits() {
		return -1 // the mark is only a part of the symbol
	}
	if b := r.found.blocks[p.block]; at < 0 || at-1 < b.Lo || at >= b.Hi {
		return -1
	}
	return at
}

// closingMarks are what ends something in every kind of text.
const closingMarks = ")]}\"”’»›」』"

// prepare finds what the right closer of a kind is compared with.
func (r *recaller) prepare(kind string) bool {
	if hasName(kind) {
		r.names[kind] = commonNames(r.in, r.found, kind)
		return len(r.names[kind]) > 1
	}
	for _, m := range closingMarks {
		if id, ok := r.in.Alphabet.Lookup(m); ok {
			r.others[kind] = append(r.others[kind], id)
		}
	}
	return len(r.others[kind]) > 1
}

// answer asks the network and the n-gram line at every closer wanted.
func (r *recaller) answer(ctx context.Context, s *snapshot) error {
	for kind, list := range r.asked {
		if hasName(kind) {
			if err := r.answerNames(ctx, s, kind, list); err != nil {
				return err
			}
			continue
		}
		scorer := r.model.NewScorer()
		dist := make([]float64, r.model.Vocab())
		for i := range list {
			a := &list[i]
			at := int(a.p.CloseStart)
			right := r.in.IDs.at(at)
			a.net = amongMarks(right, r.others[kind], func(id int32) float64 { return float64(s.prediction(at - 1)[id]) })
			read(scorer, r.in.IDs, at, r.model.Order())
			scorer.Predict(r.model.Order(), dist)
			a.finite = amongMarks(right, r.others[kind], func(id int32) float64 { return math.Log(dist[id]) })
		}
	}
	return ctx.Err()
}

// read lets a scorer read the symbols before at that its order can use.
func read(s *ngram.Scorer, ids stretch, at, order int) {
	s.Reset()
	for _, id := range ids.span(max(ids.from, at-order+1), at) {
		s.Advance(id, nil)
	}
}

func amongMarks(right int32, marks []int32, logp func(int32) float64) answer {
	var others []float64
	for _, m := range marks {
		if m != right {
			others = append(others, logp(m))
		}
	}
	return answerOf(logp(right), others)
}

// results makes the figures of every kind asked.
func (r *recaller) results(rng *rand.Rand) []Recall {
	out := []Recall{}
	for _, kind := range r.opt.Kinds {
		list := r.asked[kind]
		if len(list) < recallLeast {
			continue
		}
		rec := Recall{Kind: kind, Asked: AskedMark, Others: r.othersOf(kind), Pairs: int64(len(r.found.byKind[kind])), N: int64(len(list))}
		if hasName(kind) {
			rec.Asked = AskedName
		}
		byBin := map[int][]asked{}
		var far []asked
		obs := make([]observation, 0, len(list))
		for _, a := range list {
			b := log2Bin(a.p.gap())
			byBin[b] = append(byBin[b], a)
			if a.p.gap() >= farGap {
				far = append(far, a)
			}
			obs = append(obs, observation{a.p.gap(), a.net.margin - a.finite.margin, a.p.segment()})
		}
		for b := range 40 {
			if len(byBin[b]) > 0 {
				lo, hi := binRange(b)
				rec.Bins = append(rec.Bins, recallBin(byBin[b], lo, hi))
			}
		}
		if len(far) > 0 {
			bin := recallBin(far, farGap, 0)
			rec.Far = &bin
		}
		rec.Horizon = horizonOf(obs, rng)
		out = append(out, rec)
	}
	slices.SortStableFunc(out, func(a, b Recall) int { return cmp.Compare(b.Pairs, a.Pairs) })
	return out
}

func (r *recaller) othersOf(kind string) string {
	if hasName(kind) {
		return "the most frequent names, those open around it and those opened last"
	}
	return r.in.Alphabet.Decode(r.others[kind])
}

// recallBin takes the figures over the closers given; intervals are by segment.
func recallBin(list []asked, lo, hi int) RecallBin {
	index := map[int]int{}
	for _, a := range list {
		if _, ok := index[a.p.segment()]; !ok {
			index[a.p.segment()] = len(index)
		}
	}
	mean := func(f func(a *asked) float64) stat.Interval {
		num, den := make([]float64, len(index)), make([]float64, len(index))
		for i := range list {
			s := index[list[i].p.segment()]
			num[s] += list[i].weight * f(&list[i])
			den[s] += list[i].weight
		}
		iv := stat.SegmentMean(num, den)
		iv.N = int64(len(list))
		return iv
	}
	share := func(f func(a *asked) float64) stat.Interval { return shareOf(mean(f)) }
	return RecallBin{
		Lo: lo, Hi: hi,
		Gap:              stat.Number(mean(func(a *asked) float64 { return float64(a.p.gap()) }).Estimate),
		Probability:      share(func(a *asked) float64 { return a.net.probability }),
		Margin:           mean(func(a *asked) float64 { return a.net.margin }),
		Right:            share(func(a *asked) float64 { return a.net.right() }),
		NgramProbability: share(func(a *asked) float64 { return a.finite.probability }),
		NgramMargin:      mean(func(a *asked) float64 { return a.finite.margin }),
		NgramRight:       share(func(a *asked) float64 { return a.finite.right() }),
		Excess:           mean(func(a *asked) float64 { return a.net.margin - a.finite.margin }),
		ExcessRight:      mean(func(a *asked) float64 { return a.net.right() - a.finite.right() }),
	}
}

// shareOf keeps the interval of a share inside [0,1]. Where every segment agrees on
// 0 or on 1 the jackknife sees no spread, and Wilson's interval stands in.
func shareOf(i stat.Interval) stat.Interval {
	if i.Estimate == 0 || i.Estimate == 1 {
		w := stat.Wilson(int64(i.Estimate)*i.N, i.N)
		i.Lo, i.Hi = w.Lo, w.Hi
	}
	i.Lo, i.Hi = math.Max(0, i.Lo), math.Min(1, i.Hi) // NaN stays
	return i
}
