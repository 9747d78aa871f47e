package trace

import (
	"context"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/text"
)

// PartSize divides the offsets from a block's first scored symbol at which parts begin.
const PartSize = 500

// What a batch of parts may take where parts can be made shorter: so that it is still near
// when it is looked at. Fewer rows would make it smaller too, but weights that come from far
// are then read for fewer: at 512 units 24 rows are 6 % slower than 48.
const partsMemory = 24 << 20

// Part is some neighbouring scored symbols of a block.
type Part struct {
	Block  int         // index among the blocks asked for
	Lo, Hi int         // the part, counted from the block's first scored symbol
	Value  [][]float32 // by site [Hi-Lo,H]
}

// Parts is Blocks for visitors that need no whole block and no losses: what it holds does
// not grow with the length of a block. visit is called for the parts of a block in
// their order, and never at once for two of them. A part is reused after visit returns.
// Of the options Loss, Predictions and Memory do not apply.
func (r *Reader) Parts(ctx context.Context, ids []int32, blocks []text.Block, visit func(worker int, p *Part) error) error {
	if err := check(r.model, ids, blocks, r.opt); err != nil || len(blocks) == 0 {
		return err
	}
	if err := r.prepareParts(ids, blocks); err != nil {
		return err
	}
	for lo := 0; lo < len(blocks); lo += r.p.rows {
		if err := r.p.read(ctx, blocks, lo, visit); err != nil {
			return err
		}
	}
	return nil
}

// origin is where a row begins to read: at the block's Warm, or before it by so little that
// scored symbols begin with a part.
func origin(b text.Block) int {
	return b.Lo - (b.Lo-b.Warm+PartSize-1)/PartSize*PartSize
}

// parter runs blocks as rows of one batch and keeps a part of each at a time.
type parter struct {
	*recorder
	length int    // symbols of a part at most
	parts  []Part // by row
}

// prepareParts makes a parter, of as many rows as the batches need when they are equally
// large, or takes the one at hand.
func (r *Reader) prepareParts(ids []int32, blocks []text.Block) error {
	longest, total := 0, int64(0)
	for _, b := range blocks {
		longest, total = max(longest, b.Len()), total+int64(b.Hi-b.Warm)
	}
	part := PartSize * rowBytes(r.model, Options{Sites: r.opt.Sites})
	batches := (len(blocks) + maxRows - 1) / maxRows
	rows := (len(blocks) + batches - 1) / batches
	length := PartSize * min((longest+PartSize-1)/PartSize, int(max(1, partsMemory/(part*int64(rows)))))
	if r.p == nil || r.p.rows != rows || r.p.length < length {
		made, err := newRecorder(r.model, r.opt, rows, 0, steps)
		if err != nil {
			return err
		}
		r.p = &parter{recorder: made, length: length, parts: make([]Part, rows)}
		for i := range r.p.parts {
			for range r.opt.Sites {
				r.p.parts[i].Value = append(r.p.parts[i].Value, f32.Make(length*r.model.Config().Hidden))
			}
		}
	}
	r.p.ids, r.p.done, r.p.total = ids, 0, total
	return nil
}

// read reads the blocks from number first on, as many as there are rows.
func (r *parter) read(ctx context.Context, blocks []text.Block, first int, visit func(worker int, p *Part) error) error {
	batch := blocks[first:min(first+r.rows, len(blocks))]
	r.state.Zero()
	longest := 0
	for row, b := range batch {
		longest = max(longest, b.Hi-origin(b))
		r.parts[row].Block, r.parts[row].Lo, r.parts[row].Hi = first+row, 0, 0
	}
	for at := 0; at < longest; at += r.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		read, scored := r.fillParts(batch, at)
		r.pass.Forward(r.x, r.state, nil)
		if scored {
			err := r.visitEach(ctx, len(batch), func(worker, row int) error {
				if r.keepPart(batch[row], row, at) {
					return r.handOut(worker, row, visit)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		r.done += read
		if r.opt.Progress != nil {
			r.opt.Progress(r.done, r.total)
		}
	}
	return nil
}

// handOut shows a part and begins the next.
func (r *parter) handOut(worker, row int, visit func(worker int, p *Part) error) error {
	p := &r.parts[row]
	own := *p
	own.Value = make([][]float32, len(p.Value))
	for i, v := range p.Value {
		own.Value[i] = v[:(p.Hi-p.Lo)*len(v)/r.length]
	}
	p.Lo = p.Hi
	return visit(worker, &own)
}

// keepPart adds what the pass from step at on has read of a row's block to its part, and says
// whether that is full.
func (r *parter) keepPart(b text.Block, row, at int) bool {
	p := &r.parts[row]
	begin := origin(b) + at
	lo, hi := max(b.Lo, begin), min(b.Hi, begin+r.steps)
	if lo >= hi {
		return false
	}
	for i, site := range r.opt.Sites {
		values, step, width := r.pass.View(site)
		h := len(p.Value[i]) / r.length
		for pos := lo; pos < hi; pos++ {
			n := pos - b.Lo - p.Lo
			copy(p.Value[i][n*h:(n+1)*h], values[(pos-begin)*step+row*width:])
		}
	}
	p.Hi = hi - b.Lo
	return p.Hi-p.Lo == r.length || hi == b.Hi
}

// fillParts sets x to the steps from at on. A row waits until its block is entered; what it
// reads behind the end nobody looks at, and any symbol is faster than padding.
func (r *parter) fillParts(batch []text.Block, at int) (read int64, scored bool) {
	clear(r.x)
	for row, b := range batch {
		for s := range r.steps {
			pos := origin(b) + at + s
			if pos >= b.Hi {
				break
			}
			if pos < b.Warm {
				r.x[s*r.rows+row] = -1
				continue
			}
			r.x[s*r.rows+row] = r.ids[pos]
			read++
			scored = scored || pos >= b.Lo
		}
	}
	return read, scored
}
