package concept

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// siblings are annotated after what independent readers found wrong; each is of
// the kind of a case in testdata/labels.json.
var siblings = []passage{
	{"sentence-end", // contractions and possessives of every spelling
		`I’m. We'd. The dogs'. 'Tis. O'Neil. I saw 't. So.`,
		`....1.....1..........1.....1.......1.........1...`},
	{"sentence-end", // initials; what may end a sentence is not scored before a capital
		`J. R. R. Ito, U.N. men, at 5 p.m. and 6 p.m. He. Etc. etc. etc. So¶`,
		`............................................?...1....?.........?...`},
	{"sentence-end", // nor at the end of a paragraph
		`by Lin, Inc.¶¶He et al. say, cf. Lin.  Good¶`,
		`............?........................1......`},
	{"sentence-end", // numbers of items, of pages, and years at the start of a line
		`1. One¶12. Two.¶ 3. three in¶1812. No. 5, no. No.¶Nos. 6`,
		`..?.......?....1..................1...?......1...1....?.`},
	{"sentence-end", // and in fields of a template
		`|chapter=10. Food |12. So (trs. Lin) 12. He`,
		`............?.........?.................1..`},
	{"sentence-end", // dialogue over a line end, spaced dots, operators, escapes
		`"Go!"¶he said. . . . then a ? b : c ! D &quot;Stop!&quot; Then, AT&T. &quot;why?&quot; he`,
		`.....?........?......................?...................1...........?................?..`},
	{"sentence-end", // marks alone between quotes; behind a word they end one
		`f("?") + "..." [ '!' ] "x". He "no?" So`,
		`...........................1........1..`},
	{"proper-noun-next",
		`the U.S. Army; E.C. Lin; &quot;Then&quot; Lin`,
		`...1.1..?.....1.1..?.....................1..?`},
	{"quote-straight",
		`"a\\" "b\"c" '"' d &quot;e&#34; &amp;quot;f&amp;quot; "g'"' h`,
		`1111..11111.............111111...........11111111111..1111111`},
	{"quote-straight", // an opening mark inside: it nests, or one is missing
		`"a "b" c" d¶¶"e" f 5" <g h="i" j>`,
		`????????????.11.....?????????????`},
	{"square-depth", // brackets spoken of
		`for '[' and "[" [a "]" ']] b`,
		`................11111111....`},
	{"string-literal", // the name of a file is none
		`#include "a.h"¶ # include_next "b"¶x = "c" // "#include"¶"d"`,
		`.......................................11................11.`},
	{"xml-depth", // closing tags that HTML lets out
		`<div><p>a<p>b<ul><li>c<li>d</ul>e</div>f <table><tr><td>g<td><p>h<tr><th>i</table>`,
		`....1112222222222222333333333331111111.........1111222233333333444442222333333333.`},
	{"quote-single",
		`''a'' '''b''' 'c' '\'' "'" &apos;d&#39; x=''`,
		`..............11..111...........111111......`},
	{"quote-depth",
		`&ldquo;a&lsquo;b&rsquo;t &rsquo;&rdquo; &#171;c&#187; “&rdquo;`,
		`......11111111222222222222222221111111.......1111111..1111111.`},
	{"in-quote",
		`&ldquo;a&rdquo; &quot;b&quot; R&D "c"`,
		`......11111111.......1111111......11.`},
	{"url",
		`FTP://a.b WWW.x Https://q xHTTP://a`,
		`...111111....11....111111..........`},
	{"url",
		`[//a.bc x] (//d.ef/g) a//b.cd/e ://f.gh //i j //k.lm/`,
		`..?????......?????11?..........................??????`},
	{"comment",
		`//a.b c¶[//d.ef x] //g.hi/j¶k//www.l.mn/o¶// p.q/r¶//s.t/`,
		`.111111...?????.....?????.....?????????....1111111..11111`},
	{"latex-math",
		`$5bn in $10-$20, $3.50 each. $0 \to A$ $1, \ldots, n$ $2x$ $7$`,
		`??????..????????????????.....11111111..1111111111111..111..11.`},
	{"latex-math",
		`\verb|$| \verb*+$+ \path{$a$} \begin{comment}$\end{comment}$b$`,
		`.........................11................................11.`},
	{"latex-environment",
		`\lstinline!\begin{a}! \verb"\begin{b}¶\begin{c} \verbatim \end{c}`,
		`..............................................111111111111111111.`},
}

func TestSiblings(t *testing.T) {
	for _, p := range siblings {
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

// TestIndependentCases: positions at which a concept must be on, as somebody else
// found them; free ones are not judged, all others must be off or invalid.
func TestIndependentCases(t *testing.T) {
	b, err := os.ReadFile("testdata/labels.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Concept, Text, Why string
		On, Free           []int
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, k := range cases {
		c, err := Find(k.Concept)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, l := range LabelAll(c, []rune(k.Text)) {
			on := l.Valid && l.Y > 0
			if want := slices.Contains(k.On, i); on != want && !slices.Contains(k.Free, i) {
				t.Errorf("%s: %q: character %d %q is on: %t; %s", k.Concept, k.Text, i, []rune(k.Text)[i], on, k.Why)
			}
		}
	}
}
