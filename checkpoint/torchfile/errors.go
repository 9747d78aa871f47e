package torchfile

import "errors"

// What can be wrong with a file; match with errors.Is.
var (
	// ErrForeign: this is no file of torch.save.
	ErrForeign = errors.New("not a file of torch.save")
	// ErrCorrupt: the file contradicts itself or ends early.
	ErrCorrupt = errors.New("damaged file")
	// ErrRefused: the file calls a function that no weights need, or is larger than
	// weights are. Nothing was run.
	ErrRefused = errors.New("refused")
)
