package text

import (
	"errors"
	"strings"
	"testing"
)

type jsonItem struct {
	Lo *int   `json:"lo"`
	S  string `json:"s"`
	B  bool   `json:"b"`
}

func TestJSONLines(t *testing.T) {
	const mark = "\ufeff"
	for _, c := range []struct {
		in    string
		n     int
		says  string
		bytes bool
	}{
		{in: "{\"lo\":1}\n\n  {\"lo\":2,\"s\":\"\\ud83d\\ude00\"}\r\n", n: 2},
		{in: mark + mark + "{\"lo\":1}\n", n: 1},
		{in: "", n: 0},
		{in: "{\"lo\":1}{\"lo\":2}\n", says: "line 1: not the JSON that is read here: there is more behind the first value"},
		{in: "{\"lo\":1}\n{\"lo\":1} ,\n", says: "line 2: "},
		{in: "{\"lo\":1.5}\n", says: `"lo" is a number`},
		{in: "{\"lo\":99999999999999999999}\n", says: `whole number in range`},
		{in: "{\"s\":7}\n", says: `a string is wanted`},
		{in: "{\"b\":7}\n", says: `true or false is wanted`},
		{in: "[1]\n", says: "write an object"},
		{in: "{\"high\":1}\n", says: `unknown field "high"`},
		{in: "{\"lo\":\n", says: "ends in the middle"},
		{in: "lo: 1\n", says: "at byte 1"},
		{in: "{\"s\":\"\\ud800\"}\n", says: `\ud800 is half of a character`},
		{in: "{\"s\":\"\\ud800\\u0041\"}\n", says: `\ud800 is half of a character`},
		{in: "{\"s\":\"\\udc00x\"}\n", says: `half of a character`},
		{in: "{\"s\":\"\\\\ud800\"}\n", n: 1},
		{in: "{\"s\":\"\xff\"}\n", says: "not UTF-8"},
		{in: "{\"lo\":13}\n", says: "line 1: unlucky"},
	} {
		n := 0
		err := JSONLines(strings.NewReader(c.in), func(_ int, v jsonItem) error {
			n++
			if v.Lo != nil && *v.Lo == 13 {
				return errors.New("unlucky")
			}
			return nil
		})
		switch {
		case c.says == "" && (err != nil || n != c.n):
			t.Errorf("%q: %d, %v", c.in, n, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "json: ")):
			t.Errorf("%q: %v, want %q", c.in, err, c.says)
		case c.says != "" && c.says != "line 1: unlucky" && !errors.Is(err, ErrJSON):
			t.Errorf("%q: %v does not match ErrJSON", c.in, err)
		}
	}
	if err := JSONLines(strings.NewReader(strings.Repeat("x", maxJSONLine+1)), func(int, jsonItem) error { return nil }); !errors.Is(err, ErrJSON) {
		t.Errorf("a line without an end: %v", err)
	}
}

func TestAlphabetsHaveWholeCharacters(t *testing.T) {
	for _, s := range []string{`["a","\ud800"]`, `{"a":0,"\udfff":1}`, "[\"a\",\"\xff\"]"} {
		if _, err := ParseAlphabet([]byte(s)); !errors.Is(err, ErrAlphabet) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if a, err := ParseAlphabet([]byte("\ufeff\ufeff[\"a\",\"\\ud83d\\ude00\"]")); err != nil || a.Rune(1) != 0x1F600 {
		t.Errorf("%v", err)
	}
}
