package concept

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// ErrTooLittle says that a part lacks positives or negatives.
var ErrTooLittle = errors.New("too little text to classify a concept")

// Part is labelled text: one symbol id and one label a character.
type Part struct {
	IDs    []int32
	Labels []Label
}

// longestWindow is the k of the largest k-gram tried.
const longestWindow = 5

// tellsAt is the AUROC from which a k-gram is said to tell the concept.
const tellsAt = 0.99

// Measurement is what finite windows tell of a concept.
type Measurement struct {
	Class     Class                  `json:"class"`
	Window    int                    `json:"window"`    // smallest k whose k-gram tells the concept; 0 if none does
	AUROC     [longestWindow]float64 `json:"auroc"`     // of P(y | x_{t-k+1..t}) on the test part, by k-1
	Above     int32                  `json:"above"`     // a label counts as positive above this
	Positives int64                  `json:"positives"` // in the test part
	N         int64                  `json:"n"`         // valid labels in the test part
}

// Classify measures how much of the past a concept needs. P(y | last k
// characters) is counted on train, each k backing off to k-1 with one
// pseudocount, and scored on test by AUROC. The class is Surface if k = 1
// reaches .99, Window with the smallest such k up to 5, otherwise State; a
// Predictive concept stays so whatever is measured. Depths and
// categories count as positive above 0, quantities above their median on train.
// The error matches ErrTooLittle.
func Classify(c Concept, train, test Part) (Measurement, error) {
	m := Measurement{Class: State, Above: threshold(c.Kind, train.Labels)}
	for _, l := range test.Labels {
		if l.Valid {
			m.N++
			m.Positives += int64(one(l.Y > m.Above))
		}
	}
	if m.Positives == 0 || m.Positives == m.N {
		return m, fmt.Errorf("%w: %s has %d positives among %d test characters", ErrTooLittle, c.Name, m.Positives, m.N)
	}
	tables, base := countGrams(train, m.Above)
	scores := make([]scored, 0, m.N)
	for k := 1; k <= longestWindow; k++ {
		scores = score(scores[:0], tables[:k], base, test, m.Above)
		m.AUROC[k-1] = auroc(scores)
		if m.Window == 0 && m.AUROC[k-1] >= tellsAt {
			m.Window = k
		}
	}
	switch {
	case c.Class == Predictive:
		m.Class = Predictive
	case m.Window == 1:
		m.Class = Surface
	case m.Window > 1:
		m.Class = Window
	}
	return m, nil
}

// threshold is the label above which a position counts as positive.
func threshold(k Kind, labels []Label) int32 {
	if k != Numeric {
		return 0
	}
	var ys []int32
	for _, l := range labels {
		if l.Valid {
			ys = append(ys, l.Y)
		}
	}
	if len(ys) == 0 {
		return 0
	}
	slices.Sort(ys)
	// The greatest label below the top that leaves at most half above.
	above := ys[len(ys)/2]
	if above == ys[len(ys)-1] {
		i, _ := slices.BinarySearch(ys, above)
		if i == 0 {
			return above
		}
		return ys[i-1]
	}
	return above
}

// tally counts a context and its positives.
type tally struct{ n, on float64 }

// extend joins a symbol to the key of the k-gram behind it (a 64-bit mix:
// collisions are negligible beside the counts).
func extend(key uint64, id int32) uint64 {
	key = (key ^ uint64(uint32(id)+1)) * 0x9e3779b97f4a7c15
	return key ^ key>>29
}

// grams calls visit for each valid position with the keys of its k-grams, by k-1.
func grams(p Part, visit func(keys []uint64, y int32)) {
	var keys [longestWindow]uint64
	for t, l := range p.Labels {
		if !l.Valid {
			continue
		}
		var key uint64
		for k := range longestWindow {
			id := int32(-1) // before the text
			if t-k >= 0 {
				id = p.IDs[t-k]
			}
			key = extend(key, id)
			keys[k] = key
		}
		visit(keys[:], l.Y)
	}
}

func countGrams(p Part, above int32) (tables []map[uint64]tally, base float64) {
	tables = make([]map[uint64]tally, longestWindow)
	for k := range tables {
		tables[k] = map[uint64]tally{}
	}
	var all tally
	grams(p, func(keys []uint64, y int32) {
		on := float64(one(y > above))
		all.n, all.on = all.n+1, all.on+on
		for k, key := range keys {
			c := tables[k][key]
			c.n, c.on = c.n+1, c.on+on
			tables[k][key] = c
		}
	})
	return tables, (all.on + .5) / (all.n + 1)
}

type scored struct {
	p  float64
	on bool
}

// score appends P(y | k-gram) for every valid test position, k = len(tables).
func score(dst []scored, tables []map[uint64]tally, base float64, p Part, above int32) []scored {
	grams(p, func(keys []uint64, y int32) {
		v := base
		for k, t := range tables {
			c := t[keys[k]]
			v = (c.on + v) / (c.n + 1)
		}
		dst = append(dst, scored{v, y > above})
	})
	return dst
}

// auroc is exact: ties count one half.
func auroc(s []scored) float64 {
	slices.SortFunc(s, func(a, b scored) int { return cmp.Compare(a.p, b.p) })
	var on, off []int64
	for i, x := range s {
		if i == 0 || x.p != s[i-1].p {
			on, off = append(on, 0), append(off, 0)
		}
		if x.on {
			on[len(on)-1]++
		} else {
			off[len(off)-1]++
		}
	}
	auc, _ := stat.AUROC(on, off)
	return auc
}
