package explain

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Ways to measure how much the last k symbols fix.
const (
	ExchangeStates = "exchange"     // the state k symbols ago is exchanged
	SameContext    = "same-context" // places after the same k symbols are compared
)

// Fixed is the median S_k of a site's units.
type Fixed struct {
	Site string        `json:"site"`
	S    []stat.Number `json:"s"` // by k
}

// memoryKs are the ks that are reported.
var memoryKs = []int{1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64}

const (
	memoryPlaces = 4000
	memorySteps  = 64
	memoryBlocks = 64
	memoryBatch  = 128 // places that run beside each other, twice: with their own state and another
	memoryShort  = 8   // fewest symbols between places
)

// exchange is the places of the experiment and the states there.
type exchange struct {
	states *rnn.State
	ids    [][]int32 // by place: the symbols after it
	block  []int     // by place, ascending
}

// memory measures S_k of all units of the sites: [site][unit].
func (j *job) memory(ctx context.Context, sites []string) (*Memory, [][][]stat.Interval, error) {
	x, err := j.exchange(ctx)
	if err != nil || x == nil {
		return nil, nil, err
	}
	n := len(x.ids)
	other := strangers(x.block, rand.New(rand.NewPCG(j.opt.Seed, 1<<32)))
	groups := x.block[n-1] + 1
	sums := make([]*exchangeSums, len(sites))
	for i := range sites {
		sums[i] = newExchangeSums(groups, len(memoryKs), j.states.Sites()[i].Units)
	}
	pass, err := j.Model.NewPass(rnn.PassOptions{T: memorySteps, B: 2 * memoryBatch, Workers: j.workers(), Sites: sites})
	if err != nil {
		return nil, nil, err
	}
	advance := j.stage("exchanging states", n)
	state := j.Model.NewState(2 * memoryBatch)
	ids := make([]int32, memorySteps*2*memoryBatch)
	for lo := 0; lo < n; lo += memoryBatch {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		hi := min(lo+memoryBatch, n)
		for i := range ids {
			ids[i] = -1
		}
		for p := lo; p < hi; p++ {
			row := p - lo
			state.CopyRow(row, x.states, p)
			state.CopyRow(memoryBatch+row, x.states, other[p])
			for t, v := range x.ids[p] {
				ids[t*2*memoryBatch+row], ids[t*2*memoryBatch+memoryBatch+row] = v, v
			}
		}
		pass.Forward(ids, state, nil)
		for i, site := range sites {
			sums[i].add(pass, site, x.block[lo:hi])
		}
		for range hi - lo {
			advance()
		}
	}
	out := &Memory{Method: ExchangeStates, Ks: memoryKs, Places: n}
	return out, out.sum(sites, sums), nil
}

// sum turns the sums of every site into medians, and into figures by [site][unit].
func (m *Memory) sum(sites []string, sums []*exchangeSums) [][][]stat.Interval {
	var units [][][]stat.Interval
	for i, site := range sites {
		of := sums[i].intervals()
		units = append(units, of)
		m.Median = append(m.Median, Fixed{site, medians(of, len(m.Ks))})
	}
	return units
}

// exchange reads blocks of the report and keeps the state at every so many symbols; nil
// when the text has too few places.
func (j *job) exchange(ctx context.Context) (*exchange, error) {
	blocks := j.plan.reported
	if len(blocks) > memoryBlocks {
		var some []text.Block
		for i := range memoryBlocks {
			some = append(some, blocks[i*len(blocks)/memoryBlocks])
		}
		blocks = some
	}
	scored := 0
	longest := 0
	for _, b := range blocks {
		scored, longest = scored+b.Len(), max(longest, b.Len())
	}
	every := min(memorySteps, max(memoryShort, scored/memoryPlaces))
	ids, at, err := gather(j.Text.Source, blocks)
	if err != nil {
		return nil, err
	}
	x := &exchange{}
	type mark struct{ row, pos int }
	var marks []mark
	for row, b := range at {
		for pos := b.Lo + every - 1; pos+memorySteps < b.Hi; pos += every {
			marks = append(marks, mark{row, pos})
			x.ids, x.block = append(x.ids, ids[pos+1:pos+1+memorySteps]), append(x.block, row)
		}
	}
	if len(marks) < 2*memoryBatch || marks[0].row == marks[len(marks)-1].row {
		return nil, nil // places of another block are wanted for each
	}
	x.states = j.Model.NewState(len(marks))
	place := map[mark]int{}
	for i, m := range marks {
		place[m] = i
	}
	pass, err := j.Model.NewPass(rnn.PassOptions{T: every, B: len(at), Workers: j.workers()})
	if err != nil {
		return nil, err
	}
	state, in := j.Model.NewState(len(at)), make([]int32, every*len(at))
	lead := (text.WarmUp + every - 1) / every * every
	for s := -lead; s < longest; s += every {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for row, b := range at {
			for t := range every {
				pos := b.Lo + s + t
				in[t*len(at)+row] = -1
				if pos >= b.Warm && pos < b.Hi {
					in[t*len(at)+row] = ids[pos]
				}
			}
		}
		pass.Forward(in, state, nil)
		for row, b := range at {
			if i, ok := place[mark{row, b.Lo + s + every - 1}]; ok {
				x.states.CopyRow(i, state, row)
			}
		}
	}
	return x, nil
}

// strangers draws for every place another one of another block.
func strangers(block []int, rng *rand.Rand) []int {
	out := make([]int, len(block))
	for p := range out {
		for {
			if q := rng.IntN(len(block)); block[q] != block[p] {
				out[p] = q
				break
			}
		}
	}
	return out
}

// exchangeSums are what S_k needs of a site, by group of places.
type exchangeSums struct {
	ks, units int
	d         [][]float64 // [groups][ks,units] squared differences
	n         [][]float64 // [groups][ks] places
	a, aa     [][]float64 // [groups][units] over all steps with the own state
	values    []float64   // [groups] how many those are
}

func newExchangeSums(groups, ks, units int) *exchangeSums {
	s := &exchangeSums{ks: ks, units: units, values: make([]float64, groups)}
	for range groups {
		s.d, s.n = append(s.d, make([]float64, ks*units)), append(s.n, make([]float64, ks))
		s.a, s.aa = append(s.a, make([]float64, units)), append(s.aa, make([]float64, units))
	}
	return s
}

func (s *exchangeSums) add(pass *rnn.Pass, site string, block []int) {
	for i, k := range memoryKs {
		v := pass.Read(site, k-1)
		for row, g := range block {
			s.pair(g, i, v[row*s.units:(row+1)*s.units], v[(memoryBatch+row)*s.units:(memoryBatch+row+1)*s.units])
		}
	}
}

// pair adds the i-th k of one place of group g: a unit's own values [units] and those it is
// compared with.
func (s *exchangeSums) pair(g, i int, own, strange []float32) {
	d := s.d[g][i*s.units : (i+1)*s.units]
	for u, a := range own {
		e := float64(a - strange[u])
		d[u] += e * e
		s.a[g][u] += float64(a)
		s.aa[g][u] += float64(a) * float64(a)
	}
	s.values[g]++
	s.n[g][i]++
}

// intervals leaves one group of places out at a time: [units][ks].
func (s *exchangeSums) intervals() [][]stat.Interval {
	out := make([][]stat.Interval, s.units)
	for u := range out {
		for i := range s.ks {
			of := func(without int) float64 {
				var d, n, a, aa, m float64
				for g := range s.n {
					if g == without {
						continue
					}
					d, n = d+s.d[g][i*s.units+u], n+s.n[g][i]
					a, aa, m = a+s.a[g][u], aa+s.aa[g][u], m+s.values[g]
				}
				variance := aa/m - a/m*(a/m)
				if !(variance > 1e-12) {
					return math.NaN()
				}
				return 1 - d/n/(2*variance)
			}
			var leave []float64
			places := 0.0
			for g := range s.n {
				if s.n[g][i] > 0 {
					leave = append(leave, of(g))
				}
				places += s.n[g][i]
			}
			ci := stat.Jackknife(of(-1), leave)
			ci.N = int64(places)
			out[u] = append(out[u], ci)
		}
	}
	return out
}

func sumOf(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// medians over units of each of n figures; units without one are left out.
func medians(units [][]stat.Interval, n int) []stat.Number {
	out := make([]stat.Number, n)
	for i := range out {
		var x []float64
		for _, u := range units {
			if v := u[i].Estimate; v == v {
				x = append(x, v)
			}
		}
		out[i] = medianOf(x)
	}
	return out
}
