package content

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/synth"
)

func TestMarksTellKindsOfText(t *testing.T) {
	for domain, has := range map[string]string{"novel": "", "play": "", "wiki": "wiki xml", "code": "code", "latex": "latex", "xml": "xml"} {
		s, err := synth.Generate(domain, 100_000, rand.New(rand.NewPCG(3, 3)), synth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := &Data{Characters: len(s.Runes), Marks: marks([]byte(s.S))}
		for _, f := range families {
			if got, want := !d.Foreign(f.concepts[0]), strings.Contains(has, f.name); got != want {
				t.Errorf("%s is a text of the family %s: %v (%d telltales)", domain, f.name, got, d.Marks[f.name])
			}
		}
		if d.Foreign("in-quote") {
			t.Errorf("%s: a concept of no family is foreign", domain)
		}
	}
	python := "import os\n\ndef walk(top):\n    # down\n    pass\n"
	d := &Data{Characters: 10 * len(python), Marks: marks([]byte(strings.Repeat(python, 10)))}
	if d.Foreign("comment-python") || !d.Foreign("comment") {
		t.Errorf("Python: %v", d.Marks)
	}
	if (&Data{}).Foreign("comment") {
		t.Error("without the text a concept is called foreign")
	}
}
