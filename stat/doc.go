// Package stat holds the project's statistics: integer accumulators that merge
// in any order to the same bits, AUROC with its binning error and interval,
// nulls for autocorrelated text, corrections for many tests, and the one schema
// in which every measured figure is stored.
//
// Legend: T positions, U units, C concepts, V symbols, B histogram bins,
// S segments. Arrays are row-major with the shape in the field's comment.
//
// Nothing here prints, keeps global state or draws from a hidden random source:
// randomness comes in as a *rand.Rand. Programmer errors (lengths that disagree)
// panic; a figure that the data do not define is NaN, which JSON writes as null.
package stat
