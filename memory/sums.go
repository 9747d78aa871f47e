package memory

import "github.com/rnnscope/rnnscope/stat"

// sums are figures by segment.
type sums struct {
	index    map[int]int
	num, den []float64
}

func (x *sums) add(segment int, v float64) {
	if x.index == nil {
		x.index = map[int]int{}
	}
	i, ok := x.index[segment]
	if !ok {
		i = len(x.num)
		x.index[segment] = i
		x.num, x.den = append(x.num, 0), append(x.den, 0)
	}
	x.num[i] += v
	x.den[i]++
}

func (x *sums) mean() stat.Interval { return stat.SegmentMean(x.num, x.den) }
