package specimen

import (
	"context"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/text"
)

// RecordedStates are the values of some sites at the positions of a text, wherever they
// come from: at all of them, or at some stretches.
type RecordedStates struct {
	sites  []Site
	length int         // T
	taken  []text.Span // where there are states, ascending and apart; nil: everywhere
	values [][]float32 // by site [N,H], a row for every position taken
}

// rows is how many positions there are states at.
func (r *RecordedStates) rows() int {
	if r.taken == nil {
		return r.length
	}
	n := 0
	for _, s := range r.taken {
		n += s.Len()
	}
	return n
}

// NewRecordedStates takes the values [T,H] of every site, row-major, over a text of T
// symbols; they are not copied: the constructor for states that lie in memory whole, as
// who uses the library has them. Errors match ErrInput: no site, sites of one name, no
// units, another length, a value that is no number.
func NewRecordedStates(length int, sites []Site, values [][]float32) (*RecordedStates, error) {
	return NewRecordedRows(length, nil, sites, values)
}

// NewRecordedRows is NewRecordedStates of states that were taken at some stretches of the
// text, ascending and disjoint; nil is everywhere. values [N,H] have a row for every
// position taken, in order.
func NewRecordedRows(length int, taken []text.Span, sites []Site, values [][]float32) (*RecordedStates, error) {
	joined, err := joinSpans(length, taken)
	if err != nil {
		return nil, err
	}
	out := &RecordedStates{sites, length, joined, values}
	rows := out.rows()
	if len(sites) == 0 || len(sites) != len(values) {
		return nil, fmt.Errorf("%w: %d sites with values for %d", ErrInput, len(sites), len(values))
	}
	seen := map[string]bool{}
	for s, site := range sites {
		if seen[site.Name] {
			return nil, fmt.Errorf("%w: two sites are called %s", ErrInput, site.Name)
		}
		seen[site.Name] = true
		if site.Units < 1 || len(values[s]) != rows*site.Units {
			return nil, fmt.Errorf("%w: site %s has %d values; %d positions of %d units make %d",
				ErrInput, site.Name, len(values[s]), rows, site.Units, rows*site.Units)
		}
		for i, v := range values[s] {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, fmt.Errorf("%w: unit %d of %s is %v at position %d", ErrInput, i%site.Units, site.Name, v, i/site.Units)
			}
		}
	}
	return out, nil
}

// joinSpans checks that stretches ascend within the text and joins neighbours.
func joinSpans(length int, taken []text.Span) ([]text.Span, error) {
	var out []text.Span
	for _, s := range taken {
		last := 0
		if n := len(out); n > 0 {
			last = out[n-1].Hi
		}
		if s.Lo < last || s.Hi <= s.Lo || s.Hi > length {
			return nil, fmt.Errorf("%w: states at %d to %d behind %d, of a text of %d symbols", ErrInput, s.Lo, s.Hi, last, length)
		}
		if n := len(out); n > 0 && s.Lo == last {
			out[n-1].Hi = s.Hi
			continue
		}
		out = append(out, s)
	}
	return out, nil
}

// row is the row of a position, and up to where rows go on without a gap.
func (r *RecordedStates) row(at int) (row, hi int, err error) {
	if r.taken == nil {
		return at, r.length, nil
	}
	for _, s := range r.taken {
		if at < s.Hi {
			if at < s.Lo {
				break
			}
			return row + at - s.Lo, s.Hi, nil
		}
		row += s.Len()
	}
	return 0, 0, fmt.Errorf("%w: no states were recorded at position %d", ErrInput, at)
}

// Sites lists the sites.
func (r *RecordedStates) Sites() []Site { return r.sites }

// Read visits every block as one part.
func (r *RecordedStates) Read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *Part)) error {
	return crew.TryEach(ctx, len(blocks), workers, func(worker, i int) error {
		b := blocks[i]
		row, hi, err := r.row(b.Lo)
		if err == nil && hi < b.Hi {
			_, _, err = r.row(hi)
		}
		if err != nil {
			return err
		}
		p := &Part{Block: i, Hi: b.Len()}
		for s, site := range r.sites {
			p.Values = append(p.Values, r.values[s][row*site.Units:(row+b.Len())*site.Units])
		}
		visit(worker, p)
		return nil
	})
}

// only is the states of the sites named, in that order.
func (r *RecordedStates) only(names []string) (*RecordedStates, error) {
	out := &RecordedStates{length: r.length, taken: r.taken}
	for _, name := range names {
		found := false
		for s, site := range r.sites {
			if site.Name == name {
				out.sites, out.values, found = append(out.sites, site), append(out.values, r.values[s]), true
			}
		}
		if !found {
			return nil, fmt.Errorf("%w: no site %s was recorded", ErrInput, name)
		}
	}
	return out, nil
}

// Recording is states from elsewhere with what has to be known of them.
type Recording struct {
	States   *RecordedStates
	Controls []*RecordedStates // of untrained networks of the same shape on the same text, for "learned"
	Alphabet *text.Alphabet    // of the symbols
	SHA256   string            // of the states, hex
	Step     int64             // of the training of what they come from; NoStep
	// Choose and Report are the blocks that are scored on either side, ascending and
	// disjoint, and Split the name of Report; all empty: alternating blocks of the
	// whole text. Warm-up does not count: the states are there already.
	Choose, Report []text.Block
	Split          string
}

// FromRecording is the specimen of states from elsewhere. Whatever needs the network's weights
// answers ErrNoWeights.
func FromRecording(r Recording, t Text) (*Specimen, error) {
	if r.States == nil || r.Alphabet == nil || t.Source == nil {
		return nil, fmt.Errorf("%w: states, their text and its alphabet are needed", ErrInput)
	}
	for _, c := range append([]*RecordedStates{r.States}, r.Controls...) {
		if c.length != t.Source.Len() {
			return nil, fmt.Errorf("%w: states at %d positions of a text of %d symbols", ErrInput, c.length, t.Source.Len())
		}
	}
	for i, c := range r.Controls {
		if len(c.sites) != len(r.States.sites) {
			return nil, fmt.Errorf("%w: control %d has %d sites, the states %d", ErrInput, i+1, len(c.sites), len(r.States.sites))
		}
		for s, site := range c.sites {
			if own := r.States.sites[s]; site.Name != own.Name || site.Units != own.Units {
				return nil, fmt.Errorf("%w: control %d has %d units at %s, the states %d at %s", ErrInput, i+1, site.Units, site.Name, own.Units, own.Name)
			}
		}
	}
	s := OtherText(Network{Alphabet: r.Alphabet, Step: r.Step, SHA256: r.SHA256}, t)
	s.recorded, s.controls = r.States, r.Controls
	if len(r.Choose)+len(r.Report) > 0 {
		s.Split, s.Learn, s.Measure = r.Split, spansOf(r.Choose), spansOf(r.Report)
		s.cut = func(int) Parts { return Parts{text.BlockList(r.Choose), text.BlockList(r.Report)} }
	}
	return s, nil
}
