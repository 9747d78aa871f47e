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
	// Above is by how much the loss on filler is above that on the text. Where its interval is above
	// 0, filler is unlike the text, and pieces are taken if they cost less.
	Above stat.Interval `json:"above"`
}

// choose takes filler, which tells nothing of the side, unless the network reads it worse than its
// text and pieces of that text less so. It looks at the first half of the text, which in a network's
// own text is validation; where that has too few marks, at all of it. asked is Filler or Pieces where
// somebody chose before.
func (s *suite) choose(asked string, seed uint64) (*Language, error) {
	if s.l.pieces == nil || asked == Pieces {
		return s.l, nil
	}
	if asked == Filler {
		return s.l.withFiller(), nil
	}
	all := s.l
	defer func() { s.l = all }()
	half, err := NewLanguage(all.Name, all.alphabet, all.ids[:len(all.ids)/2], all.Marks)
	if err != nil || half.pieces == nil || len(half.Kinds) != len(all.Kinds) {
		half = all
	}
	rng := rand.New(rand.NewPCG(seed, 0x6368))
	s.l = half
	pieces, own, err := s.losses(rng)
	if err != nil {
		return nil, err
	}
	s.l = half.withFiller()
	filler, more, err := s.losses(rng)
	if err != nil {
		return nil, err
	}
	own = append(own, more...)
	if len(pieces) == 0 || len(filler) == 0 || len(own) == 0 {
		return all.withFiller(), nil
	}
	c := &Chosen{Text: mean(own), Filler: mean(filler), Pieces: mean(pieces)}
	c.Above = above(c.Filler, c.Text)
	s.res.Chosen = c
	if c.takesPieces() {
		return all, nil
	}
	return all.withFiller(), nil
}

// takesPieces reports that the network reads filler worse than its text, and pieces less so.
func (c *Chosen) takesPieces() bool { return c.Above.Lo > 0 && c.Pieces.Estimate < c.Filler.Estimate }

// above is by how much one mean lies above another, independent one.
func above(a, b stat.Interval) stat.Interval {
	w := math.Hypot(a.Hi-a.Lo, b.Hi-b.Lo) / 2
	d := a.Estimate - b.Estimate
	return stat.Interval{Estimate: d, Lo: d - w, Hi: d + w, N: min(a.N, b.N)}
}

// withFiller is the language with filler between its marks.
func (l *Language) withFiller() *Language {
	f := *l
	f.pieces = nil
	f.GapHigh = min(l.GapHigh, l.longest)
	f.GapLow = min(l.GapLow, f.GapHigh)
	return &f
}
