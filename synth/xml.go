package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// xmlDomain: documents of nested elements, indented by depth, with attributes,
// empty elements, comments and entities. Element names are nouns, so a closing
// tag can only be written by who remembers the opening one.
func xmlDomain() domain {
	columns := append(tagColumns(), "url", "quote-straight", "in-quote")
	return domain{name: "xml", columns: append(columns, brackets()...), write: writeXML}
}

func tagColumns() []string {
	return []string{"xml-tag", "xml-closing-tag", "xml-attribute", "xml-depth"}
}

// startTag writes <name ...> or, when empty, <name .../>. attributes writes
// what stands between.
func (w *writer) startTag(name string, attributes func(), empty bool) {
	w.set("xml-tag", 1)
	w.put("<" + name)
	attributes()
	if empty {
		w.put("/")
	}
	w.set("xml-tag", 0)
	if !empty {
		w.add("xml-depth", +1)
	}
	w.put(">")
}

// endTag writes </name>.
func (w *writer) endTag(name string) {
	w.set("xml-tag", 1)
	w.put("<")
	w.set("xml-closing-tag", 1)
	w.put("/" + name)
	w.set("xml-tag", 0)
	w.set("xml-closing-tag", 0)
	w.add("xml-depth", -1)
	w.put(">")
}

// attribute writes ' name="value"'.
func (w *writer) attribute(name string, value func()) {
	w.put(" " + name + "=")
	w.set("xml-attribute", 1)
	w.raw(`"`)
	value()
	w.set("xml-attribute", 0)
	w.raw(`"`)
}

type xmlDoc struct {
	*english
	w *writer
	// names of elements this document uses for containers and for leaves
	boxes, leaves []string
	keys          []string // attribute names
	next          int      // next identifier
}

func writeXML(w *writer, n int, rng *rand.Rand, opt Options) {
	d := &xmlDoc{english: newEnglish(rng, opt), w: w, next: rng.IntN(900)}
	for range 5 {
		d.boxes = append(d.boxes, d.elementName())
	}
	for range 7 {
		d.leaves = append(d.leaves, d.elementName())
	}
	d.leaves = append(d.leaves, "title", "name", "note", "price", "date")
	d.keys = []string{"id", "kind", "owner", "colour", "count", "href"}
	rng.Shuffle(len(d.keys), func(i, j int) { d.keys[i], d.keys[j] = d.keys[j], d.keys[i] })
	lo := len(w.runes)
	goal := min(n, 2000+rng.IntN(3000))
	root := d.elementName() + "-list"
	d.open(root, 0)
	for len(w.runes)-lo < goal {
		d.element(1)
	}
	d.end(root, 0)
	w.put("\n")
}

// elementName is a noun fit to name an element.
func (d *xmlDoc) elementName() string {
	n := d.of(func(t *topic) []noun {
		return [][]noun{t.people, t.things, t.places, t.beasts}[d.rng.IntN(4)]
	}).one.text
	return strings.ReplaceAll(n, " ", "-")
}

func (d *xmlDoc) indent(depth int) { d.w.put(strings.Repeat("  ", depth)) }

func (d *xmlDoc) open(name string, depth int) {
	d.indent(depth)
	d.w.startTag(name, d.attributes, false)
	d.w.put("\n")
}

func (d *xmlDoc) end(name string, depth int) {
	d.indent(depth)
	d.w.endTag(name)
	d.w.put("\n")
}

// element writes one element at depth: a container, a leaf, an empty one or a
// comment.
func (d *xmlDoc) element(depth int) {
	switch r := d.rng.IntN(20); {
	case depth == 1 || depth < 5 && r < 6:
		name := pick(d.rng, d.boxes)
		d.open(name, depth)
		for range 1 + d.rng.IntN(4) {
			d.element(depth + 1)
		}
		d.end(name, depth)
	case r == 6:
		d.indent(depth)
		d.w.put("<!-- " + d.scene() + " -->\n")
	case r < 10:
		d.indent(depth)
		d.w.startTag(pick(d.rng, d.leaves), func() {
			d.reference()
			d.attributes()
		}, true)
		d.w.put("\n")
	default:
		d.leaf(pick(d.rng, d.leaves), depth)
	}
}

// leaf is one line: start tag, content, end tag.
func (d *xmlDoc) leaf(name string, depth int) {
	d.indent(depth)
	d.w.startTag(name, func() {
		if d.chance(0.3) {
			d.attributes()
		}
	}, false)
	d.content()
	d.w.endTag(name)
	d.w.put("\n")
}

// content is running text with entities, and at times an element inside it.
func (d *xmlDoc) content() {
	switch d.rng.IntN(6) {
	case 0:
		d.w.put(fmt.Sprintf("%d.%02d", d.rng.IntN(500), d.rng.IntN(100)))
	case 1:
		d.w.put(fmt.Sprintf("%d-%02d-%02d", 1600+d.rng.IntN(400), 1+d.rng.IntN(12), 1+d.rng.IntN(28)))
	case 2:
		d.w.put(capitalise(d.thingly().text) + " " + d.thing().many.text + " &amp; " + d.thing().many.text)
	case 3:
		name := d.oneOf("em", "b", "i", "q")
		d.w.put("the " + d.person().one.text + " " + d.taking().past.text + " ")
		d.w.startTag(name, func() {}, false)
		d.w.put(d.thingPhrase("the"))
		d.w.endTag(name)
		d.w.put(" " + d.where())
	case 4:
		d.w.last("&quot;", d.w.toggle)
		d.w.put(d.speech(pick(d.rng, d.l.men).text))
		d.w.last("&quot;", d.w.toggle)
		d.w.put(" " + d.oneOf("said", "wrote", "thought") + " " + pick(d.rng, d.l.women).text)
	default:
		d.w.put(capitalise(d.sentence("the "+d.person().one.text, it)) + ".")
	}
}

// attributes are up to three attributes with distinct names.
func (d *xmlDoc) attributes() {
	from := d.rng.IntN(3)
	for _, k := range d.keys[from : from+d.rng.IntN(3)] {
		d.attr(k)
	}
}

// reference is one attribute whose name no call of attributes draws.
func (d *xmlDoc) reference() {
	d.w.attribute("ref", func() { d.w.put(fmt.Sprintf("%s-%d", d.elementName(), d.rng.IntN(1000))) })
}

func (d *xmlDoc) attr(key string) {
	d.w.attribute(key, func() {
		switch key {
		case "id":
			d.w.put(fmt.Sprintf("n%d", d.next))
			d.next += 1 + d.rng.IntN(3)
		case "count":
			d.w.put(fmt.Sprint(d.rng.IntN(400)))
		case "href":
			d.url(d.w)
		case "owner":
			d.w.put(pick(d.rng, d.l.women).text + " " + pick(d.rng, d.l.surnames).text)
		case "colour":
			d.w.put(d.oneOf("red", "green", "dark blue", "pale grey", "white", "black and gold", "brown"))
		default:
			d.w.put(d.thingly().text)
		}
	})
}
