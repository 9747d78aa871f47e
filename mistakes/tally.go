package mistakes

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Characters of an example before and after the error.
const (
	exampleBefore = 40
	exampleAfter  = 12
)

// nCauses counts Causes; the last is the rest.
const nCauses = 10

// piece is what one segment of the text adds.
type piece struct {
	n, wrong        float64
	loss, lossWrong float64
	ngram           float64
	removed         [nCauses]float64  // errors by first cause
	nats            [nCauses]float64  // Shapley values
	gain            map[int32]float64 // n-gram loss less network loss, by symbol
}

// charSum is what one symbol adds over the whole text.
type charSum struct {
	n              int64
	network, ngram float64
}

type tally struct {
	s          *specimen.Specimen
	at         *surroundings
	model      *ngram.Model
	opt        Options
	best       int // order
	res        *Result
	characters int64
	pieces     map[int]*piece
	holds      [nCauses]int64
	removed    [nCauses]int64
	worst      [nCauses][]Example
	chars      map[int32]*charSum
}

func newTally(s *specimen.Specimen, at *surroundings, m *ngram.Model, opt Options) *tally {
	return &tally{
		s: s, at: at, model: m, opt: opt, pieces: map[int]*piece{}, chars: map[int32]*charSum{},
		res: &Result{Version: opt.Version, Text: s.Text.Name, Split: s.Split, Step: s.Step, Orders: orders, Segment: segment},
	}
}

// add takes one prediction: of the symbol at position i, by the network and by n-grams of every order.
func (t *tally) add(i, symbol int, logProb []float32, grams [orders]float64) {
	loss, byGram := -float64(logProb[symbol]), -grams[t.best-1]
	r := int32(symbol)
	p := t.pieces[i/segment]
	if p == nil {
		p = &piece{gain: map[int32]float64{}}
		t.pieces[i/segment] = p
	}
	c := t.chars[r]
	if c == nil {
		c = &charSum{}
		t.chars[r] = c
	}
	t.characters++
	p.n, p.loss, p.ngram = p.n+1, p.loss+loss, p.ngram+byGram
	p.gain[r] += byGram - loss
	c.n, c.network, c.ngram = c.n+1, c.network+loss, c.ngram+byGram
	if probability(-loss) >= right {
		return
	}
	p.wrong, p.lossWrong = p.wrong+1, p.lossWrong+loss
	t.explain(i, loss, p, t.at.causes(i)|ownCauses(loss, grams), logProb)
}

// ownCauses are those that the predictions decide.
func ownCauses(loss float64, grams [orders]float64) uint16 {
	var out uint16
	for _, logp := range grams {
		if probability(logp) > right {
			out |= 1 // NGram
		}
	}
	if probability(-loss) >= near {
		out |= 1 << (nCauses - 2) // NearMiss
	}
	return out
}

// explain shares an error's loss among its causes. In a game in which a set of causes is worth the loss
// of the errors that any of them explains, the Shapley value gives each of an error's k causes one k-th.
func (t *tally) explain(i int, loss float64, p *piece, causes uint16, logProb []float32) {
	if causes == 0 {
		causes = 1 << (nCauses - 1) // Rest
	}
	first := bits.TrailingZeros16(causes)
	part := loss / float64(bits.OnesCount16(causes))
	for k := range nCauses {
		if causes&(1<<k) != 0 {
			t.holds[k]++
			p.nats[k] += part
		}
	}
	p.removed[first]++
	t.removed[first]++
	t.keep(first, i, loss, logProb)
}

// keep holds on to the costliest errors of a cause.
func (t *tally) keep(cause, i int, loss float64, logProb []float32) {
	p := probability(-loss)
	list := t.worst[cause]
	if len(list) == t.opt.Examples && (len(list) == 0 || list[len(list)-1].P <= p) {
		return
	}
	top := 0
	for k, x := range logProb {
		if x > logProb[top] {
			top = k
		}
	}
	ids, a := t.at.ids, t.s.Alphabet
	before, after := []rune(a.ShowString(ids[max(0, i-exampleBefore):i])), []rune(a.ShowString(ids[i+1:min(len(ids), i+1+exampleAfter)]))
	list = append(list, Example{
		Position: i, Before: string(before[max(0, len(before)-exampleBefore):]), Char: t.written(ids[i]), After: string(after[:min(len(after), exampleAfter)]),
		P: p, Expected: t.written(int32(top)), Q: probability(float64(logProb[top])),
	})
	slices.SortStableFunc(list, func(a, b Example) int { return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(a.Position, b.Position)) })
	t.worst[cause] = list[:min(len(list), t.opt.Examples)]
}

// segments are the pieces in the order of the text.
func (t *tally) segments() []*piece {
	out := make([]*piece, 0, len(t.pieces))
	for _, at := range slices.Sorted(maps.Keys(t.pieces)) {
		out = append(out, t.pieces[at])
	}
	return out
}

func (t *tally) result() *Result {
	r, all := t.res, t.segments()
	ratio := func(num, den func(*piece) float64) stat.Interval {
		a, b := make([]float64, len(all)), make([]float64, len(all))
		for i, p := range all {
			a[i], b[i] = num(p), den(p)
		}
		return stat.SegmentMean(a, b)
	}
	n := func(p *piece) float64 { return p.n }
	wrong, lossWrong := func(p *piece) float64 { return p.wrong }, func(p *piece) float64 { return p.lossWrong }
	loss := func(p *piece) float64 { return p.loss }
	r.Characters, r.Segments, r.Best = t.characters, len(all), t.best
	r.Rate, r.Loss, r.LossShare = ratio(wrong, n), ratio(loss, n), ratio(lossWrong, loss)
	r.LossShare.N = r.Characters
	r.NGramLoss = ratio(func(p *piece) float64 { return p.ngram }, n)
	for k, name := range Causes() {
		r.Wrong += t.removed[k]
		r.Causes = append(r.Causes, Cause{
			Name: name, Holds: t.holds[k], Removed: t.removed[k], Worst: t.worst[k],
			Share:   ratio(func(p *piece) float64 { return p.removed[k] }, wrong),
			Nats:    ratio(func(p *piece) float64 { return p.nats[k] }, n),
			Shapley: ratio(func(p *piece) float64 { return p.nats[k] }, lossWrong),
		})
	}
	for k := range r.Causes {
		r.Causes[k].Shapley.N = r.Wrong
	}
	for _, ch := range t.gaining() {
		c := t.chars[ch]
		r.Gains = append(r.Gains, Gain{
			Char: t.written(ch), Count: c.n, Network: c.network / float64(c.n), NGram: c.ngram / float64(c.n),
			Gain: ratio(func(p *piece) float64 { return p.gain[ch] }, n),
		})
	}
	slices.SortFunc(r.Gains, func(a, b Gain) int {
		return cmp.Or(cmp.Compare(orZero(b.Gain.Estimate), orZero(a.Gain.Estimate)), cmp.Compare(a.Char, b.Char))
	})
	return r
}

// written is a symbol's text; of one that stands for none, its name.
func (t *tally) written(id int32) string {
	if s := t.s.Alphabet.ShowString([]int32{id}); s != "" {
		return s
	}
	return t.s.Alphabet.Visible(id) // part of a character
}

// mostGains bounds the symbols of a vocabulary whose gains are reported.
const mostGains = 200

// gaining are the symbols whose gains are reported: all characters, of a vocabulary the most frequent.
func (t *tally) gaining() []int32 {
	out := slices.Sorted(maps.Keys(t.chars))
	if _, named := t.s.Alphabet.Vocabulary(); named && len(out) > mostGains {
		slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(t.chars[b].n, t.chars[a].n) })
		out = out[:mostGains]
	}
	return out
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}
