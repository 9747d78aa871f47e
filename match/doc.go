// Package match goes from a selection to its places: somebody marks a span of text, the units that are most peculiar
// there are found, and then the places of text nobody chose anything on where these units are most alike. What the places share is held
// against random spans.
//
// The task is that of LSTMVis (Strobelt et al. 2018, section 5: select, match, refine). What is new is the null: the
// largest enrichment that the matches of a random span show is x7 to x13, so that enrichment by itself says nothing.
//
// An Index holds every state of a text as one byte, a column a unit. Run answers a selection.
package match

import "errors"

// Errors; match with errors.Is.
var (
	ErrInput = errors.New("cannot be matched")         // a selection, units or a text that cannot be used
	ErrIndex = errors.New("not an index of this text") // a file that is damaged, or of another network or text
)
