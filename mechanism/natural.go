package mechanism

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// OffText is the verdict where the network tells inside from outside in the text itself and
// not in the probes: these are unlike the text, and what they show of it is nothing.
const OffText = "off its text"

// Natural is what the network does at places of the text itself, as they stand there.
type Natural struct {
	// AUROC and Nats compare log P(closer) at places inside with places outside that were
	// reached by the same two characters, such as stand before closers; Pairs of places,
	// 0: too few.
	AUROC stat.Interval `json:"auroc"`
	Nats  stat.Interval `json:"nats"`
	Pairs int           `json:"pairs"`
	// The network's loss in nats a character on the probes, on stretches of the text of that
	// length, and below which 95 % of these stretches stay. Off: the probes are above it.
	ProbeLoss stat.Interval `json:"probe_loss"`
	TextLoss  stat.Interval `json:"text_loss"`
	Limit     stat.Number   `json:"limit"`
	Off       bool          `json:"off_text"`
}

const (
	naturalLead  = 250 // characters of the text read before a place
	naturalReach = 200 // a place inside is at most so far behind its opener, so that this was read
	fewNatural   = 40  // pairs of places
	offQuantile  = 0.95
)

// tells reports whether inside is told from outside by the thresholds of the verdict.
func tells(auroc, nats stat.Interval) bool { return auroc.Lo >= leastInside && nats.Lo >= leastNats }

// natural reads the text itself. It draws from a stream of its own.
func (s *suite) natural(seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 0x6e61))
	out := &Natural{AUROC: stat.Point(math.NaN(), 0), Nats: stat.Point(math.NaN(), 0)}
	s.res.Natural = out
	if err := s.offText(out, rng); err != nil {
		return err
	}
	if err := s.unmarked(rand.New(rand.NewPCG(seed, 0x756e))); err != nil {
		return err
	}
	inside, outside, kinds := s.l.places(6*s.n, rng)
	if len(inside) < fewNatural {
		return nil
	}
	out.Pairs = len(inside)
	seqs := make([]sequence, 0, 2*len(inside))
	for i := range inside {
		for _, at := range []int{inside[i], outside[i]} {
			seqs = append(seqs, sequence{ids: s.l.ids[max(0, at+1-naturalLead) : at+1], at: []int{min(at, naturalLead-1)}})
		}
	}
	score := make([]float64, len(seqs))
	err := s.reader.read(s.ctx, seqs, func(i, _, _ int, logits []float32) {
		score[i] = float64(logits[s.l.Kinds[kinds[i/2]].Close]) - logZ(logits)
	})
	if err != nil {
		return err
	}
	var in, off []float64
	for i, v := range score {
		if i%2 == 0 {
			in = append(in, v)
		} else {
			off = append(off, v)
		}
	}
	out.AUROC, _ = stat.IndependentAUROC(in, off)
	out.Nats = difference(in, off)
	return nil
}

// before is the last two characters of a place and, inside, what is open on top (-1: nothing).
type before struct {
	first, last int32
	top         int
}

// places draws up to n pairs of places of the text after which a closer could stand: what was
// read last stands before closers in the text and, where a mark does not say which end it is,
// hardly ever before openers. One place is
// inside, its opener near, the other outside; what follows them decides nothing. kinds is
// what is open on top inside.
func (l *Language) places(n int, rng *rand.Rand) (inside, outside, kinds []int) {
	s := l.scan()
	of := l.placesOf(s)
	ends := l.closings(s, of)
	for range n {
		if len(ends) == 0 {
			break
		}
		b := ends[rng.IntN(len(ends))]
		in, out := of[b], of[before{b.first, b.last, outsideSide}]
		inside, outside, kinds = append(inside, in[rng.IntN(len(in))]), append(outside, out[rng.IntN(len(out))]), append(kinds, b.top)
	}
	return inside, outside, kinds
}

// closings lists what stands before every closer of the text, where the same stands outside,
// too, and, for a mark that does not say which end it is, hardly ever before openers.
func (l *Language) closings(s *scanned, of map[before][]int) []before {
	var ends []before
	opens := map[[2]int32]int{}
	count := map[[2]int32]int{}
	for _, m := range s.marks {
		if m.at < leadIn {
			continue
		}
		k := [2]int32{l.ids[m.at-2], l.ids[m.at-1]}
		if m.open {
			opens[k]++
			continue
		}
		count[k]++
		ends = append(ends, before{k[0], k[1], m.kind})
	}
	return slices.DeleteFunc(ends, func(b before) bool {
		k := [2]int32{b.first, b.last}
		return l.Kinds[b.top].straight() && 4*opens[k] > count[k] || len(of[b]) == 0 || len(of[before{b.first, b.last, outsideSide}]) == 0
	})
}

// placesOf lists the places of the text by what stands before them, those at least two
// characters behind the last mark and, inside, near enough to it.
func (l *Language) placesOf(s *scanned) map[before][]int {
	out := map[before][]int{}
	l.walkMarks(s, func(i int, stack []int, last int) {
		if i < warmUp || i-last < leadIn || len(stack) > 0 && i-last > naturalReach {
			return
		}
		top := outsideSide
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		k := before{l.ids[i-1], l.ids[i], top}
		out[k] = append(out[k], i)
	})
	return out
}

// walkMarks calls see at every position with what is open after it and where the last mark stands.
func (l *Language) walkMarks(s *scanned, see func(i int, stack []int, last int)) {
	var stack []int
	next, last := 0, -naturalLead
	for i := range l.ids {
		if l.ids[i] == l.newline() && i > 0 && l.ids[i-1] == l.newline() {
			stack = stack[:0]
		}
		if next < len(s.marks) && s.marks[next].at == i {
			if m := s.marks[next]; m.open {
				stack = append(stack, m.kind)
			} else if at := lastIndex(stack, m.kind); at >= 0 {
				stack = slices.Delete(stack, at, at+1)
			}
			last = i
			next++
		}
		see(i, stack, last)
	}
}

// offText measures the loss on probes of depth 1 beside stretches of the text as long.
func (s *suite) offText(out *Natural, rng *rand.Rand) error {
	probes, stretches := make([]sequence, s.n), make([]sequence, 4*s.n)
	everywhere := func(ids []int32) sequence {
		q := sequence{ids: ids}
		for t := warmUp - 1; t+1 < len(ids); t++ {
			q.at = append(q.at, t)
		}
		return q
	}
	for i := range probes {
		w := s.l.begin(rng)
		k := s.l.kinds(0, 1, rng)
		w.open(k...)
		w.shut(k...)
		probes[i] = everywhere(w.ids)
	}
	for i := range stretches {
		n := len(probes[i%len(probes)].ids)
		at := rng.IntN(max(1, len(s.l.ids)-n))
		stretches[i] = everywhere(s.l.ids[at:min(at+n, len(s.l.ids))])
	}
	probe, err := s.lossOf(probes)
	if err != nil {
		return err
	}
	own, err := s.lossOf(stretches)
	if err != nil {
		return err
	}
	if len(probe) == 0 || len(own) == 0 {
		out.ProbeLoss, out.TextLoss, out.Limit = stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0), stat.Undefined()
		return nil
	}
	out.ProbeLoss, out.TextLoss = mean(probe), mean(own)
	slices.Sort(own)
	limit := stat.Quantile(own, offQuantile)
	out.Limit, out.Off = stat.Number(limit), out.ProbeLoss.Estimate > limit
	return nil
}

// lossOf is the mean loss of every sequence over the characters after its recorded steps.
func (s *suite) lossOf(seqs []sequence) ([]float64, error) {
	sum := make([]float64, len(seqs))
	err := s.reader.read(s.ctx, seqs, func(i, k, _ int, logits []float32) {
		q := seqs[i]
		sum[i] += (logZ(logits) - float64(logits[q.ids[q.at[k]+1]])) / float64(len(q.at))
	})
	var out []float64
	for i, v := range sum {
		if len(seqs[i].at) > 0 {
			out = append(out, v)
		}
	}
	return out, err
}
