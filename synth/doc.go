// Package synth generates the built-in corpora: text whose structure is
// planted while it is written, and is therefore known exactly for every
// character.
//
// A generator writes through a writer that keeps the present value of every
// concept the domain defines; each rune is stored together with those values.
// Nothing is recovered from the finished text by a second look, except the
// three concepts that are properties of single runes (capital, digit and what
// follows them), so that the labelers of package concept can be tested
// against an independent source.
//
// Conventions, the same for every label: the value at t is the state after
// rune t was read. An opener counts as inside, its closer as outside; depth
// likewise. A multi-rune opener such as "[[" or "/*" opens at its last rune, a
// multi-rune closer closes at its last rune. A URL is on from its fourth rune.
//
// Text is a function of (name, size, seed, options) alone.
package synth
