package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// latexDomain: sections of a mathematical paper: prose with inline and
// displayed formulas, nested environments, labels and references to labels
// that were set before, and comments.
func latexDomain() domain {
	return domain{name: "latex", columns: append(brackets(), "latex-environment", "latex-math"), write: writeLatex}
}

type latex struct {
	*english
	w      *writer
	width  int
	labels []string
	// letters this section uses for its objects, and the words for them
	letters []string
	greek   []string
	object  string
	class   string
}

// The objects of the papers and what can be said of them.
var (
	mathObjects = strings.Fields("graph group ring measure curve lattice operator sequence field surface metric bundle polynomial manifold module kernel tensor tree network quotient cover filter ideal algebra norm weight")

	mathAdjectives = strings.Fields("finite regular compact simple normal convex smooth bounded planar free stable connected maximal ordered closed generic local global random weighted abelian affine binary central complete continuous convergent cyclic dense diagonal discrete dual elliptic ergodic exact harmonic invariant linear minimal nilpotent open orthogonal periodic positive prime proper rational reduced rigid separable sparse symmetric trivial uniform unitary")
)

func writeLatex(w *writer, n int, rng *rand.Rand, opt Options) {
	d := &latex{english: newEnglish(rng, opt), w: w, width: opt.Width}
	all := []string{"a", "b", "c", "f", "g", "h", "k", "m", "n", "p", "q", "r", "s", "t", "u", "v", "x", "y", "z", "A", "B", "F", "G", "X"}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	d.letters = all[:4]
	greek := []string{`\alpha`, `\beta`, `\gamma`, `\delta`, `\lambda`, `\mu`, `\sigma`, `\theta`, `\phi`, `\omega`}
	rng.Shuffle(len(greek), func(i, j int) { greek[i], greek[j] = greek[j], greek[i] })
	d.greek = greek[:2]
	d.object = pick(rng, mathObjects)
	d.class = pick(rng, mathAdjectives)
	lo := len(w.runes)
	goal := min(n, 2500+rng.IntN(3000))
	for len(w.runes)-lo < goal {
		d.section()
	}
}

func (d *latex) command(name, arg string) { d.w.raw(`\` + name + "{" + arg + "}") }

// label declares a new label.
func (d *latex) label(kind string) {
	l := kind + ":" + strings.ReplaceAll(d.of(func(t *topic) []noun { return t.things }).one.text, " ", "-")
	if d.chance(0.5) {
		l = kind + ":" + d.class + "-" + l[len(kind)+1:]
	}
	d.labels = append(d.labels, l)
	d.command("label", l)
}

func (d *latex) section() {
	d.command(d.oneOf("section", "subsection"), capitalise(d.adjective()+" "+d.object+"s and their "+d.adjective()+" "+pick(d.rng, mathObjects)+"s"))
	if d.chance(0.7) {
		d.label("sec")
	}
	d.w.put("\n\n")
	for range 2 + d.rng.IntN(3) {
		d.prose(1 + d.rng.IntN(3))
		d.w.put("\n")
		d.part(0)
		d.w.put("\n")
	}
}

func (d *latex) adjective() string {
	if d.chance(0.15) {
		return d.class
	}
	return pick(d.rng, mathAdjectives)
}

// prose is k wrapped sentences and a line end.
func (d *latex) prose(k int) {
	lo := len(d.w.runes)
	for i := range k {
		if i > 0 {
			d.w.put(" ")
		}
		d.sentenceOf()
	}
	d.w.wrap(lo, d.width)
	d.w.put("\n")
}

// sentenceOf is one sentence of mathematical prose.
func (d *latex) sentenceOf() {
	switch d.rng.IntN(8) {
	case 0:
		d.w.put(d.oneOf("Let ", "Now let ", "Here let ", "Again, let "))
		d.inline(0)
		d.w.put(d.oneOf(" be ", " denote ", " stand for ") + article(d.adjective()+" "+d.object) + d.oneOf(" such that ", " for which ", " and suppose that "))
		d.inline(2)
	case 1:
		d.w.put(d.oneOf("It follows that ", "Hence ", "We conclude that ", "Thus ", "By assumption, ", "So ", "Moreover, "))
		d.inline(2)
		d.w.put(d.oneOf(" for every ", " for some ", " for all ", " at each ", " once we fix "))
		d.inline(0)
	case 2:
		d.w.put(d.oneOf("Every ", "No ", "Each ", "Some ", "One ") + d.adjective() + " " + d.object + d.oneOf(" is ", " has "+article(pick(d.rng, mathObjects))+" that is ", " can be made ", " maps to "+article(pick(d.rng, mathObjects))+" that is not ") + d.adjective())
		d.reference()
	case 3:
		d.w.put("The " + d.object + " ")
		d.inline(1)
		d.w.raw(d.oneOf(" is called ", " is said to be ", " is ", " becomes ", " remains ", " counts as ") + `\emph{` + d.adjective() + "}" + d.oneOf(" if ", " when ", " as soon as "))
		d.inline(2)
	case 4:
		d.w.put(d.oneOf("The ", "A ", "Each ", "Every ", "That ") + d.describe(d.person().one.text, d.among(d.l.ofPerson)) + d.oneOf(" who ", " that ") + d.taking().past.text + " " + d.thingPhrase("the") + " " + d.oneOf("needs", "pays", "gains") + ` \$` + fmt.Sprint(1+d.rng.IntN(90)) + ", or " + fmt.Sprint(1+d.rng.IntN(99)) + `\%`)
	case 5:
		d.w.put("If ")
		d.inline(2)
		d.w.put(", then ")
		d.inline(2)
		d.reference()
	case 6:
		d.w.put(d.oneOf("For example, the ", "Suppose that the ", "Think of how the ", "Say the ", "Here the ", "Once a ", "Perhaps the ") + d.person().one.text + " " + d.taking().third.text + " ")
		d.inline(0)
		d.w.put(" " + d.thing().many.text + " " + d.where())
	default:
		d.w.put(d.oneOf("We now show that ", "Recall that ", "Clearly ", "One checks that ", "Suppose that ", "Perhaps ", "Then ") + d.oneOf("the ", "every ", "our ", "that ") + d.object + " ")
		d.inline(0)
		d.w.put(" is " + d.adjective() + d.oneOf(" and ", ", so ", " because "))
		d.inline(1)
	}
	d.w.put(".")
}

// reference is, if any label was set, a mention of one.
func (d *latex) reference() {
	if len(d.labels) == 0 || !d.chance(0.6) {
		return
	}
	d.w.put(d.oneOf(" by ", " as in ", "; see ", ", compare "))
	l := d.labels[max(0, len(d.labels)-1-d.rng.IntN(4))]
	kind, _, _ := strings.Cut(l, ":")
	word := map[string]string{"sec": "Section", "thm": "Theorem", "lem": "Lemma", "def": "Definition", "rem": "Remark", "eq": "Equation",
		"cor": "Corollary", "prop": "Proposition", "ex": "Example", "clm": "Claim"}[kind]
	d.w.put(word + "~")
	d.command("ref", l)
}

// inline is $...$ with up to depth levels of brackets.
func (d *latex) inline(depth int) {
	d.w.set("latex-math", 1)
	d.w.put("$")
	d.formula(depth)
	d.w.set("latex-math", 0)
	d.w.put("$")
}

func (d *latex) formula(depth int) {
	d.term(depth)
	if depth > 0 {
		d.w.raw(d.oneOf(" = ", ` \leq `, ` \in `, " < ", ` \neq `, " > ", ` \to `))
		d.term(depth)
	}
}

// term is a mathematical expression with up to depth levels of brackets.
func (d *latex) term(depth int) {
	if depth == 0 {
		d.atom()
		return
	}
	switch d.rng.IntN(8) {
	case 0:
		d.w.raw(pick(d.rng, d.letters) + "(")
		d.term(depth - 1)
		d.w.raw(")")
	case 1:
		d.w.raw(`\frac{`)
		d.term(depth - 1)
		d.w.raw("}{")
		d.term(depth - 1)
		d.w.raw("}")
	case 2:
		d.w.raw("(")
		d.term(depth - 1)
		d.w.raw(d.oneOf(" + ", " - "))
		d.term(depth - 1)
		d.w.raw(")" + d.oneOf("", "^2", "^{-1}", "^n"))
	case 3:
		d.w.raw(`\` + d.oneOf("sum", "prod", "int", "sup") + "_{" + pick(d.rng, d.letters) + "} ")
		d.term(depth - 1)
	case 4:
		d.w.raw(pick(d.rng, d.letters) + "_{")
		d.term(depth - 1)
		d.w.raw("}")
	case 5:
		d.w.raw(`\sqrt{`)
		d.term(depth - 1)
		d.w.raw("}")
	case 6:
		d.w.raw(`\left[`)
		d.term(depth - 1)
		d.w.raw(", ")
		d.term(depth - 1)
		d.w.raw(`\right]`)
	default:
		d.atom()
		d.w.raw(d.oneOf(" + ", " - ", ` \cdot `, " "))
		d.term(depth - 1)
	}
}

func (d *latex) atom() {
	switch d.rng.IntN(6) {
	case 0:
		d.w.raw(fmt.Sprint(d.rng.IntN(30)))
	case 1:
		d.w.raw(pick(d.rng, d.greek))
	case 2:
		d.w.raw(pick(d.rng, d.letters) + "_" + fmt.Sprint(d.rng.IntN(10)))
	default:
		d.w.raw(pick(d.rng, d.letters))
	}
}

// begin opens an environment at depth; end closes it.
func (d *latex) begin(name string, depth int) {
	d.indent(depth)
	d.w.last(`\begin{`+name+"}", func() { d.w.add("latex-environment", +1) })
}

func (d *latex) end(name string, depth int) {
	d.indent(depth)
	d.w.last(`\end{`+name+"}", func() { d.w.add("latex-environment", -1) })
	d.w.put("\n")
}

func (d *latex) indent(depth int) { d.w.put(strings.Repeat("  ", depth)) }

// part is a structure between paragraphs; environments nest to depth 3.
func (d *latex) part(depth int) {
	switch d.rng.IntN(9) {
	case 0, 1:
		d.list(depth)
	case 2, 3:
		d.statement(depth)
	case 4:
		d.equation(depth)
	case 5:
		d.indent(depth)
		d.w.last(`\[`, func() { d.w.set("latex-math", 1) })
		d.w.put(" ")
		d.formula(3)
		d.w.put(" ")
		d.w.last(`\]`, func() { d.w.set("latex-math", 0) })
		d.w.put("\n")
	case 6:
		d.indent(depth)
		d.w.last("$$", func() { d.w.set("latex-math", 1) })
		d.formula(3)
		d.w.last("$$", func() { d.w.set("latex-math", 0) })
		d.w.put("\n")
	case 7:
		d.indent(depth)
		d.w.put("% " + d.scene() + "\n")
		d.list(depth)
	default:
		name := d.oneOf("quote", "center", "remark", "abstract", "flushright", "verse")
		d.begin(name, depth)
		d.w.put("\n")
		d.inside(depth + 1)
		d.end(name, depth)
	}
}

// inside is one indented sentence and, while shallow, perhaps another part.
func (d *latex) inside(depth int) {
	d.indent(depth)
	d.sentenceOf()
	d.w.put("\n")
	if depth < 3 && d.chance(0.45) {
		d.part(depth)
	}
}

func (d *latex) list(depth int) {
	name := d.oneOf("itemize", "enumerate", "itemize", "enumerate", "description")
	d.begin(name, depth)
	d.w.put("\n")
	for range 2 + d.rng.IntN(3) {
		d.indent(depth + 1)
		d.w.put(`\item `)
		d.sentenceOf()
		d.w.put("\n")
		if depth < 2 && d.chance(0.25) {
			d.part(depth + 1)
		}
	}
	d.end(name, depth)
}

// statement is a theorem-like environment, often with a proof.
func (d *latex) statement(depth int) {
	kinds := [][2]string{{"theorem", "thm"}, {"lemma", "lem"}, {"definition", "def"}, {"remark", "rem"}, {"corollary", "cor"}, {"proposition", "prop"}, {"example", "ex"}, {"claim", "clm"}}
	k := pick(d.rng, kinds)
	d.begin(k[0], depth)
	if d.chance(0.8) {
		d.label(k[1])
	}
	d.w.put("\n")
	d.inside(depth + 1)
	d.end(k[0], depth)
	if d.chance(0.6) {
		d.begin("proof", depth)
		d.w.put("\n")
		d.inside(depth + 1)
		d.inside(depth + 1)
		d.end("proof", depth)
	}
}

func (d *latex) equation(depth int) {
	name := d.oneOf("equation", "align", "gather")
	d.begin(name, depth)
	d.label("eq")
	d.w.put("\n")
	for i := range 1 + d.rng.IntN(2) {
		if i > 0 {
			d.w.put(` \\` + "\n")
		}
		d.indent(depth + 1)
		d.formula(2)
	}
	d.w.put("\n")
	d.end(name, depth)
}
