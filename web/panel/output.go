package panel

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// Sizes of the measurement of what a unit raises.
const (
	outputRows  = 24 // stretches of text
	outputSteps = 64 // symbols read under the intervention
	outputSkip  = 16 // of them not counted: the network finds its place
	outputMost  = 10 // symbols listed each way
	outputNull  = 4  // other units of the site, held as far, beside it
)

// Change is by how much a symbol becomes likelier.
type Change struct {
	ID   int32         `json:"id"`
	High stat.Interval `json:"high" doc:"Mean change of its probability with the unit held at its 95 % quantile."`
	Low  stat.Interval `json:"low" doc:"The same at its 5 % quantile."`
}

type Output struct {
	Site     string   `json:"site"`
	Unit     int      `json:"unit"`
	Text     string   `json:"text"`
	Split    string   `json:"split"`
	Step     int64    `json:"step"`
	Measured int      `json:"measured" doc:"Places at which probabilities were compared."`
	High     float64  `json:"high" doc:"The value it was held at."`
	Low      float64  `json:"low"`
	Raised   []Change `json:"raised" doc:"Ordered by High - Low: what holding it high rather than low makes likelier."`
	Lowered  []Change `json:"lowered"`
	Moved    float64  `json:"moved" doc:"Mean total variation distance between the two distributions."`
	Others   float64  `json:"others" doc:"The same for other units of the site drawn at random, the largest: the null beside it."`
	Compared int      `json:"compared"`
}

// Output reads stretches of the sample with a unit held at either end of its range.
func (p *Panel) Output(ctx context.Context, m *rnn.Model, site string, unit int) (*Output, error) {
	i, err := p.Index(site, unit)
	if err != nil {
		return nil, err
	}
	low, high := p.Quantile(i, unit, .05), p.Quantile(i, unit, .95)
	v := &Output{Site: site, Unit: unit, Text: p.Text, Split: p.Split, Step: p.Step, High: high, Low: low}
	x, rows := p.stretches()
	if rows == 0 {
		return v, nil
	}
	clamp := func(unit int, value float64) *intervene.Intervention {
		return &intervene.Intervention{Site: site, Units: []int{unit}, Mode: intervene.Clamp, Value: value}
	}
	others := p.othersOf(unit)
	holders := make([]*holder, min(2, runtime.GOMAXPROCS(0)))
	var plain, up, down [][]float32
	moved := make([]float64, len(others))
	err = crew.TryEach(ctx, 3+len(others), len(holders), func(worker, k int) (err error) {
		if holders[worker] == nil {
			if holders[worker], err = newHolder(m, x, rows); err != nil {
				return err
			}
		}
		r := holders[worker]
		switch k {
		case 0:
			plain, err = r.read(nil)
		case 1:
			up, err = r.read(clamp(unit, high))
		case 2:
			down, err = r.read(clamp(unit, low))
		default:
			u := others[k-3]
			a, e := r.read(clamp(u, p.Quantile(i, u, .95)))
			if e != nil {
				return e
			}
			b, e := r.read(clamp(u, p.Quantile(i, u, .05)))
			if e != nil {
				return e
			}
			moved[k-3] = distance(a, b)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	v.Measured = rows * (outputSteps - outputSkip)
	v.Moved = distance(up, down)
	v.list(changes(plain, up), changes(plain, down))
	v.Compared = len(others)
	for _, d := range moved {
		v.Others = max(v.Others, d)
	}
	return v, nil
}

// othersOf draws other units of the site, the same for the same unit; one may be drawn twice.
func (p *Panel) othersOf(unit int) (out []int) {
	for k := 1; len(out) < outputNull && len(out) < p.H-1; k++ {
		if other := int(Mix(unit*1000+k) % uint64(p.H)); other != unit {
			out = append(out, other)
		}
	}
	return out
}

// Quantile is a value below which a share q of the choosing part lies, to a bin.
func (p *Panel) Quantile(site, unit int, q float64) float64 {
	edges := p.edges[site][unit].Values
	return float64(edges[min(len(edges)-1, max(0, int(math.Round(q*stat.Bins))-1))])
}

// stretches are equally long pieces of the sample, [outputSteps,rows] as a pass reads them.
func (p *Panel) stretches() (x []int32, rows int) {
	var from []int
	at := 0
	for _, b := range p.blocks {
		for lo := at; lo+outputSteps <= at+b.Len(); lo += outputSteps {
			from = append(from, lo)
		}
		at += b.Len()
	}
	if len(from) > outputRows {
		all := from
		from = nil
		for k := range outputRows {
			from = append(from, all[(2*k+1)*len(all)/(2*outputRows)])
		}
	}
	rows = len(from)
	x = make([]int32, outputSteps*rows)
	for row, lo := range from {
		for t := range outputSteps {
			x[t*rows+row] = p.ids[lo+t]
		}
	}
	return x, rows
}

// holder reads the same stretches again and again, with units held.
type holder struct {
	m     *rnn.Model
	pass  *rnn.Pass
	state *rnn.State
	x     []int32
	rows  int
}

func newHolder(m *rnn.Model, x []int32, rows int) (*holder, error) {
	// One worker: several share the work of a step and wait for each other at its end, which takes long where others want the cores.
	pass, err := m.NewPass(rnn.PassOptions{T: outputSteps, B: rows, Workers: 1})
	if err != nil {
		return nil, err
	}
	return &holder{m, pass, m.NewState(rows), x, rows}, nil
}

// read gives the distributions of the next symbol at the counted places: [rows][places,V].
func (r *holder) read(v *intervene.Intervention) ([][]float32, error) {
	r.state.Zero()
	if v == nil {
		r.pass.Forward(r.x, r.state, nil)
	} else {
		plan, err := intervene.Prepare(r.m, []intervene.Intervention{*v}, nil, nil)
		if err != nil {
			return nil, err
		}
		plans := make([]intervene.Plan, r.rows)
		for i := range plans {
			plans[i] = plan
		}
		rack := intervene.NewHooks(plans)
		rack.Read(r.x, 0, nil)
		r.pass.Forward(r.x, r.state, rack)
	}
	vocab := r.m.Config().Vocab
	out := make([][]float32, r.rows)
	logits := r.pass.Logits()
	row := make([]float32, vocab)
	for b := range out {
		for t := outputSkip; t < outputSteps; t++ {
			f32.LogSoftmax(row, logits[(t*r.rows+b)*vocab:(t*r.rows+b+1)*vocab])
			for _, l := range row {
				out[b] = append(out[b], float32(math.Exp(float64(l))))
			}
		}
	}
	return out, nil
}

// distance is the mean total variation distance of two readings.
func distance(a, b [][]float32) float64 {
	sum, n := 0.0, 0
	for row := range a {
		for i, v := range a[row] {
			sum += math.Abs(float64(v - b[row][i]))
		}
		n += outputSteps - outputSkip
	}
	return sum / 2 / float64(n)
}

// changes is the mean change of each symbol's probability; a stretch is a segment.
func changes(plain, held [][]float32) []stat.Interval {
	places := outputSteps - outputSkip
	vocab := len(plain[0]) / places
	out := make([]stat.Interval, vocab)
	num, den := make([]float64, len(plain)), make([]float64, len(plain))
	for id := range out {
		for row := range plain {
			num[row], den[row] = 0, float64(places)
			for t := range places {
				num[row] += float64(held[row][t*vocab+id] - plain[row][t*vocab+id])
			}
		}
		out[id] = stat.SegmentMean(num, den)
	}
	return out
}

// list orders the symbols by what holding the unit high rather than low does.
func (v *Output) list(high, low []stat.Interval) {
	all := make([]Change, len(high))
	for id := range all {
		all[id] = Change{int32(id), high[id], low[id]}
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Compare(b.High.Estimate-b.Low.Estimate, a.High.Estimate-a.Low.Estimate)
	})
	n := min(outputMost, len(all)/2)
	v.Raised = all[:n]
	v.Lowered = slices.Clone(all[len(all)-n:])
	slices.Reverse(v.Lowered)
}
