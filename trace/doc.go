// Package trace records what goes on inside a network while it reads: the
// values at any named site ("l0.h", "l0.c", "l1.f") for every character of a
// passage, or of the blocks of a long text, many blocks at a time on all cores.
//
// Values at row t are those after the network has read symbol t. They depend on
// the text, the grid and the kernel path alone: never on the number of cores,
// on which blocks run beside each other or on their order.
//
// Legend: T steps, B streams (here blocks), V symbols, H units, N rows of a
// trace.
package trace
