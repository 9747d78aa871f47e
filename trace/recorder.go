package trace

import (
	"context"
	"math"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// steps is T, the symbols a pass reads at once: it divides the 4,500 of a
// default block, and is short enough for a prompt answer to a done context.
const steps = 125

// maxRows bounds B: more rows bring no more speed.
const maxRows = 48

const defaultMemory = 128 << 20

// recorder runs blocks as rows of one batch.
type recorder struct {
	ids    []int32
	opt    Options
	vocab  int
	rows   int // B
	steps  int // T
	pass   *rnn.Pass
	state  *rnn.State
	traces []Trace // by row

	x, y   []int32   // [T,B]
	losses []float32 // [T,B]

	done, total int64
}

// newRecorder makes one for rows blocks of up to longest scored symbols; 0: without traces.
func newRecorder(m *rnn.Model, opt Options, rows, longest, steps int) (*recorder, error) {
	r := &recorder{opt: opt, vocab: m.Config().Vocab, rows: rows, steps: steps}
	var err error
	r.pass, err = m.NewPass(rnn.PassOptions{T: r.steps, B: r.rows, Workers: opt.Workers, Sites: opt.Sites})
	if err != nil {
		return nil, err
	}
	r.state = m.NewState(r.rows)
	r.x, r.y = make([]int32, r.steps*r.rows), make([]int32, r.steps*r.rows)
	if opt.Loss {
		r.losses = make([]float32, r.steps*r.rows)
	}
	if longest == 0 {
		return r, nil
	}
	r.traces = make([]Trace, r.rows)
	for i := range r.traces {
		r.traces[i] = newTrace(m, opt, longest)
	}
	return r, nil
}

// rowBytes is what one recorded symbol takes.
func rowBytes(m *rnn.Model, opt Options) int64 {
	n := len(opt.Sites) * m.Config().Hidden
	if opt.Loss {
		n++
	}
	if opt.Predictions {
		n += m.Config().Vocab
	}
	return 4 * int64(n)
}

func rowsWithin(opt Options, blockBytes int64) int {
	memory := opt.Memory
	if memory <= 0 {
		memory = defaultMemory
	}
	return int(max(1, min(maxRows, memory/blockBytes)))
}

func newTrace(m *rnn.Model, opt Options, longest int) Trace {
	h := m.Config().Hidden
	t := Trace{Sites: opt.Sites, Units: h, Value: make([][]float32, len(opt.Sites))}
	for i := range t.Value {
		t.Value[i] = make([]float32, longest*h)
	}
	if opt.Loss {
		t.Loss = make([]float32, longest)
	}
	if m.Config().Counter {
		t.Count = make([]float32, longest)
	}
	if opt.Predictions {
		t.LogProb = make([]float32, longest*m.Config().Vocab)
	}
	return t
}

// record fills the traces of a batch of blocks.
func (r *recorder) record(ctx context.Context, batch []text.Block) error {
	r.state.Zero()
	entered := 0
	for i, b := range batch {
		entered = max(entered, b.Hi-b.Warm)
		r.traces[i].begin(b, r.ids, r.vocab)
	}
	for at := 0; at < entered; at += r.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		read, scored := r.fill(batch, at)
		r.pass.Forward(r.x, r.state, nil)
		if scored {
			r.keep(batch, at)
		}
		r.done += read
		if r.opt.Progress != nil {
			r.opt.Progress(r.done, r.total)
		}
	}
	return nil
}

// begin cuts the buffers to the block.
func (t *Trace) begin(b text.Block, ids []int32, vocab int) {
	t.Block, t.IDs = b, ids[b.Lo:b.Hi]
	for i := range t.Value {
		t.Value[i] = t.Value[i][:b.Len()*t.Units]
	}
	if t.Loss != nil {
		t.Loss = t.Loss[:b.Len()]
	}
	if t.Count != nil {
		t.Count = t.Count[:b.Len()]
	}
	if t.LogProb != nil {
		t.LogProb = t.LogProb[:b.Len()*vocab]
	}
}

// fill sets x and y to the steps from at on (symbols after Warm), padding what
// lies behind a block's end, and targets where nothing is scored.
func (r *recorder) fill(batch []text.Block, at int) (read int64, scored bool) {
	for i := range r.x {
		r.x[i], r.y[i] = -1, -1
	}
	for row, b := range batch {
		for s := range min(r.steps, b.Hi-b.Warm-at) {
			pos, i := b.Warm+at+s, s*r.rows+row
			r.x[i] = r.ids[pos]
			read++
			if pos < b.Lo {
				continue
			}
			scored = true
			if pos+1 < len(r.ids) {
				r.y[i] = r.ids[pos+1]
			}
		}
	}
	return read, scored
}

// keep copies what the pass has read into the traces.
func (r *recorder) keep(batch []text.Block, at int) {
	for i, site := range r.opt.Sites {
		for s := range r.steps {
			values := r.pass.Read(site, s) // [B,H]
			r.eachRow(batch, at, s, func(t *Trace, row, n int) {
				copy(t.Row(i, n), values[row*t.Units:(row+1)*t.Units])
			})
		}
	}
	if r.traces[0].Count != nil {
		for s := range r.steps {
			counts := r.pass.Count(s) // [B]
			r.eachRow(batch, at, s, func(t *Trace, row, n int) { t.Count[n] = counts[row] })
		}
	}
	if r.opt.Loss {
		r.pass.Score(r.y, r.losses)
		for s := range r.steps {
			r.eachRow(batch, at, s, func(t *Trace, row, n int) {
				t.Loss[n] = r.losses[s*r.rows+row]
				if t.Block.Lo+n+1 == len(r.ids) {
					t.Loss[n] = float32(math.NaN())
				}
			})
		}
	}
	if r.opt.Predictions {
		logits := r.pass.Logits() // [T,B,V]
		for s := range r.steps {
			r.eachRow(batch, at, s, func(t *Trace, row, n int) {
				i := s*r.rows + row
				f32.LogSoftmax(t.LogProb[n*r.vocab:(n+1)*r.vocab], logits[i*r.vocab:(i+1)*r.vocab])
			})
		}
	}
}

// eachRow calls f for every block that has a scored symbol at step s after at,
// with its row in the batch and in the trace.
func (r *recorder) eachRow(batch []text.Block, at, s int, f func(t *Trace, row, n int)) {
	for row, b := range batch {
		if pos := b.Warm + at + s; pos >= b.Lo && pos < b.Hi {
			f(&r.traces[row], row, pos-b.Lo)
		}
	}
}

// visitAll hands the first n traces out.
func (r *recorder) visitAll(ctx context.Context, n int, visit func(worker int, t *Trace) error) error {
	return r.visitEach(ctx, n, func(worker, row int) error { return visit(worker, &r.traces[row]) })
}

// visitEach hands the first n rows out.
func (r *recorder) visitEach(ctx context.Context, n int, visit func(worker, row int) error) error {
	return crew.TryEach(ctx, n, r.opt.Visitors, visit)
}
