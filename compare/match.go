package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks networks that cannot be compared.
var ErrInput = errors.New("cannot be compared")

// Sizes of the comparison.
const (
	segments  = 20 // of the intervals
	misplaced = 19 // draws of the partner out of step
	group     = 4  // neighbouring segments that are exchanged
)

// Network is one of the networks to be compared, on the text of all of them.
type Network struct {
	Name     string
	Specimen *specimen.Specimen
}

// Options of a comparison.
type Options struct {
	Characters int // of each part of the text, at most
	Untrained  int // networks of the partner's shape
	Workers    int
}

// Pair is the units of A and what is like them in B.
type Pair struct {
	A     string      `json:"a"`
	B     string      `json:"b"`
	Sites []SiteMatch `json:"sites"` // of A
	Units []UnitMatch `json:"units"` // of A, the surest first
}

// SiteMatch sums up the units of a site of A.
type SiteMatch struct {
	Site       string        `json:"site"`
	Replicated stat.Interval `json:"replicated"` // share of the units that have a like in B (Wilson)
	OneToOne   stat.Interval `json:"one_to_one"` // the same where no two may share one (Hungarian)
	Median     stat.Number   `json:"median"`     // |r| of a unit and its partner, on the report
}

// UnitMatch is a unit of A and its partner in B, chosen on one part and measured on the other.
// r is the correlation within the current character.
type UnitMatch struct {
	Site       string           `json:"site"`
	Unit       int              `json:"unit"`
	InSite     string           `json:"partner_site"`
	Partner    int              `json:"partner_unit"`
	R          stat.Interval    `json:"r"`         // in the direction it has where the partner is chosen
	Untrained  stat.Number      `json:"untrained"` // the largest |r| with any unit of any untrained network of B's shape
	Misplaced  stat.Number      `json:"misplaced"` // the largest |r| with any unit of B out of step
	Replicated bool             `json:"replicated"`
	Own        *OneToOnePartner `json:"own"` // one to one; null where B has fewer units
}

// OneToOnePartner is the partner that a unit shares with no other.
type OneToOnePartner struct {
	Site       string        `json:"site"`
	Unit       int           `json:"unit"`
	R          stat.Interval `json:"r"`
	Replicated bool          `json:"replicated"`
}

// reader holds what all networks read.
type reader struct {
	opt            Options
	choose, report []text.Block
	early, late    []int32 // their characters
	source         *specimen.Specimen
}

// newReader settles the characters. Errors match ErrInput or are those of the text's medium.
func newReader(all []Network, opt Options) (*reader, error) {
	if len(all) < 2 {
		return nil, fmt.Errorf("%w: name at least two runs", ErrInput)
	}
	first := all[0].Specimen
	for _, n := range all[1:] {
		s := n.Specimen
		if s.Text.SHA256 != first.Text.SHA256 || s.Text.Source.Len() != first.Text.Source.Len() {
			return nil, fmt.Errorf("%w: %s and %s are of different texts; name one text for all of them", ErrInput, all[0].Name, n.Name)
		}
		a, b := first.Parts(0).Report, s.Parts(0).Report
		if a.Len() != b.Len() || a.Len() > 0 && a.At(0) != b.At(0) {
			return nil, fmt.Errorf("%w: %s and %s split their text in different ways", ErrInput, all[0].Name, n.Name)
		}
	}
	if err := first.Check(text.DefaultBlock); err != nil {
		return nil, err
	}
	r := &reader{opt: opt, source: first}
	parts := first.Parts(text.DefaultBlock)
	r.choose, r.report = specimen.SomeBlocks(parts.Choose, opt.Characters), specimen.SomeBlocks(parts.Report, opt.Characters)
	var err error
	if r.early, err = idsOf(first, r.choose); err != nil {
		return nil, err
	}
	if r.late, err = idsOf(first, r.report); err != nil {
		return nil, err
	}
	if len(r.late) < segments*group {
		return nil, fmt.Errorf("%w: %d characters to report on are too few", ErrInput, len(r.late))
	}
	return r, nil
}

func idsOf(s *specimen.Specimen, blocks []text.Block) ([]int32, error) {
	var out []int32
	for _, b := range blocks {
		piece := make([]int32, b.Len())
		if err := s.Text.Source.Read(piece, b.Lo); err != nil {
			return nil, err
		}
		out = append(out, piece...)
	}
	return out, nil
}

// both reads a network on both parts.
func (r *reader) both(ctx context.Context, s *specimen.Specimen) (early, late *panel, err error) {
	states, err := s.States(s.Sites())
	if err != nil {
		return nil, nil, err
	}
	if early, err = read(ctx, states, r.choose, r.early, r.opt.Workers); err != nil {
		return nil, nil, err
	}
	late, err = read(ctx, states, r.report, r.late, r.opt.Workers)
	return early, late, err
}

// correlations are those of all units of a with all of b, [a.units,b.units].
func correlations(a, b *panel, workers int) []float32 {
	out := make([]float32, a.units*b.units)
	const rows = 32
	n := (a.units + rows - 1) / rows
	_ = crew.ForEach(context.Background(), n, specimen.WorkersOr(workers), func(i int) {
		lo, hi := i*rows, min(a.units, (i+1)*rows)
		f32.GemmTN(out[lo*b.units:], b.units, a.x[lo:], a.units, b.x, b.units, hi-lo, b.units, a.n, false)
	})
	return out
}

// highest raises, for every unit of a, the largest |r| with any unit of b.
func highest(best []float64, c []float32) {
	width := len(c) / len(best)
	for u := range best {
		for _, r := range c[u*width : (u+1)*width] {
			best[u] = max(best[u], math.Abs(float64(r)))
		}
	}
}

// untrainedReach is what the units of every panel reach with untrained networks of the shape of b,
// each of which is read once.
func (r *reader) untrainedReach(ctx context.Context, all []*panel, b *specimen.Specimen) ([][]float64, error) {
	best := make([][]float64, len(all))
	for i, a := range all {
		best[i] = make([]float64, a.units)
	}
	for k := range b.Controls(r.opt.Untrained) {
		states, err := b.Control(k, b.Sites(), 0)
		if err != nil {
			return nil, err
		}
		p, err := read(ctx, states, r.report, r.late, r.opt.Workers)
		if err != nil {
			return nil, err
		}
		for i, a := range all {
			highest(best[i], correlations(a, p, r.opt.Workers))
		}
	}
	return best, nil
}

// shapeOf is the same for networks that have the same untrained ones.
func shapeOf(s *specimen.Specimen) string {
	if s.Model == nil {
		return s.Text.Name
	}
	return fmt.Sprintf("%+v", s.Model.Config())
}

// nullReach is what the units of a reach with b out of step: its segments exchanged within
// groups of four neighbours, so that what changes slowly along the text stays.
func (r *reader) nullReach(ctx context.Context, a, b *panel) ([]float64, error) {
	best := make([]float64, a.units)
	rng := rand.New(rand.NewPCG(stat.HashOf(r.source.Text.SHA256), misplaced))
	moved := &panel{sites: b.sites, units: b.units, n: b.n, x: make([]float32, len(b.x))}
	for range misplaced {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		copy(moved.x, b.x)
		size := b.n / segments
		for g := 0; g+group <= segments; g += group {
			order := rng.Perm(group)
			for slices.Equal(order, []int{0, 1, 2, 3}) {
				order = rng.Perm(group)
			}
			for k, from := range order {
				copy(moved.x[(g+k)*size*b.units:][:size*b.units], b.x[(g+from)*size*b.units:])
			}
		}
		highest(best, correlations(a, moved, r.opt.Workers))
	}
	return best, nil
}

// correlation is r of a unit of a and one of b on the report, with its jackknife over segments.
func correlation(a, b *panel, u, v int) stat.Interval {
	var ab, aa, bb [segments]float64
	for t := range a.n {
		s := min(segments-1, t*segments/a.n)
		x, y := float64(a.x[t*a.units+u]), float64(b.x[t*b.units+v])
		ab[s], aa[s], bb[s] = ab[s]+x*y, aa[s]+x*x, bb[s]+y*y
	}
	without := func(skip int) float64 {
		var xy, xx, yy float64
		for s := range segments {
			if s != skip {
				xy, xx, yy = xy+ab[s], xx+aa[s], yy+bb[s]
			}
		}
		if xx == 0 || yy == 0 {
			return 0
		}
		return xy / math.Sqrt(xx*yy)
	}
	leave := make([]float64, segments)
	for s := range leave {
		leave[s] = without(s)
	}
	ci := stat.Jackknife(without(-1), leave)
	ci.N = int64(a.n)
	return ci
}

// withSign turns an interval to the direction of a sign.
func withSign(ci stat.Interval, sign float32) stat.Interval {
	if sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = -ci.Estimate, -ci.Hi, -ci.Lo
	}
	return ci
}
