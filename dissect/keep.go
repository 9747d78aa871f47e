package dissect

import (
	"slices"

	"github.com/rnnscope/rnnscope/concept"
)

// Keep takes over what an earlier result of the same network and text says of concepts that this one
// was not asked about. Only what was measured by the same program, at the same sites and against the
// same null belongs beside it; else it changes nothing.
func (r *Result) Keep(earlier *Result) {
	if earlier == nil || earlier.Version != r.Version || earlier.Null != r.Null && saysAny(r) && saysAny(earlier) || earlier.Chosen != r.Chosen || earlier.Reported != r.Reported ||
		!slices.Equal(earlier.Sites, r.Sites) {
		return
	}
	if !saysAny(r) { // what is not in the text was held against nothing
		r.Null = earlier.Null
	}
	r.Concepts, r.Others, r.Gallery = slices.Clone(r.Concepts), slices.Clone(r.Others), slices.Clone(r.Gallery)
	has := func(name string) bool {
		return slices.ContainsFunc(r.Concepts, func(c ConceptResult) bool { return c.Concept == name }) ||
			slices.ContainsFunc(r.Others, func(a concept.Admission) bool { return a.Concept == name })
	}
	var concepts []ConceptResult
	for _, c := range earlier.Concepts {
		if !has(c.Concept) {
			concepts = append(concepts, c)
		}
	}
	var others []concept.Admission
	for _, a := range earlier.Others {
		if !has(a.Concept) {
			others = append(others, a)
		}
	}
	if len(concepts)+len(others) == 0 {
		return
	}
	r.Concepts, r.Others = append(r.Concepts, concepts...), append(r.Others, others...)
	for _, g := range earlier.Gallery {
		at := slices.IndexFunc(r.Gallery, func(o GalleryUnit) bool { return o.Site == g.Site && o.Unit == g.Unit })
		if at < 0 {
			r.Gallery = append(r.Gallery, g)
			continue
		}
		now := r.Gallery[at]
		now.Concepts = slices.Clone(now.Concepts)
		for _, name := range g.Concepts {
			if !slices.Contains(now.Concepts, name) {
				now.Concepts = append(now.Concepts, name)
				now.Excerpts = append(slices.Clip(now.Excerpts), g.TextFor(name)...)
			}
		}
		r.Gallery[at] = now
	}
	if r.Jump == nil {
		r.Jump = earlier.Jump
	}
	if r.URL == nil {
		r.URL = earlier.URL
	}
	if r.Pairs == nil {
		r.Pairs = earlier.Pairs
	}
	r.BySite = siteSummaries(r)
}

// saysAny reports whether any concept was in the text: without one no null was drawn.
func saysAny(r *Result) bool {
	return slices.ContainsFunc(r.Concepts, func(c ConceptResult) bool { return c.Best != nil })
}
