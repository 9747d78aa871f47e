package match

import (
	"math"

	"github.com/rnnscope/rnnscope/text"
)

// apart is how far places lie from one another and from the span itself, in symbols.
const apart = 500

// Place is a window of the text.
type Place struct {
	Lo       int     `json:"lo"` // symbols [Lo, Hi) of the text
	Hi       int     `json:"hi"`
	Alike    int     `json:"alike"`    // units on the same side
	Distance float64 `json:"distance"` // root mean square of the differences in F

	row int
}

// seeker looks for places; its memory is used again.
type seeker struct {
	x      *Index
	column []byte
	alike  []uint8
	off    []float32 // sum over units of squared differences in F
}

func newSeeker(x *Index) *seeker {
	return &seeker{x: x, alike: make([]uint8, x.Rows), off: make([]float32, x.Rows)}
}

// score compares every window of n symbols with the chosen units: alike[r] of them are on their side in the window that begins at row r.
func (s *seeker) score(chosen []Chosen, n int) error {
	clear(s.alike)
	clear(s.off)
	for _, c := range chosen {
		var err error
		if s.column, err = s.x.Column(s.column, c.column, 0, s.x.Rows); err != nil {
			return err
		}
		for _, run := range s.x.Runs {
			s.slide(c, n, run.Row, run.Row+run.Hi-run.Lo)
		}
	}
	return nil
}

// slide moves a window over the rows [lo, hi) of the column of unit c.
func (s *seeker) slide(c Chosen, n, lo, hi int) {
	if hi-lo < n {
		return
	}
	side, high, wanted, scale := c.side(n), c.Above, float32(c.F), float32(1)/float32(n*Levels)
	half := float32(.5) / Levels
	sum := 0
	for _, v := range s.column[lo : lo+n-1] {
		sum += int(v)
	}
	for r := lo; r+n <= hi; r++ {
		sum += int(s.column[r+n-1])
		if sum >= side == high {
			s.alike[r]++
		}
		d := float32(sum)*scale + half - wanted
		s.off[r] += d * d
		sum -= int(s.column[r])
	}
}

// best takes k windows of n symbols, of the reported or the choosing part, the most alike first: those with most units on their
// side, then the nearest. They lie apart from one another and from the span that is left out. Greedy, by cells of the text, each of which knows its best
// window, so that a choice changes three cells.
func (s *seeker) best(k, n, units int, report bool, out text.Span) []Place {
	p := picker{s: s, n: n, units: float32(units), out: out}
	p.fill(report)
	var places []Place
	for len(places) < k {
		row := p.take()
		if row < 0 {
			break
		}
		at, _ := s.x.Position(row)
		places = append(places, Place{
			Lo: at, Hi: at + n, Alike: int(s.alike[row]), Distance: math.Sqrt(float64(s.off[row]) / float64(units)), row: row,
		})
	}
	return places
}

// cell is apart symbols of one run: windows that begin in its rows [lo, hi), which stand at position at and on.
type cell struct {
	lo, hi, at int
	best       int // row, -1: none
}

type picker struct {
	s     *seeker
	n     int
	units float32
	out   text.Span
	cells []cell
	taken []int // positions
}

// rank orders windows: units on their side first, then nearness.
func (p *picker) rank(row int) float32 {
	return float32(p.s.alike[row]) - p.s.off[row]/(p.units+1)
}

func (p *picker) fill(report bool) {
	for _, r := range p.s.x.Runs {
		last := r.Row + r.Hi - r.Lo - p.n // of the last window
		for lo := r.Row; r.Report == report && lo <= last; lo += apart {
			p.cells = append(p.cells, cell{lo: lo, hi: min(lo+apart, last+1), at: r.Lo + lo - r.Row})
			p.look(&p.cells[len(p.cells)-1])
		}
	}
}

// look finds the best window of a cell that is still free.
func (p *picker) look(c *cell) {
	c.best = -1
	for row := c.lo; row < c.hi; row++ {
		if (c.best < 0 || p.rank(row) > p.rank(c.best)) && p.free(c.at+row-c.lo) {
			c.best = row
		}
	}
}

func (p *picker) free(at int) bool {
	if p.out.Hi > p.out.Lo && at < p.out.Hi+apart && at+p.n > p.out.Lo-apart {
		return false
	}
	for _, t := range p.taken {
		if at < t+p.n+apart && t < at+p.n+apart {
			return false
		}
	}
	return true
}

// take gives the best window of all and closes what lies too near to it; -1 when there is none.
func (p *picker) take() int {
	top := -1
	for i := range p.cells {
		b := p.cells[i].best
		if b >= 0 && (top < 0 || p.rank(b) > p.rank(p.cells[top].best)) {
			top = i
		}
	}
	if top < 0 {
		return -1
	}
	row := p.cells[top].best
	at := p.cells[top].at + row - p.cells[top].lo
	p.taken = append(p.taken, at)
	for i := range p.cells {
		if c := &p.cells[i]; c.at < at+p.n+apart && at < c.at+apart+p.n+apart {
			p.look(c)
		}
	}
	return row
}
