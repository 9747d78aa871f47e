package concept

import "strings"

// longestEscape is how many characters an escape may have: "&amp;amp;rdquo;".
const longestEscape = 16

// escapedMarks are the marks that XML, HTML and wiki text also write as an
// escape; the key is what stands between & and ;.
var escapedMarks = map[string]rune{
	"quot": '"', "#34": '"', "#x22": '"', "apos": '\'', "#39": '\'', "#x27": '\'',
	"ldquo": '“', "#8220": '“', "#x201c": '“', "rdquo": '”', "#8221": '”', "#x201d": '”',
	"lsquo": '‘', "#8216": '‘', "#x2018": '‘', "rsquo": '’', "#8217": '’', "#x2019": '’',
	"laquo": '«', "#171": '«', "#xab": '«', "raquo": '»', "#187": '»', "#xbb": '»',
}

// escapes finds escaped marks in a text. An escape of an escape (&amp;quot;)
// counts as one too: dumps of a wiki are escaped twice.
type escapes struct {
	text []rune // from & on; empty outside of what may be an escape
}

// read takes one character and returns the mark that an escape ending here
// stands for and how many characters the escape has; 0, 0 elsewhere.
func (e *escapes) read(r rune) (mark rune, length int) {
	switch {
	case r == '&':
		e.text = append(e.text[:0], r)
	case len(e.text) == 0:
	case r == ';':
		if string(e.text) == "&amp" { // &amp;quot;
			e.text = append(e.text, r)
			break
		}
		name := strings.TrimPrefix(string(e.text[1:]), "amp;")
		length = len(e.text) + 1
		e.text = e.text[:0]
		if mark, ok := escapedMarks[strings.ToLower(name)]; ok {
			return mark, length
		}
	case len(e.text) == longestEscape || r >= 0x80 || r != '#' && !isWord(r):
		e.text = e.text[:0]
	default:
		e.text = append(e.text, r)
	}
	return 0, 0
}

// inside reports whether the last character read may belong to an escape.
func (e *escapes) inside() bool { return len(e.text) > 0 }

// escapeEvents are the texts of escaped marks that switch a quotation. The bare
// ones only: an event scanner looks for the end of a text.
func escapeEvents(event Event, names ...string) []pattern {
	var out []pattern
	for _, n := range names {
		out = append(out, pattern{"&" + n + ";", event})
	}
	return out
}
