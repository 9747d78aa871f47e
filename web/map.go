package web

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
)

// Sizes of a map.
const (
	mapPoints     = 3000
	mapAxes       = 3
	neighboursAt  = 12
	neighbourSkip = 50
)

type mapInput struct {
	NetworkInput
	Site string `query:"site" required:"true" maxLength:"32"`
}

// projection is the first principal components of the states of a site.
type projection struct {
	mean  []float64   // [H]
	axes  [][]float64 // [mapAxes][H], unit length
	share []float64   // of the variance
}

func (s *Server) stateMap(ctx context.Context, in *mapInput) (*huma.StreamResponse, error) {
	var head map[string]any
	var arrays []Array
	err := s.on(ctx, in.Run, in.Step, in.Site, nil, func(p *panel, _ *openRun, _ *checkpoint.Checkpoint) error {
		i, err := p.index(in.Site, 0)
		if err != nil {
			return err
		}
		pr, err := p.project(ctx, i)
		if err != nil {
			return err
		}
		head, arrays = p.points(i, pr)
		return nil
	})
	if err != nil {
		return nil, told(err)
	}
	return framed(head, arrays...), nil
}

// sampled are the positions of the panel that a map shows.
func (p *panel) sampled() []int {
	n := min(mapPoints, len(p.ids))
	out := make([]int, n)
	for k := range out {
		out[k] = (2*k + 1) * len(p.ids) / (2 * n)
	}
	return out
}

// project finds the components, once.
func (p *panel) project(ctx context.Context, site int) (*projection, error) {
	p.once.Lock()
	defer p.once.Unlock()
	if pr := p.projections[site]; pr != nil {
		return pr, nil
	}
	at := p.sampled()
	x := mat.NewDense(len(at), p.h, nil)
	pr := &projection{mean: make([]float64, p.h)}
	for u := range p.h {
		for k, t := range at {
			v := float64(p.value(site, u, t))
			x.Set(k, u, v)
			pr.mean[u] += v / float64(len(at))
		}
		for k := range at {
			x.Set(k, u, x.At(k, u)-pr.mean[u])
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var cov mat.SymDense
	cov.SymOuterK(1/float64(len(at)), x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&cov, true) {
		return nil, errAsked
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	total := 0.0
	for _, v := range values {
		total += max(0, v)
	}
	for a := range min(mapAxes, p.h) {
		axis := mat.Col(nil, p.h-1-a, &vectors)
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
			share = max(0, values[p.h-1-a]) / total
		}
		pr.share = append(pr.share, share)
	}
	if p.projections == nil {
		p.projections = map[int]*projection{}
	}
	p.projections[site] = pr
	return pr, nil
}

func (pr *projection) put(out []float32, value func(u int) float32) []float32 {
	for a := range mapAxes {
		x := 0.0
		if a < len(pr.axes) {
			for u, w := range pr.axes[a] {
				x += w * (float64(value(u)) - pr.mean[u])
			}
		}
		out = append(out, float32(x))
	}
	return out
}

func (p *panel) points(site int, pr *projection) (map[string]any, []Array) {
	at := p.sampled()
	var points []float32
	ids, places := make([]int32, len(at)), make([]int32, len(at))
	for k, t := range at {
		points = pr.put(points, func(u int) float32 { return p.value(site, u, t) })
		ids[k], places[k] = p.ids[t], int32(p.at[t])
	}
	var names []string
	labels := make([]uint8, 0, len(p.concepts)*len(at))
	for c := range p.concepts {
		names = append(names, p.concepts[c].Name)
		for _, t := range at {
			y := p.labels[c][t]
			if y < 0 {
				y = 2
			}
			labels = append(labels, uint8(y))
		}
	}
	head := map[string]any{"concepts": names, "share": pr.share, "text": p.text, "split": p.split, "step": p.step}
	return head, []Array{{"point", []int{len(at), mapAxes}, points}, {"id", []int{len(at)}, ids}, {"at", []int{len(at)}, places}, {"label", []int{len(names), len(at)}, labels}}
}

func (s *Server) readMap(ctx context.Context, in *SiteInput) (*huma.StreamResponse, error) {
	var points []float32
	n := 0
	err := s.onReading(ctx, in.ID, in.Site, func(r *reading, p *panel, site int) error {
		pr, err := p.project(ctx, site)
		if err != nil {
			return err
		}
		rows := r.live.Values(in.Site)
		n = max(0, r.live.Read()-r.warm)
		for t := range n {
			row := rows[(t+r.warm)*p.h : (t+r.warm+1)*p.h]
			points = pr.put(points, func(u int) float32 { return row[u] })
		}
		return nil
	})
	if err != nil {
		return nil, told(err)
	}
	return framed(nil, Array{"point", []int{n, mapAxes}, points}), nil
}

// onReading calls f with a reading, locked, and the panel of its network.
func (s *Server) onReading(ctx context.Context, id, site string, f func(r *reading, p *panel, site int) error) error {
	r, unlock, err := s.find(id)
	if err != nil {
		return err
	}
	run, step := r.run, r.step
	unlock()
	return s.on(ctx, run, step, site, nil, func(p *panel, _ *openRun, _ *checkpoint.Checkpoint) error {
		i, err := p.index(site, 0)
		if err != nil {
			return err
		}
		r, unlock, err := s.find(id)
		if err != nil {
			return err
		}
		defer unlock()
		if r.live.Values(site) == nil {
			return rnn.ErrSite
		}
		return f(r, p, i)
	})
}

type neighboursInput struct {
	SiteInput
	At int `query:"at" minimum:"0" doc:"Shown symbol."`
}

type neighbour struct {
	At     int     `json:"at"`
	Lo     int     `json:"lo"`
	IDs    []int32 `json:"ids"`
	Mark   int     `json:"mark" doc:"Which of IDs."`
	Cosine float64 `json:"cosine" doc:"Of the centred states."`
}

type neighboursOutput struct {
	Body struct {
		Places []neighbour `json:"places"`
		Null   float64     `json:"null" doc:"The nearest place to a random place of the sample is as near as this or nearer 5 times in 100."`
		Text   string      `json:"text"`
		Split  string      `json:"split"`
		Step   int64       `json:"step"`
	}
}

func (s *Server) neighbours(ctx context.Context, in *neighboursInput) (*neighboursOutput, error) {
	out := &neighboursOutput{}
	err := s.onReading(ctx, in.ID, in.Site, func(r *reading, p *panel, site int) error {
		pr, err := p.project(ctx, site)
		if err != nil {
			return err
		}
		t := in.At + r.warm
		if t >= r.live.Read() {
			return huma.Error422UnprocessableEntity("this symbol has not been read")
		}
		row := r.live.Values(in.Site)[t*p.h : (t+1)*p.h]
		state := make([]float64, p.h)
		for u := range state {
			state[u] = float64(row[u]) - pr.mean[u]
		}
		out.Body.Places = p.nearest(site, pr, state, neighboursAt, -1)
		out.Body.Null = p.nearestNull(site, pr)
		out.Body.Text, out.Body.Split, out.Body.Step = p.text, p.split, p.step
		return nil
	})
	return out, told(err)
}

// nearest are the sampled places with the most alike states, apart from each other and from
// position not.
func (p *panel) nearest(site int, pr *projection, state []float64, n, not int) []neighbour {
	size := math.Sqrt(dot(state, state))
	dots, norms := make([]float64, len(p.ids)), make([]float64, len(p.ids))
	for u := range p.h {
		column, scale := p.fixed[site][u], float64(p.scale[site][u])
		for t, f := range column {
			v := float64(f)*scale - pr.mean[u]
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
	out := []neighbour{}
	for _, t := range order {
		if len(out) == n {
			break
		}
		if not >= 0 && abs(p.at[t]-not) < neighbourSkip || slices.ContainsFunc(out, func(o neighbour) bool { return abs(o.At-p.at[t]) < neighbourSkip }) {
			continue
		}
		lo, hi := p.around(t, placeBefore, placeAfter)
		out = append(out, neighbour{At: p.at[t], Lo: p.at[lo], IDs: p.ids[lo:hi], Mark: t - lo, Cosine: dots[t]})
	}
	return out
}

// nearestNull is how near the nearest other place is to a random one, 5 times in 100.
func (p *panel) nearestNull(site int, pr *projection) float64 {
	p.once.Lock()
	null, ok := p.nearNull[site]
	p.once.Unlock()
	if ok {
		return null
	}
	const draws = 40
	var near []float64
	for k := range draws {
		t := int(mix(k+1) % uint64(len(p.ids)))
		state := make([]float64, p.h)
		for u := range state {
			state[u] = float64(p.value(site, u, t)) - pr.mean[u]
		}
		if found := p.nearest(site, pr, state, 1, p.at[t]); len(found) > 0 {
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
