// Package pieces cuts a text into words or pieces of words as Hugging Face's tokenizers
// do: what a tokenizer.json says of normalising a text, splitting it, and BPE, unigram or
// WordPiece. What it asks that is not known here is refused by name, never left out.
//
// Byte pair encoding: Sennrich, Haddow and Birch 2016; over bytes: Radford et al. 2019.
// Unigram: Kudo 2018. WordPiece: Schuster and Nakajima 2012, as in BERT. Python's
// tokenizers 0.20.3 is the oracle of the tests (testdata/make.py).
package pieces
