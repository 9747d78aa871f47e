// Package dissect finds out what the units of a trained network came to follow
// in the text: it scores every unit of every site against every concept, on text
// the network did not learn from, beside nulls under which it could have found
// nothing. "Not found" is one of its answers.
//
// Units, signs and thresholds are chosen on one part of the text (validation) and
// every reported figure is measured on another (test).
//
// Legend: T positions, B streams, V symbols, H units, L layers, C concepts.
// Positions are symbol offsets into the dissected text.
package dissect
