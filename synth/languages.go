package synth

import (
	"fmt"
	"math/rand/v2"
)

// Defaults of the nested languages.
const (
	nestDepth   = 4
	nestGap     = 10
	nestFiller  = "abcdefgh"
	nestEnd     = 0.4
	nestBroken  = 0.3 // of the lines of quotes-broken
	countMost   = 20
	shuffleKind = 2
)

// language is a nested language with a name: a corpus of its own, and no part of the
// mixed text.
type language struct {
	name    string
	nesting func(opt Options) Nesting // nil: the counting language
}

// languages are the nested languages Generate knows by name.
func languages() []language {
	return []language{
		// Straight marks do not say which end they are: at depth 1 counting them tells,
		// deeper only the spaces around them do.
		{"quotes-straight", func(opt Options) Nesting {
			return Nesting{Marks: StraightMarks, Depth: 1, Cues: opt.Depth > 1}
		}},
		{"quotes-alternating", func(opt Options) Nesting {
			return Nesting{Marks: AlternatingMarks, Depth: 2, Cues: opt.Depth > 2}
		}},
		// With the spaces of print, because ’ between letters is an apostrophe.
		{"quotes-curly", func(Options) Nesting { return Nesting{Marks: CurlyMarks, Depth: nestDepth, Cues: true} }},
		{"quotes-corner", func(Options) Nesting { return Nesting{Marks: CornerMarks, Free: true, Depth: nestDepth} }},
		{"quotes-broken", func(Options) Nesting {
			return Nesting{Marks: CornerMarks, Free: true, Depth: nestDepth, Broken: nestBroken}
		}},
		{"dyck-shuffled", func(opt Options) Nesting {
			kinds := opt.Kinds
			if kinds == 0 {
				kinds = shuffleKind
			}
			return Nesting{Marks: BracketMarks[:kinds], Shuffle: true, Depth: nestDepth}
		}},
		{"counting", nil},
	}
}

// write generates a text of the language. Of the options Depth, Gap, Filler and
// Broken count, of the counting language Depth alone: the largest n of a^n b^n.
func (l language) write(n int, rng *rand.Rand, opt Options) (*Text, error) {
	var t *Text
	var err error
	switch {
	case opt.Gap < -1 || opt.Kinds < 0 || opt.Kinds > len(BracketMarks) || opt.Depth < 0:
		return nil, fmt.Errorf("%w: gap %d, %d kinds, depth %d", ErrOption, opt.Gap, opt.Kinds, opt.Depth)
	case l.nesting == nil:
		most := countMost
		if opt.Depth > 0 {
			most = opt.Depth
		}
		t, err = Count(n, most, "ab", rng)
	default:
		t, err = Nest(n, rng, opt.fillNesting(l.nesting(opt)))
	}
	if err != nil {
		return nil, err
	}
	t.Name = l.name
	for i := range t.Bounds {
		t.Bounds[i].Domain = l.name
	}
	return t, nil
}

// fillNesting fills a language in from the options.
func (o Options) fillNesting(l Nesting) Nesting {
	l.End, l.GapHigh, l.Filler = nestEnd, nestGap, nestFiller
	if o.Depth > 0 {
		l.Depth = o.Depth
	}
	switch {
	case o.Gap > 0:
		l.GapHigh = o.Gap
	case o.Gap < 0:
		l.GapHigh = 0
	}
	if o.Filler != "" {
		l.Filler = o.Filler
	}
	if o.Broken != 0 {
		l.Broken = o.Broken
	}
	return l
}
