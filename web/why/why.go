// Package why asks which earlier symbols of a passage decided one, by replacing them and by gradients, and what changes when one
// symbol is another.
package why

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/reading"
)

// Sizes of the question why a symbol came.
const (
	whySpan   = 64 // symbols before it that are asked about
	whyDraws  = 3  // other symbols of the same class tried at each place
	whyOthers = 5  // other places of the reading, for the null
	whyRows   = 48 // changed passages read beside each other
)

// View is what earlier symbols did to one. All in nats, signed: above 0 speaks for it.
type View struct {
	At        int       `json:"at"`
	Lo        int       `json:"lo" doc:"First shown symbol asked about; the last is At-1."`
	Target    int32     `json:"target"`
	Instead   int32     `json:"instead"`
	Value     float64   `json:"value" doc:"ln P of the target, less that of the other where one was named."`
	Replaced  []float64 `json:"replaced" doc:"By how much Value falls, on average, when this symbol is replaced by another of its class."`
	Spread    []float64 `json:"spread" doc:"Standard error of that over the symbols drawn."`
	Gradient  []float64 `json:"gradient" doc:"The same to first order: gradient times change of the input."`
	Sum       float64   `json:"sum" doc:"Of Replaced."`
	GradSum   float64   `json:"gradient_sum"`
	Together  float64   `json:"together" doc:"By how much Value falls when all are replaced at once: what the sums would come to if the symbols did not act together."`
	Untouched int       `json:"untouched" doc:"Places whose symbol is the only one of its class: they cannot be replaced and read 0."`
	Null      []float64 `json:"null" doc:"The largest |Replaced| at other places of this reading, ascending: the null beside the largest here."`
}

// asker asks about one place of a reading.
type asker struct {
	m       *rnn.Model
	a       *text.Alphabet
	lo, at  int     // the window [lo,at) of the reading
	ids     []int32 // of the window
	start   *rnn.State
	target  int32
	instead int32
	logs    []float32 // [V]
}

func newAsker(r *reading.Reading, at int, target, instead int32) *asker {
	a := &asker{m: r.Net.Model, a: r.Net.Alphabet, at: at, lo: max(0, at-whySpan), target: target, instead: instead}
	a.ids = r.Live.IDs()[a.lo:at]
	a.logs = make([]float32, a.m.Config().Vocab)
	a.start = r.Live.StateBefore(a.lo)
	return a
}

// class is what a symbol is replaced within: letters by case, digits, white space, other marks.
func (a *asker) class(id int32) int {
	c, _ := utf8.DecodeRuneInString(a.a.Symbol(id))
	switch {
	case unicode.IsUpper(c):
		return 1
	case unicode.IsLetter(c), unicode.IsMark(c):
		return 2
	case unicode.IsNumber(c):
		return 3
	case unicode.IsSpace(c):
		return 4
	}
	return 5
}

// others draws symbols of the class of the one at place k, the same for the same passage.
func (a *asker) others(k int) []int32 {
	var all []int32
	unknown, hasUnknown := a.a.Unknown()
	for id := range int32(a.m.Config().Vocab) {
		if id != a.ids[k] && a.class(id) == a.class(a.ids[k]) && !(hasUnknown && id == unknown) && !a.a.Special(id) {
			all = append(all, id)
		}
	}
	var out []int32
	for d := 0; d < whyDraws && len(all) > 0; d++ {
		i := int(panel.Mix(1000*k+d+1) % uint64(len(all)))
		out = append(out, all[i])
		all = slices.Delete(all, i, i+1)
	}
	return out
}

// score is what is explained, of the logits after the window.
func (a *asker) score(logits []float32) float64 {
	f32.LogSoftmax(a.logs, logits)
	v := float64(a.logs[a.target])
	if a.instead >= 0 {
		v -= float64(a.logs[a.instead])
	}
	return v
}

// read gives the score after each of the windows.
func (a *asker) read(ctx context.Context, windows [][]int32) ([]float64, error) {
	out := make([]float64, 0, len(windows))
	n, v := len(a.ids), a.m.Config().Vocab
	rows := min(whyRows, len(windows))
	// One worker: several share the work of a step and wait for each other at its end, which takes long where others want the cores.
	pass, err := a.m.NewPass(rnn.PassOptions{T: n, B: rows, Workers: 1})
	if err != nil {
		return nil, err
	}
	state := a.m.NewState(rows)
	x := make([]int32, n*rows)
	for lo := 0; lo < len(windows); lo += rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b := range rows {
			state.CopyRow(b, a.start, 0)
			w := windows[min(lo+b, len(windows)-1)]
			for t := range n {
				x[t*rows+b] = w[t]
			}
		}
		pass.Forward(x, state, nil)
		logits := pass.Logits() // once: every call computes them all
		for b := 0; b < rows && lo+b < len(windows); b++ {
			i := (n-1)*rows + b
			out = append(out, a.score(logits[i*v:(i+1)*v]))
		}
	}
	return out, nil
}

func (a *asker) ask(ctx context.Context, w *View) error {
	windows := [][]int32{a.ids}
	drawn := make([][]int32, len(a.ids))
	together := make([][]int32, whyDraws)
	for d := range together {
		together[d] = slices.Clone(a.ids)
	}
	for k := range a.ids {
		drawn[k] = a.others(k)
		if len(drawn[k]) == 0 {
			w.Untouched++
		}
		for _, id := range drawn[k] {
			one := slices.Clone(a.ids)
			one[k] = id
			windows = append(windows, one)
		}
		for d := range together {
			if len(drawn[k]) > 0 {
				together[d][k] = drawn[k][d%len(drawn[k])]
			}
		}
	}
	scores, err := a.read(ctx, append(windows, together...))
	if err != nil {
		return err
	}
	grads, err := a.gradients()
	if err != nil {
		return err
	}
	w.Target, w.Instead, w.Value = a.target, a.instead, scores[0]
	at, v := 1, a.m.Config().Vocab
	for k, ids := range drawn {
		mean, square, slope := 0.0, 0.0, 0.0
		n := float64(len(ids))
		for _, id := range ids {
			fall := scores[0] - scores[at]
			at++
			mean += fall / n
			square += fall * fall / n
			slope += float64(grads[k*v+int(a.ids[k])]-grads[k*v+int(id)]) / n
		}
		spread := 0.0
		if n > 1 {
			spread = math.Sqrt(max(0, square-mean*mean) / (n - 1))
		}
		w.Replaced, w.Spread, w.Gradient = append(w.Replaced, mean), append(w.Spread, spread), append(w.Gradient, slope)
		w.Sum += mean
		w.GradSum += slope
	}
	for _, s := range scores[at:] {
		w.Together += (scores[0] - s) / float64(len(together))
	}
	return nil
}

// gradients of the score by the inputs of the window, [n,V].
func (a *asker) gradients() ([]float32, error) {
	n := len(a.ids)
	pass, err := a.m.NewPass(rnn.PassOptions{T: n, B: 1, Backward: true, Workers: 1})
	if err != nil {
		return nil, err
	}
	state := a.m.NewState(1)
	state.CopyFrom(a.start)
	pass.Forward(a.ids, state, nil)
	grads := make([]float32, n*a.m.Config().Vocab)
	pass.InputGradients(func(t, _ int, logits, d []float32) {
		if t != n-1 {
			return
		}
		if a.instead >= 0 { // the normaliser falls out
			d[a.target]++
			d[a.instead]--
			return
		}
		f32.LogSoftmax(a.logs, logits)
		for id, l := range a.logs {
			d[id] = -float32(math.Exp(float64(l)))
		}
		d[a.target]++
	}, grads)
	return grads, nil
}

// apart is the root mean square over units of the difference, in standard deviations of the unit.
func apart(a, b []float32, h, warm int) []float32 {
	n := len(a) / h
	sd := make([]float64, h)
	for u := range sd {
		mean, square := 0.0, 0.0
		for t := range n {
			v := float64(a[t*h+u])
			mean += v / float64(n)
			square += v * v / float64(n)
		}
		sd[u] = math.Sqrt(max(1e-12, square-mean*mean))
	}
	out := make([]float32, n-warm)
	for t := range out {
		sum := 0.0
		for u := range h {
			d := float64(a[(t+warm)*h+u]-b[(t+warm)*h+u]) / sd[u]
			sum += d * d
		}
		out[t] = float32(math.Sqrt(sum / float64(h)))
	}
	return out
}

// Ask asks why a symbol came at a shown place: target, or the one that stands there for -1, and, where instead is named, why it
// and not that. Beside it stand other places of the reading, asked in the same way. Errors match guard.ErrRequest.
func Ask(ctx context.Context, r *reading.Reading, place int, target, instead int32) (*View, error) {
	at, v := place+r.Warm, int32(r.Net.Model.Config().Vocab)
	if at < 1 || at >= r.Live.Read() || instead >= v || target >= v {
		return nil, fmt.Errorf("%w: something must stand before the symbol, and both must be in the alphabet and read", guard.ErrRequest)
	}
	if target < 0 {
		target = r.Live.IDs()[at]
	}
	// The place asked about, then the others beside it: places do not wait for each other.
	askers := []*asker{newAsker(r, at, target, instead)}
	for k := 1; k <= 4*whyOthers && len(askers) <= whyOthers; k++ {
		other := 1 + int(panel.Mix(k)%uint64(r.Live.Read()-1))
		if abs(other-at) >= 3 {
			askers = append(askers, newAsker(r, other, r.Live.IDs()[other], -1))
		}
	}
	views := make([]View, len(askers))
	err := crew.TryEach(ctx, len(askers), min(2, runtime.GOMAXPROCS(0)), func(_, i int) error { return askers[i].ask(ctx, &views[i]) })
	if err != nil {
		return nil, err
	}
	out := &views[0]
	out.At, out.Lo, out.Null = place, askers[0].lo-r.Warm, []float64{}
	for _, w := range views[1:] {
		largest := 0.0
		for _, x := range w.Replaced {
			largest = max(largest, math.Abs(x))
		}
		out.Null = append(out.Null, largest)
	}
	slices.Sort(out.Null)
	return out, nil
}

func abs(x int) int { return max(x, -x) }

// EditEffect is a passage with one symbol changed, beside the passage as it stands.
type EditEffect struct {
	Sites         []string
	Change        []float32 // [sites,T], in standard deviations of each unit over the passage
	Before, After []float32 // [T], loss in bits
}

// Edit reads the passage with one symbol changed and tells how far the states are from those of
// the passage as it stands. Errors match guard.ErrRequest.
func Edit(ctx context.Context, r *reading.Reading, place int, to int32) (*EditEffect, error) {
	ids := slices.Clone(r.Live.IDs()[:r.Live.Read()])
	at := place + r.Warm
	if at >= len(ids) || int(to) >= r.Net.Model.Config().Vocab {
		return nil, fmt.Errorf("%w: there is no such symbol here", guard.ErrRequest)
	}
	ids[at] = to
	other, err := trace.NewLive(r.Net.Model, nil, 0)
	if err != nil {
		return nil, err
	}
	if _, err := other.Set(ids); err != nil {
		return nil, err
	}
	if _, _, err := other.Next(ctx, len(ids)); err != nil {
		return nil, err
	}
	out := &EditEffect{Sites: other.Sites(), Before: reading.Bits(r.Live.Losses()[r.Warm:]), After: reading.Bits(other.Losses()[r.Warm:])}
	for _, site := range out.Sites {
		out.Change = append(out.Change, apart(r.Live.Values(site), other.Values(site), r.Net.Model.Config().Hidden, r.Warm)...)
	}
	return out, nil
}
