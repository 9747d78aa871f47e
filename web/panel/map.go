package panel

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/guard"
	"gonum.org/v1/gonum/mat"
)

// Sizes of a map.
const (
	mapPoints     = 3000
	Axes          = 3
	Neighbours    = 12
	neighbourSkip = 50
)

// Projection is the first principal components of the states of a site.
type Projection struct {
	Mean  []float64   // [H]
	axes  [][]float64 // [Axes][H], unit length
	share []float64   // of the variance
}

// mapPositions are the positions of the panel that a map shows.
func (p *Panel) mapPositions() []int {
	n := min(mapPoints, len(p.ids))
	out := make([]int, n)
	for k := range out {
		out[k] = (2*k + 1) * len(p.ids) / (2 * n)
	}
	return out
}

// Project finds the components, once.
func (p *Panel) Project(ctx context.Context, site int) (*Projection, error) {
	p.once.Lock()
	defer p.once.Unlock()
	if pr := p.projections[site]; pr != nil {
		return pr, nil
	}
	at := p.mapPositions()
	x := mat.NewDense(len(at), p.H, nil)
	pr := &Projection{Mean: make([]float64, p.H)}
	for u := range p.H {
		for k, t := range at {
			v := float64(p.value(site, u, t))
			x.Set(k, u, v)
			pr.Mean[u] += v / float64(len(at))
		}
		for k := range at {
			x.Set(k, u, x.At(k, u)-pr.Mean[u])
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var cov mat.SymDense
	cov.SymOuterK(1/float64(len(at)), x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&cov, true) {
		return nil, guard.ErrRequest
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	total := 0.0
	for _, v := range values {
		total += max(0, v)
	}
	for a := range min(Axes, p.H) {
		axis := mat.Col(nil, p.H-1-a, &vectors)
		// The sign of a component is free; the largest weight is made positive.
		largest := 0
		for u := range axis {
			if math.Abs(axis[u]) > math.Abs(axis[largest]) {
				largest = u
			}
		}
		if axis[largest] < 0 {
			for u := range axis {
				axis[u] = -axis[u]
			}
		}
		pr.axes = append(pr.axes, axis)
		share := 0.0
		if total > 0 {
			share = max(0, values[p.H-1-a]) / total
		}
		pr.share = append(pr.share, share)
	}
	if p.projections == nil {
		p.projections = map[int]*Projection{}
	}
	p.projections[site] = pr
	return pr, nil
}

func (pr *Projection) Put(out []float32, value func(u int) float32) []float32 {
	for a := range Axes {
		x := 0.0
		if a < len(pr.axes) {
			for u, w := range pr.axes[a] {
				x += w * (float64(value(u)) - pr.Mean[u])
			}
		}
		out = append(out, float32(x))
	}
	return out
}

func (p *Panel) Points(site int, pr *Projection) (map[string]any, []frame.Array) {
	at := p.mapPositions()
	var points []float32
	ids, places := make([]int32, len(at)), make([]int32, len(at))
	for k, t := range at {
		points = pr.Put(points, func(u int) float32 { return p.value(site, u, t) })
		ids[k], places[k] = p.ids[t], int32(p.at[t])
	}
	var names []string
	labels := make([]uint8, 0, len(p.Concepts)*len(at))
	for c := range p.Concepts {
		names = append(names, p.Concepts[c].Name)
		for _, t := range at {
			y := p.labels[c][t]
			if y < 0 {
				y = 2
			}
			labels = append(labels, uint8(y))
		}
	}
	head := map[string]any{"concepts": names, "share": pr.share, "text": p.Text, "split": p.Split, "step": p.Step}
	return head, []frame.Array{frame.Of("point", []int{len(at), Axes}, points), frame.Of("id", []int{len(at)}, ids), frame.Of("at", []int{len(at)}, places), frame.Of("label", []int{len(names), len(at)}, labels)}
}

// Neighbour is a place of the sample with a state near to one asked about.
type Neighbour struct {
	At     int     `json:"at"`
	Lo     int     `json:"lo"`
	IDs    []int32 `json:"ids"`
	Mark   int     `json:"mark" doc:"Which of IDs."`
	Cosine float64 `json:"cosine" doc:"Of the centred states."`
}

// Nearest are the sampled places with the most alike states, apart from each other and from
// position not.
func (p *Panel) Nearest(site int, pr *Projection, state []float64, n, not int) []Neighbour {
	size := math.Sqrt(dot(state, state))
	dots, norms := make([]float64, len(p.ids)), make([]float64, len(p.ids))
	for u := range p.H {
		column, scale := p.fixed[site][u], float64(p.scale[site][u])
		for t, f := range column {
			v := float64(f)*scale - pr.Mean[u]
			dots[t] += v * state[u]
			norms[t] += v * v
		}
	}
	order := make([]int, len(p.ids))
	for t := range order {
		order[t] = t
		dots[t] /= max(1e-12, size*math.Sqrt(norms[t]))
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(dots[b], dots[a]), cmp.Compare(a, b)) })
	out := []Neighbour{}
	for _, t := range order {
		if len(out) == n {
			break
		}
		if not >= 0 && abs(p.at[t]-not) < neighbourSkip || slices.ContainsFunc(out, func(o Neighbour) bool { return abs(o.At-p.at[t]) < neighbourSkip }) {
			continue
		}
		lo, hi := p.around(t, placeBefore, placeAfter)
		out = append(out, Neighbour{At: p.at[t], Lo: p.at[lo], IDs: p.ids[lo:hi], Mark: t - lo, Cosine: dots[t]})
	}
	return out
}

// NearestNull is how near the nearest other place is to a random one, 5 times in 100.
func (p *Panel) NearestNull(site int, pr *Projection) float64 {
	p.once.Lock()
	null, ok := p.nearNull[site]
	p.once.Unlock()
	if ok {
		return null
	}
	const draws = 40
	var near []float64
	for k := range draws {
		t := int(Mix(k+1) % uint64(len(p.ids)))
		state := make([]float64, p.H)
		for u := range state {
			state[u] = float64(p.value(site, u, t)) - pr.Mean[u]
		}
		if found := p.Nearest(site, pr, state, 1, p.at[t]); len(found) > 0 {
			near = append(near, found[0].Cosine)
		}
	}
	slices.Sort(near)
	null = 1
	if len(near) > 0 {
		null = near[len(near)*95/100]
	}
	p.once.Lock()
	defer p.once.Unlock()
	if p.nearNull == nil {
		p.nearNull = map[int]float64{}
	}
	p.nearNull[site] = null
	return null
}
