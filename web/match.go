package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"

	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/jobs"
	"github.com/rnnscope/rnnscope/web/reading"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// selection is a span of a reading, and how units are to be chosen for it.
type selection struct {
	Lo      int         `json:"lo" minimum:"0" doc:"The span [lo,hi) of shown symbols."`
	Hi      int         `json:"hi" minimum:"1"`
	At      int         `json:"at,omitempty" minimum:"-1" doc:"Symbol of the run's text at which the reading begins; -1: it is not of the text. Places near the span are left out."`
	How     match.How   `json:"how,omitempty" enum:"extreme,rule,hand,marks" doc:"The most peculiar units (default), LSTMVis' rule, those named, or those that tell places called right from those called wrong."`
	Extreme int         `json:"extreme,omitempty" minimum:"0" maximum:"64" doc:"How many, of the most peculiar or by marks; 0: 10."`
	Rule    *match.Rule `json:"rule,omitempty"`
	Units   []string    `json:"units,omitempty" maxItems:"64" doc:"Named units: l0.c[41]."`
	Right   []text.Span `json:"right,omitempty" maxItems:"400" doc:"Places of the choosing part, in symbols of the text."`
	Wrong   []text.Span `json:"wrong,omitempty" maxItems:"400"`
	As      string      `json:"as,omitempty" maxLength:"64" doc:"A concept that the units are held for: precision and recall."`
	Draws   int         `json:"draws,omitempty" minimum:"0" maximum:"10000" doc:"Random spans of the null; 0: 1,000."`
}

type selectionInput struct {
	ReadingInput
	Body selection
}

// matchView is the last match of a run.
type matchView struct {
	Result *match.Result `json:"result" doc:"null: nothing has been matched."`
	Text   string        `json:"text"`
	Step   int64         `json:"step"`
	Looks  int           `json:"looks" doc:"How often the reported part was looked at so far."`
}

type matchOutput struct{ Body matchView }

type indexOutput struct {
	Body struct {
		Ready   bool  `json:"ready" doc:"The index of all states is there."`
		Symbols int   `json:"symbols"`
		Units   int   `json:"units"`
		Step    int64 `json:"step"`
	}
}

type chosenUnit struct {
	match.Chosen
	Track []float64 `json:"track" doc:"F from shown symbol from on."`
}

type chosenOutput struct {
	Body struct {
		Units []chosenUnit `json:"units" doc:"Empty: no unit meets the rule."`
		From  int          `json:"from"`
	}
}

type refinedOutput struct {
	Body struct {
		Result *match.Result `json:"result"`
		Judged stat.Interval `json:"judged" doc:"Share of the places called right or wrong that were called right."`
	}
}

type shareInput struct {
	K int64 `query:"k" minimum:"0" maximum:"1000000000"`
	N int64 `query:"n" minimum:"1" maximum:"1000000000"`
}

type shareOutput struct{ Body stat.Interval }

func (s *Server) matchRoutes() {
	huma.Register(s.api, get("match-index", "/api/runs/{run}/index", "Whether the index of all states is there, which choosing and refining need; the job index builds it."), s.getIndex)
	huma.Register(s.api, post("match-choose", "/api/readings/{id}/choose", "The units of a selection, and what they do around it. Nothing is searched."), s.choose)
	huma.Register(s.api, post("match-refine", "/api/readings/{id}/refine", "Searches the part of the text that things are chosen on, as often as one likes, without a null."), s.refine)
	huma.Register(s.api, post("match-start", "/api/readings/{id}/match", "Searches the reported part, beside a null of random spans: a job. It counts as a look at that part."), s.startMatch)
	huma.Register(s.api, get("match", "/api/runs/{run}/match", "The last match of a run."), s.getMatch)
	huma.Register(s.api, get("share", "/api/share", "A share with its 95 % interval (Wilson)."), func(_ context.Context, in *shareInput) (*shareOutput, error) {
		return &shareOutput{stat.Wilson(min(in.K, in.N), in.N)}, nil
	})
}

// preparedKey is the index of a network of a run.
type preparedKey struct {
	run     string
	created int64
	step    int64
}

const preparedBytes = 128 << 20

var errNoIndex = fmt.Errorf("%w: the index of all states is not built yet: rnnscope match RUN --index", guard.ErrRequest)

// specimenOf is a network on its run's text, which stays open until done.
func (s *Server) specimenOf(ctx context.Context, id string, r *shelf.Run, ck *checkpoint.Checkpoint) (*specimen.Specimen, func(), error) {
	f, done, err := s.shelf.Source(ctx, id, r)
	if err != nil {
		return nil, nil, err
	}
	return specimen.OwnText(specimen.NetworkOf(ck), specimen.OnFile(f), r.Info().Split), done, nil
}

// openIndex opens the index of a specimen, once. Errors match errNoIndex.
func (s *Server) openIndex(id string, r *shelf.Run, sp *specimen.Specimen, step int64) (*match.LabelledIndex, func(), error) {
	key := preparedKey{id, r.Info().Created.UnixNano(), step}
	if p, done, ok := s.indexes.Get(key); ok {
		return p, done, nil
	}
	x, err := match.Open(match.Path(r.Dir(), sp.Subject()), sp.Subject())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, match.ErrIndex) {
		return nil, nil, errNoIndex
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := match.Prepare(sp, x)
	if err != nil {
		x.Close()
		return nil, nil, err
	}
	p, done := s.indexes.Put(key, p)
	return p, done, nil
}

func (s *Server) getIndex(ctx context.Context, in *NetworkInput) (*indexOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	ck, doneNet, err := s.shelf.Network(in.Run, r, in.Step)
	if err != nil {
		return nil, httpError(err)
	}
	defer doneNet()
	sp, doneText, err := s.specimenOf(ctx, in.Run, r, ck)
	if err != nil {
		return nil, httpError(err)
	}
	defer doneText()
	out := &indexOutput{}
	out.Body.Step = ck.Step
	p, donePrepared, err := s.openIndex(in.Run, r, sp, ck.Step)
	if errors.Is(err, errNoIndex) {
		return out, nil
	}
	if err != nil {
		return nil, httpError(err)
	}
	defer donePrepared()
	out.Body.Ready, out.Body.Symbols, out.Body.Units = true, p.Symbols(), p.Units()
	return out, nil
}

// trackAround is how many symbols on either side of a span are shown of its units.
const trackAround = 60

// selectedSpan is what a selection takes of its reading.
type selectedSpan struct {
	run    string
	net    *checkpoint.Checkpoint
	query  match.Query
	from   int // shown symbol of the query's first row
	before int // rows of the span's surroundings that are shown
	after  int
}

// selectSpan copies the states around a span, so that the reading is free for the next request.
func (s *Server) selectSpan(id string, q *selection) (*selectedSpan, error) {
	r, unlock, err := s.readings.Find(id)
	if err != nil {
		return nil, err
	}
	defer unlock()
	lo, hi, err := spanOf(r, q)
	if err != nil {
		return nil, err
	}
	a, b := max(r.Warm, lo-trackAround), min(r.Live.Read(), hi+trackAround)
	rows := max(0, min(a, lo-1)) // the symbol before the span decides, too
	t := &selectedSpan{run: r.Run, net: r.Net, from: rows - r.Warm, before: a - rows, after: b - rows}
	h := r.Net.Model.Config().Hidden
	t.query.States = make([][]float32, b-rows)
	for _, site := range r.Net.Model.Config().StateSites() {
		values := r.Live.Values(site)
		for i := range t.query.States {
			t.query.States[i] = append(t.query.States[i], values[(rows+i)*h:(rows+i+1)*h]...)
		}
	}
	t.query.Passage, t.query.Last = match.Passage{Lo: lo - rows, Hi: hi - rows}, r.Live.IDs()[hi-1]
	return t, q.into(&t.query, r.Net.Model)
}

// spanOf is the span in symbols that were read, what is read before the shown ones included.
func spanOf(r *reading.Reading, q *selection) (lo, hi int, err error) {
	lo, hi = q.Lo+r.Warm, q.Hi+r.Warm
	if lo >= hi || hi > r.Live.Read() {
		return 0, 0, fmt.Errorf("%w: the span is empty, or not of what was read of this passage", guard.ErrRequest)
	}
	return lo, hi, nil
}

// into says how units are chosen.
func (q *selection) into(to *match.Query, m *rnn.Model) error {
	to.Extreme, to.Meaning = q.Extreme, q.As
	if q.At >= 0 {
		to.Out = text.Span{Lo: q.At + q.Lo, Hi: q.At + q.Hi}
	}
	if q.As != "" {
		if _, err := concept.Find(q.As); err != nil {
			return fmt.Errorf("%w: %w", guard.ErrRequest, err)
		}
	}
	switch q.How {
	case match.ByRule:
		if to.Rule = q.Rule; q.Rule == nil {
			return fmt.Errorf("%w: no rule is given", guard.ErrRequest)
		}
	case match.ByMarks:
		to.Marks = &match.Marks{Right: q.Right, Wrong: q.Wrong}
	case match.ByHand:
		if len(q.Units) == 0 {
			return fmt.Errorf("%w: no units are named", guard.ErrRequest)
		}
		for _, name := range q.Units {
			u, err := m.ParseUnit(name)
			if err != nil {
				return fmt.Errorf("%w: %w", guard.ErrRequest, err)
			}
			to.Units = append(to.Units, u)
		}
	}
	return nil
}

// withSelection runs do with what a selection needs.
func (s *Server) withSelection(ctx context.Context, in *selectionInput, do func(*match.LabelledIndex, *specimen.Specimen, *selectedSpan) error) error {
	t, err := s.selectSpan(in.ID, &in.Body)
	if err != nil {
		return err
	}
	r, done, err := s.shelf.Open(t.run)
	if err != nil {
		return err
	}
	defer done()
	sp, doneText, err := s.specimenOf(ctx, t.run, r, t.net)
	if err != nil {
		return err
	}
	defer doneText()
	p, donePrepared, err := s.openIndex(t.run, r, sp, t.net.Step)
	if err != nil {
		return err
	}
	defer donePrepared()
	t.query.Seed = r.Info().Seed
	return do(p, sp, t)
}

func (s *Server) choose(ctx context.Context, in *selectionInput) (*chosenOutput, error) {
	out := &chosenOutput{}
	out.Body.Units = []chosenUnit{}
	return out, httpError(s.withSelection(ctx, in, func(p *match.LabelledIndex, _ *specimen.Specimen, t *selectedSpan) error {
		chosen, passage, err := p.Choose(t.query)
		if err != nil {
			return err
		}
		out.Body.From = t.from + t.before
		for _, c := range chosen {
			out.Body.Units = append(out.Body.Units, chosenUnit{c, passage.Track(c, t.before, t.after)})
		}
		return nil
	}))
}

func (s *Server) refine(ctx context.Context, in *selectionInput) (*refinedOutput, error) {
	leave, err := s.heavy.Enter(ctx)
	if err != nil {
		return nil, httpError(err)
	}
	defer leave()
	out := &refinedOutput{}
	out.Body.Judged = stat.Wilson(int64(len(in.Body.Right)), int64(len(in.Body.Right)+len(in.Body.Wrong)))
	return out, httpError(s.withSelection(ctx, in, func(p *match.LabelledIndex, sp *specimen.Specimen, t *selectedSpan) error {
		t.query.Refine = true
		result, err := p.Run(ctx, sp, t.query, match.Options{Concepts: concept.All(), Version: s.opt.Version})
		if err != nil {
			return err
		}
		q := t.query.Passage
		result.Span = t.net.Alphabet.ShowString(in.span(s, q.Hi-q.Lo))
		out.Body.Result = result
		return nil
	}))
}

// span is the marked symbols; none when the reading is gone in the meantime.
func (in *selectionInput) span(s *Server, n int) []int32 {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil
	}
	defer unlock()
	lo := in.Body.Lo + r.Warm
	if lo+n > r.Live.Len() {
		return nil
	}
	return append([]int32(nil), r.Live.IDs()[lo:lo+n]...)
}

// startMatch runs the command on what the reading reads, that before it included.
func (s *Server) startMatch(_ context.Context, in *selectionInput) (*jobOutput, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	name, args, err := s.matchArguments(in)
	if err != nil {
		return nil, httpError(err)
	}
	j, err := s.jobs.Add("match", name, s.commandLine(args), args)
	if errors.Is(err, jobs.ErrFull) {
		return nil, huma.Error503ServiceUnavailable(err.Error())
	}
	if err != nil {
		return nil, httpError(err)
	}
	return &jobOutput{j}, nil
}

// matchArguments is the command line of a match.
func (s *Server) matchArguments(in *selectionInput) (run string, args []string, err error) {
	q := &in.Body
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	lo, hi, err := spanOf(r, q)
	if err != nil {
		return "", nil, err
	}
	if err := q.into(&match.Query{}, r.Net.Model); err != nil {
		return "", nil, err
	}
	dir, err := s.shelf.Dir(r.Run)
	if err != nil {
		return "", nil, err
	}
	passage := r.Net.Alphabet.Decode(r.Live.IDs()[:min(r.Live.Len(), hi+1)])
	passage = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`).Replace(passage)
	args = []string{"match", dir, "--passage=" + passage, "--span", fmt.Sprintf("%d:%d", lo, hi), "--step", fmt.Sprint(r.Net.Step)}
	if q.At >= r.Warm {
		args = append(args, "--at", strconv.Itoa(q.At-r.Warm))
	}
	return r.Run, append(args, q.flags()...), nil
}

// flags are the selection's part of the command line; what could not be meant was refused before.
func (q *selection) flags() (out []string) {
	add := func(flag, value string) { out = append(out, flag, value) }
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	list := func(spans []text.Span) string {
		parts := make([]string, len(spans))
		for i, p := range spans {
			parts[i] = fmt.Sprintf("%d:%d", p.Lo, p.Hi)
		}
		return strings.Join(parts, ",")
	}
	switch q.How {
	case match.ByHand:
		add("--units", strings.Join(q.Units, ","))
	case match.ByRule:
		add("--beyond", number(q.Rule.Quantile))
		if q.Rule.Off != 0 {
			add("--off", number(q.Rule.Off))
		}
		add("--edges", map[[2]bool]string{{true, true}: "both", {true, false}: "before", {false, true}: "after", {false, false}: "none"}[[2]bool{q.Rule.Before, q.Rule.After}])
		if q.Rule.Runs {
			add("--within", strconv.Itoa(q.Rule.Tolerance))
		}
	case match.ByMarks:
		if len(q.Right) > 0 {
			add("--right", list(q.Right))
		}
		if len(q.Wrong) > 0 {
			add("--wrong", list(q.Wrong))
		}
	}
	if q.Extreme > 0 {
		add("--extreme", strconv.Itoa(q.Extreme))
	}
	if q.Draws > 0 {
		add("--draws", strconv.Itoa(q.Draws))
	}
	if q.As != "" {
		add("--as", q.As)
	}
	return out
}

func (s *Server) getMatch(_ context.Context, in *RunInput) (*matchOutput, error) {
	r, done, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer done()
	out := &matchOutput{}
	var m match.Result
	on, err := r.View(match.ViewName, run.Want{}, &m)
	if errors.Is(err, run.ErrNoView) {
		return out, nil
	}
	if err != nil {
		return nil, httpError(err)
	}
	out.Body = matchView{Result: &m, Text: on.Text, Step: on.Step, Looks: m.Looks}
	return out, nil
}
