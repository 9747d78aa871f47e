package text

import "io"

// Options say how a text is read.
type Options struct {
	Bytes    bool      // symbols are bytes, not code points
	MinCount int       // rarer symbols become the unknown symbol; 0 and 1 keep all
	Stdin    io.Reader // what "-" reads
}

// Corpus is a text ready for a network.
type Corpus struct {
	Name     string   // short: the file's name without its endings
	Sources  []string // what was read, in order
	Notes    []string // one sentence each: what was skipped or dropped
	Lost     []string // those of Notes on files that could not be read
	Raw      []byte   // the decoded text, UTF-8 unless read as bytes
	SHA256   string   // of the decoded text, before any character was left out, in hex
	Dropped  []Span   // characters of the text as given that are byte order marks and not in Raw
	Alphabet *Alphabet
	IDs      []int32

	given int // characters read so far, marks included
}
