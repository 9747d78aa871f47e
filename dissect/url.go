package dissect

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"unicode"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

const (
	urlsKept      = 1000 // URLs whose characters are sorted by kind, chosen by hash
	urlHead       = 3    // characters of a URL before its label is on
	sentences     = 3    // shown
	sentenceLead  = 100  // most characters before the URL
	sentenceTail  = 80   // most characters after it
	synthWiki     = 60_000
	kindOrdinary  = "ordinary text"
	kindSlashes   = "://"
	kindLetter    = "letter"
	kindDigit     = "digit"
	kindSlash     = "/"
	kindDot       = "."
	kindHash      = "#"
	kindOther     = "other inside"
	kindAfter     = "first after the end"
	kindLater     = "2 to 6 after the end"
	urlTail       = 6 // characters after its end
	sourceTest    = "test"
	sourceWiki    = "synth:wiki"
	synthLongLine = 400 // a line longer than this is no sentence
)

var urlKinds = []string{kindSlashes, kindLetter, kindDigit, kindSlash, kindDot, kindHash, kindOther, kindAfter, kindLater}

// urlWindow is a URL of the report and the unit over it and a little further,
// as far as the block goes.
type urlWindow struct {
	span
	window *specimen.Window
}

// askURL asks for the URL unit over the URLs of the detail blocks.
func (l *looker) askURL() func(context.Context) error {
	out := &URLResult{Verdict: NotInText, Sentences: []Sentence{}, Kinds: []KindResponse{}}
	if l.url < 0 {
		return func(context.Context) error { return nil }
	}
	l.res.URL = out
	if !l.plan.hasURL || sumOf(l.measured.url.onN) == 0 {
		return func(context.Context) error { return nil }
	}
	u := l.measured.url
	at := specimen.UnitAt{Site: u.site, Unit: u.unit}
	out.Site, out.Unit = l.res.Sites[u.site].Name, u.unit
	on, off, onN, offN := activations(u.on), activations(u.off), floats(u.onN), floats(u.offN)
	out.On, out.Off = stat.SegmentMean(on, onN), stat.SegmentMean(off, offN)
	out.Difference = stat.SegmentContrast(on, onN, off, offN)
	out.Verdict = urlVerdict(out.Difference, onN)

	var urls []*urlWindow
	for _, b := range l.Labels {
		for _, s := range spansOn(b, l.url) {
			s.lo = max(b.Block.Lo, s.lo-l.urlHead())
			urls = append(urls, &urlWindow{span: s})
		}
	}
	slices.SortStableFunc(urls, func(a, b *urlWindow) int { return cmp.Compare(specimen.HashOf(a.lo), specimen.HashOf(b.lo)) })
	urls = urls[:min(len(urls), urlsKept)]
	for _, x := range urls {
		x.window = l.Ask.Window(at, x.lo, min(x.hi+urlTail, l.BlockAt(x.lo).Block.Hi))
	}
	shown := l.askSentences(at, urls)
	return func(ctx context.Context) error {
		out.Kinds = l.kinds(urls)
		for _, s := range shown {
			e := l.excerpt(s.window, l.url, [2]int{s.lo - s.window.Lo, s.hi - s.window.Lo})
			out.Sentences = append(out.Sentences, Sentence{Source: sourceTest, Fragment: l.hasHash(s.span), Excerpt: e})
		}
		return l.fillSentences(ctx, out)
	}
}

// urlVerdict asks whether the mean |activation| is higher inside URLs; the unit
// was chosen elsewhere for being so, so one interval is enough.
func urlVerdict(difference stat.Interval, onN []float64) Verdict {
	places := 0
	for _, n := range onN {
		if n > 0 {
			places++
		}
	}
	switch {
	case places < leastSpread || !difference.Defined():
		return TooLittleText
	case difference.Above(0):
		return Associated
	}
	return NotFound
}

func floats(x []int64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// urlHead is how many symbols of a URL stand before its label is on. A word or a piece
// that begins one may well complete what switches the label.
func (l *looker) urlHead() int {
	if k := l.in.Alphabet.Kind(); k == text.Words || k == text.Pieces {
		return 0
	}
	return urlHead
}

func (l *looker) hasHash(s span) bool { return strings.Contains(l.Text(s.lo, s.hi), "#") }

// askSentences chooses up to three URLs with what stands around them, one with a
// fragment first if there is one.
func (l *looker) askSentences(at specimen.UnitAt, urls []*urlWindow) []*urlWindow {
	order := slices.Clone(urls) // by hash
	slices.SortStableFunc(order, func(a, b *urlWindow) int {
		return cmp.Compare(stat.Indicator(l.hasHash(b.span)), stat.Indicator(l.hasHash(a.span)))
	})
	var out []*urlWindow
	fragments := 0
	for _, u := range order {
		lo, hi := l.sentence(u.span)
		overlaps := slices.ContainsFunc(out, func(o *urlWindow) bool { return o.window.Lo < hi && lo < o.window.Hi })
		if overlaps || len(out) == sentences || l.hasHash(u.span) && fragments > 0 {
			continue
		}
		if l.hasHash(u.span) {
			fragments++
		}
		out = append(out, &urlWindow{span: u.span, window: l.Ask.Window(at, lo, hi)})
	}
	return out
}

// sentence widens a URL to its line, within limits and within its block.
func (l *looker) sentence(s span) (lo, hi int) {
	b := l.BlockAt(s.lo).Block
	lo, hi = s.lo, min(s.hi, b.Hi)
	for lo > b.Lo && s.lo-lo < sentenceLead && !l.EndsLine(lo-1) {
		lo--
	}
	for hi < b.Hi && hi-s.hi < sentenceTail && !l.EndsLine(hi) {
		hi++
	}
	return lo, hi
}

// kinds is the unit's mean activation after each kind of character, a URL a segment.
func (l *looker) kinds(urls []*urlWindow) []KindResponse {
	num, den := map[string][]float64{}, map[string][]float64{}
	for _, k := range urlKinds {
		num[k], den[k] = make([]float64, len(urls)), make([]float64, len(urls))
	}
	for i, u := range urls {
		for t, a := range u.window.Values {
			kind := l.kindAt(u.span, u.lo+t)
			if kind == "" {
				continue
			}
			num[kind][i] += float64(a)
			den[kind][i]++
		}
	}
	ordinary := stat.SegmentMean(activations(l.measured.url.plain), floats(l.measured.url.offN))
	out := []KindResponse{{Kind: kindOrdinary, Mean: ordinary}}
	for _, k := range urlKinds {
		if m := stat.SegmentMean(num[k], den[k]); m.N > 0 {
			out = append(out, KindResponse{Kind: k, Mean: m})
		}
	}
	return out
}

// kindAt is the kind of a symbol of a URL; none of one of several characters.
func (l *looker) kindAt(s span, position int) string {
	switch {
	case position == s.hi:
		return kindAfter
	case position > s.hi:
		return kindLater
	}
	if l.RuneAt(position) == '/' && position-s.lo >= 2 && l.Text(position-2, position+1) == kindSlashes {
		return kindSlashes
	}
	r := l.RuneAt(position)
	if r == utf8.RuneError && !l.in.Alphabet.OneEach() {
		return ""
	}
	return urlKind(r)
}

// fillSentences makes up the three sentences, and one with a fragment, from
// generated encyclopedia text where the report has too few.
func (l *looker) fillSentences(ctx context.Context, out *URLResult) error {
	fragment := slices.ContainsFunc(out.Sentences, func(s Sentence) bool { return s.Fragment })
	if len(out.Sentences) >= sentences && fragment {
		return nil
	}
	if len(out.Sentences) >= sentences {
		out.Sentences = out.Sentences[:sentences-1]
	}
	wiki, err := synth.Generate("wiki", synthWiki, rand.New(rand.NewPCG(l.opt.Seed, 3)), synth.Options{})
	if err != nil {
		return err
	}
	url, err := concept.Find("url")
	if err != nil {
		return err
	}
	for _, line := range strings.Split(wiki.S, "\n") {
		ends := strings.Contains(line, "#")
		if !strings.Contains(line, "://") || len(line) > synthLongLine || !fragment && len(out.Sentences) == sentences-1 && !ends {
			continue
		}
		s, ok, err := l.trace(ctx, url, line, out)
		if err != nil {
			return err
		}
		if !ok || !fragment && len(out.Sentences) == sentences-1 && !s.Fragment {
			continue
		}
		fragment = fragment || s.Fragment
		if out.Sentences = append(out.Sentences, s); len(out.Sentences) == sentences {
			return nil
		}
	}
	return nil
}

// trace reads one generated line from the zero state; ok is false when the
// network does not have its characters or the line holds no URL.
func (l *looker) trace(ctx context.Context, url concept.Concept, line string, out *URLResult) (s Sentence, ok bool, err error) {
	rs := []rune(line)
	ids, foreign := l.in.Alphabet.Encode([]byte(line+"\n"), text.UnknownError)
	if foreign != nil || len(ids) != len(rs)+1 {
		return s, false, nil // the next line may do
	}
	m, err := l.in.Weights("reading a line of its own")
	if err != nil {
		return s, false, nil // recorded states tell of their own text alone
	}
	t, err := trace.Passage(ctx, m, ids, trace.Options{Sites: []string{out.Site}, Workers: l.walk.Workers})
	if err != nil {
		return s, false, err
	}
	s = Sentence{Source: sourceWiki, Excerpt: Excerpt{Concept: url.Name, Text: line}}
	e := &s.Excerpt
	for p, y := range concept.LabelAll(url, rs) {
		on := y.Y > 0 && y.Valid
		e.Label = append(e.Label, on)
		e.Activation = append(e.Activation, look.Rounded(t.Row(0, p)[out.Unit]))
		if !on {
			continue
		}
		if e.Mark[1] == 0 {
			e.Mark[0] = max(0, p-urlHead)
		}
		e.Mark[1] = p + 1
		s.Fragment = s.Fragment || rs[p] == '#'
	}
	return s, e.Mark[1] > 0, nil
}

// urlKind is the kind of a character inside a URL.
func urlKind(r rune) string {
	switch {
	case unicode.IsLetter(r):
		return kindLetter
	case unicode.IsDigit(r):
		return kindDigit
	case r == '/':
		return kindSlash
	case r == '.':
		return kindDot
	case r == '#':
		return kindHash
	}
	return kindOther
}
