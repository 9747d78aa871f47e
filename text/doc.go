// Package text turns written text into symbol ids and back: it reads corpora,
// holds the alphabet, and owns the one split, the one grid of analysis blocks
// and the parallel streams a network is trained on.
//
// Legend: T steps, B streams, V symbols. Ids are int32 in [0, V). All offsets
// count symbols (Unicode code points, or bytes in byte mode) unless a name or
// comment says bytes.
//
// # What reading changes, and what it does not
//
// The text a network sees is the text that was given, with one exception: a
// UTF-8 byte order mark at the start of a file is a signature and is dropped
// (never in byte mode). Carriage returns, tabs, NUL, trailing blanks and any
// Unicode form stay as they are: a CR LF line end is two symbols. What was
// dropped or skipped, and whether CR LF occurs, is noted in Corpus.Notes.
// Several files are joined in order with nothing between them, as cat does.
package text
