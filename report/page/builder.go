package page

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/text"
)

// Builder gathers the page and the figures that also become files.
type Builder struct {
	D       *content.Data
	W       Words
	Figures []FigureFile
	at      finding.Subject // of the figures to come
}

// Section starts a section with the words under its name.
func (b *Builder) Section(id string) *Section {
	s := &Section{ID: id, Title: b.W.Say(id + ".title")}
	if b.W.Has(id + ".intro") {
		s.Intro = []string{b.W.Say(id + ".intro")}
	}
	return s
}

// MissingSection is a section whose view was never made: one sentence and the command that makes it.
func (b *Builder) MissingSection(id, command string) *Section {
	s := b.Section(id)
	s.Intro = []string{b.W.Say("absent", b.Command(command))}
	return s
}

func (s *Section) Add(blocks ...Block) { s.Blocks = append(s.Blocks, blocks...) }

// Command is a line to type: rnnscope VERB RUN.
func (b *Builder) Command(verb string) string { return "rnnscope " + verb + " " + ShellQuote(b.D.Dir) }

// ShellQuote is a word for a shell.
func ShellQuote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:\\", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Small is the small print under every figure.
func (b *Builder) Small() string {
	split := b.W.Part(b.at.Split.String())
	if b.at.Split == (finding.Split{}) {
		split = b.W.Say("subject.unknown")
	}
	return b.W.Say("small", b.D.Version, Integer(b.D.Seed), b.hash(b.at.SHA256), split, b.D.Kernels, b.Network(), b.step(b.at.Step),
		Integer(text.DefaultBlock), Integer(text.WarmUp))
}

// Network names the architecture: LSTM 1×128.
func (b *Builder) Network() string {
	name := map[string]string{"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}[b.D.Cell]
	if b.D.Cell == "" {
		return b.W.Say("network.states")
	}
	if name == "" {
		name = b.D.Cell
	}
	return name + " " + Integer(b.D.Layers) + "×" + Integer(b.D.Hidden)
}

// FigureFile is a figure that also becomes files.
type FigureFile struct {
	Name string
	Fig  figure.Figure
}

// Picture makes the block of a figure and keeps the figure for the files.
func (b *Builder) Picture(id string, fig figure.Figure, title, command string, says ...string) Block {
	b.Figures = append(b.Figures, FigureFile{id, fig})
	says = slices.DeleteFunc(slices.Clone(says), func(s string) bool { return s == "" })
	p := &Picture{ID: id, Title: title, Says: says, Small: b.Small(), Command: command}
	wide := figure.Inline(fig, WideWidth, "wide")
	p.Wide = template.HTML(wide)
	if _, fixed := fig.(*figure.Pairs); fixed {
		p.Wide = template.HTML(figure.Inline(fig, WideWidth, "fixed"))
		return Block{Picture: p}
	}
	p.Narrow = template.HTML(figure.Inline(fig, NarrowWidth, "narrow"))
	return Block{Picture: p}
}

func (b *Builder) Head(title, alt string) figure.Head {
	return figure.Head{Title: title, Alt: alt, Provenance: b.Small()}
}

func (b *Builder) PairKind(name string) string {
	if b.W.Has("pair." + name) {
		return b.W.Say("pair." + name)
	}
	return name
}

// On sets what the figures to come were measured on: the subject of a view.
func (b *Builder) On(view string) {
	b.at = b.D.TrainingSubject()
	if s, ok := b.D.Subjects[view]; ok {
		b.at = s
	}
}

// step writes a step of the training, and what is none in words.
func (b *Builder) step(n int64) string {
	switch n {
	case finding.UnknownStep:
		return b.W.Say("subject.unknown")
	case finding.EveryStep:
		return b.W.Say("subject.every")
	}
	return Integer(n)
}

// hash is the beginning of a hash.
func (b *Builder) hash(sum string) string {
	if sum == "" {
		return b.W.Say("subject.unknown")
	}
	return sum[:min(12, len(sum))]
}

// Subject says what a section was measured on, and what is not known of that; "" for the page's own.
func (b *Builder) Subject(view string) string {
	s, ok := b.D.Subjects[view]
	if !ok {
		return ""
	}
	parts := []string{cmp.Or(s.Text, b.W.Say("subject.text"))}
	if s.Split != (finding.Split{}) {
		parts = append(parts, b.W.Part(s.Split.String()))
	}
	if s.Step != finding.UnknownStep {
		parts = append(parts, b.W.Say("subject.step", b.step(s.Step)))
	}
	if s.SHA256 != "" {
		parts = append(parts, b.W.Say("subject.sha", b.hash(s.SHA256)))
	}
	said := b.W.Say("subject.on", strings.Join(parts, b.W.Say("list.semicolon")))
	var gaps []string
	words := finding.LoadWords(b.W.Lang)
	for _, g := range s.Gaps() {
		gaps = append(gaps, words.Gap(g))
	}
	if len(gaps) == 0 {
		return said
	}
	return b.W.Sentences(said, b.W.Say("subject.gaps", b.W.List(gaps)))
}

func (b *Builder) ConceptTitle(name string) string {
	c, err := concept.Find(name)
	if err != nil {
		return name
	}
	return c.Title(b.W.Lang)
}

func (b *Builder) ConceptPlain(name string) string {
	c, err := concept.Find(name)
	if err != nil {
		return ""
	}
	return c.Plain(b.W.Lang)
}
