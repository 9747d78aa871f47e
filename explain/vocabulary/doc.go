// Package vocabulary is what a description of a unit may ask of the text read so
// far: the last characters, what the text ends in, whether a concept is on and since
// when, how long ago a class or a character was seen. Every question can be put in
// words, English or Chinese.
//
// The short vocabulary sees the last five symbols and no more; the rest needs memory.
//
// Legend: N rows, the places looked at; C columns; lag 0 is the symbol just read.
package vocabulary
