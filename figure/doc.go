// Package figure draws the pictures of a run: loss curves, small multiples of skills, activation heatmaps, unit
// traces over text, matching pairs, and intervals beside their null.
//
// A figure is a plain struct of numbers and words. It is drawn once, on a small surface of its own, and comes out as
// SVG, PNG or PDF (the last two through gonum/plot's vg canvases), or as an SVG whose colours are CSS variables, for
// a page with a light and a dark theme. Lengths are CSS pixels; one pixel is one point in a PDF.
//
// Series colours are Okabe and Ito's colour-blind safe set (Color Universal Design, 2008), darkened or lightened
// until each stands at 3:1 or more against its paper; activations are Brewer's 11-step RdBu, interpolated, centred
// at 0: blue above, red below. Where two colours mean two things their marks also differ in shape.
//
// PNG and PDF set letters in Liberation Sans and DejaVu Sans Mono, which are part of the build. What these lack (Chinese
// above all) is drawn from a 12-pixel bitmap font as small squares: legible, not beautiful. Scripts that join or
// stack their letters are drawn letter by letter there; the SVG leaves both to the viewer's own fonts. Words in a PDF are
// shapes, not text that can be searched.
//
// Legend: T characters of a passage, H units.
package figure
