package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/report/page"
)

// TestOneThing: what is counted by 1 is one thing, in English; other numbers and other words stay.
func TestOneThing(t *testing.T) {
	en, err := page.LoadWords("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ key, a, b, want string }{
		{"atlas.says", "1", "1", "1 unit, 1 pair of unit and concept."},
		{"atlas.says", "2", "21", "2 units, 21 pairs of unit and concept."},
		{"atlas.says", "1", "11", "1 unit, 11 pairs of unit and concept."},
	} {
		if got := en.Say(c.key, c.a, c.b); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	zh, err := page.LoadWords("zh")
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []string{"-1/E[ln f], f the forget gate", "-1/E[ln z], z the part of h that is kept: h' = (1-z) n + z h"} {
		if got := zh.Translate("memory.keep.", keep); !strings.Contains(got, "，") || strings.Contains(got, "gate") {
			t.Errorf("in Chinese %q", got)
		}
	}
	if got := zh.Marks("a, b.txt, straight marks"); got != "a, b.txt，直引号" {
		t.Errorf("in Chinese %q", got)
	}
	if got := zh.Marks(`novel, ""`); got != `novel, ""` {
		t.Errorf("marks of one's own: %q", got)
	}
}
