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
// Labels, besides capital, digit, capital-next and line-end-next, which every
// text has:
//
//	novel  quote-straight quote-single quote-depth quote-parity in-quote
//	play   bracket depths, speaker-heading
//	wiki   bracket depths, wiki-link wiki-template heading url, the xml- labels
//	code   bracket depths, comment string-literal url, quote-straight quote-single in-quote
//	latex  bracket depths, latex-environment latex-math
//	xml    xml-tag xml-closing-tag xml-attribute xml-depth, url, quote-straight in-quote, bracket depths
//	dyck   bracket depths
//	mixed  all of them but comment and string-literal
//
// and the nested languages, lines of marks with filler between them, of which the
// mixed text has nothing:
//
//	quotes-straight     planted-depth, quote-straight
//	quotes-alternating  planted-depth, quote-straight
//	quotes-curly        planted-depth, quote-depth quote-parity in-quote
//	quotes-corner       planted-depth, quote-depth quote-parity in-quote
//	quotes-broken       planted-depth (as it would be without the missing marks)
//	dyck-shuffled       planted-depth
//	counting            planted-depth (a^n b^n)
//
// The bracket depths are bracket-depth, paren-depth, square-depth and
// brace-depth. A label is left out where it would not be exact: in the mixed
// text a quotation of the novel would count as a string literal.
//
// Text is a function of (name, size, seed, options) alone.
package synth
