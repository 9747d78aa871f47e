package text

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func mustParse(t testing.TB, file string) *Alphabet {
	t.Helper()
	a, err := ParseAlphabet([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// spell is the characters of every symbol.
func spell(a *Alphabet, ids []int32) []string {
	runes, ends := a.Spell().Write(nil, nil, ids)
	var out []string
	from := 0
	for _, to := range ends {
		out = append(out, string(runes[from:to]))
		from = to
	}
	return out
}

func TestParseWhatProgramsSave(t *testing.T) {
	for _, c := range []struct {
		name, file string
		kind       Kind
		marks      Marks
		text       string // of ids 0, 1, 2 ...
		visible    string
	}{
		{"list", `["a","b"," "]`, Characters, "", "ab ", "a b ·"},
		{"string", `"ab "`, Characters, "", "ab ", "a b ·"},
		{"ids to symbols", `{"1":"b","0":"a","2":" "}`, Characters, "", "ab ", "a b ·"},
		{"digits to ids", `{"0":1,"1":0,"2":2}`, Characters, "", "102", "1 0 2"},
		{"vocab object", `{"stoi":{"<pad>":0,"<unk>":1,"a":2},"itos":["<pad>","<unk>","a"]}`, Characters, "", "\uFFFDa", "<pad> <unk> a"},
		{"torch-rnn", `{"idx_to_token":{"1":" ","2":"a"},"token_to_idx":{" ":1,"a":2}}`, Characters, "", " a", "· a"},
		{"words", `["<unk>","\n","He","said,"]`, Words, "", "\uFFFD\nHe said,", "<unk> ⏎ He said,"},
		{"words with ends", `["the","cat","<eos>","sat"]`, Words, "", "the cat\nsat", "the cat ⏎ sat"},
		{"sentence pieces", `["<unk>","<s>","</s>","▁The","▁qu","ick","<0x0A>","▁"]`, Pieces, MarkSpace, "\uFFFD The quick\n ", "<unk> <s> </s> ·The ·qu ick ⏎ ·"},
		{"byte level", `["The","Ġcat","Ġsat","Ċ","ä¸Ń","<|endoftext|>"]`, Pieces, MarkByte, "The cat sat\n中", "The ·cat ·sat ⏎ 中 <|endoftext|>"},
		{"word pieces", `["[PAD]","[UNK]","play","##ing","##ed","Go"]`, Pieces, MarkContinue, "\uFFFD playinged Go", "[PAD] [UNK] ·play ing ed ·Go"},
		{"ends of words", `["lo","w</w>","er</w>","n"]`, Pieces, MarkEnd, "low er n", "lo w er n"},
		{"joined", `["lo@@","wer","n@@","ew"]`, Pieces, MarkJoin, "lower new", "lo wer n ew"},
		{"spaces inside", `["the ","cat","\n"]`, Pieces, "", "the cat\n", "the· cat ⏎"},
	} {
		a := mustParse(t, c.file)
		var ids []int32
		var seen []string
		for id := range int32(a.Size()) {
			ids = append(ids, id)
			seen = append(seen, a.Visible(id))
		}
		v, _ := a.Vocabulary()
		if a.Kind() != c.kind || v.Marks != c.marks {
			t.Errorf("%s: %s with marks %q, want %s with %q", c.name, a.Kind(), v.Marks, c.kind, c.marks)
		}
		if got := a.Decode(ids); got != c.text {
			t.Errorf("%s: reads %q, want %q", c.name, got, c.text)
		}
		if got := strings.Join(spell(a, ids), ""); got != c.text {
			t.Errorf("%s: is spelled %q, want %q", c.name, got, c.text)
		}
		if got := strings.Join(seen, " "); got != c.visible {
			t.Errorf("%s: shows %q, want %q", c.name, got, c.visible)
		}
	}
}

func TestAlphabetsThatContradictThemselves(t *testing.T) {
	for _, in := range []string{
		`{"stoi":{"a":0,"b":1},"itos":["b","a"]}`, `{"0":"a","1":"a"}`, `{"0":"a","2":"b"}`, `{"a":0,"b":0.5}`, `{"a":0.5,"b":1.5}`, `["a",1]`,
		`{"a":0,"b":"c"}`, `{"symbols":["ab","c"],"kind":"characters"}`, `{"symbols":["ab","c"],"kind":"words","special":[2]}`,
		`{"symbols":["ab","c"],"kind":"riddles"}`, `{"symbols":["ab","c"],"kind":"pieces","marks":"!"}`, `{"stoi":3}`,
		`{"symbols":["ab","c"],"kind":"words","unknown_id":9}`, `{"symbols":["ab","ab"],"kind":"words"}`,
	} {
		if _, err := ParseAlphabet([]byte(in)); !errors.Is(err, ErrAlphabet) {
			t.Errorf("%s: %v, want ErrAlphabet", in, err)
		}
	}
}

func TestSpellingCarriesTheSpaceInFrontOfAWord(t *testing.T) {
	a := mustParse(t, `["<unk>","\n","He","said,","<pad>"]`)
	got := spell(a, []int32{2, 3, 4, 0, 1, 2, 1, 1, 3})
	want := []string{"He", " said,", "", " \uFFFD", "\n", "He", "\n", "\n", "said,"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSpellingOfBytesCompletesCharactersAtTheirLastByte(t *testing.T) {
	a := mustParse(t, `{"bytes":true}`)
	ids, err := a.Encode([]byte("a中\xe4b\xff"), UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "", "", "中", "", "\uFFFDb", "\uFFFD"}
	if got := spell(a, ids); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEncodeWords(t *testing.T) {
	a := mustParse(t, `["<unk>","\n","He","said,"]`)
	ids, err := a.Encode([]byte("  He\tsaid, nothing\r\n\nHe "), UnknownError)
	if want := []int32{2, 3, 0, 1, 1, 2}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v, want %v", ids, err, want)
	}
	if f := a.Foreign([]byte("He x x y said,")); len(f) != 2 || f[0].Word != "x" || f[0].Count != 2 || f[0].Offset != 3 {
		t.Errorf("outside the vocabulary: %+v", f)
	}
	known := mustParse(t, `["He","said,"]`)
	var e *SymbolError
	if _, err := known.Encode([]byte("He sat"), UnknownError); !errors.As(err, &e) || e.Word != "sat" || e.Index != 1 || e.Offset != 3 {
		t.Errorf("a word outside: %v", err)
	}
	if ids, err := known.Encode([]byte("He sat said,"), UnknownSkip); err != nil || !slices.Equal(ids, []int32{0, 1}) {
		t.Errorf("left out: %v, %v", ids, err)
	}
	if _, err := known.Encode([]byte("He \xff"), UnknownSkip); !errors.Is(err, ErrEncoding) {
		t.Errorf("not UTF-8: %v", err)
	}
}

// Only the program that made the pieces knows how a text is cut into them.
func TestEncodePieces(t *testing.T) {
	a := mustParse(t, `["[PAD]","[UNK]","play","##ing","##in","##g","##ed","Go"]`)
	for _, list := range []string{`["Go","play","##ing","play","##ed","zz"]`, ` [7, 2,3,2,6,1]
`} {
		ids, err := a.Encode([]byte(list), UnknownError)
		if want := []int32{7, 2, 3, 2, 6, 1}; err != nil || !slices.Equal(ids, want) {
			t.Errorf("%s: got %v, %v, want %v", list, ids, err, want)
		}
	}
	for _, list := range []string{`[8]`, `[-1]`, `[0.5]`} {
		if _, err := a.Encode([]byte(list), UnknownError); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", list, err)
		}
	}
	bpe := mustParse(t, `["lo@@","wer","n@@","ew"]`)
	if _, err := bpe.Encode([]byte("lower"), UnknownError); !errors.Is(err, ErrTokens) {
		t.Errorf("without its merges: %v", err)
	}
}

func TestCharactersBesideSpecialSymbols(t *testing.T) {
	a := mustParse(t, `["<pad>","<unk>","a","中"]`)
	ids, err := a.Encode([]byte("a中z"), UnknownError)
	if want := []int32{2, 3, 1}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v, want %v", ids, err, want)
	}
	if u, ok := a.Unknown(); !ok || u != 1 || !a.Special(0) || a.Special(2) || a.Rune(3) != '中' || a.Rune(0) != utf8.RuneError {
		t.Error("the roles of its symbols are lost")
	}
	if id, ok := a.Lookup('a'); !ok || id != 2 {
		t.Errorf("a is %d, %v", id, ok)
	}
	if id, ok := a.Find("<pad>"); !ok || id != 0 {
		t.Errorf("<pad> is %d, %v", id, ok)
	}
}

// A stored alphabet reads as it was.
func TestVocabularyJSON(t *testing.T) {
	for _, file := range []string{
		`["<unk>","\n","He","said,"]`, `["<pad>","<unk>","a"]`, `["The","Ġcat","Ġsat","Ċ","ä¸Ń"]`, `["[PAD]","play","##ing","##ed"]`,
	} {
		a := mustParse(t, file)
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b := mustParse(t, string(data))
		again, err := json.Marshal(b)
		if err != nil || string(again) != string(data) {
			t.Errorf("%s: written as %s, then as %s (%v)", file, data, again, err)
		}
		v, _ := a.Vocabulary()
		w, _ := b.Vocabulary()
		if v.Unknown != w.Unknown || v.Line != w.Line || v.Kind != w.Kind || !slices.Equal(v.Special, w.Special) {
			t.Errorf("%s: %+v became %+v", file, v, w)
		}
	}
}

// Spelling in pieces is spelling at once, agrees with Decode, and every character
// belongs to one symbol.
func TestSpellingProperty(t *testing.T) {
	files := []string{
		`["<unk>","\n","He","said,","<pad>"]`, `{"bytes":true}`, `["The","Ġcat","Ġsat","Ċ","ä¸","Ń"]`, `["[PAD]","[UNK]","play","##ing","##ed"]`,
		`["<unk>","▁The","▁qu","ick","<0xE4>","<0xB8>","<0xAD>"]`, `["a","中"]`, `["lo","w</w>","er</w>","n"]`,
	}
	rapid.Check(t, func(t *rapid.T) {
		a, err := ParseAlphabet([]byte(rapid.SampledFrom(files).Draw(t, "alphabet")))
		if err != nil {
			t.Fatal(err)
		}
		ids := rapid.SliceOf(rapid.Int32Range(0, int32(a.Size()-1))).Draw(t, "ids")
		runes, ends := a.Spell().Write(nil, nil, ids)
		cut := rapid.IntRange(0, len(ids)).Draw(t, "cut")
		s := a.Spell()
		some, at := s.Write(nil, nil, ids[:cut])
		some, at = s.Write(some, at, ids[cut:])
		if !slices.Equal(runes, some) || !slices.Equal(ends, at) {
			t.Fatalf("cut at %d: %q %v, at once %q %v", cut, string(some), at, string(runes), ends)
		}
		if len(ends) != len(ids) || !slices.IsSorted(ends) || len(ends) > 0 && ends[len(ends)-1] != len(runes) {
			t.Fatalf("%d characters, ends %v", len(runes), ends)
		}
		if whole := a.Decode(ids); utf8.ValidString(whole) && whole != string(runes) {
			t.Fatalf("spelled %q, decoded %q", string(runes), whole)
		}
	})
}

func TestIdsThatBeginAtOne(t *testing.T) {
	a := mustParse(t, `{"idx_to_token":{"1":" ","2":"a"},"token_to_idx":{" ":1,"a":2}}`)
	b, ok := a.WithZero()
	if !ok || b.Size() != 3 || !b.Special(0) || b.Decode([]int32{0, 2, 1}) != "a " {
		t.Errorf("with a row for id 0: %v, %v", b, ok)
	}
	words := mustParse(t, `{"<s>":1,"</s>":2,"the":3,"cat":4}`)
	before, _ := json.Marshal(words)
	_, ok = words.WithZero()
	if after, _ := json.Marshal(words); !ok || string(after) != string(before) {
		t.Errorf("a row for id 0 changed the alphabet without it: %s was %s", after, before)
	}
	for _, file := range []string{`["a","b"]`, `{"a":0,"b":1}`, `{"stoi":{"a":0,"b":1},"itos":["a","b"]}`} {
		if _, ok := mustParse(t, file).WithZero(); ok {
			t.Errorf("%s counts from 0", file)
		}
	}
}

func TestTokenizerJSON(t *testing.T) {
	added := `"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true}]`
	for _, c := range []struct{ name, file, reads string }{
		{"BPE of bytes", `{` + added + `,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":null,"vocab":{"<unk>":0,"<s>":1,"The":2,"\u0120cat":3,"\u010a":4}}}`, "The cat\n"},
		{"unigram", `{` + added + `,"pre_tokenizer":{"type":"Metaspace","replacement":"\u2581"},"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["<s>",0],["\u2581The",-2],["\u2581c",-3],["at",-4]]}}`, "\uFFFDThe cat"},
		{"WordPiece", `{` + added + `,"model":{"type":"WordPiece","unk_token":"<unk>","vocab":{"<unk>":0,"<s>":1,"play":2,"##ing":3,"now":4}}}`, "\uFFFD playing now"},
		{"words", `{` + added + `,"pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","unk_token":"<unk>","vocab":{"<unk>":0,"<s>":1,"The":2,"cat":3,"sat":4}}}`, "\uFFFD The cat sat"},
	} {
		a := mustParse(t, c.file)
		if got := a.Decode([]int32{0, 1, 2, 3, 4}); !strings.HasSuffix(got, strings.TrimPrefix(c.reads, "\uFFFD")) || !a.Special(1) {
			t.Errorf("%s reads %q", c.name, got)
		}
		ids, err := a.Encode([]byte("The cat"), UnknownError)
		if want := map[string][]int32{"unigram": {2, 3, 4}, "WordPiece": {0}, "words": {2, 3}}[c.name]; !slices.Equal(ids, want) || (err != nil) != (want == nil) {
			t.Errorf("%s: cut into %v, %v", c.name, ids, err)
		}
	}
	for _, file := range []string{`{"model":{}}`, `{"model":{"vocab":[[1]]}}`, `{"model":{"vocab":{"a":0,"b":5}}}`, `{"model":{"vocab":{"a":0,"b":1}},"added_tokens":3}`} {
		if _, err := ParseAlphabet([]byte(file)); !errors.Is(err, ErrAlphabet) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
