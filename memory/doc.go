// Package memory asks how far back a network remembers, and which of its units
// wait: matching pairs and the states at their ends, recall of the right closer
// by gap beside an n-gram model, minimal pairs, the reach of single characters,
// time constants, and units that hold something between a trigger and its
// release.
//
// Chosen and reported text are kept apart (docs/methods.md, section 1): units are chosen on
// one part, every figure is of the other. Blocks are longer here than elsewhere
// (16,000 characters), because a gap cannot be longer than a block; the network
// enters each from the zero state text.WarmUp characters early, and a pair counts
// only if the network has read its opener.
//
// Legend: T steps, B streams, V symbols, H units, L layers, g gap in characters.
// Log-probabilities are natural; LD is log P(right) - log P(best other).
package memory
