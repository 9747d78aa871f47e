// Package concept says what each character of a text is part of: a quotation, a
// URL, a line, a bracket, a tag, an environment. Every concept is a pure
// streaming function of the text.
//
// Legend: T steps, B streams, V symbols, H units, L layers. Position t counts
// characters (runes) from 0; x_t is the character there.
//
// Conventions, the same for every concept. The label at t is the state after
// x_t was read and is a function of x_0..x_t. An opener counts as inside, its
// closer as outside; a depth counts likewise. An opener or closer of several
// characters takes effect at its last one. What comes after t is used for two
// purposes only: to mark labels invalid (a span that turned out never to be
// closed, a prefix that turned out to be something else), and, where a
// definition says so, to tell by x_{t+1} whether a mark ends a span. The one
// exception are predictive concepts (names ending in -next), which are
// properties of x_{t+1}, and the concepts a user brings along.
//
// A span that stays open past its limit makes every label of the span invalid,
// from its opener on; the state then starts anew from "outside". Labels
// therefore come out late, by at most Concept.Delay characters. A span still
// open at the end of the text is not past its limit and stays valid.
//
// How a text is cut into chunks never changes a label.
package concept
