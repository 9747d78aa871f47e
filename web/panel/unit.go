package panel

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// Unit is what is shown of one unit, whichever it is.
type Unit struct {
	Site  string `json:"site"`
	Unit  int    `json:"unit"`
	Units int    `json:"units" doc:"Units of the site."`

	// What it was measured on: every figure below, unless a verdict says otherwise.
	Text     string `json:"text"`
	Split    string `json:"split"`
	Step     int64  `json:"step"`
	Measured int    `json:"measured" doc:"Symbols of the sample."`

	Range     Range       `json:"range"`
	Scale     float64     `json:"scale" doc:"How far from Centre colour is full."`
	Centre    float64     `json:"centre" doc:"Activation without colour: 0, or the median where nine values in ten lie on one side of 0."`
	Histogram Histogram   `json:"histogram"`
	Places    []Place     `json:"places" doc:"Highest, lowest, and across the range."`
	Concepts  []Beside    `json:"-" doc:"The most unlike chance first."`
	Responses []Response  `json:"responses" doc:"Of the first concepts: mean value around the symbols at which it switches."`
	Tau       stat.Number `json:"tau" doc:"Integrated autocorrelation time, in symbols."`
}

type Range struct {
	Low    float64 `json:"low" doc:"5 % quantile."`
	Middle float64 `json:"middle"`
	High   float64 `json:"high" doc:"95 % quantile."`
	Mean   float64 `json:"mean"`
	SD     float64 `json:"sd"`
}

type Histogram struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Counts []int   `json:"counts"`
}

// Place is a unit's value at one symbol with what stands around it.
type Place struct {
	Kind   string    `json:"kind" enum:"high,low,range"`
	At     int       `json:"at" doc:"Position in the text."`
	Lo     int       `json:"lo" doc:"Position of the first symbol shown."`
	IDs    []int32   `json:"ids"`
	Values []float32 `json:"values"`
	Value  float32   `json:"value"`
	Band   []float64 `json:"band,omitempty" doc:"Of a place across the range: the band it was drawn from."`
}

// Beside is a unit beside one concept. The AUROC is that of the sample, given for every
// unit; a verdict stands only where the run's dissection chose this unit and asked.
type Beside struct {
	Concept string        `json:"concept"`
	Title   string        `json:"title"`
	TitleZH string        `json:"title_zh"`
	Kind    string        `json:"kind"`
	On      int           `json:"on"`
	N       int           `json:"n"`
	Sign    int           `json:"sign" doc:"+1: high where it is on."`
	AUROC   stat.Interval `json:"auroc" doc:"In the direction of Sign; 95 % interval leaving out one segment at a time."`
	OnBins  []float64     `json:"on_bins" doc:"Share of the places where it is on, by the bins of the Histogram."`
	OffBins []float64     `json:"off_bins"`
}

type Response struct {
	Concept string          `json:"concept"`
	Event   string          `json:"event" enum:"on,off"`
	From    int             `json:"from" doc:"Offset of the first mean, in symbols from the event."`
	Events  int             `json:"events"`
	Mean    []stat.Interval `json:"mean"`
}

// Bytes is about what it holds.
func (u *Unit) Bytes() int64 {
	n := 4096
	for _, p := range u.Places {
		n += 8*len(p.Values) + 128
	}
	for _, r := range u.Responses {
		n += 32 * len(r.Mean)
	}
	return int64(n + len(u.Concepts)*(2*8*histogramBins+128))
}

// Sizes of a unit's page.
const (
	histogramBins = 32
	placesEach    = 8
	bandsEach     = 2
	bands         = 6
	placeBefore   = 44
	placeAfter    = 24
	placesApart   = 50
	responsesOf   = 2
)

// Unit makes the page of a unit from the panel alone. Responses are those around the switches of the first named concepts, and where
// too few are named, of those that the unit tells best.
func (p *Panel) Unit(site string, unit int, first ...string) (*Unit, error) {
	i, err := p.Index(site, unit)
	if err != nil {
		return nil, err
	}
	n := len(p.ids)
	values := make([]float64, n)
	for t := range n {
		values[t] = float64(p.value(i, unit, t))
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	v := &Unit{
		Site: site, Unit: unit, Units: p.H, Text: p.Text, Split: p.Split, Step: p.Step, Measured: n,
		Scale: float64(p.colour[i][unit].Scale), Centre: float64(p.colour[i][unit].Middle), Tau: stat.Number(p.tau(values)),
		Range: Range{stat.Quantile(sorted, .05), stat.Quantile(sorted, .5), stat.Quantile(sorted, .95), stat.Mean(values), deviation(values)},
	}
	v.Histogram = newHistogram(values, sorted[0], sorted[n-1])
	v.Places = p.places(i, unit, values, sorted)
	bins, bars := p.quantileBins(i, unit), make([]uint8, n)
	for t, x := range values {
		bars[t] = uint8(v.Histogram.bin(x))
	}
	for c := range p.Concepts {
		v.Concepts = append(v.Concepts, p.beside(c, bins, bars))
	}
	slices.SortStableFunc(v.Concepts, func(a, b Beside) int { return cmp.Compare(b.AUROC.Estimate, a.AUROC.Estimate) })
	for _, c := range v.Concepts {
		if !slices.Contains(first, c.Concept) {
			first = append(first, c.Concept)
		}
	}
	for _, c := range first[:min(responsesOf, len(first))] {
		v.Responses = append(v.Responses, p.responses(c, values)...)
	}
	return v, nil
}

func deviation(x []float64) float64 {
	m, s := stat.Mean(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(len(x)))
}

// tau is the mean over blocks of the integrated autocorrelation time: blocks are not neighbours.
func (p *Panel) tau(values []float64) float64 {
	sum, n, at := 0.0, 0, 0
	for _, b := range p.blocks {
		if t := stat.TauInt(values[at : at+b.Len()]); !math.IsNaN(t) {
			sum += t
			n++
		}
		at += b.Len()
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

func newHistogram(values []float64, lo, hi float64) Histogram {
	h := Histogram{Lo: lo, Hi: hi, Counts: make([]int, histogramBins)}
	for _, v := range values {
		h.Counts[h.bin(v)]++
	}
	return h
}

func (h *Histogram) bin(v float64) int {
	if h.Hi <= h.Lo {
		return 0
	}
	return min(len(h.Counts)-1, int(float64(len(h.Counts))*(v-h.Lo)/(h.Hi-h.Lo)))
}

// quantileBins is a unit's quantile bins over the sample.
func (p *Panel) quantileBins(site, unit int) []uint8 {
	out := make([]uint8, len(p.ids))
	for t := range out {
		out[t] = p.edges[site][unit].Bin(p.value(site, unit, t))
	}
	return out
}

// places are where the unit is highest, lowest, and at random within bands of its range.
func (p *Panel) places(site, unit int, values, sorted []float64) []Place {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(values[b], values[a]), cmp.Compare(a, b)) })
	var out []Place
	take := func(kind string, n int, band []float64, order []int) {
		var taken []int
		for _, t := range order {
			if len(taken) == n {
				return
			}
			if slices.ContainsFunc(taken, func(o int) bool { return abs(p.at[o]-p.at[t]) < placesApart }) {
				continue
			}
			taken = append(taken, t)
			out = append(out, p.placeAt(kind, site, unit, t, band))
		}
	}
	take("high", placesEach, nil, order)
	reversed := slices.Clone(order)
	slices.Reverse(reversed)
	take("low", placesEach, nil, reversed)
	for b := range bands {
		lo, hi := stat.Quantile(sorted, float64(b)/bands), stat.Quantile(sorted, float64(b+1)/bands)
		var inside []int
		// By a hash of the position, so that the draw depends on the text alone.
		for t, v := range values {
			if v >= lo && v <= hi {
				inside = append(inside, t)
			}
		}
		slices.SortFunc(inside, func(a, b int) int { return cmp.Or(cmp.Compare(Mix(p.at[a]), Mix(p.at[b])), cmp.Compare(a, b)) })
		take("range", bandsEach, []float64{lo, hi}, inside)
	}
	return out
}

func abs(x int) int { return max(x, -x) }

// Mix spreads positions (the finaliser of MurmurHash3).
func Mix(at int) uint64 {
	x := uint64(at)
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func (p *Panel) placeAt(kind string, site, unit, t int, band []float64) Place {
	lo, hi := p.around(t, placeBefore, placeAfter)
	out := Place{Kind: kind, At: p.at[t], Lo: p.at[lo], IDs: slices.Clone(p.ids[lo:hi]), Value: p.value(site, unit, t), Band: band}
	for i := lo; i < hi; i++ {
		out.Values = append(out.Values, p.value(site, unit, i))
	}
	return out
}

// around is sampled positions near t in its block.
func (p *Panel) around(t, before, after int) (lo, hi int) {
	lo, hi = max(0, t-before), min(len(p.ids), t+after+1)
	for p.at[t]-p.at[lo] != t-lo {
		lo++
	}
	for p.at[hi-1]-p.at[t] != hi-1-t {
		hi--
	}
	return lo, hi
}

// beside scores a unit for a concept on the sample; bins and bars are those of its quantiles and of its histogram.
func (p *Panel) beside(c int, bins, bars []uint8) Beside {
	k := p.Concepts[c]
	out := Beside{Concept: k.Name, Title: k.Title("en"), TitleZH: k.Title("zh"), Kind: string(k.Kind), Sign: 1}
	segment := segmentOf(len(bins))
	segments := (len(bins) + segment - 1) / segment
	counts := stat.NewSegments(segments)
	onBins, offBins := make([]float64, histogramBins), make([]float64, histogramBins)
	for t, y := range p.labels[c] {
		switch y {
		case 1:
			counts.Add(t/segment, bins[t], true)
			onBins[bars[t]]++
			out.On++
			out.N++
		case 0:
			counts.Add(t/segment, bins[t], false)
			offBins[bars[t]]++
			out.N++
		}
	}
	for i := range onBins {
		onBins[i] /= float64(out.On)
		offBins[i] /= float64(out.N - out.On)
	}
	out.OnBins, out.OffBins = onBins, offBins
	out.AUROC, _ = counts.AUROC()
	if out.AUROC.Estimate < .5 {
		out.Sign = -1
		out.AUROC = stat.Interval{Estimate: 1 - out.AUROC.Estimate, Lo: 1 - out.AUROC.Hi, Hi: 1 - out.AUROC.Lo, N: out.AUROC.N}
	}
	return out
}

// responses are a unit's mean values around the places where a concept goes on and off; a block
// is a segment of the intervals.
func (p *Panel) responses(name string, values []float64) []Response {
	c := slices.IndexFunc(p.Concepts, func(k concept.Concept) bool { return k.Name == name })
	if c < 0 {
		return nil
	}
	labels := p.labels[c]
	const from, to = -10, 30
	var out []Response
	for _, event := range []string{"on", "off"} {
		r := Response{Concept: name, Event: event, From: from}
		num, den := make([][]float64, to-from+1), make([][]float64, to-from+1)
		for i := range num {
			num[i], den[i] = make([]float64, len(p.blocks)), make([]float64, len(p.blocks))
		}
		at := 0
		for b, block := range p.blocks {
			for t := at + 1; t < at+block.Len(); t++ {
				if labels[t] < 0 || labels[t-1] < 0 || labels[t] == labels[t-1] || (labels[t] == 1) != (event == "on") {
					continue
				}
				r.Events++
				for o := from; o <= to; o++ {
					if x := t + o; x >= at && x < at+block.Len() {
						num[o-from][b] += values[x]
						den[o-from][b]++
					}
				}
			}
			at += block.Len()
		}
		if r.Events < 5 {
			continue
		}
		for i := range num {
			r.Mean = append(r.Mean, stat.SegmentMean(num[i], den[i]))
		}
		out = append(out, r)
	}
	return out
}
