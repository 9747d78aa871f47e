// Package lab holds the experiments that train networks of their own and measure them: the
// grid of nested quotation marks and the languages of the literature (Quotes), delays of
// known length (Delays), units of known rule (Planted), and the repetition of a run's own
// training (Repeat).
//
// The same options give the same result on any number of cores.
package lab
