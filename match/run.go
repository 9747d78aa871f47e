package match

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ViewName is the name of a Result in a run.
const ViewName = "match"

// LookCountViewName is the name of a LookCount in a run.
const LookCountViewName = "match-looks"

// LookCount is how often the reported part of a subject was looked at.
type LookCount struct {
	Looks int `json:"looks"`
}

// Query is a selection and what is asked of it. The zero values of the numbers are their defaults.
type Query struct {
	Passage Passage
	States  [][]float32 // instead of Passage.Levels: rows of all sites, one after another
	Last    int32       // symbol at which the span ends
	Units   []rnn.Unit  // chosen by hand; or
	Rule    *Rule       // by LSTMVis' rule; or
	Marks   *Marks      // those that tell places called right from those called wrong; or the Extreme most extreme
	Extreme int         // 10
	Places  int         // 50
	Out     text.Span   // of the text: the span itself, if it is of it
	Refine  bool        // look at the choosing part, as often as one likes; otherwise at the one that is reported on
	Meaning string      // a concept that the selection is held for: precision and recall
	Draws   int         // random spans of the null, 1,000; negative: none
	Seed    uint64
}

func (q *Query) fill() error {
	if q.Extreme == 0 {
		q.Extreme = 10
	}
	if q.Places == 0 {
		q.Places = 50
	}
	if q.Draws == 0 {
		q.Draws = 1000
	}
	if q.Extreme < 1 || q.Extreme > mostChosen || q.Places < 1 || q.Places > 1000 || q.Draws > 100_000 {
		return fmt.Errorf("%w: %d units, %d places, %d draws; ask for at most %d, 1000 and 100000", ErrInput, q.Extreme, q.Places, q.Draws, mostChosen)
	}
	if q.Rule != nil {
		rule := *q.Rule // the caller's stays as it is
		q.Rule = &rule
		return rule.check()
	}
	return nil
}

// How units were chosen.
type How string

// The ways to choose units.
const (
	ByExtreme How = "extreme" // the most peculiar
	ByRule    How = "rule"    // LSTMVis'
	ByHand    How = "hand"
	ByMarks   How = "marks"
)

func (q *Query) how() How {
	switch {
	case len(q.Units) > 0:
		return ByHand
	case q.Rule != nil:
		return ByRule
	case !q.Marks.none():
		return ByMarks
	}
	return ByExtreme
}

// Result is what a selection comes to. Figures are of Part.
type Result struct {
	Part    string   `json:"part"` // name of the part that was searched
	Span    string   `json:"span"` // the selection, in symbols as they are shown
	Length  int      `json:"length"`
	How     How      `json:"how"` // units were chosen
	Rule    *Rule    `json:"rule,omitempty"`
	Chosen  []Chosen `json:"units"`   // empty: nothing is peculiar by the rule, and there are no places
	Windows int      `json:"windows"` // of that length, in the part
	Places  []Found  `json:"places"`
	Shared  []Shared `json:"shared"` // the largest excesses first
	Null    Null     `json:"null"`
	Meaning *Meaning `json:"meaning,omitempty"`
	Looks   int      `json:"looks"` // at the reported part, this one with them; set by who keeps count
	Version string   `json:"version"`
}

// Found is a place with its surroundings.
type Found struct {
	Place
	Before string  `json:"before"`
	Text   string  `json:"text"`
	After  string  `json:"after"`
	From   int     `json:"from"`   // symbol of the text at which Before begins
	IDs    []int32 `json:"ids"`    // symbols of all three
	Tracks []Track `json:"tracks"` // what they are part of: concepts that are on somewhere here, and not all over
}

// Track is where a concept is on around a place: symbols [lo, hi) counted from From. What lies outside the indexed parts is not labelled.
type Track struct {
	Concept string   `json:"concept"`
	Spans   [][2]int `json:"spans"`
}

// Null is what random spans come to.
type Null struct {
	Draws       int     `json:"draws"`
	SameLast    bool    `json:"same_last"`    // they end with the same symbol; otherwise that symbol is too rare in the choosing part
	Concept95   float64 `json:"concept_95"`   // 95 % quantile of the largest excess of a concept
	Gram95      float64 `json:"gram_95"`      // and of an n-gram
	ConceptSome int     `json:"concept_some"` // things shared beyond that, of concepts
	GramSome    int     `json:"gram_some"`    // and of n-grams
}

// Meaning is how well the chosen units, all on their side, tell a concept at the end of a window.
type Meaning struct {
	Concept   string        `json:"concept"`
	Precision stat.Interval `json:"precision"`
	Recall    stat.Interval `json:"recall"`
	Base      float64       `json:"base"` // share of windows at whose end the concept is on
}

// Options of a run that do not belong to the question.
type Options struct {
	Concepts []concept.Concept // whose tracks are laid beside the text
	Workers  int
	Version  string
	Labels   Progress // of the symbols that are labelled
	Tell     Progress // of the null's spans, after that
}

// Run answers a query on a specimen and its index. The same query and seed give the same answer on any number of cores. Errors match
// ErrInput or ErrIndex, or are ctx's.
func Run(ctx context.Context, s *specimen.Specimen, x *Index, q Query, opt Options) (*Result, error) {
	p, err := Prepare(s, x)
	if err != nil {
		return nil, err
	}
	return p.Run(ctx, s, q, opt)
}

// Run answers a query, as the function does; s is a specimen of the subject that was prepared.
func (p *LabelledIndex) Run(ctx context.Context, s *specimen.Specimen, q Query, opt Options) (*Result, error) {
	if err := q.fill(); err != nil {
		return nil, err
	}
	if err := q.level(p.x); err != nil {
		return nil, err
	}
	x := p.x
	chosen, err := q.choose(x, q.Passage)
	if err != nil {
		return nil, err
	}
	m := &matcher{x: x, q: q, n: q.Passage.Hi - q.Passage.Lo}
	r := &Result{Part: ChoosingPart, Length: m.n, How: q.how(), Rule: q.Rule, Chosen: chosen, Places: []Found{}, Shared: []Shared{}, Version: opt.Version}
	if !q.Refine {
		r.Part = s.Split
	}
	starts := startsOf(x, m.n, !q.Refine)
	if r.Windows = starts.total; len(chosen) == 0 || starts.total == 0 {
		return r, nil
	}
	if m.t, err = p.tracks(ctx, s, opt); err != nil {
		return nil, err
	}
	m.b = newBases(m.t, m.n, !q.Refine, rand.New(rand.NewPCG(q.Seed, 1)))
	seek := newSeeker(x)
	places, err := m.places(seek, chosen, q.Out)
	if err != nil {
		return nil, err
	}
	if q.Meaning != "" {
		if r.Meaning, err = m.meaning(seek, chosen); err != nil {
			return nil, err
		}
	}
	if r.Places, err = m.readPlaces(s, places); err != nil {
		return nil, err
	}
	r.Shared, _, _ = m.b.shared(places, func(ids []int32) string { return s.Alphabet.ShowString(ids) })
	if !q.Refine && q.Draws > 0 {
		if m.q.how() == ByMarks { // random spans have no marks: they are asked of the same units
			m.q.Units = unitsOf(chosen)
		}
		err = m.null(ctx, r, opt)
	}
	r.Shared = r.Shared[:min(len(r.Shared), 60)]
	return r, err
}

// ChoosingPart names the part on which a selection is refined.
const ChoosingPart = "the choosing part"

func unitsOf(chosen []Chosen) []rnn.Unit {
	out := make([]rnn.Unit, len(chosen))
	for i, c := range chosen {
		out[i] = c.Unit
	}
	return out
}

func (q *Query) choose(x *Index, p Passage) ([]Chosen, error) {
	switch {
	case len(q.Units) > 0:
		return x.ChooseByName(p, q.Units)
	case q.Rule != nil:
		return x.Beyond(p, *q.Rule)
	case !q.Marks.none():
		return x.ChooseByMarks(p, q.Marks, q.Extreme)
	}
	return x.Extreme(p, q.Extreme)
}

// matcher holds what the selection and the random spans share.
type matcher struct {
	x *Index
	q Query
	n int
	t *tracks
	b *bases
}

func (m *matcher) places(seek *seeker, chosen []Chosen, out text.Span) ([]Place, error) {
	if r := m.q.Rule; r != nil && r.Runs {
		return seek.runs(m.q.Places, m.n, r.Tolerance, chosen, !m.q.Refine, out)
	}
	if err := seek.score(chosen, m.n); err != nil {
		return nil, err
	}
	return seek.best(m.q.Places, m.n, len(chosen), !m.q.Refine, out), nil
}

// null makes the same of random spans of the choosing part, and gives every shared thing its p.
func (m *matcher) null(ctx context.Context, r *Result, opt Options) error {
	from, same := m.spans()
	if len(from) == 0 {
		return nil
	}
	workers := specimen.WorkersOr(opt.Workers)
	seekers := make([]*seeker, workers)
	concepts, grams := make([]float64, m.q.Draws), make([]float64, m.q.Draws)
	var done atomic.Int64
	err := crew.TryEach(ctx, m.q.Draws, workers, func(worker, i int) error {
		if seekers[worker] == nil {
			seekers[worker] = newSeeker(m.x)
		}
		rng := rand.New(rand.NewPCG(m.q.Seed, 2<<32+uint64(i)))
		row := from[rng.IntN(len(from))]
		var err error
		concepts[i], grams[i], err = m.draw(seekers[worker], row)
		if n := done.Add(1); opt.Tell != nil && worker == 0 {
			opt.Tell(n, int64(m.q.Draws))
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(concepts)
	slices.Sort(grams)
	r.Null = Null{Draws: m.q.Draws, SameLast: same, Concept95: concepts[len(concepts)*95/100], Gram95: grams[len(grams)*95/100]}
	for i := range r.Shared {
		x := &r.Shared[i]
		null, some := concepts, &r.Null.ConceptSome
		if x.Concept == "" {
			null, some = grams, &r.Null.GramSome
		}
		at, _ := slices.BinarySearch(null, x.Excess)
		if x.P = float64(1+len(null)-at) / float64(1+len(null)); x.P <= .05 {
			*some++
		}
	}
	return nil
}

// spans are the rows of the choosing part at which a span of the same length and last symbol begins; of any last symbol, where that one
// is rare.
func (m *matcher) spans() (rows []int, same bool) {
	const enough = 50
	all := startsOf(m.x, m.n, false)
	for i := range all.total {
		if row := all.at(i); m.t.ids[row+m.n-1] == m.q.Last {
			rows = append(rows, row)
		}
	}
	if len(rows) >= enough {
		return rows, true
	}
	rows = rows[:0]
	for i := range all.total {
		rows = append(rows, all.at(i))
	}
	return rows, false
}

// draw selects, matches and compares as was done with the selection, for the span that begins at row.
func (m *matcher) draw(seek *seeker, row int) (concept, grams float64, err error) {
	_, piece := m.x.Position(row)
	lo, hi := max(row-1, piece.Row), min(row+m.n+1, piece.Row+piece.Hi-piece.Lo) // its neighbours, for the rule
	p := Passage{Levels: make([][]byte, hi-lo), Lo: row - lo, Hi: row - lo + m.n}
	for t := range p.Levels {
		p.Levels[t] = make([]byte, m.x.units)
	}
	for u := range m.x.units {
		if seek.column, err = m.x.Column(seek.column, u, lo, hi); err != nil {
			return 0, 0, err
		}
		for t, v := range seek.column {
			p.Levels[t][u] = v
		}
	}
	chosen, err := m.q.choose(m.x, p)
	if err != nil || len(chosen) == 0 {
		return 0, 0, err
	}
	places, err := m.places(seek, chosen, text.Span{})
	if err != nil {
		return 0, 0, err
	}
	_, concept, grams = m.b.shared(places, nil)
	return concept, grams, nil
}

// meaningSegment is the length of the segments of text that are left out in turn.
const meaningSegment = 4000

// meaning counts, over all windows, those in which all chosen units are on their side against those at whose end the concept is on. Where
// places are runs, a window is a single symbol.
func (m *matcher) meaning(seek *seeker, chosen []Chosen) (*Meaning, error) {
	c := slices.Index(m.t.concepts, m.q.Meaning)
	if c < 0 {
		return nil, fmt.Errorf("%w: %w %q of this text; there are %s", ErrInput, concept.ErrUnknown, m.q.Meaning, strings.Join(m.t.concepts, ", "))
	}
	n := m.n
	if m.q.Rule != nil && m.q.Rule.Runs {
		n = 1
	}
	var both, found, on []float64 // by segment
	windows, total := 0, 0
	for _, run := range startsOf(m.x, n, !m.q.Refine).runs {
		for k := range run.Hi - run.Lo - n + 1 {
			if k%meaningSegment == 0 {
				both, found, on = append(both, 0), append(found, 0), append(on, 0)
			}
			row, i := run.Row+k, len(on)-1
			is := m.t.is(row+n-1, c)
			alike := int(seek.alike[row]) == len(chosen)
			windows++
			if is {
				on[i]++
				total++
			}
			if alike {
				found[i]++
			}
			if is && alike {
				both[i]++
			}
		}
	}
	return &Meaning{Concept: m.q.Meaning, Precision: stat.SegmentMean(both, found), Recall: stat.SegmentMean(both, on), Base: float64(total) / float64(max(1, windows))}, nil
}

// around is how many symbols of text are shown on either side of a place.
const around = 40

// readPlaces reads places with their surroundings and what these are part of.
func (m *matcher) readPlaces(s *specimen.Specimen, places []Place) ([]Found, error) {
	out := make([]Found, 0, len(places))
	for _, p := range places {
		lo, hi := max(0, p.Lo-around), min(s.Text.Source.Len(), p.Hi+around)
		ids := make([]int32, hi-lo)
		if err := s.Text.Source.Read(ids, lo); err != nil {
			return nil, err
		}
		say := func(a, b int) string { return s.Alphabet.ShowString(ids[a-lo : b-lo]) }
		out = append(out, Found{
			Place: p, Before: say(lo, p.Lo), Text: say(p.Lo, p.Hi), After: say(p.Hi, hi), From: lo, IDs: ids, Tracks: m.t.around(p, lo, hi),
		})
	}
	return out, nil
}
