// Package explain gives every unit of a network a short description in readable
// predicates of the text, found by search, and says what the description is worth: how
// much of the unit it predicts on text it was not made on, how much of that the last
// five characters could not tell, and what the network loses when the description
// takes the unit's place.
//
// Legend: T steps, B streams, V symbols, H units, L layers; N rows are the places
// looked at. A description at k leaves is a regression tree over explain/vocabulary.
package explain
