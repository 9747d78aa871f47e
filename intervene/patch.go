package intervene

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TextPair is two texts of the same length that differ in what decides.
type TextPair struct {
	Clean   string `json:"clean"`
	Corrupt string `json:"corrupt"`
	Right   string `json:"right,omitempty"` // the character right after Clean; default: the network's first choice there
	At      int    `json:"at,omitempty"`    // 1 + the character after which states are exchanged; 0: the last in which the two differ
}

// PatchResult is how far units of one run carry another's answer.
type PatchResult struct {
	Pairs []PatchPair `json:"pairs"`
	Used  int         `json:"used"`  // pairs whose LD differs by more than 1 logit: the others are left out of R
	Whole Recovery    `json:"whole"` // check: the whole state; 1
	Empty Recovery    `json:"empty"` // check: nothing; 0
	Sets  []PatchSet  `json:"sets"`  // sites whole, then single units, the largest first
}

// PatchPair is one pair as the network read it.
type PatchPair struct {
	TextPair
	Position int     `json:"position"` // character after which states are exchanged, from 0
	Clean    float64 `json:"ld_clean"` // LD = logit(right) - logit(best other) after the clean text
	Corrupt  float64 `json:"ld_corrupt"`
}

// PatchSet is a site or a unit with its recovery.
type PatchSet struct {
	Site string `json:"site"`
	Unit int    `json:"unit"` // finding.NoUnit: the whole site
	Recovery
}

// Recovery is R = (LD_patched - LD_corrupt) / (LD_clean - LD_corrupt), the ratio of means
// over pairs: 1 restores, 0 does nothing.
type Recovery struct {
	Restore stat.Number `json:"restore"` // clean values in the corrupt run
	Break   stat.Number `json:"break"`   // corrupt values in the clean run: the share of LD that is lost
}

const (
	leastDifference = 1  // logits between clean and corrupt
	patchKept       = 40 // single units reported
)

// patchRun is a pair ready to be read.
type patchRun struct {
	clean, corrupt []int32
	at             int
	right          int32
}

// PatchOptions say where a pair is patched. The zero value is all states, characters the network
// does not know an error.
type PatchOptions struct {
	Sites   []string // nil: all of the state
	Unknown text.UnknownPolicy
	Workers int // 0: a core each
}

// PatchTexts exchanges the state of one run for the other's after one character, all of
// it, each site whole and each unit alone, and follows what becomes of the answer. progress,
// unless nil, is told how many of all exchanges were read.
// Errors match ErrPair, or are the alphabet's or the context's.
func PatchTexts(ctx context.Context, m *rnn.Model, a *text.Alphabet, pairs []TextPair, opt PatchOptions, progress func(done, total int64)) (*PatchResult, error) {
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrPair)
	}
	sites, err := patchSites(m, opt.Sites)
	if err != nil {
		return nil, err
	}
	p := &patcher{m: m, sites: sites, all: m.Config().StateSites(), workers: opt.Workers}
	p.sums = make([]patchSums, 2+len(sites)*(1+m.Config().Hidden))
	p.progress, p.total = progress, int64(2*len(p.sums)*len(pairs))
	out := &PatchResult{}
	for _, pair := range pairs {
		run, err := readPair(a, pair, opt.Unknown)
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := p.add(ctx, pair, run)
		if err != nil {
			return nil, err
		}
		if row.Right == "" {
			row.Right = a.Symbol(p.right)
		}
		out.Pairs = append(out.Pairs, row)
	}
	p.fill(out)
	return out, nil
}

func patchSites(m *rnn.Model, sites []string) ([]string, error) {
	if len(sites) == 0 {
		return m.Config().StateSites(), nil
	}
	for _, s := range sites {
		if !slices.Contains(m.Config().StateSites(), s) {
			return nil, fmt.Errorf("%w %q to patch: this network's state is %v", rnn.ErrSite, s, m.Config().StateSites())
		}
	}
	return sites, nil
}

func readPair(a *text.Alphabet, pair TextPair, unknown text.UnknownPolicy) (patchRun, error) {
	var r patchRun
	var err error
	if r.clean, err = a.Encode([]byte(pair.Clean), unknown); err != nil {
		return r, fmt.Errorf("the clean text: %w", err)
	}
	if r.corrupt, err = a.Encode([]byte(pair.Corrupt), unknown); err != nil {
		return r, fmt.Errorf("the corrupt text: %w", err)
	}
	if len(r.clean) != len(r.corrupt) {
		return r, fmt.Errorf("%w: the clean text has %d characters, the corrupt one %d; states can only be exchanged between texts of one length", ErrPair, len(r.clean), len(r.corrupt))
	}
	r.at = -1
	for i := range r.clean {
		if r.clean[i] != r.corrupt[i] {
			r.at = i
		}
	}
	if r.at < 0 {
		return r, fmt.Errorf("%w: the two texts are the same", ErrPair)
	}
	if pair.At < 0 || pair.At > len(r.clean) {
		return r, fmt.Errorf("%w: after character %d of texts of %d characters", ErrPair, pair.At, len(r.clean))
	}
	if pair.At > 0 {
		r.at = pair.At - 1
	}
	right, err := a.Encode([]byte(pair.Right), unknown)
	if err != nil {
		return r, fmt.Errorf("the right answer: %w", err)
	}
	if len(right) > 1 {
		return r, fmt.Errorf("%w: the right answer is one character, not %q", ErrPair, pair.Right)
	}
	r.right = -1
	if len(right) == 1 {
		r.right = right[0]
	}
	return r, nil
}

// patchSums adds up over pairs; [0] restores, [1] breaks.
type patchSums struct{ gain [2]float64 }

type patcher struct {
	m       *rnn.Model
	sites   []string
	all     []string
	workers int
	sums    []patchSums // whole state, nothing, then by site: the site, its units
	span    float64     // sum of LD_clean - LD_corrupt
	used    int
	right   int32

	progress    func(done, total int64)
	done, total int64
}

const (
	patchRows  = 128 // exchanges that are read side by side
	patchSteps = 64  // characters that are read at once
)

// add reads one pair in every way.
func (p *patcher) add(ctx context.Context, pair TextPair, r patchRun) (PatchPair, error) {
	pass, err := p.m.NewPass(rnn.PassOptions{T: patchSteps, B: patchRows, Workers: p.workers})
	if err != nil {
		return PatchPair{}, err
	}
	before, values, err := p.record(ctx, pass, r)
	if err != nil {
		return PatchPair{}, err
	}
	clean, err := p.read(ctx, pass, r.clean, r.at, before[0], p.plans(r.at, values[1]))
	if err != nil {
		return PatchPair{}, err
	}
	corrupt, err := p.read(ctx, pass, r.corrupt, r.at, before[1], p.plans(r.at, values[0]))
	if err != nil {
		return PatchPair{}, err
	}
	const none = 1 // the row in which nothing is exchanged
	if r.right < 0 {
		r.right = int32(argmax(clean[none]))
	}
	p.right = r.right
	row := PatchPair{TextPair: pair, Position: r.at}
	row.Clean, row.Corrupt = difference(clean[none], r.right), difference(corrupt[none], r.right)
	span := row.Clean - row.Corrupt
	if math.Abs(span) <= leastDifference {
		return row, nil
	}
	p.used++
	p.span += span
	for k := range p.sums {
		p.sums[k].gain[0] += difference(corrupt[k], r.right) - row.Corrupt
		p.sums[k].gain[1] += row.Clean - difference(clean[k], r.right)
	}
	return row, nil
}

// read gives the logits after the text under every plan, [plans][V]. The characters before
// at, from where on plans may differ, were read into the state before.
func (p *patcher) read(ctx context.Context, pass *rnn.Pass, ids []int32, at int, before *rnn.State, plans []Plan) ([][]float32, error) {
	v, st := p.m.Config().Vocab, p.m.NewState(patchRows)
	out := make([][]float32, 0, len(plans))
	for some := range slices.Chunk(plans, patchRows) {
		n := len(some)
		rack := NewHooks(append(slices.Clone(some), make([]Plan, patchRows-n)...))
		st.CopyFrom(before)
		last, err := p.feed(ctx, pass, ids[at:], st, rack, func(x []int32, from int) { rack.Read(x, at+from, nil) })
		if err != nil {
			return nil, err
		}
		for k := range n {
			out = append(out, last[k*v:(k+1)*v])
		}
		if p.done += int64(n); p.progress != nil {
			p.progress(p.done, p.total)
		}
	}
	return out, nil
}

// record reads each text: the state before character r.at, and the values after it by site.
func (p *patcher) record(ctx context.Context, pass *rnn.Pass, r patchRun) (before [2]*rnn.State, values [2]map[string][]float32, err error) {
	for i, ids := range [][]int32{r.clean, r.corrupt} {
		st := p.m.NewState(patchRows)
		if _, err := p.feed(ctx, pass, ids[:r.at], st, nil, nil); err != nil {
			return before, values, err
		}
		before[i] = p.m.NewState(patchRows)
		before[i].CopyFrom(st)
		k := &keeper{sites: p.all, values: map[string][]float32{}}
		if _, err := p.feed(ctx, pass, ids[r.at:r.at+1], st, k, nil); err != nil {
			return before, values, err
		}
		values[i] = k.values
	}
	return before, values, nil
}

// feed lets all rows read ids from st, and gives a copy of the logits [B,V] after the last,
// nil where there is none. announce, unless nil, is told the symbols of every call and the
// place of the first among ids.
func (p *patcher) feed(ctx context.Context, pass *rnn.Pass, ids []int32, st *rnn.State, hook rnn.Hook, announce func(x []int32, from int)) ([]float32, error) {
	v, x := p.m.Config().Vocab, make([]int32, patchSteps*patchRows)
	var last []float32
	for from := 0; from < len(ids); from += patchSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		some := ids[from:min(len(ids), from+patchSteps)]
		for i := range x {
			x[i] = -1 // padding
			if t := i / patchRows; t < len(some) {
				x[i] = some[t]
			}
		}
		if announce != nil {
			announce(x, from)
		}
		pass.Forward(x, st, hook)
		last = pass.Logits()[(len(some)-1)*patchRows*v : len(some)*patchRows*v]
	}
	return slices.Clone(last), nil
}

// keeper is a hook that keeps row 0's values at the first step.
type keeper struct {
	sites  []string
	values map[string][]float32
}

func (k *keeper) Sites() []string { return k.sites }

func (k *keeper) At(i, t, row int, v []float32) bool {
	if row == 0 && t == 0 {
		k.values[k.sites[i]] = slices.Clone(v)
	}
	return false
}

// plans exchange the whole state, nothing, each site, each unit, in the order of sums.
func (p *patcher) plans(at int, from map[string][]float32) []Plan {
	h := p.m.Config().Hidden
	patch := func(site string, lo, hi int) action {
		return action{site: site, at: map[int]int{at: 0}, set: func(v []float32, _, _ int, _ int32) bool {
			copy(v[lo:hi], from[site][lo:hi])
			return true
		}}
	}
	var whole Plan
	for _, s := range p.all {
		whole = append(whole, patch(s, 0, h))
	}
	plans := []Plan{whole, nil}
	for _, s := range p.sites {
		plans = append(plans, Plan{patch(s, 0, h)})
		for u := range h {
			plans = append(plans, Plan{patch(s, u, u+1)})
		}
	}
	return plans
}

// difference is LD, the right symbol's logit less the best other's.
func difference(logits []float32, right int32) float64 {
	best := math.Inf(-1)
	for v, l := range logits {
		if int32(v) != right {
			best = max(best, float64(l))
		}
	}
	return float64(logits[right]) - best
}

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

func (p *patcher) fill(out *PatchResult) {
	out.Used = p.used
	recovery := func(k int) Recovery {
		return Recovery{stat.Number(p.sums[k].gain[0] / p.span), stat.Number(p.sums[k].gain[1] / p.span)}
	}
	out.Whole, out.Empty = recovery(0), recovery(1)
	var units []PatchSet
	k := 2
	for _, s := range p.sites {
		out.Sets = append(out.Sets, PatchSet{s, finding.NoUnit, recovery(k)})
		k++
		for u := range p.m.Config().Hidden {
			units = append(units, PatchSet{s, u, recovery(k)})
			k++
		}
	}
	slices.SortStableFunc(units, func(a, b PatchSet) int {
		return cmp.Compare(math.Abs(float64(b.Restore)), math.Abs(float64(a.Restore)))
	})
	out.Sets = append(out.Sets, units[:min(patchKept, len(units))]...)
}
