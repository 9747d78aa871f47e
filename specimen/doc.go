// Package specimen holds what an analysis looks at: a network (or states that were
// recorded elsewhere), a text in its symbols, the parts that the text is cut into,
// and what every analysis asks of these: labels of the symbols, the borders of
// bins, states where they are wanted, tallies of one against the other, and
// matching pairs. Whatever is measured is measured on a specimen, and says on which.
//
// Legend: T positions, V symbols, H units, L layers, C concepts, N rows. Positions are
// symbol offsets into the text.
package specimen
