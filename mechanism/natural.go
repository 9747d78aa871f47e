package mechanism

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

const (
	naturalLead = 250 // characters of the text read before a place
	fewNatural  = 40  // pairs of places
	offQuantile = 0.95
)

// natural reads the text itself. It draws from a stream of its own.
func (s *suite) natural(seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 0x6e61))
	out := &Natural{AUROC: stat.Point(math.NaN(), 0), Nats: stat.Point(math.NaN(), 0)}
	s.res.Natural = out
	if err := s.offText(out, rng); err != nil {
		return err
	}
	if err := s.readUnmarked(rand.New(rand.NewPCG(seed, 0x756e))); err != nil {
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

// offText measures the loss on probes of depth 1 beside stretches of the text as long.
func (s *suite) offText(out *Natural, rng *rand.Rand) error {
	probe, own, err := s.losses(rng)
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

// losses are the network's mean losses on probes of depth 1 and on stretches of the text as long.
func (s *suite) losses(rng *rand.Rand) (probe, own []float64, err error) {
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
	if probe, err = s.lossOf(probes); err != nil {
		return nil, nil, err
	}
	own, err = s.lossOf(stretches)
	return probe, own, err
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
