package run

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// TestTrainingTail: what a network learned from is read to its last symbols and not held, and is the same where the
// text is held.
func TestTrainingTail(t *testing.T) {
	made := create(t)
	closeRun(t, made)
	c, info := corpus(t)
	train := c.IDs[info.Split.Train.Lo:info.Split.Train.Hi]
	for _, held := range []bool{false, true} {
		r, err := Open(made.Dir())
		if err != nil {
			t.Fatal(err)
		}
		if held {
			if _, err := r.Corpus(); err != nil {
				t.Fatal(err)
			}
		}
		for _, limit := range []int{1, 700, len(train), len(train) + 1} {
			ids, total, err := r.trainingTail(t.Context(), limit)
			check(t, fmt.Sprint(limit, " symbols"), train[max(0, len(train)-limit):], slices.Clone(ids), err)
			check(t, "all", len(train), total, nil)
		}
		if (r.heldCorpus() != nil) != held {
			t.Error("reading what was learned from holds the text")
		}
		closeRun(t, r)
	}
	if err := os.WriteFile(made.textPath(), []byte("no text"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Open(made.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer closeRun(t, r)
	if _, _, err := r.trainingTail(t.Context(), 10); err == nil {
		t.Error("a text that cannot be unpacked was read")
	}
}
