package speed

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
)

// weightBytes is what one stream must read for a character: every weight matrix but layer 0's input weights, of which
// a character takes one column.
func (c Case) weightBytes() float64 {
	m, err := rnn.New(c.config())
	if err != nil {
		panic(err) // all cases are legal
	}
	var n float64
	for _, p := range m.Params() {
		if len(p.Shape) > 1 && p.Name != "rnn.weight_ih_l0" {
			n += 4 * float64(p.Len())
		}
	}
	return n
}

// farBytes is what of that cannot be in the second-level caches of so many cores; 0 where all of it can, or where the
// system does not tell how large they are.
func (c Case) farBytes(cores int) float64 {
	l2 := cacheBytes(2)
	if l2 == 0 {
		return 0
	}
	return max(0, c.weightBytes()-float64(cores)*l2)
}

// cacheBytes is the size of a core's cache of that level for data, as Linux tells it; 0 elsewhere.
func cacheBytes(level int) float64 {
	folders, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*") // an error is a bad pattern
	for _, folder := range folders {
		field := func(name string) string {
			b, _ := os.ReadFile(filepath.Join(folder, name)) // what cannot be read is not the level
			return strings.TrimSpace(string(b))
		}
		if field("level") != strconv.Itoa(level) || field("type") == "Instruction" {
			continue
		}
		return sizeOf(field("size"))
	}
	return 0
}

// sizeOf reads sizes like 48K and 2M; 0 for others.
func sizeOf(s string) float64 {
	for suffix, unit := range map[string]float64{"K": 1 << 10, "M": 1 << 20} {
		if number, found := strings.CutSuffix(s, suffix); found {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil {
				return 0
			}
			return n * unit
		}
	}
	return 0
}

// reader reads as many bytes as the weights of a case on so many cores, over and over: what one stream has to do, without
// its sums.
type reader struct{ parts [][]float32 }

func newReader(bytes float64, cores int) *reader {
	r := &reader{parts: make([][]float32, cores)}
	for i := range r.parts {
		r.parts[i] = f32.Make(int(bytes) / 4 / cores)
		for k := range r.parts[i] {
			r.parts[i][k] = 1 // memory nobody wrote to is one page of zeros, over and over, which the caches hold
		}
	}
	return r
}

// rate is how fast all cores together read, in bytes a second, on average over d: a stream's characters are counted
// over whole rounds as well, and in both whatever else the machine does is in between.
func (r *reader) rate(d time.Duration) float64 {
	rates := make([]float64, len(r.parts))
	var all sync.WaitGroup
	for i, part := range r.parts {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			start, read := time.Now(), 0
			for took := time.Duration(0); took < d || read == 0; took = time.Since(start) {
				f32.SumSquares(part)
				read += 4 * len(part)
			}
			rates[i] = float64(read) / time.Since(start).Seconds()
		})
	}
	all.Wait()
	var sum float64
	for _, x := range rates {
		sum += x
	}
	return sum
}
