package mechanism

import (
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/stat"
)

// Chosen says why probes are of the kind they are: by the network's own loss on both kinds
// and on stretches of its text, in nats a character, on the first half of the text.
type Chosen struct {
	Text   stat.Interval `json:"text"`
	Filler stat.Interval `json:"filler"`
	Pieces stat.Interval `json:"pieces"`
	// Farther is by how much the loss on filler is farther from that on the text than the loss on
	// pieces is. Pieces are taken where its interval is above 0.
	Farther stat.Interval `json:"farther"`
}

// choose takes filler, which tells nothing of the side, unless the network finds it more unlike
// its text than pieces of that text. It looks at the first half of the text, which in a network's
// own text is validation; where that has too few marks, at all of it. asked is Filler or Pieces where
// somebody chose before.
func (s *suite) choose(asked string, seed uint64) (*Language, error) {
	if s.l.quilt == nil || asked == Pieces {
		return s.l, nil
	}
	if asked == Filler {
		return s.l.filled(), nil
	}
	all := s.l
	defer func() { s.l = all }()
	half, err := NewLanguage(all.Name, all.alphabet, all.ids[:len(all.ids)/2], all.Marks)
	if err != nil || half.quilt == nil || len(half.Kinds) != len(all.Kinds) {
		half = all
	}
	rng := rand.New(rand.NewPCG(seed, 0x6368))
	s.l = half
	pieces, own, err := s.losses(rng)
	if err != nil {
		return nil, err
	}
	s.l = half.filled()
	filler, more, err := s.losses(rng)
	if err != nil {
		return nil, err
	}
	own = append(own, more...)
	if len(pieces) == 0 || len(filler) == 0 || len(own) == 0 {
		return all.filled(), nil
	}
	c := &Chosen{Text: mean(own), Filler: mean(filler), Pieces: mean(pieces)}
	c.Farther = farther(c.Filler, c.Pieces, c.Text)
	s.res.Chosen = c
	if c.Farther.Lo > 0 {
		return all, nil
	}
	return all.filled(), nil
}

// farther is |a - text| - |b - text| of three independent means.
func farther(a, b, text stat.Interval) stat.Interval {
	sign := func(v float64) float64 { return math.Copysign(1, v) }
	da, db := a.Estimate-text.Estimate, b.Estimate-text.Estimate
	half := func(v stat.Interval) float64 { return (v.Hi - v.Lo) / 2 }
	// The text's own error goes with the difference of the two signs: not at all where both are on one side.
	w := math.Sqrt(math.Pow(half(a), 2) + math.Pow(half(b), 2) + math.Pow((sign(da)-sign(db))*half(text), 2))
	d := math.Abs(da) - math.Abs(db)
	return stat.Interval{Estimate: d, Lo: d - w, Hi: d + w, N: min(a.N, b.N, text.N)}
}

// filled is the language with filler between its marks.
func (l *Language) filled() *Language {
	f := *l
	f.quilt = nil
	f.GapHigh = min(l.GapHigh, l.longest)
	f.GapLow = min(l.GapLow, f.GapHigh)
	return &f
}
