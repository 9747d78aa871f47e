package checkpoint

import "errors"

// What can be wrong with a file; match with errors.Is. The error's text says
// which file, what is wrong and what to do.
var (
	// ErrCorrupt: the bytes are not those that were written (checksum, header,
	// sizes that contradict each other).
	ErrCorrupt = errors.New("corrupt checkpoint")
	// ErrTruncated: the file ends early.
	ErrTruncated = errors.New("truncated checkpoint")
	// ErrForeign: a file that this program did not write. Import reads those that
	// hold a recurrent network.
	ErrForeign = errors.New("not a checkpoint of this program")
	// ErrUnsupported: a readable file whose network has a shape this program does
	// not have, or that was written by a newer version.
	ErrUnsupported = errors.New("unsupported checkpoint")
	// ErrNotFinite: a weight or a moment is NaN or infinite.
	ErrNotFinite = errors.New("not a finite number")
	// ErrAlphabet: the alphabet does not have as many symbols as the network.
	ErrAlphabet = errors.New("alphabet does not fit the network")
)
