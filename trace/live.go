package trace

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
)

// Symbols that Live reads at once: many where much is to be read, so that an upper layer's
// inputs are one product, few where only the last ones changed.
const (
	liveLong  = 64
	liveShort = 4
)

// twoCores is the size of a network, in weights, from which on two cores read faster than one: its weights no longer lie in the
// cache of one.
const twoCores = 1_000_000

// Live is a passage that somebody edits: only what follows the first change is read again.
// It holds the states after every symbol, of which reading goes on, so what it computes is to
// the bit what Passage computes. It serves one goroutine.
type Live struct {
	model *rnn.Model
	sites []string // states first, then what else was asked for
	top   int

	long, short *rnn.Pass
	state       *rnn.State
	x           []int32   // [liveLong]
	next        []float32 // [V], ln P of each symbol being next, of one row

	ids  []int32 // [N], the passage
	read int     // rows that are valid

	value   [][]float32 // by site, [N,H]
	count   []float32   // [N], of a network with an explicit counter
	loss    []float32   // [N]
	topID   []int32     // [N,top]
	topProb []float32   // [N,top]
	entropy []float32   // [N]
}

// NewLive makes an empty passage of a network. Every state is kept, and the further sites
// (gates) asked for; top is how many of the likeliest next symbols are kept at each place.
// Errors match rnn.ErrSite or rnn.ErrTooLarge.
func NewLive(m *rnn.Model, further []string, top int) (*Live, error) {
	l := &Live{model: m, top: min(max(top, 0), m.Config().Vocab)}
	for _, s := range m.Sites() {
		if (s.Part == "h" || s.Part == "c") && s.Units == m.Config().Hidden {
			l.sites = append(l.sites, s.Name)
		}
	}
	for _, name := range further {
		if l.index(name) < 0 {
			l.sites = append(l.sites, name)
		}
	}
	var err error
	workers := 1
	if m.Config().Parameters() >= twoCores {
		workers = min(2, runtime.GOMAXPROCS(0))
	}
	if l.long, err = m.NewPass(rnn.PassOptions{T: liveLong, B: 1, Workers: workers, Sites: l.sites}); err != nil {
		return nil, err
	}
	if l.short, err = m.NewPass(rnn.PassOptions{T: liveShort, B: 1, Workers: workers, Sites: l.sites}); err != nil {
		return nil, err
	}
	l.state = m.NewState(1)
	l.x, l.next = make([]int32, liveLong), make([]float32, m.Config().Vocab)
	l.value = make([][]float32, len(l.sites))
	return l, nil
}

func (l *Live) index(site string) int {
	for i, s := range l.sites {
		if s == site {
			return i
		}
	}
	return -1
}

// Sites lists what is kept: every state, then the further sites.
func (l *Live) Sites() []string { return l.sites }

// Len is N, the symbols of the passage.
func (l *Live) Len() int { return len(l.ids) }

// Read is how many symbols from the first on have been read.
func (l *Live) Read() int { return l.read }

// IDs is the passage.
func (l *Live) IDs() []int32 { return l.ids }

// Bytes is about what the passage holds, without the network.
func (l *Live) Bytes() int64 {
	return int64(len(l.ids)) * int64(4*(len(l.sites)*l.model.Config().Hidden+4+2*l.top))
}

// Set makes ids the passage and returns how many rows stay as they are. The last symbol before
// a change is read once more: how likely the changed one was is known only there. The error
// matches ErrInput.
func (l *Live) Set(ids []int32) (same int, err error) {
	v := int32(l.model.Config().Vocab)
	for i, id := range ids {
		if id < 0 || id >= v {
			return 0, fmt.Errorf("%w: symbol %d at %d is outside the network's alphabet of %d", ErrInput, id, i, v)
		}
	}
	for same < min(len(ids), len(l.ids), l.read) && ids[same] == l.ids[same] {
		same++
	}
	l.ids = append(l.ids[:0], ids...)
	l.read = same
	n, h := len(ids), l.model.Config().Hidden
	for i := range l.value {
		l.value[i] = resized(l.value[i], n*h)
	}
	l.loss, l.entropy = resized(l.loss, n), resized(l.entropy, n)
	l.topID, l.topProb = resized(l.topID, n*l.top), resized(l.topProb, n*l.top)
	if l.model.Config().Counter {
		l.count = resized(l.count, n)
	}
	return same, nil
}

// resized is s with n elements; those it had stay.
func resized[E any](s []E, n int) []E {
	if cap(s) >= n {
		return s[:n]
	}
	grown := make([]E, n, n+n/4+64)
	copy(grown, s)
	return grown
}

// Next reads up to n further symbols and returns the rows [lo,hi) that came: none at the end of
// the passage. A done context ends it between two pieces, with what was read so far kept.
func (l *Live) Next(ctx context.Context, n int) (lo, hi int, err error) {
	lo = l.read
	end := min(len(l.ids), lo+n)
	if lo >= end {
		return lo, lo, nil
	}
	at := max(0, lo-1) // the row before tells how likely the first one was
	l.restore(at)
	for at < end {
		if err := ctx.Err(); err != nil {
			return lo, l.read, err
		}
		at = l.piece(at, end)
		l.read = max(l.read, at)
	}
	return lo, end, nil
}

// restore sets the state to that before row at is read.
func (l *Live) restore(at int) {
	if at == 0 {
		l.state.Zero()
		return
	}
	h := l.model.Config().Hidden
	for i, name := range l.sites {
		site, err := l.model.Site(name)
		if err != nil {
			panic(err) // NewPass has accepted it
		}
		row := l.value[i][(at-1)*h : at*h]
		switch site.Part {
		case "h":
			copy(l.state.H[site.Layer], row)
		case "c":
			copy(l.state.C[site.Layer], row)
		}
	}
	if l.count != nil {
		l.state.Count[0] = l.count[at-1]
	}
}

// piece reads one pass from row at on, within end, and returns where the next begins.
func (l *Live) piece(at, end int) int {
	pass, steps := l.long, liveLong
	if end-at <= liveShort {
		pass, steps = l.short, liveShort
	}
	n := min(steps, end-at)
	// Steps behind the end read some symbol, and nothing is kept of them: padding would take the slow way. The next reading sets
	// the state anew.
	clear(l.x[copy(l.x[:steps], l.ids[at:at+n]):steps])
	pass.Forward(l.x[:steps], l.state, nil)
	h, v := l.model.Config().Hidden, l.model.Config().Vocab
	for i, site := range l.sites {
		values, step, _ := pass.View(site)
		for t := range n {
			copy(l.value[i][(at+t)*h:(at+t+1)*h], values[t*step:t*step+h])
		}
	}
	logits := pass.Logits() // once: every call computes them all
	for t := range n {
		if l.count != nil {
			l.count[at+t] = pass.Count(t)[0]
		}
		f32.LogSoftmax(l.next, logits[t*v:(t+1)*v])
		l.predict(at + t)
	}
	return at + n
}

// predict keeps what l.next says after row t.
func (l *Live) predict(t int) {
	if t == 0 {
		l.loss[0] = float32(math.NaN()) // nothing came before the first symbol
	}
	if t+1 < len(l.ids) {
		l.loss[t+1] = -l.next[l.ids[t+1]]
	}
	entropy := 0.0
	for _, p := range l.next {
		if e := math.Exp(float64(p)); e > 0 {
			entropy -= e * float64(p)
		}
	}
	l.entropy[t] = float32(entropy)
	ids, probs := l.topID[t*l.top:(t+1)*l.top], l.topProb[t*l.top:(t+1)*l.top]
	filled := 0
	for id, p := range l.next {
		if filled == l.top && (l.top == 0 || p <= probs[l.top-1]) {
			continue
		}
		at := min(filled, l.top-1)
		for at > 0 && probs[at-1] < p {
			probs[at], ids[at] = probs[at-1], ids[at-1]
			at--
		}
		probs[at], ids[at] = p, int32(id)
		filled = min(filled+1, l.top)
	}
	for i, p := range probs {
		probs[i] = float32(math.Exp(float64(p)))
	}
}

// Values are the rows [0,Read) of a site, [Read,H]; nil for a site that is not kept. Valid
// until the next Set.
func (l *Live) Values(site string) []float32 {
	i := l.index(site)
	if i < 0 {
		return nil
	}
	return l.value[i][:l.read*l.model.Config().Hidden]
}

// Losses are -ln P of each symbol given those before it, in nats, [Read]: NaN for the first.
func (l *Live) Losses() []float32 { return l.loss[:l.read] }

// Entropies are the entropy of the next symbol after each row, in nats, [Read].
func (l *Live) Entropies() []float32 { return l.entropy[:l.read] }

// Top are the likeliest symbols after each row with their probabilities, the likeliest first,
// both [Read,top].
func (l *Live) Top() (ids []int32, probs []float32) {
	return l.topID[:l.read*l.top], l.topProb[:l.read*l.top]
}

// StateBefore is a copy of the network's state, [1,H], before symbol at is read: at most Read.
func (l *Live) StateBefore(at int) *rnn.State {
	l.restore(min(at, l.read))
	out := l.model.NewState(1)
	out.CopyFrom(l.state)
	return out
}
