package concept

import (
	"cmp"
	"fmt"
	"slices"
)

// Admission says whether a concept's rule is one for a text. A rule for another
// kind of text gets no verdict there: // opens a comment in C and stands in the
// addresses of a wiki.
type Admission struct {
	Concept  string  `json:"concept"`
	Admitted bool    `json:"admitted"`
	Reason   string  `json:"reason,omitempty"` // why not, in a sentence
	For      Writing `json:"for,omitempty"`    // the kind of text the rule is written for
	Closed   int64   `json:"closed"`           // spans that ended at their own closer, within their limit
	Lost     int64   `json:"lost"`             // spans that did not
	Other    int64   `json:"other"`            // openers that belong to another notation
	On       int64   `json:"on"`               // characters on, of the part
	Openings int64   `json:"openings"`         // places where the label went on
	Here     int64   `json:"here"`             // of them in a stretch of the kind of text the rule is written for

	// Above is the depth at which a depth concept is cut: on is Y > Above.
	Above int32 `json:"above"`
	// Values are the frequent values of a category, most frequent first; none where
	// the text has only one, which is then the same as being inside at all.
	Values []string `json:"values,omitempty"`
}

// What admits a concept, and what makes a value frequent.
const (
	leastClosed = .9  // of the spans end at their own closer
	mostOther   = .1  // of the openers belong to another notation
	leastHere   = .9  // of the openings stand in text of the kind the rule is written for
	oftenOn     = .9  // a depth of at least one on so often is cut higher
	frequent    = .02 // of the characters: a value of a category is a concept of its own
	mostValues  = 3   // of a category
	deepest     = 255
)

// SurveyLength is how many characters of the part are surveyed at most.
const SurveyLength = 300_000

// Survey decides which concepts are rules for a text. It reads the text in order;
// only what Write marks as belonging to the part that is chosen on is counted.
type Survey struct {
	of      []Concept
	takers  []surveyed
	window  window
	windows [][]bool // by kind, in the order of writings
	read    int64    // characters read
	begin   int64    // characters skipped
	counted int64    // characters counted
	labels  []Label  // room
	counts  []bool   // of the characters not yet labelled
	base    int64    // position of counts[0]
	kinds   map[Writing]int
}

// surveyed is one concept on its way through the text.
type surveyed struct {
	labeler Labeler
	scan    *scan     // nil for a concept the user brought along
	spans   spanCount // of the counted part
	done    int64     // labels that are out
	last    bool      // on before
	valid   int64
	on      int64
	opened  []int64 // openings by window
	values  map[int32]int64
	names   map[int32]string // of elements and environments, by NameID
}

// NewSurvey stands before a text.
func NewSurvey(of []Concept) *Survey {
	s := &Survey{of: of, takers: make([]surveyed, len(of)), kinds: map[Writing]int{}, windows: make([][]bool, len(writings))}
	for i, k := range writings {
		s.kinds[k] = i
	}
	for i, c := range of {
		l := c.New()
		scan, _ := l.(*scan)
		t := surveyed{labeler: l, scan: scan, values: map[int32]int64{}, names: map[int32]string{}}
		if scan != nil && c.Kind == Category {
			scan.pair = func(p Pair) {
				if p.Name != "" && len(t.names) < mostNames {
					t.names[NameID(p.Name)] = p.Name
				}
			}
		}
		s.takers[i] = t
	}
	return s
}

// Skip reads characters far before the part: only concepts whose state may reach
// back without bound, elements of a document, read them.
func (s *Survey) Skip(src []rune) {
	for i := range s.takers {
		t := &s.takers[i]
		if s.of[i].mayStayOpen() {
			s.labels = t.labeler.Write(s.labels[:0], src)
			for _, l := range s.labels {
				t.last = l.Y > 0
			}
			t.done += int64(len(s.labels))
			continue
		}
		t.done += int64(len(src))
	}
	for range src {
		s.counts = append(s.counts, false)
	}
	s.read += int64(len(src))
	s.begin = s.read
	s.forget()
}

// mayStayOpen: an element may be open from the start of a text on.
func (c Concept) mayStayOpen() bool {
	w := c.WrittenFor()
	return (w == Markup || w == EscapedMarkup) && c.Kind != Binary
}

// Write reads the next characters; counted says that they belong to the part that
// is chosen on.
func (s *Survey) Write(src []rune, counted bool) {
	for _, r := range src {
		s.window.read(r)
		s.counts = append(s.counts, counted)
		if s.window.chars == windowSize {
			s.endWindow()
		}
	}
	for i := range s.takers {
		t := &s.takers[i]
		var before spanCount
		if t.scan != nil {
			before = t.scan.spans
		}
		s.labels = t.labeler.Write(s.labels[:0], src)
		if t.scan != nil && counted {
			t.spans.add(t.scan.spans, before)
		}
		s.take(t, s.of[i].Kind)
	}
	s.read += int64(len(src))
	s.forget()
	if counted {
		s.counted += int64(len(src))
	}
}

// Full reports that enough was counted.
func (s *Survey) Full() bool { return s.counted >= SurveyLength }

func (c *spanCount) add(now, before spanCount) {
	c.closed += now.closed - before.closed
	c.lost += now.lost - before.lost
	c.other += now.other - before.other
}

// take counts the labels that came out.
func (s *Survey) take(t *surveyed, kind Kind) {
	for _, l := range s.labels {
		on := l.Y > 0
		if s.counts[t.done-s.base] {
			if on && !t.last {
				w := int((t.done - s.begin) / windowSize)
				for len(t.opened) <= w {
					t.opened = append(t.opened, 0)
				}
				t.opened[w]++
			}
			if l.Valid {
				t.valid++
				t.on += int64(one(on))
				if kind == Depth || kind == Category {
					t.count(l.Y)
				}
			}
		}
		t.last = on
		t.done++
	}
}

// mostNames bounds the names that are counted.
const mostNames = 4096

func (t *surveyed) count(y int32) {
	if _, known := t.values[y]; known || len(t.values) < mostNames {
		t.values[y]++
	}
}

// forget drops what every concept has labelled.
func (s *Survey) forget() {
	least := s.read
	for i := range s.takers {
		least = min(least, s.takers[i].done)
	}
	n := int(least - s.base)
	s.counts = s.counts[:copy(s.counts, s.counts[n:])]
	s.base = least
}

func (s *Survey) endWindow() {
	for i, k := range writings {
		s.windows[i] = append(s.windows[i], s.window.is(k))
	}
	s.window.next()
}

// Admissions ends the text and tells of every concept, in the order given.
func (s *Survey) Admissions() []Admission {
	if s.window.chars > 0 {
		s.endWindow()
	}
	out := make([]Admission, len(s.of))
	for i, c := range s.of {
		t := &s.takers[i]
		s.labels = t.labeler.Flush(s.labels[:0])
		s.take(t, c.Kind)
		out[i] = s.admit(c, t)
	}
	return out
}

func (s *Survey) admit(c Concept, t *surveyed) Admission {
	a := Admission{Concept: c.Name, For: c.WrittenFor(), Closed: t.spans.closed, Lost: t.spans.lost, Other: t.spans.other, On: t.on}
	all := a.For == Any || s.mostly(a.For)
	for w, n := range t.opened {
		a.Openings += n
		if all || s.near(a.For, w) {
			a.Here += n
		}
	}
	switch c.Kind {
	case Depth:
		a.Above = t.cut()
	case Category:
		for _, y := range t.frequent() {
			if name := c.valueName(y, t.names); name != "" {
				a.Values = append(a.Values, name)
			}
		}
	}
	switch spans, openers := a.Closed+a.Lost, a.Closed+a.Lost+a.Other; {
	case !c.BuiltIn():
	case float64(a.Here) < leastHere*float64(a.Openings):
		a.Reason = fmt.Sprintf("%d of %d places where it goes on stand in text that is not %s", a.Openings-a.Here, a.Openings, a.For)
	case float64(a.Other) > mostOther*float64(openers):
		a.Reason = fmt.Sprintf("%d of %d of its opening marks belong to another notation", a.Other, openers)
	case float64(a.Closed) < leastClosed*float64(spans):
		a.Reason = fmt.Sprintf("only %d of %d spans end at their own closing mark within the limit", a.Closed, spans)
	}
	a.Admitted = a.Reason == ""
	return a
}

// mostly reports whether more than half of the text is of a kind.
func (s *Survey) mostly(k Writing) bool {
	is, n := s.windows[s.kinds[k]], 0
	for w := range is {
		if is[w] {
			n++
		}
	}
	return 2*n > len(is)
}

// near reports whether a window or one beside it is of a kind.
func (s *Survey) near(k Writing, w int) bool {
	is := s.windows[s.kinds[k]]
	for _, i := range []int{w - 1, w, w + 1} {
		if i >= 0 && i < len(is) && is[i] {
			return true
		}
	}
	return false
}

// cut is the depth that splits the part best where being inside at all is nearly
// always on: the share above it is nearest to a half.
func (t *surveyed) cut() int32 {
	var inside int64
	for y, n := range t.values {
		if y > 0 {
			inside += n
		}
	}
	if float64(inside) <= oftenOn*float64(t.valid) {
		return 0
	}
	best, bestAt, above := int64(-1), int32(0), inside
	for y := int32(0); y < deepest && above > 0; y++ {
		if y > 0 {
			above -= t.values[y]
		}
		off := 2*above - t.valid
		if off < 0 {
			off = -off
		}
		if best < 0 || off < best {
			best, bestAt = off, y
		}
	}
	return bestAt
}

// frequent are the values that are concepts of their own.
func (t *surveyed) frequent() []int32 {
	var out []int32
	for y, n := range t.values {
		if y > 0 && float64(n) >= frequent*float64(t.valid) {
			out = append(out, y)
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Or(cmp.Compare(t.values[b], t.values[a]), cmp.Compare(a, b)) })
	if len(out) < 2 {
		return nil
	}
	return out[:min(len(out), mostValues)]
}

// SurveyAll surveys a whole text that lies in memory, all of it counted: Survey for who
// uses the library; the commands write theirs piece by piece.
func SurveyAll(of []Concept, rs []rune) []Admission {
	s := NewSurvey(of)
	for lo := 0; lo < len(rs); lo += windowSize {
		s.Write(rs[lo:min(len(rs), lo+windowSize)], true)
	}
	return s.Admissions()
}
