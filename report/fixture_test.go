package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// hostile is a text that tries to become markup, to reorder the page and to break letters apart.
const hostile = "He said, \"<script>alert('x')</script> & go to https://a.org/x#top now.\"\n\tשלום עולם، مرحبا 中文「引号」 é e\u0301 👩‍👩‍👧 \u202eabc\u202c \x00\x07 </style><img src=x onerror=alert(1)>\n"

func interval3(e, lo, hi float64) stat.Interval {
	return stat.Interval{Estimate: e, Lo: lo, Hi: hi, N: 1200}
}

func wave(n int, f, phase float64) []float32 {
	out := make([]float32, n)
	for t := range out {
		out[t] = float32(math.Sin(float64(t)*f + phase))
	}
	return out
}

func excerpt(text string, f float64) dissect.Excerpt {
	rs := []rune(text)
	e := dissect.Excerpt{Text: text, Activation: wave(len(rs), f, 0), Label: make([]bool, len(rs)), Mark: [2]int{4, 6}}
	for i := range e.Label {
		e.Label[i] = i > 8 && i < 40
	}
	return e
}

// fixture is a made-up run that has every view.
func fixture() *content.Data {
	d := &content.Data{
		Dir: "runs/my run", Name: "mixed <b>", Version: "0.1.0", Command: "rnnscope demo --out 'runs/my run'", Kernels: "avx2", Seed: 1,
		SHA256: strings.Repeat("4f2a91c0", 8), Sources: []string{"synth:mixed"}, Characters: 1200000, Symbols: 96, Split: "tail 80/10/10",
		Cell: "lstm", Layers: 1, Hidden: 128, Parameters: 128000, Step: 2500, Test: 1.21,
	}
	for s := int64(1); s <= 2500; s += 3 {
		d.Loss = append(d.Loss, content.Value{Step: s, Value: 1.2 + 3.3*math.Exp(-float64(s)/250) + .1*math.Sin(float64(s*s%89))})
	}
	skills := []content.Skill{{Name: "words", Share: true}, {Name: "quotes", Share: true}, {Name: "brackets", Share: true}, {Name: "line-length"}, {Name: "copied"}}
	for _, s := range []int64{0, 1, 2, 3, 5, 8, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 2500} {
		x := math.Log10(1 + float64(s))
		loss := 1.25 + 3.3*math.Exp(-float64(s)/250)
		d.Validation = append(d.Validation, content.Value{Step: s, Value: loss})
		m := content.Moment{Step: s, Loss: loss, Temperature: .8, Skills: map[string]stat.Interval{}, Sample: strings.Repeat("the dog said, “no” and went to <b>http</b> ", int(1+x)) + "\n\x07"}
		for i := range skills {
			v := 1 / (1 + math.Exp(-(x-2-.2*float64(i))*4))
			if i > 2 {
				v *= 40
			}
			m.Skills[skills[i].Name] = stat.Interval{Estimate: v, Lo: .9 * v, Hi: min(1.1*v, math.Max(1, v)), N: 40*int64(i+1) + s}
			skills[i].Add(float64(s), m.Skills[skills[i].Name])
		}
		d.Moments = append(d.Moments, m)
	}
	skills[0].Reference = &stat.Interval{Estimate: .99, Lo: .97, Hi: 1, N: 4000}
	d.Skills, d.Emergence = skills, fixtureEmergence()
	d.HeldOut = fixtureHeldOut()
	d.Births = fixtureBirths()
	passage := []rune(strings.Repeat(hostile, 2))
	p := &content.Passage{Site: "l0.h", Text: passage, Split: "validation"}
	for u := range 128 {
		p.Values = append(p.Values, wave(len(passage), .02+.3*math.Abs(math.Sin(float64(u))), float64(u)))
	}
	d.Passage = p
	d.Dissect = fixtureResult()
	return d
}

// fixtureEmergence has every verdict.
func fixtureEmergence() []evolve.Emergence {
	at := func(name string, v evolve.Verdict, inside int) evolve.Emergence {
		return evolve.Emergence{Name: name, Points: 17, Best: evolve.Sigmoid, Before: 6, Inside: inside, After: 6, Trusted: inside >= 5, Verdict: v,
			X0: stat.Interval{Estimate: 2, Lo: 1.9, Hi: 2.1, N: 17}, W: stat.Interval{Estimate: .8, Lo: .75, Hi: .9, N: 17}}
	}
	jump := at("words", evolve.Abrupt, 7)
	jump.W = stat.Interval{Estimate: .1, Lo: 0, Hi: .28, N: 17}
	unchanged := at("brackets", evolve.Unchanged, 0)
	unchanged.X0.Estimate = math.NaN()
	return []evolve.Emergence{at(evolve.LossName, evolve.Gradual, 9), jump, at("quotes", evolve.Declined, 6), unchanged, at("line-length", evolve.Unresolved, 1), at("copied", evolve.Abrupt, 2)}
}

// fixtureBirths has a concept with a skill, one without, one there from the first, and one never born.
func fixtureBirths() *births.Result {
	step := func(s int64) *int64 { return &s }
	track := func(birth, after *int64) births.Track {
		return births.Track{Birth: birth, After: after, Looks: []births.Point{{Step: 0, AUROC: interval3(.5, .4, .6)}, {Step: 2500, Unit: rnn.Unit{Site: "l0.c", Unit: 3}, AUROC: interval3(.9, .88, .92)}}}
	}
	return &births.Result{
		Steps: []int64{0, 100, 2500}, Chosen: 20000, Reported: 20000, Untrained: 19, Never: []string{"latex-math"},
		Concepts: []births.Concept{
			{Concept: "column", Untrained: .6, Lag: stat.Undefined(), Best: track(step(0), nil), Final: track(step(100), step(0))},
			{Concept: "in-quote", Untrained: .6, Lag: .4, Skill: births.HeldOutItems("in-quote"), SkillStep: step(40), Best: track(step(100), step(0)), Final: track(step(2500), step(100))},
			{Concept: "url", Untrained: .7, Lag: stat.Undefined(), Best: track(step(2500), step(100)), Final: track(nil, nil)},
		},
	}
}

// fixtureHeldOut has every verdict on where a jump is from.
func fixtureHeldOut() []content.HeldOut {
	var out []content.HeldOut
	for i, v := range []evolve.Verdict{"", evolve.MetricInduced, evolve.AbruptInBoth, evolve.CannotTell} {
		m := evolve.Measure{Definition: evolve.Definition{Name: "held-out-" + string(rune('a'+i)), Titles: map[string]string{"en": "Ends of words", "zh": "单词的后半"}}, Items: 300}
		at := func(logp, right float64) evolve.HeldOut {
			return evolve.HeldOut{Name: m.Name, LogP: interval3(logp, logp-.1, logp+.1), Right: interval3(right, right-.02, right+.02)}
		}
		e := fixtureEmergence()
		out = append(out, content.HeldOut{Measure: m, First: at(-4.1, .02), Last: at(-.7, .8), Came: evolve.Pairing{Name: m.Name, Right: e[1], LogP: e[0], Metric: v}})
	}
	return out
}

func takenFor(concept string, excerpts ...dissect.Excerpt) []dissect.Excerpt {
	for i := range excerpts {
		excerpts[i].Concept = concept
	}
	return excerpts
}

func fixtureResult() *dissect.Result {
	score := func(site string, unit, sign int, e float64) dissect.Score {
		return dissect.Score{Site: site, Unit: unit, Sign: sign, AUROC: interval3(e, e-.03, e+.02), AdjustedP: .002, UntrainedMax: .63,
			OnBins: []float64{0, .1, .2, .7}, OffBins: []float64{.6, .2, .1, .1}, BinEdges: []float64{-.5, 0, .5},
			Held:   []dissect.HeldScore{{Gap: 5, AUROC: stat.Point(e, 900)}, {Gap: 20, AUROC: interval3(e-.05, e-.12, e+.01)}},
			MeanOn: interval3(.7, .6, .8), MeanOff: interval3(-.2, -.3, -.1)}
	}
	concept := func(name string, v dissect.Verdict, s dissect.Score) dissect.ConceptResult {
		return dissect.ConceptResult{Concept: name, Verdict: v, N: 100000, Positive: 9000, Best: &s, Sites: []dissect.Score{s}}
	}
	r := &dissect.Result{Version: "0.1.0", Text: "mixed", Split: "test of tail 80/10/10", Chosen: 120000, Reported: 120000,
		Null: dissect.NullInfo{SegmentLength: 3000, Groups: 10, Draws: 1000, Untrained: 19}}
	alone := score("l0.h", 5, 1, .8)
	alone.UntrainedMax = stat.Number(math.NaN())
	r.Concepts = []dissect.ConceptResult{
		concept("in-quote", dissect.Learned, score("l0.h", 41, 1, .93)), concept("url", dissect.Learned, score("l0.h", 7, -1, .97)),
		concept("column", dissect.Associated, score("l0.c", 3, 1, .64)), concept("heading", dissect.NotFound, score("l0.h", 9, 1, .55)), concept("quote-depth", dissect.Associated, alone),
		{Concept: "latex-environment", Verdict: dissect.TooLittleText, Positive: 40}, {Concept: "comment", Verdict: dissect.NotInText},
		{Concept: "not <a> concept", Verdict: dissect.NotInText},
	}
	r.Gallery = []dissect.GalleryUnit{
		{Site: "l0.h", Unit: 41, Concepts: []string{"in-quote"}, Scale: .9, Excerpts: takenFor("in-quote", excerpt(hostile, .1), excerpt(hostile, .03))},
		{Site: "l0.h", Unit: 7, Concepts: []string{"url"}, Scale: 1, Excerpts: takenFor("url", excerpt("see http://a.org/b_(c) and\nmore text here that goes on for quite a while", .2))},
		{Site: "l0.c", Unit: 99, Scale: 3, Excerpts: []dissect.Excerpt{excerpt("مرحبا بالعالم، هذا نص عربي قصير يتصل فيه كل حرف بجاره.", .2)}},
	}
	r.Peaks = []dissect.UnitPeaks{{Site: "l0.h", Unit: 41, P90: .8, Above: 4000, N: 40000, Top: []dissect.Peak{{Position: 5, Value: .99, Before: "he said, ", Char: "\"", After: "no\n<b>"}}}}
	curve := func(k float64) []float32 {
		out := make([]float32, dissect.CurveHi-dissect.CurveLo+1)
		for i := range out {
			out[i] = float32(k * math.Tanh(float64(i+dissect.CurveLo)/3))
		}
		return out
	}
	r.Jump = &dissect.JumpGroup{Event: "\\begin{", Verdict: dissect.Associated, Events: 61, Tested: 128, Draws: 9999}
	for i := range 7 {
		r.Jump.Units = append(r.Jump.Units, dissect.JumpUnit{Site: "l0.h", Unit: i, Jump: interval3(.5-.1*float64(i), .4-.1*float64(i), .6-.1*float64(i)), Z: 8 - float64(i), P: .0004, Curve: curve(.9 - .25*float64(i))})
	}
	r.URL = &dissect.URLResult{Verdict: dissect.Learned, Site: "l0.h", Unit: 7, On: interval3(.8, .75, .85), Off: interval3(.2, .18, .22), Difference: interval3(.6, .55, .65)}
	for i, s := range []string{"See https://example.org/a/b#part-2 for the rest of it.", "More at www.example.org, they said.", "It is (http://x.org/y_(z)) there; 中文 too."} {
		r.URL.Sentences = append(r.URL.Sentences, dissect.Sentence{Source: "synth:wiki", Fragment: i == 0, Excerpt: excerpt(s, .07)})
	}
	for i, k := range []string{"ordinary text", "://", "letter", "digit", "/", ".", "#", "other inside", "first after the end"} {
		e := .8 - .1*float64(i)
		r.URL.Kinds = append(r.URL.Kinds, dissect.KindResponse{Kind: k, Mean: interval3(e, e-.05, e+.05)})
	}
	r.Pairs = fixturePairs()
	return r
}

func fixturePairs() *look.PairResult {
	five := []look.UnitChange{{Unit: 3, Change: 1.2}, {Unit: 41, Change: 1.1}, {Unit: 8, Change: .9}, {Unit: 77, Change: .8}, {Unit: 12, Change: .7}}
	p := &look.PairResult{Site: "l0.h"}
	for i, k := range []string{"paren", "brace", "tag", "never <seen>"} {
		d := .2 - .2*float64(i)
		p.Kinds = append(p.Kinds, look.PairKind{Kind: k, Count: 900, MedianGap: 11, MaxGap: 240, Cosine: interval3(.6, .55, .65), Random: interval3(.4, .38, .42), Difference: interval3(d, d-.05, d+.05),
			Strangers: interval3(.55, .5, .6), Matching: interval3(d/4, d/4-.02, d/4+.02), Units: five})
		p.Examples = append(p.Examples, look.PairExample{Kind: k, Gap: 12, Cosine: .61, Text: "(a + <b>)\n", Units: five})
	}
	text := "if (a[i] == (b + c[j])) { f(x, {1, 2}); g(y); } // (really)"
	m := &look.PairMap{Concept: "bracket-depth", Site: "l0.h", Text: text, Units: []int{3, 41, 8, 77, 12}, Memory: 17}
	depth := int32(0)
	for i, r := range []rune(text) {
		switch {
		case strings.ContainsRune("([{", r):
			depth++
			m.Opens = append(m.Opens, i)
		case strings.ContainsRune(")]}", r):
			depth--
			m.Closes = append(m.Closes, i)
		}
		m.Depth = append(m.Depth, depth)
		m.Trace = append(m.Trace, float32(math.Tanh(float64(depth)*.6-.9)))
	}
	for i := range m.Units {
		m.Values = append(m.Values, wave(len(m.Trace), .1*float64(i+1), 0))
	}
	p.Map = m
	return p
}
