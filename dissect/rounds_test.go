package dissect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// TestShardsMergeToTheBytesOfOneProcess: concepts of every kind and class, on a network's own text and
// on another; shards are made out of order, one of them twice, one after its file was lost.
func TestShardsMergeToTheBytesOfOneProcess(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.LSTM, 6)
	kinds := []string{"in-quote", "url", "bracket-depth", "bracket-top", "column", "capital", "digit-run", "latex-environment"}
	for i, c := range []struct {
		name   string
		in     *specimen.Specimen
		names  []string
		shards int
		extent Extent
	}{
		{"own text", b.in, kinds, 3, Everything},
		{"another text", specimen.OtherText(b.in.Network, b.in.Text), kinds[:5], 4, CloserOnly},
		{"more shards than concepts", b.in, kinds[:3], 6, FiguresOnly},
	} {
		if testing.Short() && i < 2 {
			continue // the same with more concepts, and with what is looked at once the shards are merged
		}
		opt := Options{Concepts: concepts(t, c.names...), Untrained: 2, Draws: 199, Workers: 2, Extent: c.extent}
		whole, err := Run(context.Background(), c.in, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := folderOf(t, c.in, opt, c.shards)
		opt.Workers = 1
		for _, r := range Rounds() {
			if _, err := MergeShards(context.Background(), c.in, opt, f, nil); !errors.Is(err, shard.ErrMissing) {
				t.Errorf("%s: merged before the round %s is whole: %v", c.name, r, err)
			}
			order := []int{1, 0, 1}
			for i := 2; i < c.shards; i++ {
				order = append(order, i)
			}
			for k, i := range order {
				if k == 2 {
					removeOne(t, f, r, i)
				}
				if err := RunShard(context.Background(), c.in, opt, Task{Folder: f, Round: r, Shard: i}, nil); err != nil {
					t.Fatalf("%s: round %s, shard %d: %v", c.name, r, i, err)
				}
			}
			before := filesOf(t, f)
			if err := RunShard(context.Background(), c.in, opt, Task{Folder: f, Round: r, Shard: 0}, nil); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(before, filesOf(t, f), bytes.Equal) {
				t.Errorf("%s: a shard of the round %s that ran twice has other bytes", c.name, r)
			}
		}
		merged, err := MergeShards(context.Background(), c.in, opt, f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if merged.Null.Groups == 0 || merged.Concepts[0].State == nil || c.extent == Everything && (merged.URL == nil || merged.Concepts[0].Closer == nil) {
			t.Errorf("%s: not all parts of a result are compared", c.name)
		}
		if one, other := asJSON(t, whole), asJSON(t, merged); !bytes.Equal(one, other) {
			t.Errorf("%s: %d shards give another result than one process\n%.2000s\n%.2000s", c.name, c.shards, one, other)
		}
	}
}

func folderOf(t *testing.T, in *specimen.Specimen, opt Options, n int) *shard.Folder {
	t.Helper()
	p, err := PlanOf(in, opt, n, "any")
	if err != nil {
		t.Fatal(err)
	}
	f, err := shard.OpenFolder(t.TempDir(), p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// removeOne loses what a shard left.
func removeOne(t *testing.T, f *shard.Folder, r Round, i int) {
	t.Helper()
	if err := os.Remove(filepath.Join(f.Dir, fmt.Sprintf("%s-%d-of-%d.shard", r, i+1, f.Plan.Shards))); err != nil {
		t.Fatal(err)
	}
}

// filesOf are the bytes of all files, in the order of their names.
func filesOf(t *testing.T, f *shard.Folder) [][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(f.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// TestDamagedShardsAreRefused: any flipped bit of any file is told, and nothing is read as something else.
func TestDamagedShardsAreRefused(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.Elman, 2)
	opt := Options{Concepts: concepts(t, "in-quote", "column"), Workers: 1, Draws: 99, Extent: FiguresOnly}
	f := folderOf(t, b.in, opt, 2)
	for _, r := range Rounds() {
		for i := range 2 {
			if err := RunShard(context.Background(), b.in, opt, Task{Folder: f, Round: r, Shard: i}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := filepath.Glob(filepath.Join(f.Dir, "*.shard"))
	if err != nil || len(names) != 6 {
		t.Fatal(names, err)
	}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 6 {
			bad := slices.Clone(raw)
			bad[(k*len(raw)/6+7*k)%len(raw)] ^= 1 << (k % 8)
			if err := os.WriteFile(n, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := readAllShards(b.in, opt, f); !errors.Is(err, shard.ErrDamaged) {
				t.Errorf("%s with a changed bit: %v", filepath.Base(n), err)
			}
		}
		if err := os.WriteFile(n, raw[:len(raw)/2], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := readAllShards(b.in, opt, f); !errors.Is(err, shard.ErrDamaged) {
			t.Errorf("half of %s: %v", filepath.Base(n), err)
		}
		if err := os.WriteFile(n, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := MergeShards(context.Background(), b.in, opt, f, nil); err != nil {
		t.Errorf("mended: %v", err)
	}
}

// readAllShards merges, and looks at every label: a merge alone reads few of them.
func readAllShards(in *specimen.Specimen, opt Options, f *shard.Folder) error {
	own, opt, _, err := admit(context.Background(), in, opt)
	if err != nil {
		return err
	}
	j, labels, err := storedJob(own, opt, f, nil)
	if err != nil {
		return err
	}
	defer labels.Close()
	if err := j.see(context.Background(), text.BlockList(own.labelledBlocks()), func(int, *specimen.BlockLabels) {}); err != nil {
		return err
	}
	_, err = MergeShards(context.Background(), in, opt, f, nil)
	return err
}
