package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// codeDomain: C-like files. A file declares a record type, macros and
// functions, and later code uses what was declared, with the right number of
// arguments; the indentation of a line is four spaces for each open brace.
func codeDomain() domain {
	columns := append(brackets(), "comment", "string-literal", "quote-straight", "quote-single", "in-quote", "url")
	return domain{name: "code", columns: columns, write: writeCode}
}

// function is something declared that can be called.
type function struct {
	name string
	args int
}

type code struct {
	*english
	w       *writer
	depth   int // open braces
	record  string
	fields  []string
	macros  []string
	known   []function
	locals  []string // integer variables in scope, innermost last
	pointer string   // the parameter that points to a record, or ""
	array   string   // the array in scope, or ""
}

func writeCode(w *writer, n int, rng *rand.Rand, opt Options) {
	c := &code{english: newEnglish(rng, opt), w: w}
	lo := len(w.runes)
	goal := min(n, 2500+rng.IntN(3500))
	c.record = c.ident()
	for len(c.fields) < 3+rng.IntN(3) {
		c.fields = append(c.fields, c.ident())
	}
	c.preamble()
	for len(w.runes)-lo < goal {
		c.function()
	}
}

// ident is an identifier of one noun or an adjective and a noun.
func (c *code) ident() string {
	n := c.of(func(t *topic) []noun {
		return [][]noun{t.people, t.things, t.places, t.beasts}[c.rng.IntN(4)]
	})
	s := n.one.text
	if c.chance(0.3) {
		s = c.thingly().text + "_" + s
	}
	return strings.NewReplacer("-", "_", " ", "_").Replace(s)
}

func (c *code) line(write func()) {
	c.w.put(strings.Repeat("    ", c.depth))
	write()
	c.w.put("\n")
}

func (c *code) text(format string, args ...any) {
	c.line(func() { c.w.raw(fmt.Sprintf(format, args...)) })
}

// preamble is the head of a file: comment, includes, macros, the record type.
func (c *code) preamble() {
	c.block(c.scene(), c.scene())
	c.w.put("\n")
	for range 1 + c.rng.IntN(3) {
		c.w.put("#include ")
		c.w.raw(`"`) // a file's name is no literal
		c.w.put(c.ident() + c.oneOf(".h", "/"+c.ident()+".h"))
		c.w.raw(`"`)
		c.w.put("\n")
	}
	c.w.put("\n")
	for range 1 + c.rng.IntN(3) {
		m := strings.ToUpper(c.oneOf("MAX_", "MIN_", "NUM_", "") + c.ident())
		c.macros = append(c.macros, m)
		c.text("#define %s %s", m, c.oneOf(fmt.Sprint(c.rng.IntN(1000)), fmt.Sprintf("0x%x", c.rng.IntN(65536)), fmt.Sprintf("(1 << %d)", c.rng.IntN(16))))
	}
	c.w.put("\n")
	c.text("struct %s {", c.record)
	c.depth++
	for _, f := range c.fields {
		c.line(func() {
			c.w.raw(c.oneOf("int ", "long ", "unsigned ", "char ", "short ") + f + ";")
			if c.chance(0.3) {
				c.w.put(" ")
				c.remark(c.number() + " " + c.thing().many.text)
			}
		})
	}
	c.depth--
	c.text("};")
	c.w.put("\n")
	for range 1 + c.rng.IntN(3) {
		c.prototype()
	}
	c.w.put("\n")
}

// prototype declares a function that another file defines.
func (c *code) prototype() {
	f := function{pick(c.rng, c.l.meet).base.text + "_" + c.ident(), 1 + c.rng.IntN(2)}
	types := []string{c.oneOf("int", "long", "unsigned"), c.oneOf("int", "long", "char")}
	c.text("%s %s(%s);", c.oneOf("int", "long", "extern int", "unsigned"), f.name, strings.Join(types[:f.args], ", "))
	c.known = append(c.known, f)
}

// remark is a // comment to the end of the line.
func (c *code) remark(s string) {
	c.w.last("//", func() { c.w.set("comment", 1) })
	c.w.put(" " + s)
	c.w.set("comment", 0)
}

// block is a /* */ comment of some lines.
func (c *code) block(lines ...string) {
	indent := strings.Repeat("    ", c.depth)
	c.w.put(indent)
	c.w.last("/*", func() { c.w.set("comment", 1) })
	for i, l := range lines {
		if i > 0 {
			c.w.put("\n" + indent + " *")
		}
		c.w.put(" " + capitalise(l) + ".")
	}
	if c.chance(0.25) {
		c.w.put(" See ")
		c.url(c.w)
	}
	c.w.put(" ")
	c.w.last("*/", func() { c.w.set("comment", 0) })
	c.w.put("\n")
}

// str is a string literal.
func (c *code) str(body func()) {
	c.w.set("string-literal", 1)
	c.w.raw(`"`)
	body()
	c.w.set("string-literal", 0)
	c.w.raw(`"`)
}

// char is a character literal.
func (c *code) char(s string) {
	c.w.set("string-literal", 1)
	c.w.set("quote-single", 1)
	c.w.put("'" + s)
	c.w.set("string-literal", 0)
	c.w.set("quote-single", 0)
	c.w.put("'")
}

// function declares and defines a function.
func (c *code) function() {
	verb := c.taking().base.text
	name := verb + "_" + c.ident()
	result := c.oneOf("int", "void", "static int", "long", "static void", "unsigned")
	c.locals, c.pointer, c.array = nil, "", ""
	if c.chance(0.4) {
		c.block(c.predicate(third, it, 0))
	}
	var params []string
	if c.chance(0.5) {
		c.pointer = c.record[:1]
		params = append(params, "struct "+c.record+" *"+c.pointer)
	}
	if c.chance(0.3) {
		c.array = c.fresh() + c.oneOf("_list", "_row", "_tab")
		params = append(params, "int "+c.array+"[]")
	}
	for range c.rng.IntN(3) {
		v := c.fresh()
		params = append(params, c.oneOf("int ", "long ", "unsigned ")+v)
		c.locals = append(c.locals, v)
	}
	if len(params) == 0 {
		params = []string{"void"}
	}
	args := len(params)
	if params[0] == "void" {
		args = 0
	}
	c.text("%s %s(%s)", result, name, strings.Join(params, ", "))
	c.body(func() {
		for range 1 + c.rng.IntN(2) {
			c.declare()
		}
		for range 2 + c.rng.IntN(4) {
			c.statement(3)
		}
		if !strings.Contains(result, "void") {
			c.line(func() { c.w.raw("return "); c.expr(1); c.w.raw(";") })
		}
	})
	c.w.put("\n")
	c.known = append(c.known, function{name, args})
}

// fresh is a variable name not in scope.
func (c *code) fresh() string {
	for {
		v := c.ident()
		if !strings.Contains(" "+strings.Join(c.locals, " ")+" ", " "+v+" ") {
			return v
		}
	}
}

// body is a brace block on lines of its own.
func (c *code) body(write func()) {
	c.text("{")
	c.inner(write)
	c.text("}")
}

// inner writes one level deeper; what it declares goes out of scope after it.
func (c *code) inner(write func()) {
	scope := len(c.locals)
	c.depth++
	write()
	c.depth--
	c.locals = c.locals[:scope]
}

func (c *code) declare() {
	v := c.fresh()
	c.line(func() {
		c.w.raw(c.oneOf("int ", "long ", "unsigned ") + v + " = ")
		c.expr(1)
		c.w.raw(";")
	})
	c.locals = append(c.locals, v)
}

// statement writes one statement; deeper ones may hold up to depth more levels.
func (c *code) statement(depth int) {
	choice := c.rng.IntN(14)
	if depth == 0 {
		choice = c.rng.IntN(9)
	}
	switch choice {
	case 0, 1, 2:
		c.assign()
	case 3, 4:
		c.line(func() { c.call(2); c.w.raw(";") })
	case 5, 6:
		c.print()
	case 7:
		c.line(func() { c.remark(c.predicate(base, it, 0)) })
	case 8:
		c.declare()
	case 9, 10, 11:
		c.line(func() { c.w.raw("if ("); c.condition(); c.w.raw(") {") })
		c.block1(depth)
		if c.chance(0.4) {
			c.text("} else {")
			c.block1(depth)
		}
		c.text("}")
	case 12:
		c.loop(depth)
	case 13:
		c.line(func() { c.w.raw("while ("); c.condition(); c.w.raw(") {") })
		c.block1(depth)
		c.text("}")
	}
}

// block1 is the inside of a block: one to three statements.
func (c *code) block1(depth int) {
	c.inner(func() {
		for range 1 + c.rng.IntN(3) {
			c.statement(depth - 1)
		}
	})
}

func (c *code) loop(depth int) {
	v := c.fresh()
	c.line(func() {
		c.w.raw("for (int " + v + " = ")
		c.expr(0)
		c.w.raw("; " + v + c.oneOf(" < ", " <= ", " != "))
		c.locals = append(c.locals, v)
		c.expr(0)
		c.w.raw("; " + v + c.oneOf("++", " += 2", " *= 2", "--") + ") {")
	})
	c.block1(depth)
	c.text("}")
	c.locals = c.locals[:len(c.locals)-1]
}

// assign writes "place op expression;".
func (c *code) assign() {
	c.line(func() {
		c.place()
		c.w.raw(c.oneOf(" = ", " = ", " += ", " -= ", " |= ", " *= "))
		c.expr(2)
		c.w.raw(";")
	})
}

// place is something that can be assigned to.
func (c *code) place() {
	switch {
	case c.pointer != "" && c.chance(0.5):
		c.w.raw(c.pointer + "->" + pick(c.rng, c.fields))
	case c.array != "" && c.chance(0.5):
		c.w.raw(c.array + "[")
		c.expr(0)
		c.w.raw("]")
	default:
		c.w.raw(pick(c.rng, c.locals))
	}
}

// print writes a call of printf whose arguments match its format.
func (c *code) print() {
	c.line(func() {
		k := 1 + c.rng.IntN(2)
		c.w.raw(c.oneOf("printf(", "log(", "warn(", "trace(", "fprintf(f, ", "debug("))
		c.str(func() {
			c.w.put(c.oneOf("the ", "no ", "bad ", "new ", "") + c.thing().one.text)
			for range k {
				c.w.put(" " + c.oneOf("of", "in", "near", "with", "has") + " ")
				c.w.raw(c.oneOf("%d", "%d", "%ld", `\"%d\"`, "%u") + " " + c.thing().many.text)
			}
			c.w.put(c.oneOf(`\n`, `\n`, `\t`, ""))
		})
		for range k {
			c.w.raw(", ")
			c.expr(0)
		}
		c.w.raw(");")
	})
}

func (c *code) condition() {
	c.expr(1)
	c.w.raw(c.oneOf(" < ", " > ", " == ", " != ", " <= ", " >= "))
	c.expr(0)
	if c.chance(0.25) {
		c.w.raw(c.oneOf(" && ", " || ") + c.oneOf("", "!"))
		c.call(1)
	}
}

// expr writes an expression with up to depth levels of brackets.
func (c *code) expr(depth int) {
	choice := c.rng.IntN(12)
	if depth == 0 {
		choice = c.rng.IntN(7)
	}
	switch choice {
	case 0, 1, 2, 3:
		if len(c.locals) > 0 || c.pointer != "" || c.array != "" {
			c.value()
			return
		}
		fallthrough
	case 4, 5:
		c.w.raw(fmt.Sprint(c.rng.IntN(200)))
	case 6:
		if c.chance(0.3) {
			c.char(c.oneOf("a", "k", "x", "z", "q", `\n`, `\t`, "0", " ", ":"))
			return
		}
		c.w.raw(pick(c.rng, c.macros))
	case 7, 8:
		c.w.raw("(")
		c.expr(depth - 1)
		c.w.raw(c.oneOf(" + ", " - ", " * ", " / ", " % ", " & ", " << "))
		c.expr(depth - 1)
		c.w.raw(")")
	case 9, 10:
		c.call(depth)
	case 11:
		c.expr(depth - 1)
		c.w.raw(c.oneOf(" + ", " - ", " * "))
		c.expr(depth - 1)
	}
}

// value reads a place that is in scope.
func (c *code) value() {
	if len(c.locals) == 0 && c.pointer == "" {
		c.w.raw(fmt.Sprintf("%s[%d]", c.array, c.rng.IntN(20)))
		return
	}
	if len(c.locals) == 0 {
		c.w.raw(c.pointer + "->" + pick(c.rng, c.fields))
		return
	}
	c.place1()
}

// place1 is place with a flat index.
func (c *code) place1() {
	if c.array != "" && c.chance(0.3) {
		c.w.raw(c.array + "[" + pick(c.rng, c.locals) + "]")
		return
	}
	if c.pointer != "" && c.chance(0.4) {
		c.w.raw(c.pointer + "->" + pick(c.rng, c.fields))
		return
	}
	c.w.raw(pick(c.rng, c.locals))
}

// call writes a call of a known function with as many arguments as it takes.
func (c *code) call(depth int) {
	f := c.known[max(0, len(c.known)-1-c.rng.IntN(6))]
	c.w.raw(f.name + "(")
	for i := range f.args {
		if i > 0 {
			c.w.raw(", ")
		}
		c.expr(max(0, depth-1))
	}
	c.w.raw(")")
}
