package content

import (
	"regexp"
	"strings"
)

// family is a kind of text for which concepts were written; telltale finds what is hardly ever written in other texts.
type family struct {
	name     string
	concepts []string
	telltale *regexp.Regexp
}

var families = []family{
	{"python", []string{"comment-python", "string-python"}, regexp.MustCompile(`(?m)^[ \t]*(?:def|class)[ \t]+\w+.*:[ \t]*\r?$|^(?:import|from)[ \t]+\w+`)},
	{"code", []string{"comment", "string-literal", "code-bracket-depth"}, regexp.MustCompile(`(?m)\)[ \t]*[;{][ \t]*\r?$|^[ \t]*\}[ \t]*;?[ \t]*\r?$|^#(?:include|define)\b`)},
	{"xml", []string{"xml-tag", "xml-attribute", "xml-closing-tag", "xml-depth", "xml-name", "comment-xml"}, regexp.MustCompile(`</[A-Za-z][\w:.-]*>`)},
	{"escaped", []string{"xml-tag-escaped", "xml-depth-escaped"}, regexp.MustCompile(`&lt;/?[A-Za-z]`)},
	{"wiki", []string{"wiki-link", "wiki-template", "heading"}, regexp.MustCompile(`\[\[|\{\{|(?m)^==`)},
	{"latex", []string{"latex-environment", "latex-name", "latex-math"}, regexp.MustCompile(`\\[A-Za-z]+\{`)},
}

// fewestMarks and marksEvery say how many telltales a text of a family has at least: five, and one in 50,000 characters.
const (
	fewestMarks = 5
	marksEvery  = 50000
)

// marks counts the telltales of every family.
func marks(raw []byte) map[string]int {
	out := map[string]int{}
	for _, f := range families {
		out[f.name] = len(f.telltale.FindAllIndex(raw, -1))
	}
	return out
}

// Foreign reports whether a concept was written for a kind of text that this is not: its label is on by accident.
func (d *Data) Foreign(concept string) bool {
	if d.Marks == nil {
		return false
	}
	for _, f := range families {
		if strings.Contains(" "+strings.Join(f.concepts, " ")+" ", " "+concept+" ") {
			return d.Marks[f.name] < max(fewestMarks, d.Characters/marksEvery)
		}
	}
	return false
}
