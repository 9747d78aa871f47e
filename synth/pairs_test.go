package synth

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestPairsAreControlled(t *testing.T) {
	for _, s := range PairSuites() {
		ps := Pairs(s.Name, 200, rand.New(rand.NewPCG(3, 4)))
		if !reflect.DeepEqual(ps, Pairs(s.Name, 200, rand.New(rand.NewPCG(3, 4)))) {
			t.Errorf("%s: the same seed gives other pairs", s.Name)
		}
		for i := 0; i < len(ps); i += 2 {
			a, b := ps[i], ps[i+1]
			if a.Item != b.Item || a.Right != b.Wrong || a.Wrong != b.Right || len(a.Right) != len(a.Wrong) || a.Prefix == b.Prefix {
				t.Fatalf("%s: not a balanced item: %+v %+v", s.Name, a, b)
			}
			if a.Gap < 1 || a.Gap >= len([]rune(a.Prefix)) {
				t.Fatalf("%s: gap %d in a prefix of %d", s.Name, a.Gap, len(a.Prefix))
			}
		}
	}
}

// Between the name and the question nothing may tell the gender again.
func TestGenderPairsTellItOnce(t *testing.T) {
	gendered := map[string]bool{"she": true, "her": true, "hers": true, "herself": true, "he": true, "him": true, "his": true, "himself": true}
	l := words()
	for _, n := range append(append([]word{}, l.women...), l.men...) {
		gendered[strings.ToLower(n.text)] = true
	}
	for _, p := range Pairs("gender", 400, rand.New(rand.NewPCG(5, 6))) {
		rs := []rune(p.Prefix)
		between := strings.FieldsFunc(strings.ToLower(string(rs[len(rs)-p.Gap:])), func(r rune) bool { return r < 'a' || r > 'z' })
		for _, w := range between {
			if gendered[w] {
				t.Fatalf("%q stands between:\n%s", w, p.Prefix)
			}
		}
	}
}

// What decides stands right before the gap.
func TestPairsCue(t *testing.T) {
	for suite, ends := range map[string][]string{"tags": {">\n"}, "environments": {"}"}, "math": {"(", "_{"}} {
		for _, p := range Pairs(suite, 100, rand.New(rand.NewPCG(7, 8))) {
			rs := []rune(p.Prefix)
			before := string(rs[:len(rs)-p.Gap])
			ok := false
			for _, e := range ends {
				ok = ok || strings.HasSuffix(before, e)
			}
			if !ok {
				t.Fatalf("%s: %q stands before the gap", suite, before[max(0, len(before)-30):])
			}
			if suite == "environments" && !strings.HasSuffix(before, `\begin{`+p.Right) {
				t.Fatalf("environment %q is not the one opened last: %q", p.Right, before)
			}
		}
	}
}
