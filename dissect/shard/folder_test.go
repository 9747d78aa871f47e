package shard

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// TestResultsBeyondTheLimit: what would not be read is not kept; there is one limit for both.
func TestResultsBeyondTheLimit(t *testing.T) {
	was := mostResult
	defer func() { mostResult = was }()
	for _, c := range []struct {
		limit int64
		kept  bool
	}{{1000, true}, {103, true}, {102, false}} {
		mostResult = c.limit
		f, err := OpenFolder(t.TempDir(), Plan{Shards: 1})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat("x", 100) // with its quotation marks and line end 103 bytes
		if err := f.Finish(want); err != nil || !f.Merged() {
			t.Fatalf("limit %d: %v", c.limit, err)
		}
		var got string
		switch err := ReadMerged(f.Dir, &got); {
		case c.kept && (err != nil || got != want):
			t.Errorf("limit %d: %q, %v", c.limit, got, err)
		case !c.kept && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("limit %d: %v", c.limit, err)
		}
	}
}
