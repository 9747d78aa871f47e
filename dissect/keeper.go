package dissect

import (
	"math"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// binKeeper is a tallier that also keeps every unit's bins: of the few blocks that
// an untrained network reads, a byte a position and unit.
type binKeeper struct {
	tallier
	starts []int
	bins   [][]uint8       // by site [H,positions]
	n      int             // positions
	row    map[int32]int32 // a number for each character that occurs
}

func newBinKeeper(t *tally, blocks []text.Block) *binKeeper {
	k := &binKeeper{tallier: tallier{each: []*tally{t}, url: -1}, row: map[int32]int32{}}
	for _, b := range blocks {
		k.starts = append(k.starts, k.n)
		k.n += b.Len()
	}
	for _, table := range t.tables {
		k.bins = append(k.bins, make([]uint8, table.U*k.n))
	}
	return k
}

func (k *binKeeper) Begin(worker, s int, x *specimen.Passage) {
	k.tallier.Begin(worker, s, x)
	for _, v := range x.Chars {
		if _, ok := k.row[v]; !ok {
			k.row[v] = int32(len(k.row))
		}
	}
}

func (k *binKeeper) Unit(worker, s, u int, bins []uint8, fixed []int32, x *specimen.Passage) {
	k.tallier.Unit(worker, s, u, bins, fixed, x)
	copy(k.bins[s][u*k.n+k.starts[x.Number]+x.From:], bins)
}

// within is the AUROC of a unit over pairs of positions with the same current
// character, ties of bins counting half; NaN without a pair.
func (k *binKeeper) within(c, s, u int, labelled []*specimen.BlockLabels) float64 {
	counts := make([][2][stat.Bins]int64, len(k.row))
	var state []int8
	for i, b := range labelled {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		bins := k.bins[s][u*k.n+k.starts[i]:]
		for t, y := range state {
			if y >= 0 {
				counts[k.row[b.Chars[t]]][y][bins[t]]++
			}
		}
	}
	var won, pairs float64
	for v := range counts {
		auc, _ := stat.AUROC(counts[v][1][:], counts[v][0][:])
		if math.IsNaN(auc) {
			continue
		}
		weight := float64(sumOf(counts[v][1][:])) * float64(sumOf(counts[v][0][:]))
		won, pairs = won+auc*weight, pairs+weight
	}
	return won / pairs
}
