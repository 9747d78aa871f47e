package text

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustCorpus(t testing.TB, s string, opt Options) *Corpus {
	t.Helper()
	c, err := FromString("sample", s, opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAlphabetIsSortedAndRoundTrips(t *testing.T) {
	c := mustCorpus(t, "日本\nba é\tab🙂é", Options{})
	a := c.Alphabet
	if got, want := string(a.Runes([]int32{0, 1, 2, 3, 4, 5, 6, 7, 8})), "\t\n abé日本🙂"; got != want || a.Size() != 9 {
		t.Errorf("alphabet %q of %d, want %q", got, a.Size(), want)
	}
	if got := a.Decode(c.IDs); got != string(c.Raw) {
		t.Errorf("decoded %q, want %q", got, c.Raw)
	}
	if len(c.IDs) != utf8.RuneCount(c.Raw) {
		t.Errorf("%d ids for %d code points", len(c.IDs), utf8.RuneCount(c.Raw))
	}
	if _, ok := a.Unknown(); ok {
		t.Error("an unknown symbol nobody asked for")
	}
}

func TestMinCountMakesOneUnknownSymbol(t *testing.T) {
	c := mustCorpus(t, "aabbxy", Options{MinCount: 2})
	unk, ok := c.Alphabet.Unknown()
	if !ok || unk != 2 || c.Alphabet.Size() != 3 {
		t.Fatalf("unknown %d %v of %d symbols, want 2 true of 3", unk, ok, c.Alphabet.Size())
	}
	if diff := cmp.Diff([]int32{0, 0, 1, 1, 2, 2}, c.IDs); diff != "" {
		t.Error(diff)
	}
	if got := c.Alphabet.Decode(c.IDs); got != "aabb\uFFFD\uFFFD" {
		t.Errorf("decoded %q", got)
	}
	for _, u := range []UnknownPolicy{UnknownError, UnknownSkip} {
		ids, err := c.Alphabet.Encode([]byte("aZ"), u)
		if diff := cmp.Diff([]int32{0, 2}, ids); err != nil || diff != "" {
			t.Errorf("policy %d: %v %s", u, err, diff)
		}
	}
	if _, err := FromString("s", "aabc", Options{MinCount: 2}); !errors.Is(err, ErrOneSymbol) {
		t.Errorf("min count leaves one symbol: %v", err)
	}
	if c := mustCorpus(t, "aabb", Options{MinCount: 2}); c.Alphabet.Size() != 2 {
		t.Error("an unknown symbol with nothing to stand for")
	}
}

func TestEncodeNamesTheUnknownCharacter(t *testing.T) {
	a := mustCorpus(t, "abé", Options{}).Alphabet
	_, err := a.Encode([]byte("éa中b"), UnknownError)
	var unknown *SymbolError
	if !errors.As(err, &unknown) || !errors.Is(err, ErrUnknown) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(SymbolError{Rune: '中', Index: 2, Offset: 3}, *unknown); diff != "" {
		t.Error(diff)
	}
	if got := err.Error(); !strings.Contains(got, "U+4E2D '中'") {
		t.Errorf("message %q", got)
	}
	if _, err = a.Encode([]byte("a\n"), UnknownError); !strings.Contains(err.Error(), "U+000A '⏎'") {
		t.Errorf("a newline is not shown: %v", err)
	}
	ids, err := a.Encode([]byte("中éxa"), UnknownSkip)
	if diff := cmp.Diff([]int32{2, 0}, ids); err != nil || diff != "" {
		t.Errorf("skipping: %v %s", err, diff)
	}
	_, err = a.Encode([]byte("ab\xFFb"), UnknownSkip)
	var encoding *EncodingError
	if !errors.As(err, &encoding) || encoding.Offset != 2 || encoding.Byte != 0xFF {
		t.Errorf("invalid UTF-8: %v", err)
	}
}

func TestBytes(t *testing.T) {
	c := mustCorpus(t, "a\xFFé\x00a", Options{Bytes: true})
	if got := c.Alphabet.Decode(c.IDs); got != "a\xFFé\x00a" || len(c.IDs) != 6 {
		t.Errorf("decoded %q from %d ids", got, len(c.IDs))
	}
	ff, _ := c.Alphabet.Lookup(0xFF)
	if s, v := c.Alphabet.Symbol(ff), c.Alphabet.Visible(ff); s != "\xFF" || v != `\xFF` {
		t.Errorf("byte FF is %q, shown %q", s, v)
	}
	_, err := c.Alphabet.Encode([]byte("a\x01"), UnknownError)
	if err == nil || !strings.Contains(err.Error(), "byte 0x01 at character 1") {
		t.Errorf("unknown byte: %v", err)
	}
}

func TestForeign(t *testing.T) {
	a := mustCorpus(t, "ab", Options{}).Alphabet
	want := []Foreign{{Rune: 'z', Count: 2, Offset: 3}, {Rune: '中', Count: 1, Offset: 0}}
	if diff := cmp.Diff(want, a.Foreign([]byte("中zazb"))); diff != "" {
		t.Error(diff)
	}
}

func TestAlphabetJSON(t *testing.T) {
	for _, opt := range []Options{{}, {Bytes: true}, {MinCount: 2}} {
		a := mustCorpus(t, "aa\x00\"\u2028\u2028\n\n<中", opt).Alphabet
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var b Alphabet
		if err := json.Unmarshal(data, &b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, &b, cmp.AllowUnexported(Alphabet{})); diff != "" {
			t.Errorf("%+v: %s", opt, diff)
		}
	}
}

func TestParseAlphabet(t *testing.T) {
	for _, in := range []string{
		`{"bytes":false,"symbols":["b","a","中"],"unknown":false}`, `["b","a","中"]`, ` {"a":1,"b":0,"中":2}`,
	} {
		a, err := ParseAlphabet([]byte(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := a.Decode([]int32{0, 1, 2}); got != "ba中" {
			t.Errorf("%s reads as %q", in, got)
		}
	}
	for _, in := range []string{
		``, `null`, `{}`, `[]`, `7`, `["ab"]`, `[""]`, `["a","a"]`, `{"a":0,"b":0}`, `{"a":1}`, `{"a":0,"b":5}`, `{"a":"x"}`,
		`{"bytes":true,"symbols":["中"]}`, `{"symbols":3}`, `{"symbols":["\ud800\ud800"]}`,
	} {
		if _, err := ParseAlphabet([]byte(in)); !errors.Is(err, ErrAlphabet) {
			t.Errorf("%s: %v, want ErrAlphabet", in, err)
		}
	}
}

// text drawn from a few scripts, with controls, so that alphabets repeat.
func drawText(t *rapid.T) string {
	r := rapid.SampledFrom([]rune("ab \n\t\r\x00é\u0301中文🙂\u200B\uFFFD"))
	return rapid.StringOfN(r, 1, 60, -1).Draw(t, "text")
}

func TestEncodeDecodeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawText(t)
		opt := Options{Bytes: rapid.Bool().Draw(t, "bytes")}
		c, err := FromString("s", s, opt)
		if errors.Is(err, ErrOneSymbol) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Alphabet.Decode(c.IDs); got != string(c.Raw) {
			t.Fatalf("%q became %q", c.Raw, got)
		}
		joined := ""
		for i, id := range c.IDs {
			joined += c.Alphabet.Symbol(id)
			if c.Alphabet.Rune(id) != c.Alphabet.Runes(c.IDs)[i] {
				t.Fatal("Rune and Runes disagree")
			}
		}
		if joined != string(c.Raw) {
			t.Fatalf("symbols join to %q, want %q", joined, c.Raw)
		}
	})
}

func FuzzEncodeDecode(f *testing.F) {
	f.Add("hello\n", "help", true)
	f.Add("中文🙂", "\xFF中", false)
	f.Fuzz(func(t *testing.T, base, s string, bytes bool) {
		c, err := FromString("base", base, Options{Bytes: bytes})
		if err != nil {
			return
		}
		if got := c.Alphabet.Decode(c.IDs); got != string(c.Raw) {
			t.Fatalf("%q became %q", c.Raw, got)
		}
		strict, err := c.Alphabet.Encode([]byte(s), UnknownError)
		loose, looseErr := c.Alphabet.Encode([]byte(s), UnknownSkip)
		if err == nil && c.Alphabet.Decode(strict) != s {
			t.Fatalf("%q does not survive", s)
		}
		if err == nil && !cmp.Equal(strict, loose) {
			t.Fatal("the policies differ on a known text")
		}
		if !bytes && (looseErr == nil) != utf8.ValidString(s) {
			t.Fatalf("valid %v, error %v", utf8.ValidString(s), looseErr)
		}
	})
}

// An alphabet file comes from anywhere: it is refused, or it round-trips.
func FuzzParseAlphabet(f *testing.F) {
	f.Add([]byte(`{"bytes":false,"symbols":["a","b"],"unknown":true}`))
	f.Add([]byte(`["a","b"]`))
	f.Add([]byte(`{"a":1,"b":0}`))
	f.Add([]byte(`["","0"]`))
	f.Add([]byte(`{"<unk>":1,"the":2,"cat":3}`))
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAlphabet(data)
		if err != nil {
			if !errors.Is(err, ErrAlphabet) {
				t.Fatalf("%v is no ErrAlphabet", err)
			}
			return
		}
		out, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseAlphabet(out)
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		again, err := json.Marshal(b)
		if err != nil || string(again) != string(out) || a.Size() != b.Size() || a.Kind() != b.Kind() {
			t.Fatalf("%s became %s: %v", out, again, err)
		}
		if a.vocab != nil {
			cutAlike(t, a, b)
			return
		}
		for id := range int32(a.Size()) {
			if _, unknown := a.Unknown(); unknown && int(id) == a.Size()-1 {
				continue
			}
			if ids, err := a.Encode([]byte(a.Symbol(id)), UnknownError); err != nil || len(ids) != 1 || ids[0] != id {
				t.Fatalf("symbol %d encodes as %v: %v", id, ids, err)
			}
		}
	})
}

// cutAlike fails where two vocabularies make other symbols of one text.
func cutAlike(t *testing.T, a, b *Alphabet) {
	var joined []byte
	for id := range int32(a.Size()) {
		if x, y := a.Symbol(id), b.Symbol(id); x != y {
			t.Fatalf("symbol %d was %q and is %q", id, x, y)
		}
		joined = append(append(joined, a.Symbol(id)...), ' ')
	}
	for _, how := range []UnknownPolicy{UnknownError, UnknownSkip} {
		x, errX := a.Encode(joined, how)
		y, errY := b.Encode(joined, how)
		if !slices.Equal(x, y) || (errX == nil) != (errY == nil) {
			t.Fatalf("%q encodes as %v (%v) and as %v (%v)", joined, x, errX, y, errY)
		}
	}
}

func TestVisible(t *testing.T) {
	for r, want := range map[rune]string{
		' ': "·", '\n': "⏎", '\t': "⇥", '\r': "␍", 0: "␀", 0x7F: "␡", 'a': "a", '中': "中", '\u0301': "◌\u0301",
		'\u200B': "<U+200B>", '\u0085': "<U+0085>", '\u00A0': "⍽", '\u2003': "<U+2003>", '\u3000': "␣", '🙂': "🙂", '\uFFFD': "\uFFFD",
	} {
		if got := Visible(r); got != want {
			t.Errorf("Visible(%U) = %q, want %q", r, got, want)
		}
	}
	if got := VisibleString("a b\n"); got != "a·b⏎" {
		t.Errorf("VisibleString: %q", got)
	}
	for s, want := range map[string]int{"abc": 3, "中文": 4, "e\u0301": 1, "🙂": 2, "👩‍💻": 2, "\n": 0, "·⏎": 2} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestUnknownPolicyText(t *testing.T) {
	for _, u := range []UnknownPolicy{UnknownError, UnknownSkip} {
		got := UnknownPolicy(9)
		if err := got.UnmarshalText([]byte(u.String())); err != nil || got != u {
			t.Errorf("%s reads as %v: %v", u, got, err)
		}
	}
	if err := new(UnknownPolicy).UnmarshalText([]byte("drop")); err == nil || !strings.Contains(err.Error(), "skip or error") {
		t.Errorf("drop: %v", err)
	}
}
