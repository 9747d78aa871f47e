package table

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/lab"
)

// Verification prints which files are not what the training comes to, and how many are.
func Verification(w io.Writer, v *lab.Verification) error {
	var b bytes.Buffer
	snapshots := differentFiles(&b, "step", v.Snapshots)
	states := differentFiles(&b, "the whole state of step", v.States)
	resumed := 0
	if v.Resume != nil {
		what := "the state to resume from, of step"
		if v.Resume.Step < 0 { // nobody could read which
			what = "the state to resume from"
		}
		resumed = differentFiles(&b, what, []lab.VerifiedFile{*v.Resume})
	}
	fmt.Fprintf(&b, "%s of %s %s, to the bit, what the training comes to (%s kernels%s)\n",
		Grouped(snapshots), Several(len(v.Snapshots), "snapshot"), isOrAre(len(v.Snapshots)), v.Kernels, begun(v.From))
	if len(v.States) > 0 {
		fmt.Fprintf(&b, "%s of %s %s: weights, moments, hidden state, place in the text, random state\n", Grouped(states), Several(len(v.States), "whole state"), isOrAre(len(v.States)))
	}
	if resumed == 1 {
		fmt.Fprintf(&b, "the state to resume from, of step %s, is: weights, moments, hidden state, place in the text, random state\n", Grouped(int(v.Resume.Step)))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func begun(from int64) string {
	if from == 0 {
		return ""
	}
	return "; begun at the state kept of step " + Grouped(int(from)) + ", which is believed"
}

// differentFiles prints those that are not the same and counts the others.
func differentFiles(b *bytes.Buffer, what string, files []lab.VerifiedFile) (same int) {
	for _, f := range files {
		if f.Outcome == lab.FileSame {
			same++
			continue
		}
		where := what
		if f.Step >= 0 {
			where += fmt.Sprintf(" %10s", Grouped(int(f.Step)))
		}
		fmt.Fprintf(b, "%s  %s: %s\n", where, f.Outcome, whyNotSame(f))
	}
	return same
}

func whyNotSame(f lab.VerifiedFile) string {
	if f.Outcome == lab.FileUnreadable {
		return OneLine(f.Error)
	}
	var parts []string
	for _, p := range f.Parts {
		parts = append(parts, partWords(p))
	}
	return strings.Join(parts, "; ")
}

// longestPart is how much of what a file says is printed.
const longestPart = 60

func partWords(p lab.DifferentPart) string {
	switch {
	case p.Of > 0:
		return fmt.Sprintf("%s (%s of %s numbers, by at most %.3g)", p.Part, Grouped(p.Values), Grouped(p.Of), p.Largest)
	case p.Kept == "" || len(p.Kept)+len(p.Comes) > longestPart:
		return p.Part
	case p.Comes == "":
		return fmt.Sprintf("%s (%s)", p.Part, OneLine(p.Kept))
	}
	return fmt.Sprintf("%s (%s, not %s)", p.Part, OneLine(p.Kept), OneLine(p.Comes))
}
