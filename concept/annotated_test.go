package concept

import (
	"strings"
	"testing"
)

// passage is a text and, beneath it, a mark for each character: . is 0, a
// figure is the label, ? an invalid label whatever its value. In the text ¶
// stands for a line feed and → for a tab.
type passage struct{ concept, text, marks string }

var passages = []passage{
	{"capital",
		`Éa bC Ж`,
		`1...1.1`},
	{"digit",
		`a1٣½b`,
		`.11..`},
	{"capital-next",
		`a Bc DE`,
		`.1..11?`},
	{"line-end-next",
		`ab¶¶c¶`,
		`.11.1?`},
	{"word-end-next",
		`to be, a1b`,
		`.1..1..1.?`},
	{"proper-noun-next",
		`The Dr saw Anna. She said, "Yes," to Mr. Orlov. (He left.)¶Paris was in France, “Lo” too.`,
		`...1......1.........................1...1..............................1................?`},
	{"proper-noun-next",
		"So I, like III and NATO, said I",
		"..?.......1.......1..........??"},
	{"word-start",
		`ab, c d'e 1f`,
		`1...1.1.1..1`},
	{"word-end",
		`ab, c d'e`,
		`..1..1.1.`},
	{"sentence-end",
		`Mr. Ito saw 3.5 of them. J. said "Go!" Then (I.) It¶`,
		`........................1.............1.........1...`},
	{"sentence-end",
		`Mr. Ito saw 3.5 of them. J. said "Go!" Then (I.) it¶`,
		`........................1.............1.........?...`},
	{"sentence-end",
		`好。真的！」他……？ Wait… What?¶`,
		`.1..1....1......1.....1`},
	{"sentence-end",
		`好。真的！」他……？ Wait… what?¶`,
		`.1..1....1......?.....1`},
	{"column",
		`abc¶de¶¶f`,
		`123.12..1`},
	{"indentation",
		`  a b¶→c¶ →d　e¶　f`,
		`12222.88.18888.22`},
	{"digit-run",
		`a123b4`,
		`.123.1`},
	{"speaker-heading",
		`First Citizen:¶We go.¶¶ROMEO:¶Ay.¶¶But no¶`,
		`11111111111111.........111111......????...`},
	{"quote-straight",
		`He said, "Go on," and "no".¶"Open¶still¶ ¶"a"`,
		`.........1111111......111...?????????????.11.`},
	{"quote-single",
		`'Don't,' said the dogs' man. 'Who's 'e?' (' ') 'Tis odd¶¶`,
		`1111111......................1111111111...11...????......`},
	{"corner-depth",
		`曰「甲『乙「丙」』丁」，『戊』。』「己`,
		`.111122111.......11`},
	{"white-corner-depth",
		`曰「甲『乙「丙」』丁」，『戊』。`,
		`...11111....11..`},
	{"quote-depth",
		`“Don’t,” ‘s’. “I ‘a “b” c’ d.”`,
		`1111111..11...111222332221111.`},
	{"quote-depth",
		`曰：「兄『可』也」‘好’他 “¶　¶x «a»`,
		`..112211.11...???...11.`},
	{"quote-depth",
		`“‘tis” ’tis “a`,
		`1????.......11`},
	{"quote-parity",
		`“Don’t,” ‘s’. “I ‘a “b” c’ d.”`,
		`1111111..11...111...11...1111.`},
	{"quote-parity",
		`曰：「兄『可』也」‘好’他 “¶　¶x «a»』`,
		`..11..11.11...???...11..`},
	{"quote-parity",
		`“‘tis” ’tis “a "b" «c“d」e”f»g”`,
		`1????.......1111111..1111..11.`},
	{"quote-top",
		`“a ‘b’ c”「d『e』f」«g»`,
		`11122111.445544.33.`},
	{"in-quote",
		`"a" “b ‘c’ d” 「e」 "it’s"`,
		`11..11111111..11..11111.`},
	{"url",
		`see http://a.b/c#d, (www.x.io/y_(z)). ftp://q "https://s.t"`,
		`.......11111111111?.....11111111111??....1111.....11111111.`},
	{"url",
		`httpd xhttp://a www. https://¶www.a&lt;b http://c?d=1&e`,
		`...?...............?....?????....11???......11111111111`},
	{"url",
		"[http://a.b] www.c|d=http://e} 见http://f。 www.g^",
		"....1111111.....11......11111......11111.....11."},
	{"bracket-depth",
		`f(a[1],{b}) ) (x [y) z`,
		`.112211221....111??...`},
	{"paren-depth",
		`f(a[(1])) (`,
		`.1112221..1`},
	{"square-depth",
		`[a(]b]`,
		`111...`},
	{"brace-depth",
		`{a{b}}`,
		`11221.`},
	{"bracket-top",
		`(a[b{c}d]e)`,
		`1122332211.`},
	{"code-bracket-depth",
		`f("(", '[') // {¶{ /* } */ }`,
		`.111111111.......1111111111.`},
	{"code-bracket-depth", // either branch alone closes what stood before it
		`f {¶#if A¶ (x {¶# else¶ {y¶#endif¶}}¶{`,
		`..111111111222333333331122222222221..1`},
	{"code-bracket-depth",
		`{¶#define a {(\¶ x {¶}`,
		`111111111111233333341.`},
	{"code-bracket-depth",
		`int f()¶{¶ g({'}', "{"});¶}¶static h()¶{}`,
		`.....1..111123333333332111..........1..1.`},
	{"comment",
		`a//b¶"//"/*c*//d http://e '"' // f`,
		`..11......111..................111`},
	{"string-literal",
		"s=\"a\\\"b\";c='\"'; it's `\\`\"x¶y",
		`..11111....11........11.??..`},
	{"comment-python",
		`x = '#' # it's¶y`,
		`........111111..`},
	{"string-python",
		`'a"' + """b"c¶'d""" '' 'e¶f`,
		`111....1.111111111..1..??..`},
	{"wiki-link",
		`[a] [[b|[c] d]], [[e [[f]] g]] [[[h]]`,
		`.....111111111....11111111111...1111.`},
	{"wiki-template",
		`{{a|{{b}}|c }} {d}`,
		`.111111111111.....`},
	{"heading",
		`== A = b ==¶=== C ===¶= d =¶== e¶a == b`,
		`.111111111...?111111.........???.......`},
	{"xml-tag",
		`<a b="c>d">e</a> 1 < 2 <br/><!-- <i> --><?x?><p <q>`,
		`1111111111..111....?...1111.???.........1111.???11.`},
	{"xml-tag",
		`#include <a.h>¶i<n; <x/y>`,
		`................??..???..`},
	{"xml-tag",
		`a<![CDATA[<b>]]><c>`,
		`.????????.......11.`},
	{"xml-depth",
		"<b c=d/>e<f g=h/i>j",
		".................11"},
	{"xml-attribute",
		`<a b="c d" e='"' f=g h = "i">"j"`,
		`.....1111....11....1.....11.....`},
	{"xml-closing-tag",
		`<a></a></ b></c >`,
		`....11.??....111.`},
	{"xml-depth",
		`<a><b>x</b><br>y<i/></a></z>.`,
		`..111222221111111111111......`},
	{"xml-depth",
		`<p><q>x</p>.`,
		`..111?????..`},
	{"xml-depth",
		`<p><q>x</q>y</q></p>.`,
		`..11122222111111111..`},
	{"comment-xml",
		`a<!-- b -> c -->d<!-->-->`,
		`.???11111111111..???1111.`},
	{"comment-xml",
		`a&lt;!-- b --> c --&gt;d<!--e-->`,
		`....???111111...........???1111.`},
	{"xml-tag-escaped",
		`&lt;b c=&quot;>&quot;&gt;a<i>&amp;&lt;/b&gt;.`,
		`...111111111111111111111..11.........111111..`},
	{"xml-depth-escaped",
		`<a>&lt;b&gt;c&lt;/b&gt;</a>`,
		`..111111111222222222221111.`},
	{"latex-environment",
		`\begin{a}x%\end{a}¶\begin{b}\end{b}\end{a}\end{a}`,
		`........111111111111111111122222221111111........`},
	{"latex-environment",
		`\begin{verbatim}\begin{b}$\end{verbatim}\\begin{c}\begin{document}`,
		`...............111111111111111111111111...........................`},
	{"latex-environment",
		`\begin{a}\begin{b}x\end{a}`,
		`........111111111????????.`},
	{"latex-math",
		`\$5 $a$ $$b\$ \mbox{$c$}$$ \[d\] \(e\) \\$f$ %$`,
		`....11..?1111111111111111...111...111....11....`},
	{"latex-math",
		`$a¶b$ $c¶¶d $e$`,
		`1111..???...11.`},
}

func (p passage) runes() []rune {
	return []rune(strings.NewReplacer("¶", "\n", "→", "\t").Replace(p.text))
}

func TestAnnotatedPassages(t *testing.T) {
	for _, p := range passages {
		c, err := Find(p.concept)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := drawn(LabelAll(c, p.runes())); got != p.marks {
			t.Errorf("%s:\n%s\n%s want\n%s got", p.concept, p.text, p.marks, got)
		}
	}
}

// drawn writes labels as marks.
func drawn(labels []Label) string {
	var s strings.Builder
	for _, l := range labels {
		if !l.Valid {
			s.WriteByte('?')
			continue
		}
		s.WriteByte(".123456789"[l.Y])
	}
	return s.String()
}

// TestEveryConceptIsAnnotated: names are hashes and are tested by TestNames.
func TestEveryConceptIsAnnotated(t *testing.T) {
	done := map[string]bool{"xml-name": true, "latex-name": true}
	for _, p := range passages {
		done[p.concept] = true
	}
	for _, name := range Names() {
		if !done[name] {
			t.Errorf("%s has no annotated passage", name)
		}
	}
}
