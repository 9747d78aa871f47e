package table

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rnnscope/rnnscope/lab"
)

// Verification prints which files are not what the training comes to, and how many are.
func Verification(w io.Writer, v *lab.Verification) error {
	var b bytes.Buffer
	good := 0
	for _, row := range v.Snapshots {
		if row.Outcome == lab.FileSame {
			good++
			continue
		}
		fmt.Fprintf(&b, "step %10s  %s%s\n", Grouped(int(row.Step)), row.Outcome, whyNotSame(row))
	}
	if v.Resume != nil && v.Resume.Outcome != lab.FileSame {
		fmt.Fprintf(&b, "the weights to resume from, of step %s: %s%s\n", Grouped(int(v.Resume.Step)), v.Resume.Outcome, whyNotSame(*v.Resume))
	}
	fmt.Fprintf(&b, "%s of %s are, to the bit, what the training comes to (%s kernels)\n", Grouped(good), Several(len(v.Snapshots), "snapshot"), v.Kernels)
	_, err := w.Write(b.Bytes())
	return err
}

func whyNotSame(row lab.VerifiedWeights) string {
	switch row.Outcome {
	case lab.FileUnreadable:
		return ": " + OneLine(row.Error)
	case lab.FileDifferent:
		return fmt.Sprintf(": a weight differs by %.3g", row.Difference)
	}
	return ""
}
