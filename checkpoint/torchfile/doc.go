// Package torchfile reads the tensors of what torch.save wrote: state dicts, dicts
// that hold one under any key, Lightning checkpoints, whole modules; in the zip
// format and in the one before it.
//
// A pickle is a program. Nothing of it is run: names of functions become one of a
// few rebuilding steps that this package knows, names of classes become empty
// containers, and a call of anything else refuses the file by that name. Before the
// pickle is read its opcodes are counted: lengths must lie within the file, and what
// the reader would allocate is bounded.
package torchfile
