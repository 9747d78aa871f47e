package text

import (
	"slices"
	"testing"
)

func TestShow(t *testing.T) {
	for _, c := range []struct {
		name, file string
		ids        []int32
		want       string
		of         []int
	}{
		{"characters", `["a","b"]`, []int32{1, 0}, "ba", nil},
		{"words", `["<unk>","<eos>","He","said."]`, []int32{2, 0, 3, 1, 2}, "He <unk> said.\nHe", []int{0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 4, 4}},
		{"padding", `["<pad>","a","b"]`, []int32{1, 0, 2}, "a<pad>b", []int{0, 1, 1, 1, 1, 1, 2}},
		{"bytes", `{"bytes":true}`, []int32{0xB8, 0xAD, 0xE4, 0xB8, 0xAD, 'x', 0xE4}, "中x", []int{4, 5}},
		{"no bytes of a character", `{"bytes":true}`, []int32{'a', 0x80, 'b'}, "a\uFFFDb", []int{0, 1, 2}},
		{"pieces of bytes", `["The","Ġcat","Ġsat","Ċ","ä¸","Ń"]`, []int32{5, 0, 1, 4, 5}, "The cat中", []int{1, 1, 1, 2, 2, 2, 2, 4}},
		{"pieces", `["<unk>","▁The","▁qu","ick"]`, []int32{1, 2, 3, 0}, "The quick<unk>", []int{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}},
	} {
		a := mustParse(t, c.file)
		runes, of := a.Show(c.ids)
		if string(runes) != c.want || !slices.Equal(of, c.of) {
			t.Errorf("%s: %q %v, want %q %v", c.name, string(runes), of, c.want, c.of)
		}
	}
	of := []int{0, 0, 1, 3}
	if from, to := RunesAt(of, 1, 3); from != 2 || to != 3 {
		t.Errorf("symbols 1 and 2 are characters %d to %d", from, to)
	}
	if got := OnRunes(of, []string{"a", "b", "c", "d"}); !slices.Equal(got, []string{"a", "a", "b", "d"}) {
		t.Error(got)
	}
}
