package web

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// turnInput asks for samples with units held.
type turnInput struct {
	NetworkInput
	Units       string  `query:"units" required:"true" maxLength:"400" doc:"Units of one site with the values they are held at: l0.c[41]=0.9,l0.c[7]=0"`
	Prompt      string  `query:"prompt" maxLength:"4000"`
	N           int     `query:"n" default:"300" minimum:"1" maximum:"2000"`
	Temperature float64 `query:"temperature" default:"0.8" minimum:"0.05" maximum:"5"`
	Seed        uint64  `query:"seed" default:"1"`
}

// turnBegin says what is about to be written.
type turnBegin struct {
	Other []panel.ClampedUnit `json:"other" doc:"Units of the same site drawn at random, each held at the same quantile of its own values: the null beside the first sample."`
	Held  []panel.ClampedUnit `json:"held"`
}

// turnTokens are some symbols of one of the samples.
type turnTokens struct {
	Row     int       `json:"row" doc:"0 touched, 1 untouched, 2 another unit turned as far."`
	IDs     []int32   `json:"ids"`
	LogProb []float64 `json:"log_prob" doc:"Under the distribution each was drawn from, at temperature 1."`
}

type turnEnd struct {
	Same int `json:"same" doc:"Symbols before the touched and the untouched sample part."`
}

func (s *Server) turnRoutes() {
	sse.Register(s.api, get("turn", "/api/runs/{run}/turn", "Three samples from one random stream: with units held, untouched, and with others turned as far."),
		map[string]any{"begin": turnBegin{}, "tokens": turnTokens{}, "progress": panelProgress{}, "end": turnEnd{}, "failed": failure{}}, s.turn)
}

func (s *Server) turn(ctx context.Context, in *turnInput, send sse.Sender) {
	var mu sync.Mutex
	locked := func(data any) error {
		mu.Lock()
		defer mu.Unlock()
		return send.Data(data)
	}
	watch := func(done, total int64) { _ = locked(panelProgress{done, total}) }
	site := ""
	if held, err := parseClamps(in.Units); err == nil {
		site = held[0].Site
	}
	err := s.on(ctx, in.Run, in.Step, site, watch, func(p *panel.Panel, _ *shelf.Run, ck *checkpoint.Checkpoint) error {
		leave, err := s.heavy.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		return turn(ctx, p, ck, in, locked)
	})
	if err != nil && ctx.Err() == nil {
		_ = locked(failure{err.Error()})
	}
}

// turn writes three samples beside each other.
func turn(ctx context.Context, p *panel.Panel, ck *checkpoint.Checkpoint, in *turnInput, send func(any) error) error {
	held, err := parseClamps(in.Units)
	if err != nil {
		return err
	}
	other, err := p.Others(held, in.Seed)
	if err != nil {
		return err
	}
	prompt, err := ck.Alphabet.Encode([]byte(in.Prompt), text.UnknownSkip)
	if err != nil {
		return fmt.Errorf("%w: %w", guard.ErrRequest, err)
	}
	if err := send(turnBegin{Held: held, Other: other}); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := turnWriter{ck: ck, prompt: prompt, in: in, send: send}
	written := make([][]int32, 3)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for row, units := range [][]panel.ClampedUnit{held, nil, other} {
		wg.Go(func() {
			written[row], errs[row] = w.write(ctx, row, units)
			if errs[row] != nil {
				stop()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	same := 0
	for same < len(written[0]) && written[0][same] == written[1][same] {
		same++
	}
	return send(turnEnd{same})
}

// sendEvery gathers symbols, so that a fast network does not send each alone.
const sendEvery = 40 * time.Millisecond

// turnWriter draws samples that differ in the units held.
type turnWriter struct {
	ck     *checkpoint.Checkpoint
	prompt []int32
	in     *turnInput
	send   func(any) error
}

// write draws one sample and sends it as it comes.
func (w turnWriter) write(ctx context.Context, row int, units []panel.ClampedUnit) ([]int32, error) {
	ck, in := w.ck, w.in
	var list []intervene.Intervention
	for _, u := range units {
		list = append(list, intervene.Intervention{Site: u.Site, Units: []int{u.Unit}, Mode: intervene.Clamp, Value: u.Value})
	}
	plan, err := intervene.Prepare(ck.Model, list, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", guard.ErrRequest, err)
	}
	var all []int32
	batch := turnTokens{Row: row}
	last := time.Now()
	flush := func() error {
		if len(batch.IDs) == 0 {
			return nil
		}
		err := w.send(batch)
		batch, last = turnTokens{Row: row}, time.Now()
		return err
	}
	opt := sample.Options{N: in.N, Temperature: in.Temperature}
	rng := rand.New(rand.NewPCG(in.Seed, 0x7475726e))
	err = sample.Generator{Model: ck.Model, Alphabet: ck.Alphabet, Hook: intervene.NewHooks([]intervene.Plan{plan})}.Generate(ctx, w.prompt, opt, rng, func(t sample.Token) error {
		all = append(all, t.ID)
		batch.IDs, batch.LogProb = append(batch.IDs, t.ID), append(batch.LogProb, max(t.LogProb, -1e6))
		if time.Since(last) < sendEvery {
			return nil
		}
		return flush()
	})
	if err != nil {
		return nil, err
	}
	return all, flush()
}

// heldMost bounds the units held at once.
const heldMost = 16

// parseClamps reads "l0.c[41]=0.9,l0.c[7]=0"; errors match guard.ErrRequest.
func parseClamps(s string) ([]panel.ClampedUnit, error) {
	var out []panel.ClampedUnit
	for s != "" {
		var one string
		one, s = cut(s)
		var u panel.ClampedUnit
		if err := parseOne(one, &u); err != nil {
			return nil, err
		}
		if len(out) > 0 && out[0].Site != u.Site {
			return nil, fmt.Errorf("%w: hold units of one site at a time", guard.ErrRequest)
		}
		out = append(out, u)
	}
	if len(out) == 0 || len(out) > heldMost {
		return nil, fmt.Errorf("%w: hold 1 to %d units", guard.ErrRequest, heldMost)
	}
	return out, nil
}

func cut(s string) (first, rest string) {
	for i := range s {
		if s[i] == ',' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func parseOne(s string, u *panel.ClampedUnit) error {
	open, shut, is := -1, -1, -1
	for i := range s {
		switch s[i] {
		case '[':
			open = i
		case ']':
			shut = i
		case '=':
			is = i
		}
	}
	if open < 1 || shut < open || is != shut+1 {
		return fmt.Errorf("%w: %q; write units as in l0.c[41]=0.9", guard.ErrRequest, s)
	}
	u.Site = s[:open]
	if _, err := fmt.Sscanf(s[open:], "[%d]=%g", &u.Unit, &u.Value); err != nil || u.Unit < 0 || math.IsNaN(u.Value) || math.Abs(u.Value) > 1e6 {
		return fmt.Errorf("%w: %q; write units as in l0.c[41]=0.9", guard.ErrRequest, s)
	}
	return nil
}
