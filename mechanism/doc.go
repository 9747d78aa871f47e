// Package mechanism asks how a network counts quotation marks and brackets: with a
// flag (one bit), a counter, or a stack. Six tests, each of which may exclude some of
// the three and may not apply, decide (docs/methods.md, section 5): a verdict is what no
// applicable test excludes, and may be that nothing is left.
//
// The tests read a network from outside: it is given sequences of marks and filler,
// and its carried state is recorded after the filler, where only a held state can
// show. Contexts of marks and filler come from the text itself.
//
// Legend: T steps, B streams, V symbols, H units, L layers; D the greatest depth of
// the text, M the memory of a network: the values that carry its past directly (c of
// an LSTM, h of the other cells, the count of a network with a counter), S its whole
// carried state.
package mechanism
