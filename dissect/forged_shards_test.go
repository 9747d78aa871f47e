package dissect

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/rnn"
)

// forge is a round of shards that somebody changes, file by file.
type forge struct {
	t     *testing.T
	b     *bench
	opt   Options
	f     *shard.Folder
	most  uint64 // bytes that merging the files as they were made allocates
	tried int
	taken int // of them accepted
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newForge(t *testing.T) *forge {
	b := newBench(t, "mixed", 90_000, rnn.Elman, 2)
	opt := Options{Concepts: concepts(t, "in-quote", "url", "column"), Untrained: 1, Workers: 1, Draws: 99, Extent: FiguresOnly}
	f := folderOf(t, b.in, opt, 2)
	for _, r := range Rounds() {
		for i := range 2 {
			if err := RunShard(context.Background(), b.in, opt, Task{Folder: f, Round: r, Shard: i}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	g := &forge{t: t, b: b, opt: opt, f: f}
	g.most, _ = g.merge()
	return g
}

// merge merges, within a minute, and says how much it allocated.
func (g *forge) merge() (bytes uint64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = MergeShards(ctx, g.b.in, g.opt, g.f, nil)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// put merges with other bytes in a file, and holds the answer to: a result, or one line that says which files are
// damaged; in time, and in the memory that the files as they were made take.
func (g *forge) put(name, how string, b []byte) {
	g.t.Helper()
	path := filepath.Join(g.f.Dir, name)
	was, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	if bytes.Equal(was, b) {
		return
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		g.t.Fatal(err)
	}
	g.held(name+": "+how, true)
	if err := os.WriteFile(path, was, 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// held merges and checks the answer; ok: the change may also go unseen.
func (g *forge) held(what string, ok bool) {
	g.t.Helper()
	g.tried++
	used, err := g.merge()
	switch {
	case err == nil && ok:
		g.taken++
	case !errors.Is(err, shard.ErrDamaged) || strings.Contains(err.Error(), "\n"):
		g.t.Errorf("%s: %v", what, err)
	}
	if used > 2*g.most+64<<20 {
		g.t.Errorf("%s: %d MB allocated, %d as made", what, used>>20, g.most>>20)
	}
}

// summed is a file's first line, and the numbers behind it without their check sum.
func (g *forge) summed(name string) (head []byte, numbers []int64) {
	raw, err := os.ReadFile(filepath.Join(g.f.Dir, name))
	if err != nil {
		g.t.Fatal(err)
	}
	at := bytes.IndexByte(raw, '\n') + 1
	for b := raw[at : len(raw)-crc32.Size]; len(b) > 0; {
		x, n := binary.Varint(b)
		numbers, b = append(numbers, x), b[n:]
	}
	return raw[:at], numbers
}

// again is the file of such numbers, with the check sum that belongs to them.
func again(head []byte, numbers []int64) []byte {
	var body []byte
	for _, x := range numbers {
		body = binary.AppendVarint(body, x)
	}
	return slices.Concat(head, body, binary.LittleEndian.AppendUint32(nil, crc32.Checksum(body, castagnoli)))
}

// stride is how many numbers apart changed ones are: all of them with RNNSCOPE_LONG.
func stride(n, few int) int {
	if os.Getenv("RNNSCOPE_LONG") != "" {
		return 1
	}
	if testing.Short() {
		few = (few + 3) / 4
	}
	return max(1, n/few)
}

// TestForgedShards: shards that somebody changed and gave the right check sums. No panic, no work without end, no
// memory but what whole shards take.
func TestForgedShards(t *testing.T) {
	g := newForge(t)
	wrong := []int64{-1, 0, 1, 1_000_000, 1e15, math.MaxInt64, math.MinInt64, math.MaxInt32 + 1}
	k := 0
	for _, name := range []string{"choose-1-of-2.shard", "report-2-of-2.shard"} {
		head, numbers := g.summed(name)
		for i := 0; i < len(numbers); i += stride(len(numbers), 16) {
			forged := slices.Clone(numbers)
			forged[i] = wrong[k%len(wrong)]
			k++
			g.put(name, fmt.Sprintf("number %d of %d is %d", i, len(numbers), forged[i]), again(head, forged))
		}
		for _, n := range []int{0, 1, len(numbers) / 2, len(numbers) - 1} {
			g.put(name, fmt.Sprintf("%d numbers", n), again(head, numbers[:n]))
		}
		g.put(name, "a number more", again(head, append(slices.Clone(numbers), 1)))
	}
	g.labels("labels-1-of-2.shard", wrong)
	g.swapped()
	g.strange()
	t.Logf("%d forged rounds, %d of them merged", g.tried, g.taken)
	if _, err := g.merge(); err != nil {
		t.Errorf("put back: %v", err)
	}
}

// labels changes a file of labels: its first line, bytes of its records, its index.
func (g *forge) labels(name string, wrong []int64) {
	raw, err := os.ReadFile(filepath.Join(g.f.Dir, name))
	if err != nil {
		g.t.Fatal(err)
	}
	at := bytes.IndexByte(raw, '\n') + 1
	body := raw[at:]
	index := int(binary.LittleEndian.Uint64(body[len(body)-8:]))
	var starts []int
	list, n := binary.Uvarint(body[index:])
	rest, start := body[index+n:], 0
	for range list {
		for field := range 3 {
			x, n := binary.Uvarint(rest)
			if rest = rest[n:]; field == 2 {
				start += int(x)
			}
		}
		starts = append(starts, start)
	}
	starts = append(starts, index)
	resum := func(b []byte, lo, hi int) []byte {
		binary.LittleEndian.PutUint32(b[hi-crc32.Size:], crc32.Checksum(b[lo:hi-crc32.Size], castagnoli))
		return b
	}
	for k := 0; k+1 < len(starts); k += stride(len(starts), 6) {
		lo, hi := starts[k], starts[k+1]
		for i := lo; i < hi-crc32.Size; i += max(1, (hi-lo)/3) {
			b := slices.Clone(body)
			b[i] ^= byte(1 + (37*(i+k))%255)
			g.put(name, fmt.Sprintf("byte %d of record %d", i-lo, k), slices.Concat(raw[:at], resum(b, lo, hi)))
		}
	}
	for i := index; i < len(body)-8-crc32.Size; i += stride(len(body)-8-index, 6) {
		b := slices.Clone(body)
		b[i] ^= 0x55
		g.put(name, fmt.Sprintf("byte %d of the index", i-index), slices.Concat(raw[:at], resum(b, index, len(body)-8)))
	}
	for _, x := range wrong {
		b := slices.Clone(body)
		binary.LittleEndian.PutUint64(b[len(b)-8:], uint64(x))
		g.put(name, fmt.Sprintf("the index is at %d", x), slices.Concat(raw[:at], b))
	}
	for _, rules := range []string{`null`, `[]`, `{}`, `[{"concept":"in-quote","above":-5},{"concept":"column","above":999999999}]`, `[{"concept":"column","above":2147483647},{"concept":"in-quote","above":0}]`,
		`[{"concept":"capital","above":0},{"concept":"digit","above":0}]`, "[" + strings.Repeat(`{"concept":"x","above":1},`, 30_000) + `{"concept":"in-quote","above":0}]`} {
		g.put(name, "rules "+rules[:min(60, len(rules))], slices.Concat(headOf(g.t, raw[:at], rules), body))
	}
}

// headOf is a first line with other rules and their check sum.
func headOf(t *testing.T, head []byte, rules string) []byte {
	var l map[string]any
	if err := json.Unmarshal(head, &l); err != nil {
		t.Fatal(err)
	}
	l["more"], l["sum"] = json.RawMessage(rules), crc32.Checksum([]byte(rules), castagnoli)
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// swapped puts files in each other's places, and cuts them.
func (g *forge) swapped() {
	names, err := filepath.Glob(filepath.Join(g.f.Dir, "*.shard"))
	if err != nil || len(names) != 6 {
		g.t.Fatal(names, err)
	}
	for i, n := range names {
		name := filepath.Base(n)
		other, err := os.ReadFile(names[(i+1)%len(names)])
		if err != nil {
			g.t.Fatal(err)
		}
		own, err := os.ReadFile(n)
		if err != nil {
			g.t.Fatal(err)
		}
		g.put(name, "another's bytes", other)
		g.put(name, "nothing", nil)
		g.put(name, "the first half", own[:len(own)/2])
		own0, other0 := bytes.IndexByte(own, '\n')+1, bytes.IndexByte(other, '\n')+1
		g.put(name, "another's numbers behind its own line", slices.Concat(own[:own0], other[other0:]))
	}
}

// strange puts what is no file of a few kB in a file's place.
func (g *forge) strange() {
	for _, name := range []string{"labels-2-of-2.shard", "choose-2-of-2.shard", "report-1-of-2.shard"} {
		path := filepath.Join(g.f.Dir, name)
		was, err := os.ReadFile(path)
		if err != nil {
			g.t.Fatal(err)
		}
		if err := os.Truncate(path, 1<<33); err != nil { // holes: no disk holds so much
			g.t.Fatal(err)
		}
		g.held(name+" of 8 GB", false)
		if err := errors.Join(os.WriteFile(path, was, 0o600), os.Rename(path, path+"-"), os.Mkdir(path, 0o700)); err != nil {
			g.t.Fatal(err)
		}
		if _, err := g.merge(); err == nil || strings.Contains(err.Error(), "\n") {
			g.t.Errorf("a folder as %s: %v", name, err)
		}
		if err := errors.Join(os.Remove(path), os.Rename(path+"-", path)); err != nil {
			g.t.Fatal(err)
		}
	}
}
