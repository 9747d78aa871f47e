package units

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
)

// groups are the headings of the list of concepts, by what a unit must remember.
var groups = []string{"state", "predictive", "surface"}

// group follows the measured class, with two exceptions: a concept whose rule looks back over a few characters only is never
// one of memory, and one whose unit still knows after characters without any event always is.
func group(c dissect.ConceptResult) string {
	if c.Best != nil && slices.ContainsFunc(c.Best.Held, func(h dissect.HeldScore) bool { return h.AUROC.Defined() && h.AUROC.Above(.5) }) {
		return "state"
	}
	switch concept.Class(c.Class) {
	case concept.Predictive:
		return "predictive"
	case concept.Surface, concept.Window:
		return "surface"
	}
	if k, err := concept.Find(c.Concept); err == nil && (k.Class == concept.Surface || k.Class == concept.Window) {
		return "surface"
	}
	return "state"
}

// Aside reports whether a concept has nothing of its own to say: its rule is for another kind of text, or its labels are another's.
func (b *Builder) Aside(c dissect.ConceptResult) bool {
	return b.D.Foreign(c.Concept) || b.twin(c) != ""
}

// twin is the earlier concept that has the same labels in this text, as far as the figures can tell: on as often, and
// followed by the same unit equally well. "" without one.
func (b *Builder) twin(c dissect.ConceptResult) string {
	if c.Best == nil || c.Positive == 0 {
		return ""
	}
	for _, o := range b.D.Dissect.Concepts {
		if o.Concept == c.Concept {
			return ""
		}
		if o.Best != nil && o.N == c.N && o.Positive == c.Positive && o.Best.Site == c.Best.Site && o.Best.Unit == c.Best.Unit &&
			o.Best.AUROC.Estimate == c.Best.AUROC.Estimate {
			return o.Concept
		}
	}
	return ""
}

// own leaves out concepts that have nothing of their own to say, unless nothing else is left.
func (b *Builder) own(names []string) []string {
	var out []string
	for _, name := range names {
		if !b.AsideNamed(name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return names
	}
	return out
}

// galleryByInterest orders units by the most interesting concept each was chosen for.
func (b *Builder) galleryByInterest(units []dissect.GalleryUnit) []dissect.GalleryUnit {
	best := func(g dissect.GalleryUnit) (most float64) {
		for _, name := range g.Concepts {
			most = max(most, b.interest(name, g))
		}
		return most
	}
	out := slices.Clone(units)
	slices.SortStableFunc(out, func(x, y dissect.GalleryUnit) int { return cmp.Compare(best(y), best(x)) })
	return out
}

// byInterest orders the concepts a unit was chosen for, without those that have nothing of their own to say.
func (b *Builder) byInterest(g dissect.GalleryUnit) []string {
	out := slices.Clone(b.own(g.Concepts))
	slices.SortStableFunc(out, func(x, y string) int { return cmp.Compare(b.interest(y, g), b.interest(x, g)) })
	return out
}

// interest ranks what a unit does for a concept: concepts it must remember come first, then those that foresee something, then
// what lies on the surface; within a kind the AUROC decides. What was not learned comes after all that was.
func (b *Builder) interest(name string, g dissect.GalleryUnit) float64 {
	c, score := b.score(name, g.Site, g.Unit)
	if score == nil || b.Aside(*c) || math.IsNaN(score.AUROC.Estimate) {
		return 0
	}
	kind := map[string]float64{"state": 3, "predictive": 2, "surface": 1}[group(*c)]
	if c.Verdict != dissect.Learned {
		kind /= 10
	}
	return kind + score.AUROC.Estimate
}
