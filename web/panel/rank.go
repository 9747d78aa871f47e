package panel

import (
	"math"
	"math/rand/v2"
	"slices"
)

// RankedUnit is a unit over a span.
type RankedUnit struct {
	Site  string  `json:"site"`
	Unit  int     `json:"unit"`
	F     float64 `json:"f" doc:"Mean over the span of the share of the text at which it is lower: 1 the highest, 0 the lowest."`
	Value float64 `json:"value" doc:"Mean over the span."`
}

// f is the mid-distribution function of a value of a unit, on the choosing part.
func (p *Panel) f(site, unit int, v float32) float64 {
	return float64(p.ranks[site][unit][p.edges[site][unit].Bin(v)]) / (1 << 16)
}

func extreme(f float64) float64 { return math.Abs(2*f - 1) }

// Rank orders all units by their mean F over positions [lo,hi).
func (p *Panel) Rank(value func(site string, t, unit int) float32, lo, hi int) []RankedUnit {
	var out []RankedUnit
	for i, site := range p.Sites {
		for u := range p.H {
			r := RankedUnit{Site: site, Unit: u}
			for t := lo; t < hi; t++ {
				v := value(site, t, u)
				r.F += p.f(i, u, v)
				r.Value += float64(v)
			}
			r.F /= float64(hi - lo)
			r.Value /= float64(hi - lo)
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b RankedUnit) int {
		switch x, y := extreme(a.F), extreme(b.F); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out
}

const nullSpans = 200

// RankNull is the 95 % quantile of the largest |2F-1| of random spans of n symbols, 100 at most.
func (p *Panel) RankNull(n int) (null float64, spans int) {
	n = min(n, 100)
	p.once.Lock()
	defer p.once.Unlock()
	if null, ok := p.spanNull[n]; ok {
		return null, nullSpans
	}
	defer func() {
		if p.spanNull == nil {
			p.spanNull = map[int]float64{}
		}
		p.spanNull[n] = null
	}()
	var largest []float64
	for k := range nullSpans {
		t := int(Mix(k+1) % uint64(len(p.ids)))
		lo, hi := p.around(t, 0, n-1)
		if hi-lo < n {
			continue
		}
		top := 0.0
		for i := range p.Sites {
			for u := range p.H {
				f := 0.0
				for t := lo; t < hi; t++ {
					f += p.f(i, u, p.value(i, u, t))
				}
				top = max(top, extreme(f/float64(n)))
			}
		}
		largest = append(largest, top)
	}
	if len(largest) == 0 {
		return 1, 0
	}
	slices.Sort(largest)
	return largest[min(len(largest)-1, len(largest)*95/100)], len(largest)
}

// ClampedUnit is a unit held at a value, and where that lies among its own values.
type ClampedUnit struct {
	Site     string  `json:"site"`
	Unit     int     `json:"unit"`
	Value    float64 `json:"value"`
	Quantile float64 `json:"quantile"`
}

// Others draws as many units of the site and holds each where it is as unusual.
func (p *Panel) Others(held []ClampedUnit, seed uint64) ([]ClampedUnit, error) {
	rng := rand.New(rand.NewPCG(seed, 0x6f74686572))
	taken := map[int]bool{}
	for i := range held {
		u := &held[i]
		at, err := p.Index(u.Site, u.Unit)
		if err != nil {
			return nil, err
		}
		taken[u.Unit] = true
		u.Quantile = p.f(at, u.Unit, float32(u.Value))
	}
	var out []ClampedUnit
	for _, u := range held {
		if len(taken) >= p.H {
			break
		}
		other := rng.IntN(p.H)
		for taken[other] {
			other = rng.IntN(p.H)
		}
		taken[other] = true
		at, _ := p.Index(u.Site, other)
		out = append(out, ClampedUnit{u.Site, other, p.Quantile(at, other, u.Quantile), u.Quantile})
	}
	return out, nil
}
