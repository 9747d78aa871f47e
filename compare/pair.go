package compare

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Match looks for every unit of every network in every other. Every network is read once on
// both parts; what untrained networks of a shape reach is measured for each. Errors match
// ErrInput, or are the context's or trace's. progress may be nil.
func Match(ctx context.Context, all []Network, opt Options, progress func(done, total int64)) ([]Pair, error) {
	r, err := newReader(all, opt)
	if err != nil {
		return nil, err
	}
	early, late := make([]*panel, len(all)), make([]*panel, len(all))
	for i, n := range all {
		if early[i], late[i], err = r.both(ctx, n.Specimen); err != nil {
			return nil, err
		}
	}
	nulls := map[string][][]float64{}
	for _, n := range all {
		if shape := shapeOf(n.Specimen); nulls[shape] == nil {
			if nulls[shape], err = r.untrainedReach(ctx, late, n.Specimen); err != nil {
				return nil, err
			}
		}
	}
	var out []Pair
	total := int64(len(all) * (len(all) - 1))
	for i := range all {
		for j := range all {
			if i == j {
				continue
			}
			p, err := r.pair(ctx, early[i], late[i], early[j], late[j], nulls[shapeOf(all[j].Specimen)][i])
			if err != nil {
				return nil, err
			}
			p.A, p.B = all[i].Name, all[j].Name
			out = append(out, *p)
			if progress != nil {
				progress(int64(len(out)), total)
			}
		}
	}
	return out, nil
}

// pair matches the units of a in b; untrained is what each of them reaches with untrained networks of b's shape.
func (r *reader) pair(ctx context.Context, early, late, earlyB, lateB *panel, untrained []float64) (*Pair, error) {
	moved, err := r.nullReach(ctx, late, lateB)
	if err != nil {
		return nil, err
	}
	chosen := correlations(early, earlyB, r.opt.Workers)
	row := func(u int) []float32 { return chosen[u*earlyB.units : (u+1)*earlyB.units] }
	own := oneToOne(chosen, early.units, earlyB.units)
	p := &Pair{}
	for u := range early.units {
		v := 0
		for k, x := range row(u) {
			if abs(x) > abs(row(u)[v]) {
				v = k
			}
		}
		m := UnitMatch{Untrained: stat.Number(untrained[u]), Misplaced: stat.Number(moved[u]), R: withSign(correlation(late, lateB, u, v), row(u)[v])}
		m.Site, m.Unit = late.unit(u)
		m.InSite, m.Partner = lateB.unit(v)
		above := func(ci stat.Interval) bool { return ci.Lo > untrained[u] && ci.Lo > moved[u] }
		m.Replicated = above(m.R)
		if own != nil && own[u] >= 0 {
			o := &OneToOnePartner{R: withSign(correlation(late, lateB, u, own[u]), row(u)[own[u]])}
			o.Site, o.Unit = lateB.unit(own[u])
			o.Replicated = above(o.R)
			m.Own = o
		}
		p.Units = append(p.Units, m)
	}
	p.sumUp(late.sites)
	slices.SortStableFunc(p.Units, func(x, y UnitMatch) int {
		return cmp.Compare(y.R.Lo-float64(max(y.Untrained, y.Misplaced)), x.R.Lo-float64(max(x.Untrained, x.Misplaced)))
	})
	return p, nil
}

func abs(x float32) float32 { return max(x, -x) }

// oneToOne is the assignment with the largest sum of |r|: by unit of a the unit of b, -1 where
// b has too few.
func oneToOne(c []float32, rows, columns int) []int {
	at := func(u, v int) float64 { return math.Abs(float64(c[u*columns+v])) }
	if rows <= columns {
		gain := make([][]float64, rows)
		for u := range gain {
			gain[u] = make([]float64, columns)
			for v := range gain[u] {
				gain[u][v] = at(u, v)
			}
		}
		return assign(gain)
	}
	gain := make([][]float64, columns)
	for v := range gain {
		gain[v] = make([]float64, rows)
		for u := range gain[v] {
			gain[v][u] = at(u, v)
		}
	}
	out := make([]int, rows)
	for u := range out {
		out[u] = -1
	}
	for v, u := range assign(gain) {
		out[u] = v
	}
	return out
}

// sumUp counts the sites.
func (p *Pair) sumUp(sites []specimen.Site) {
	for _, s := range sites {
		m := SiteMatch{Site: s.Name}
		var found, own, n int64
		var all []float64
		for _, u := range p.Units {
			if u.Site != s.Name {
				continue
			}
			n++
			all = append(all, math.Abs(u.R.Estimate))
			if u.Replicated {
				found++
			}
			if u.Own != nil && u.Own.Replicated {
				own++
			}
		}
		slices.Sort(all)
		m.Replicated, m.OneToOne, m.Median = stat.Wilson(found, n), stat.Wilson(own, n), stat.Number(stat.Quantile(all, .5))
		p.Sites = append(p.Sites, m)
	}
}
