package evolve

import (
	"strings"
	"testing"
)

// TestStresses against words marked by hand: / is a stressed syllable. The estimate may be
// wrong for one word in eight.
func TestStresses(t *testing.T) {
	wrong := 0
	words := strings.Fields(`morning /x  window /x  about x/  before x/  begin x/  again x/  return x/  desire x/  receive x/  except x/
		better /x  beauty /x  river /x  garden /x  answer /x  forget x/  forgive x/  believe x/  alone x/  away x/  upon x/  into x/
		nation /x  remember x/x  delicate /x/  attention x/x  visible /x/  memory /x/  reality x/x  musician x/x  tomorrow x/x
		the x  of x  and x  night /  dream /  stone /  was x  his x  heart /  broken /x  silver /x  yellow /x  between x/  ashamed x/
		delay x/  repair x/  sister /x  candle /x  harbour /x  captain /x  promise /x  expect x/  confess x/  disturb x/`)
	for i := 0; i < len(words); i += 2 {
		got := ""
		for _, s := range StressPattern(words[i]) {
			got += map[bool]string{true: "/", false: "x"}[s]
		}
		if got != words[i+1] {
			wrong++
			t.Logf("%s: %s, marked %s", words[i], got, words[i+1])
		}
		if len(got) != Syllables(words[i]) {
			t.Errorf("%s: %d stresses of %d syllables", words[i], len(got), Syllables(words[i]))
		}
	}
	if 8*wrong > len(words)/2 {
		t.Errorf("%d of %d words are wrong", wrong, len(words)/2)
	}
}

// TestMetre: lines written to be iambic show it; the same words in another order do not.
func TestMetre(t *testing.T) {
	lines := `
The river turns before the silver stone
And every night the captain walks alone.
A garden in the morning rain will grow
The yellow roses that my sisters know.
We left the harbour when the candle failed
And where the water shone at last we sailed.
I hear the answer in the broken bell
And know the promise that I dare not tell.
The winter comes upon the field of gold
And all the stories of the house are told.
`
	var swapped strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		for i, j := 0, len(words)-1; i < j; i, j = i+1, j-1 {
			words[i], words[j] = words[j], words[i]
		}
		out := strings.ToLower(strings.ReplaceAll(strings.Join(words, " "), ".", ""))
		swapped.WriteString("\n" + strings.ToUpper(out[:1]) + out[1:])
	}
	swapped.WriteString("\n")
	own, other := metreOf([][]rune{[]rune(lines)}), metreOf([][]rune{[]rune(swapped.String())})
	if own.N != 10 || own.Lo < .1 {
		t.Errorf("iambic lines: %v", own)
	}
	if other.N != 10 || other.Lo > .02 || other.Estimate > own.Lo {
		t.Errorf("the same words backwards: %v", other)
	}
}
