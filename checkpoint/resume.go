package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Resume is everything training needs to go on to the bit, in one file: were it
// two, a kill between them would join halves of different steps.
type Resume struct {
	Checkpoint
	Optimizer Optimizer
	Hidden    *rnn.State        // carried state of the B streams, after Step steps
	Cursor    text.Cursor       // the chunk that is read next
	Streams   map[string][]byte // random streams by name, rand.PCG.MarshalBinary
	Config    json.RawMessage   // the trainer's own settings, as it wrote them
	BestLoss  float64           // lowest validation loss, nats a character; meaningless while BestStep < 0
	BestStep  int64             // step of BestLoss, -1 before the first validation
	LastStep  int64             // last step of the schedule
	Pending   bool              // what is due after Step (validation, snapshot) was not finished
}

// Optimizer is the state of an optimiser.
type Optimizer struct {
	Name  string
	Steps int64                // updates made
	Slots map[string][]float32 // moments, each laid out as rnn.Model.Slab
}

// training is the part of Resume that is neither a tensor nor in Checkpoint.
type training struct {
	Optimizer string            `json:"optimizer"`
	Updates   int64             `json:"updates"`
	Slots     []string          `json:"slots"`
	Rows      int               `json:"rows"` // B of the hidden state
	Cursor    text.Cursor       `json:"cursor"`
	Streams   map[string][]byte `json:"streams"`
	Config    json.RawMessage   `json:"config"`
	BestLoss  float64           `json:"best_loss"`
	BestStep  int64             `json:"best_step"`
	LastStep  int64             `json:"last_step"`
	Pending   bool              `json:"pending"`
}

// SaveResume writes r to path, atomically; see Save. The same state gives the same
// bytes.
func SaveResume(path string, r *Resume) error {
	return durable.WriteFile(path, func(w io.Writer) error { return WriteResume(w, r) })
}

// WriteResume writes r to w as a resume file.
func WriteResume(w io.Writer, r *Resume) error {
	meta, err := r.metadata(kindResume)
	if err != nil {
		return err
	}
	t := training{
		Optimizer: r.Optimizer.Name, Updates: r.Optimizer.Steps, Rows: r.Hidden.B,
		Cursor: r.Cursor, Streams: r.Streams, Config: r.Config,
		BestLoss: r.BestLoss, BestStep: r.BestStep, LastStep: r.LastStep, Pending: r.Pending,
	}
	tensors := r.tensors()
	t.Slots = slices.Sorted(maps.Keys(r.Optimizer.Slots))
	for _, name := range t.Slots {
		for _, p := range overSlab(r.Model, r.Optimizer.Slots[name]) {
			x := tensor{shape: p.Shape, data: make([]float32, p.Len())}
			p.Export(x.data)
			tensors[slotName(name, p.Name)] = x
		}
	}
	for name, x := range stateTensors(r.Hidden, r.Model.Config()) {
		tensors[name] = x
	}
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	meta[keyTraining] = string(b)
	return encode(w, tensors, meta)
}

// LoadResume reads a resume file; errors as Load's.
func LoadResume(path string) (*Resume, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r, err := DecodeResume(b)
	return r, within(path, err)
}

// DecodeResume is LoadResume from memory.
func DecodeResume(b []byte) (*Resume, error) {
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	if err := f.verify(kindResume); err != nil {
		return nil, err
	}
	var t training
	if err := strictJSON(f.meta[keyTraining], &t); err != nil {
		return nil, fmt.Errorf("%w: training state: %w", ErrCorrupt, err)
	}
	c, err := f.checkpoint()
	if err != nil {
		return nil, err
	}
	r := &Resume{
		Checkpoint: *c,
		Optimizer:  Optimizer{Name: t.Optimizer, Steps: t.Updates, Slots: map[string][]float32{}},
		Cursor:     t.Cursor, Streams: t.Streams, Config: t.Config,
		BestLoss: t.BestLoss, BestStep: t.BestStep, LastStep: t.LastStep, Pending: t.Pending,
	}
	for _, name := range t.Slots {
		slot, err := f.takeSlot(name, c.Model)
		if err != nil {
			return nil, err
		}
		r.Optimizer.Slots[name] = slot
	}
	if r.Hidden, err = f.takeState(c.Model, t.Rows); err != nil {
		return nil, err
	}
	return r, f.empty()
}

// overSlab views x, laid out as the model's slab, as the model's parameters.
func overSlab(m *rnn.Model, x []float32) []rnn.Param {
	if len(x) != len(m.Slab()) {
		panic(fmt.Sprintf("checkpoint: a slot of %d elements for %d weights", len(x), len(m.Slab())))
	}
	params := append([]rnn.Param(nil), m.Params()...)
	for i := range params {
		n := params[i].Len()
		params[i].Data, x = x[:n], x[n:]
	}
	return params
}

func slotName(slot, param string) string { return "optim." + slot + "." + param }

func (f *file) takeSlot(name string, m *rnn.Model) ([]float32, error) {
	// The first parameter must be there before memory is taken for the slot.
	if _, ok := f.views[slotName(name, m.Params()[0].Name)]; !ok {
		return nil, fmt.Errorf("%w: moments %q are missing", ErrCorrupt, name)
	}
	slot := make([]float32, len(m.Slab()))
	for _, p := range overSlab(m, slot) {
		x, err := f.take(slotName(name, p.Name), p.Shape...)
		if err != nil {
			return nil, err
		}
		p.Import(x)
	}
	return slot, nil
}

// stateTensors names the hidden state: state.h_l0 [B,H], state.c_l0 [B,H], ..., and
// state.count [B] of a network with a counter.
func stateTensors(s *rnn.State, cfg rnn.Config) map[string]tensor {
	out := make(map[string]tensor)
	if s.Count != nil {
		out["state.count"] = tensor{shape: []int{s.B}, data: s.Count}
	}
	for l := range s.H {
		out[fmt.Sprintf("state.h_l%d", l)] = tensor{shape: []int{s.B, cfg.Hidden}, data: s.H[l]}
		if s.C != nil {
			out[fmt.Sprintf("state.c_l%d", l)] = tensor{shape: []int{s.B, cfg.Hidden}, data: s.C[l]}
		}
	}
	return out
}

func (f *file) takeState(m *rnn.Model, rows int) (*rnn.State, error) {
	if first, ok := f.views["state.h_l0"]; !ok || rows < 1 || first.Shape()[0] != uint64(rows) {
		return nil, fmt.Errorf("%w: the hidden state does not have %d rows", ErrCorrupt, rows)
	}
	s := m.NewState(rows)
	for name, want := range stateTensors(s, m.Config()) {
		x, err := f.take(name, want.shape...)
		if err != nil {
			return nil, err
		}
		copy(want.data, x)
	}
	return s, nil
}
