package dissect

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const (
	jumpEvent   = `\begin{`
	jumpPlaces  = 400  // events, and as many matched positions, chosen by hash
	jumpLeast   = 8    // fewer of either: too little text
	jumpDraws   = 1999 // permutations
	jumpShown   = 8    // units with a curve
	jumpCurves  = 100  // events a curve is the mean of
	jumpSegment = 1000 // characters of a segment of the jackknife
	largeJump   = 1.0  // least difference, in standard deviations of the matched jumps
)

// jumps are the places compared: where the last character of the event has just
// been read, and where the same character was read without the event.
type jumps struct {
	events, matched []int // positions, ascending
	curve           []int // events that curves are the mean of
	draws           [][]int32
	strata          []int // of events then matched: grid block
}

// askJump asks for the states at every \begin{ of the detail blocks and at other
// places where a brace was opened. A unit jumps when its activation changes more
// over the seven characters of the event than over the seven before another
// brace. The null exchanges events and others within a block.
func (l *looker) askJump() func(context.Context) {
	if k := l.in.Alphabet.Kind(); k == text.Words || k == text.Pieces {
		return func(context.Context) {} // the event is its seven characters, which these read in fewer steps
	}
	j := &jumps{}
	all := 0
	for _, b := range l.Labels {
		events, matched := l.braces(b)
		all += len(events)
		j.events = append(j.events, events...)
		j.matched = append(j.matched, matched...)
	}
	j.events, j.matched = byHash(j.events, jumpPlaces), byHash(j.matched, jumpPlaces)
	out := &JumpGroup{Event: jumpEvent, Verdict: NotInText, Events: all, Units: []JumpUnit{}}
	l.res.Jump = out
	if all == 0 {
		return func(context.Context) {}
	}
	if len(j.events) < jumpLeast || len(j.matched) < jumpLeast {
		out.Verdict = TooLittleText
		return func(context.Context) {}
	}
	for _, p := range slices.Concat(j.events, j.matched) {
		l.Ask.Row(p)
		l.Ask.Row(p - len(jumpEvent))
	}
	for _, p := range j.events {
		b := l.BlockAt(p).Block
		if p+CurveLo >= b.Lo && p+CurveHi < b.Hi && len(j.curve) < jumpCurves {
			j.curve = append(j.curve, p)
		}
	}
	for _, p := range j.curve {
		for o := CurveLo; o <= CurveHi; o++ {
			l.Ask.Row(p + o)
		}
	}
	return func(ctx context.Context) { l.finishJump(ctx, j, out) }
}

// braces lists the positions in a block at which { was read: as the end of the
// event, and otherwise.
func (l *looker) braces(b *specimen.BlockLabels) (events, matched []int) {
	n := len(jumpEvent)
	for p := b.Block.Lo + n; p < b.Block.Hi; p++ {
		if l.RuneAt(p) != '{' {
			continue
		}
		if l.Text(p-n+1, p+1) == jumpEvent {
			events = append(events, p)
		} else {
			matched = append(matched, p)
		}
	}
	return events, matched
}

// byHash keeps up to n positions, chosen by hash, ascending.
func byHash(positions []int, n int) []int {
	out := slices.Clone(positions)
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(specimen.HashOf(a), specimen.HashOf(b)) })
	out = out[:min(n, len(out))]
	slices.Sort(out)
	return out
}

func (l *looker) finishJump(ctx context.Context, j *jumps, out *JumpGroup) {
	places := slices.Concat(j.events, j.matched)
	for _, p := range places {
		j.strata = append(j.strata, l.BlockAt(p).Block.Lo)
	}
	j.draw(l)
	var units []specimen.UnitAt
	for s, info := range l.res.Sites {
		for u := range info.Units {
			units = append(units, specimen.UnitAt{Site: s, Unit: u})
		}
	}
	found := make([]*jumpScore, len(units))
	if crew.ForEach(ctx, len(units), l.walk.Workers, func(i int) { found[i] = l.jumpOf(j, places, units[i]) }) != nil {
		return // look returns the context's error
	}
	out.Tested, out.Draws, out.Verdict = len(found), jumpDraws, NotFound
	reached := make([]float64, jumpDraws)
	for _, f := range found {
		for d, z := range f.null {
			reached[d] = max(reached[d], math.Abs(z))
		}
	}
	slices.SortStableFunc(found, func(a, b *jumpScore) int { return cmp.Compare(math.Abs(b.z), math.Abs(a.z)) })
	for _, f := range found {
		k := 1
		for _, z := range reached {
			if z >= math.Abs(f.z)*(1-1e-9) {
				k++
			}
		}
		p := float64(k) / float64(jumpDraws+1)
		if p > Alpha || math.Abs(f.effect) < largeJump {
			continue
		}
		unit := JumpUnit{Site: l.res.Sites[f.at.Site].Name, Unit: f.at.Unit, Jump: f.jump(j, places), Z: f.z, P: p, Curve: []float32{}}
		if len(out.Units) < jumpShown {
			unit.Curve = l.curve(j, f.at)
		}
		out.Units = append(out.Units, unit)
		out.Verdict = Associated
	}
}

// draw exchanges events and matched places within a block: draws[d] lists which
// places stand in for the events.
func (j *jumps) draw(l *looker) {
	rng := l.rngOf("jump")
	members := map[int][]int32{}
	var order []int
	for i, s := range j.strata {
		if members[s] == nil {
			order = append(order, s)
		}
		members[s] = append(members[s], int32(i))
	}
	for range jumpDraws {
		var chosen []int32
		for _, s := range order {
			m := members[s]
			events := 0
			for _, i := range m {
				if int(i) < len(j.events) {
					events++
				}
			}
			shuffled := slices.Clone(m)
			rng.Shuffle(len(m), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
			chosen = append(chosen, shuffled[:events]...)
		}
		j.draws = append(j.draws, chosen)
	}
}

// jumpScore is one unit's jumps: its size by place, and its standing in the null.
type jumpScore struct {
	at     specimen.UnitAt
	size   []float64 // by place
	effect float64   // difference of means in standard deviations of the matched jumps
	z      float64
	null   []float64 // z of every draw
}

func (l *looker) jumpOf(j *jumps, places []int, at specimen.UnitAt) *jumpScore {
	f := &jumpScore{at: at}
	for _, p := range places {
		f.size = append(f.size, float64(l.Ask.RowAt(at.Site, p)[at.Unit]-l.Ask.RowAt(at.Site, p-len(jumpEvent))[at.Unit]))
	}
	events, matched := f.size[:len(j.events)], f.size[len(j.events):]
	mean := stat.Mean(matched)
	var ss float64
	for _, x := range matched {
		ss += (x - mean) * (x - mean)
	}
	f.effect = (stat.Mean(events) - mean) / math.Max(1e-6, math.Sqrt(ss/float64(len(matched))))
	sums := make([]float64, len(j.draws))
	for d, chosen := range j.draws {
		for _, i := range chosen {
			sums[d] += f.size[i]
		}
	}
	centre, spread := meanAndSD(sums)
	observed := stat.Mean(events) * float64(len(events))
	f.null = make([]float64, len(sums))
	if spread < 1e-9 {
		return f
	}
	f.z = (observed - centre) / spread
	for d, s := range sums {
		f.null[d] = (s - centre) / spread
	}
	return f
}

func meanAndSD(x []float64) (mean, sd float64) {
	mean = stat.Mean(x)
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(max(1, len(x))))
}

// jump is the difference of mean jumps with its interval over segments.
func (f *jumpScore) jump(j *jumps, places []int) stat.Interval {
	index := map[int]int{}
	var numA, denA, numB, denB []float64
	for i, p := range places {
		s, ok := index[p/jumpSegment]
		if !ok {
			s = len(numA)
			index[p/jumpSegment] = s
			numA, denA, numB, denB = append(numA, 0), append(denA, 0), append(numB, 0), append(denB, 0)
		}
		if i < len(j.events) {
			numA[s] += f.size[i]
			denA[s]++
		} else {
			numB[s] += f.size[i]
			denB[s]++
		}
	}
	return stat.SegmentContrast(numA, denA, numB, denB)
}

// curve is the unit's mean activation around the events.
func (l *looker) curve(j *jumps, at specimen.UnitAt) []float32 {
	out := []float32{}
	if len(j.curve) == 0 {
		return out
	}
	for o := CurveLo; o <= CurveHi; o++ {
		var sum float64
		for _, p := range j.curve {
			sum += float64(l.Ask.RowAt(at.Site, p+o)[at.Unit])
		}
		out = append(out, look.Rounded(float32(sum/float64(len(j.curve)))))
	}
	return out
}
