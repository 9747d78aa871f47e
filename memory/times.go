package memory

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

const (
	timeBlocks = 8   // blocks that give time constants: up to 128,000 characters
	closedAt   = 0.1 // a gate below is closed ("left saturated")
	openAt     = 0.9 // a gate above is open ("right saturated")
)

// Times are the time constants of one unit, in characters.
type Times struct {
	Layer int `json:"layer"`
	Unit  int `json:"unit"`
	// Gate: what the unit keeps of itself says how long it lasts. LSTM -1/E[ln f];
	// GRU -1/E[ln z], with PyTorch's convention h' = (1-z) n + z h, where z keeps.
	// Undefined for Elman cells.
	Gate stat.Number `json:"gate"`
	// Autocorrelation: tau_int = 1 + 2 sum rho(k) of h, summed up to the first window
	// of five times itself (Sokal), about the mean of all blocks together.
	Autocorrelation stat.Number `json:"autocorrelation"`
}

// Saturation is the share of time a gate is closed and open.
type Saturation struct {
	Layer  int     `json:"layer"`
	Unit   int     `json:"unit"`
	Gate   string  `json:"gate"`
	Closed float64 `json:"closed"` // below .1
	Open   float64 `json:"open"`   // above .9
}

// keepGate is the gate that says how much of itself a unit keeps, "" without one.
func keepGate(c rnn.Cell) string {
	switch c {
	case rnn.LSTM:
		return "f"
	case rnn.GRU:
		return "z"
	}
	return ""
}

// gatesOf are the gates whose saturation is reported: sigmoids only.
func gatesOf(c rnn.Cell) []string {
	switch c {
	case rnn.LSTM:
		return []string{"i", "f", "o"}
	case rnn.GRU:
		return []string{"r", "z"}
	}
	return nil
}

// timer adds up what time constants need.
type timer struct {
	c     rnn.Config
	sites []string // l0.h, l0.i, ...
	gates []string
	sum   [][]float64   // [L][H] of h
	block [][][]float32 // [blocks][L] of [N,H]: h of every block
	lnF   [][]float64   // [L][H] sum of ln keep
	shut  [][]int64     // [L*gates][H]
	open  [][]int64
	n     int64
}

// timesOf reads up to timeBlocks blocks.
func timesOf(ctx context.Context, in *input, blocks []text.Block, workers int) ([]Times, []Saturation, error) {
	t := newTimer(in.Model.Config())
	keep := blocks
	if len(blocks) > timeBlocks {
		keep = nil
		for i := range timeBlocks {
			keep = append(keep, blocks[i*len(blocks)/timeBlocks])
		}
	}
	opt := trace.Options{Sites: t.sites, Workers: workers, Memory: traceMemory}
	if err := eachBlock(ctx, in, keep, opt, func(_ text.Block, tr *trace.Trace) { t.add(tr) }); err != nil {
		return nil, nil, err
	}
	times, err := t.times(ctx, workers)
	return times, t.saturation(), err
}

func newTimer(c rnn.Config) *timer {
	t := &timer{c: c, gates: gatesOf(c.Cell)}
	for l := range c.Layers {
		t.sites = append(t.sites, fmt.Sprintf("l%d.h", l))
		for _, g := range t.gates {
			t.sites = append(t.sites, fmt.Sprintf("l%d.%s", l, g))
			t.shut, t.open = append(t.shut, make([]int64, c.Hidden)), append(t.open, make([]int64, c.Hidden))
		}
		t.sum, t.lnF = append(t.sum, make([]float64, c.Hidden)), append(t.lnF, make([]float64, c.Hidden))
	}
	return t
}

func (t *timer) add(tr *trace.Trace) {
	t.n += int64(tr.Len())
	var hs [][]float32
	for l := range t.c.Layers {
		h := tr.Site(fmt.Sprintf("l%d.h", l))
		hs = append(hs, append([]float32(nil), h...))
		for i, a := range h {
			t.sum[l][i%t.c.Hidden] += float64(a)
		}
		for k, g := range t.gates {
			t.addGate(l, l*len(t.gates)+k, tr.Site(fmt.Sprintf("l%d.%s", l, g)), g == keepGate(t.c.Cell))
		}
	}
	t.block = append(t.block, hs)
}

// leastKeep stands for a gate that is 0 in float32: its logarithm must stay finite.
const leastKeep = 1e-6

func (t *timer) addGate(l, row int, values []float32, keeps bool) {
	shut, open := t.shut[row], t.open[row]
	for i, a := range values {
		u := i % t.c.Hidden
		switch {
		case a < closedAt:
			shut[u]++
		case a > openAt:
			open[u]++
		}
		if keeps {
			t.lnF[l][u] += math.Log(max(float64(a), leastKeep))
		}
	}
}

func (t *timer) saturation() []Saturation {
	out := []Saturation{}
	for l := range t.c.Layers {
		for k, g := range t.gates {
			row := l*len(t.gates) + k
			for u := range t.c.Hidden {
				out = append(out, Saturation{Layer: l, Unit: u, Gate: g,
					Closed: float64(t.shut[row][u]) / float64(t.n), Open: float64(t.open[row][u]) / float64(t.n)})
			}
		}
	}
	return out
}

func (t *timer) times(ctx context.Context, workers int) ([]Times, error) {
	out := make([]Times, t.c.Layers*t.c.Hidden)
	_ = crew.ForEach(ctx, len(out), workers, func(i int) {
		l, u := i/t.c.Hidden, i%t.c.Hidden
		out[i] = Times{Layer: l, Unit: u, Gate: stat.Undefined(), Autocorrelation: stat.Number(t.tau(l, u))}
		if keepGate(t.c.Cell) != "" {
			out[i].Gate = stat.Number(-float64(t.n) / t.lnF[l][u])
		}
	})
	return out, ctx.Err()
}

// tau is the integrated autocorrelation time of one unit's h over all blocks.
func (t *timer) tau(l, u int) float64 {
	mean := t.sum[l][u] / float64(t.n)
	var series [][]float64
	for _, hs := range t.block {
		h := hs[l]
		x := make([]float64, len(h)/t.c.Hidden)
		for i := range x {
			x[i] = float64(h[i*t.c.Hidden+u]) - mean
		}
		series = append(series, x)
	}
	return TauInt(series)
}

// TauInt is 1 + 2 sum rho(k) of several stretches of one process with mean 0, the
// sum cut at the first window M >= 5 tau(M); NaN for a constant. stat.TauInt takes
// each stretch about its own mean, which hides times near a stretch's length.
func TauInt(series [][]float64) float64 {
	longest := 0
	for _, x := range series {
		longest = max(longest, len(x))
	}
	sum := make([]float64, longest)
	for _, x := range series {
		for k, c := range autocovariance(x) {
			sum[k] += c
		}
	}
	count := func(k int) (n float64) {
		for _, x := range series {
			n += float64(max(0, len(x)-k))
		}
		return n
	}
	variance := sum[0] / count(0)
	if !(variance > 0) {
		return math.NaN()
	}
	tau := 1.0
	for k := 1; k < longest; k++ {
		tau += 2 * sum[k] / count(k) / variance
		if float64(k) >= 5*tau {
			break
		}
	}
	return tau
}

// autocovariance returns sum_t x_t x_{t+k} for every k, by the Fourier transform.
func autocovariance(x []float64) []float64 {
	n := 1
	for n < 2*len(x) {
		n *= 2
	}
	padded := make([]float64, n)
	copy(padded, x)
	f := fourier.NewFFT(n)
	c := f.Coefficients(nil, padded)
	for i, v := range c {
		c[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
	}
	f.Sequence(padded, c)
	for k := range len(x) {
		padded[k] /= float64(n)
	}
	return padded[:len(x)]
}

// TimesOf are the time constants of every unit of a network, over at most eight of the blocks.
// Errors match specimen.ErrNoWeights or are the context's or trace's.
func TimesOf(ctx context.Context, s *specimen.Specimen, blocks []text.Block, workers int) ([]Times, error) {
	in, err := newInput(s)
	if err != nil {
		return nil, err
	}
	times, _, err := timesOf(ctx, in, blocks, workers)
	return times, err
}
