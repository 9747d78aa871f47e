package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// builder gathers the page and the figures that also become files.
type builder struct {
	d       *Data
	w       words
	figures []drawn
}

// build makes the page and its figures.
func build(d *Data, lang string) (page, []drawn, error) {
	w, err := loadWords(lang)
	if err != nil {
		return page{}, nil, err
	}
	b := &builder{d: d, w: w}
	p := page{
		Lang: map[string]string{"en": "en", "zh": "zh-CN"}[w.lang], Title: d.Name, Lead: b.lead(), Facts: b.facts(),
		Style: style(), Script: scriptJS(), Policy: policy(), words: w,
	}
	units := b.linked()
	p.Pages = b.pages(units)
	for _, make := range []func() *section{
		b.evolution, b.losses, b.heatmap, b.concepts, b.gallery, func() *section { return b.atlas(units) }, b.urls, b.quotes, b.mechanism, b.environment, b.pairs, b.use, b.memory,
		b.glossary, b.provenance, b.repeat,
	} {
		if s := make(); s != nil {
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
	hash := b.d.SHA256
	if len(hash) > 12 {
		hash = hash[:12]
	}
	return b.w.say("small", b.d.Version, integer(b.d.Seed), hash, b.w.part(b.d.Split), b.d.Kernels, b.network(), integer(b.d.Step),
		integer(text.DefaultBlock), integer(text.WarmUp))
}

// network names the architecture: LSTM 1×128.
func (b *builder) network() string {
	name := map[string]string{"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}[b.d.Cell]
	if name == "" {
		name = b.d.Cell
	}
	return name + " " + integer(b.d.Layers) + "×" + integer(b.d.Hidden)
}

func (b *builder) lead() string {
	first, last := ends(b.d.Validation)
	size := []string{b.network(), integer(b.d.Parameters), integer(b.d.Characters), integer(b.d.Step)}
	if math.IsNaN(last) {
		return b.w.say("lead.plain", size...)
	}
	return b.w.say("lead", append(size, number(bits(first), 2), number(bits(last), 2))...)
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
