package explain

import (
	"context"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Times are the time constants of a unit, in symbols; undefined for a unit that does not move.
type Times struct {
	// Autocorrelation is tau_int = 1 + 2 sum rho(k) of the activation on the report.
	Autocorrelation stat.Number `json:"autocorrelation"`
	// Gate is what the cell keeps of itself: LSTM -1/E[ln f], GRU -1/E[ln z]; undefined without a gate.
	Gate stat.Number `json:"gate"`
}

// Limits of what time constants are taken from.
const (
	timeRuns   = 8     // stretches of neighbouring text
	timeLength = 8_192 // symbols of each at most
)

// runs are up to timeRuns stretches of neighbouring rows of the report, evenly spread.
func (p *plan) runs() []stretch {
	var all []stretch
	for r := p.report[0].lo; r < p.report[len(p.report)-1].hi; r++ {
		if k := len(all) - 1; k >= 0 && p.at[r] == p.at[r-1]+1 && r-all[k].lo < timeLength {
			all[k].hi = r + 1
			continue
		}
		all = append(all, stretch{r, r + 1})
	}
	if len(all) <= timeRuns {
		return all
	}
	var out []stretch
	for i := range timeRuns {
		out = append(out, all[i*len(all)/timeRuns])
	}
	return out
}

// timesOf are the autocorrelation times of all units of a site.
func timesOf(ctx context.Context, p *plan, of *column, workers int) ([]Times, error) {
	runs := p.runs()
	out := make([]Times, of.units)
	err := crew.ForEach(ctx, len(out), workers, func(u int) {
		y := of.unit(u)
		n, sum := 0, 0.0
		for _, r := range runs {
			for _, q := range y[r.lo:r.hi] {
				sum += float64(q)
			}
			n += r.hi - r.lo
		}
		var series [][]float64
		for _, r := range runs {
			x := make([]float64, 0, r.hi-r.lo)
			for _, q := range y[r.lo:r.hi] {
				x = append(x, float64(q)-sum/float64(n))
			}
			series = append(series, x)
		}
		out[u] = Times{Autocorrelation: stat.Number(memory.TauInt(series)), Gate: stat.Undefined()}
	})
	return out, err
}

// gateTimes are the gates' time constants by layer and unit; nil without such a gate.
func gateTimes(ctx context.Context, sp *specimen.Specimen, p *plan) ([][]stat.Number, error) {
	c := sp.Model.Config()
	gate := map[rnn.Cell]string{rnn.LSTM: "f", rnn.GRU: "z"}[c.Cell]
	if gate == "" {
		return nil, nil
	}
	var sites []string
	for l := range c.Layers {
		sites = append(sites, fmt.Sprintf("l%d.%s", l, gate))
	}
	src, err := sp.States(sites)
	if err != nil {
		return nil, err
	}
	blocks := p.reported
	if len(blocks) > timeRuns {
		blocks = blocks[:0:0]
		for i := range timeRuns {
			blocks = append(blocks, p.reported[i*len(p.reported)/timeRuns])
		}
	}
	sums, n := make([][]float64, c.Layers), 0
	for l := range sums {
		sums[l] = make([]float64, c.Hidden)
	}
	// Blocks are added one by one in their order, so that no bit depends on the cores.
	for _, b := range blocks {
		gates := make([][]float32, c.Layers)
		for l := range gates {
			gates[l] = make([]float32, min(b.Len(), timeLength)*c.Hidden)
		}
		part := b
		part.Hi = min(part.Hi, part.Lo+timeLength)
		err := src.Read(ctx, []text.Block{part}, 1, func(_ int, x *specimen.Part) {
			for l := range gates {
				copy(gates[l][x.Lo*c.Hidden:], x.Values[l])
			}
		})
		if err != nil {
			return nil, err
		}
		for l := range gates {
			for i, f := range gates[l] {
				sums[l][i%c.Hidden] += math.Log(max(float64(f), leastGate))
			}
		}
		n += part.Len()
	}
	out := make([][]stat.Number, c.Layers)
	for l := range out {
		for _, s := range sums[l] {
			out[l] = append(out[l], stat.Number(-float64(n)/s))
		}
	}
	return out, nil
}

// leastGate stands for a gate that is 0 in float32: its logarithm must stay finite.
const leastGate = 1e-6
