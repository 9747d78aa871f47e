package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// builder gathers the page and the figures that also become files.
type builder struct {
	d       *Data
	w       words
	figures []drawn
	at      finding.Subject // of the figures to come
}

// build makes the page and its figures.
func build(d *Data, lang string) (page, []drawn, error) {
	w, err := loadWords(lang)
	if err != nil {
		return page{}, nil, err
	}
	w = w.of(d.Kind)
	b := &builder{d: d, w: w}
	p := page{
		Lang: map[string]string{"en": "en", "zh": "zh-CN"}[w.lang], Title: d.Name, Lead: b.lead(), Facts: b.facts(),
		Style: style(), Script: scriptJS(), Policy: policy(), words: w,
	}
	units := b.linked()
	b.on(dissect.ViewName)
	p.Pages = b.pages(units)
	for _, part := range []struct {
		view string // that it shows
		make func() *section
	}{
		{"", b.opening}, {"", b.evolution}, {"", b.losses}, {"", b.heatmap}, {dissect.ViewName, b.concepts}, {dissect.ViewName, b.gallery},
		{dissect.ViewName, func() *section { return b.atlas(units) }}, {dissect.ViewName, b.urls}, {dissect.ViewName, b.quotes},
		{mechanism.ViewName, b.mechanism}, {dissect.ViewName, b.environment}, {dissect.ViewName, b.pairs}, {intervene.ViewName, b.use},
		{explain.ViewName, b.explain}, {memory.ViewName, b.memory}, {mistakes.ViewName, b.mistakes}, {"", b.glossary}, {"", b.provenance}, {"", b.repeat},
	} {
		b.on(part.view)
		if s := part.make(); s != nil {
			s.On = b.subject(part.view)
			p.Sections = append(p.Sections, *s)
		}
	}
	return p, b.figures, nil
}

// section starts a section with the words under its name.
func (b *builder) section(id string) *section {
	s := &section{ID: id, Title: b.w.say(id + ".title")}
	if b.w.has(id + ".intro") {
		s.Intro = []string{b.w.say(id + ".intro")}
	}
	return s
}

// absent is a section whose view was never made: one sentence and the command that makes it.
func (b *builder) absent(id, command string) *section {
	s := b.section(id)
	s.Intro = []string{b.w.say("absent", b.command(command))}
	return s
}

func (s *section) add(blocks ...block) { s.Blocks = append(s.Blocks, blocks...) }

// command is a line to type: rnnscope VERB RUN.
func (b *builder) command(verb string) string { return "rnnscope " + verb + " " + quoted(b.d.Dir) }

// quoted is a word for a shell.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:\\", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// small is the small print under every figure.
func (b *builder) small() string {
	split := b.w.part(b.at.Split.String())
	if b.at.Split == (finding.Split{}) {
		split = b.w.say("subject.unknown")
	}
	return b.w.say("small", b.d.Version, integer(b.d.Seed), b.hash(b.at.SHA256), split, b.d.Kernels, b.network(), b.step(b.at.Step),
		integer(text.DefaultBlock), integer(text.WarmUp))
}

// network names the architecture: LSTM 1×128.
func (b *builder) network() string {
	name := map[string]string{"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}[b.d.Cell]
	if b.d.Cell == "" {
		return b.w.say("network.states")
	}
	if name == "" {
		name = b.d.Cell
	}
	return name + " " + integer(b.d.Layers) + "×" + integer(b.d.Hidden)
}

func (b *builder) lead() string {
	if b.d.Cell == "" {
		return b.w.say("lead.states", integer(b.d.Characters))
	}
	key := "lead"
	if len(b.d.Validation) == 0 {
		key = "lead.plain" // imported: nobody here has seen it train
	}
	if b.d.Characters == 0 {
		return b.w.say("lead.foreign", b.network(), integer(b.d.Parameters)) // with no text of its own
	}
	return b.w.say(key, b.network(), integer(b.d.Parameters), integer(b.d.Characters), integer(b.d.Step))
}

func ends(vs []Value) (first, last float64) {
	if len(vs) == 0 {
		return math.NaN(), math.NaN()
	}
	return vs[0].Value, vs[len(vs)-1].Value
}

func (b *builder) facts() []fact {
	d, w := b.d, b.w
	_, last := ends(d.Validation)
	if d.Cell == "" {
		return []fact{{w.say("fact.network"), b.network(), ""}, {w.say("fact.text"), integer(d.Characters), w.say("fact.symbols", integer(d.Symbols))}}
	}
	if d.Characters == 0 { // imported: it comes without a text and a history
		return []fact{{w.say("fact.network"), b.network(), ""}, {w.say("fact.parameters"), integer(d.Parameters), ""}, {w.say("fact.alphabet"), integer(d.Symbols), w.say("fact.kind")}}
	}
	fs := []fact{
		{w.say("fact.network"), b.network(), ""},
		{w.say("fact.parameters"), integer(d.Parameters), ""},
		{w.say("fact.text"), integer(d.Characters), w.say("fact.symbols", integer(d.Symbols))},
		{w.say("fact.steps"), integer(d.Step), ""},
		{w.say("fact.validation"), number(bits(last), 3), w.say("fact.nats", number(last, 3))},
	}
	if !math.IsNaN(d.Test) {
		fs = append(fs, fact{w.say("fact.test"), number(bits(d.Test), 3), w.say("fact.nats", number(d.Test, 3))})
	}
	return fs
}

// interval writes 0.93 [0.90, 0.96].
func interval(i stat.Interval, decimals int) string {
	if math.IsNaN(i.Estimate) {
		return "–"
	}
	if math.IsNaN(i.Lo) || math.IsNaN(i.Hi) {
		return number(i.Estimate, decimals)
	}
	return number(i.Estimate, decimals) + " [" + number(i.Lo, decimals) + ", " + number(i.Hi, decimals) + "]"
}
