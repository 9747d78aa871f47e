package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// DifferentPart is a part of a file that is not what the training comes to.
type DifferentPart struct {
	Part    string  `json:"part"`                         // "weights", "moments first", "hidden state h of layer 0", ...
	Values  int     `json:"values,omitempty"`             // numbers of it that differ
	Of      int     `json:"of,omitempty"`                 // numbers it has
	Largest float64 `json:"largest_difference,omitempty"` // of one of them
	Kept    string  `json:"kept,omitempty"`               // what the file says, of a part that is no list of numbers
	Comes   string  `json:"comes_to,omitempty"`           // what the training comes to, or where it ends
}

// PartWeights is the part of a file that its network is made of.
const PartWeights = "weights"

// fileOf is the row of a file.
func fileOf(step int64, parts []DifferentPart) VerifiedFile {
	row := VerifiedFile{Step: step, Outcome: FileSame, Parts: parts}
	for _, p := range parts {
		row.Outcome = FileDifferent
		if p.Part == PartWeights {
			row.Difference = p.Largest
		}
	}
	return row
}

// differences collects what differs between what was kept and what was repeated.
type differences []DifferentPart

// numbers compares the bits of two lists.
func (d *differences) numbers(part string, kept, repeated []float32) {
	if len(kept) != len(repeated) {
		d.words(part, fmt.Sprintf("%d numbers", len(kept)), fmt.Sprintf("%d numbers", len(repeated)))
		return
	}
	p := DifferentPart{Part: part, Of: len(kept)}
	for i, x := range kept {
		if y := repeated[i]; math.Float32bits(x) != math.Float32bits(y) {
			p.Values++
			p.Largest = max(p.Largest, math.Abs(float64(x)-float64(y)))
		}
	}
	if p.Values > 0 {
		*d = append(*d, p)
	}
}

// words compares what is told in words.
func (d *differences) words(part, kept, repeated string) {
	if kept != repeated {
		*d = append(*d, DifferentPart{Part: part, Kept: kept, Comes: repeated})
	}
}

// differentWeights compares two networks of the same step.
func differentWeights(kept, repeated *checkpoint.Checkpoint) []DifferentPart {
	var d differences
	d.checkpoint(kept, repeated)
	return d
}

func (d *differences) checkpoint(kept, repeated *checkpoint.Checkpoint) {
	d.words("step", fmt.Sprint(kept.Step), fmt.Sprint(repeated.Step))
	if a, b := kept.Model.Config(), repeated.Model.Config(); a != b {
		d.words("shape of the network", inJSON(a), inJSON(b))
		return
	}
	d.numbers(PartWeights, kept.Model.Slab(), repeated.Model.Slab())
	if a, b := inJSON(kept.Alphabet), inJSON(repeated.Alphabet); a != b {
		*d = append(*d, DifferentPart{Part: "alphabet"})
	}
}

// differentState compares all that training goes on from. What cannot be repeated, since it depends on when
// the training was stopped, is left out: whether the present step was finished, and the plan for those to come.
func (t *verifier) differentState(kept, repeated *checkpoint.Resume) []DifferentPart {
	var d differences
	d.checkpoint(&kept.Checkpoint, &repeated.Checkpoint)
	d.words("text", kept.Meta[checkpoint.MetaText], t.run.Info().SHA256)
	d.settings(kept, repeated)
	d.optimizer(kept.Optimizer, repeated.Optimizer)
	d.hidden(kept.Hidden, repeated.Hidden)
	d.words("place in the text", placeWords(kept.Cursor), placeWords(repeated.Cursor))
	for _, name := range namesOf(kept.Streams, repeated.Streams) {
		d.words("random state of "+name, fmt.Sprintf("%x", kept.Streams[name]), fmt.Sprintf("%x", repeated.Streams[name]))
	}
	if !t.bestIs(kept) {
		d = append(d, DifferentPart{Part: "best validation", Kept: fmt.Sprintf("%v nats at step %d", kept.BestLoss, kept.BestStep)})
	}
	return d
}

func placeWords(c text.Cursor) string { return fmt.Sprintf("pass %d, chunk %d", c.Epoch, c.Chunk) }

// namesOf are the keys of both.
func namesOf[V any](a, b map[string]V) []string {
	all := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	slices.Sort(all)
	return slices.Compact(all)
}

func inJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// settings compares those that have influence on the steps to come; how many are planned may be changed by
// who goes on.
func (d *differences) settings(kept, repeated *checkpoint.Resume) {
	var plan train.Config
	if err := json.Unmarshal(kept.Config, &plan); err != nil {
		d.words("settings", err.Error(), "")
		return
	}
	d.words("last step planned", fmt.Sprint(kept.LastStep), fmt.Sprint(plan.Iterations))
	a, b := settingsOf(kept.Config), settingsOf(repeated.Config)
	if !bytes.Equal(a, b) {
		d.words("settings", string(a), string(b))
	}
}

// settingsOf is the settings without the plan and without what is kept.
func settingsOf(settings json.RawMessage) []byte {
	var c train.Config
	if err := json.Unmarshal(settings, &c); err != nil {
		return []byte(err.Error())
	}
	c.Iterations, c.Epochs, c.Snapshots, c.SaveEvery, c.KeepStates = 0, 0, nil, 0, false
	return []byte(inJSON(c))
}

func (d *differences) optimizer(kept, repeated checkpoint.Optimizer) {
	d.words("optimiser", kept.Name, repeated.Name)
	d.words("updates of the moments", fmt.Sprint(kept.Steps), fmt.Sprint(repeated.Steps))
	for _, name := range namesOf(kept.Slots, repeated.Slots) {
		d.numbers("moments "+name, kept.Slots[name], repeated.Slots[name])
	}
}

func (d *differences) hidden(kept, repeated *rnn.State) {
	d.words("streams of the hidden state", fmt.Sprint(kept.B), fmt.Sprint(repeated.B))
	layers := func(what string, a, b [][]float32) {
		d.words("layers of "+what, fmt.Sprint(len(a)), fmt.Sprint(len(b)))
		for l := range min(len(a), len(b)) {
			d.numbers(fmt.Sprintf("hidden state %s of layer %d", what, l), a[l], b[l])
		}
	}
	layers("h", kept.H, repeated.H)
	layers("c", kept.C, repeated.C)
	d.numbers("hidden state of the counter", kept.Count, repeated.Count)
}

// bestIs reports that the best validation a state speaks of is one of the training, with this loss, and that no
// validation which was planned from the start and came before was lower.
func (t *verifier) bestIs(s *checkpoint.Resume) bool {
	loss, known := t.losses[s.BestStep]
	if s.BestStep >= 0 && (!known || loss != s.BestLoss) {
		return false
	}
	for step, l := range t.losses {
		before := step < s.Step || step == s.Step && !s.Pending
		if !before || !t.planned(step) {
			continue
		}
		if s.BestStep < 0 || l < loss || l == loss && step < s.BestStep {
			return false
		}
	}
	return true
}

// planned reports that the training validates at a step whatever is added to its plan later.
func (t *verifier) planned(step int64) bool {
	c := t.run.Info().Config
	return slices.Contains(c.Snapshots, step) || c.ValidateEvery > 0 && step%c.ValidateEvery == 0
}
