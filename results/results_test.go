package results

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
	"github.com/rnnscope/rnnscope/stat"
)

func scored(name string, unit int, verdict dissect.Verdict) dissect.ConceptResult {
	return dissect.ConceptResult{
		Concept: name, Verdict: verdict, N: 100, Positive: 30,
		Best: &dissect.Score{Site: "l0.h", Unit: unit, AUROC: stat.Interval{Estimate: .9, Lo: .8, Hi: 1, N: 100}},
	}
}

// TestNothingIsLost: what was found of other concepts stays, and what another subject holds is not touched.
func TestNothingIsLost(t *testing.T) {
	c, _ := specimentest.Novel(t, 4000, 1, 1)
	r, err := run.Create(filepath.Join(t.TempDir(), "run"), run.Info{Split: specimentest.Parts(t, c)}, c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	at, other := finding.Subject{Text: "novel", SHA256: c.SHA256, Step: 5}, finding.Subject{Text: "other", SHA256: strings.Repeat("ab", 32), Step: 5}
	for _, x := range []struct {
		at      finding.Subject
		concept dissect.ConceptResult
	}{{at, scored("url", 1, dissect.Learned)}, {other, scored("digit", 2, dissect.NotFound)}, {at, scored("capital", 3, dissect.Associated)}} {
		if err := KeepDissection(r, x.at, &dissect.Result{Concepts: []dissect.ConceptResult{x.concept}}); err != nil {
			t.Fatal(err)
		}
	}
	names := func(at finding.Subject) (out []string) {
		atlas, _, err := Dissection(r, "", at)
		if err != nil || atlas == nil {
			t.Fatalf("no dissection of %v: %v", at, err)
		}
		for _, k := range atlas.Concepts {
			out = append(out, k.Concept)
		}
		slices.Sort(out)
		return out
	}
	if got := names(at); !slices.Equal(got, []string{"capital", "url"}) {
		t.Errorf("of the one text: %v", got)
	}
	if got := names(other); !slices.Equal(got, []string{"digit"}) {
		t.Errorf("of the other text: %v", got)
	}
	for _, unit := range []int{1, 2} {
		u := rnn.Unit{Site: "l0.h", Unit: unit}
		one := intervene.ConceptResult{Concept: "url", Pairs: []intervene.Pair{{Unit: u, Verdict: intervene.Used}}}
		if err := KeepVerdicts(r, at, &intervene.Result{Concepts: []intervene.ConceptResult{one}}); err != nil {
			t.Fatal(err)
		}
		if err := KeepSteered(r, at, intervene.SteeredUnit{Curve: &intervene.Curve{Unit: u, Concept: "url"}}); err != nil {
			t.Fatal(err)
		}
	}
	var used intervene.Result
	var steered []intervene.SteeredUnit
	if err := r.ViewOf(at, intervene.ViewName, &used); err != nil || len(used.Concepts) != 1 || len(used.Concepts[0].Pairs) != 2 {
		t.Errorf("verdicts on two units: %+v (%v)", used, err)
	}
	if err := r.ViewOf(at, intervene.SteeredViewName, &steered); err != nil || len(steered) != 2 {
		t.Errorf("curves of two units: %+v (%v)", steered, err)
	}
}

// TestFound: what was learned or associated is asked about, with its units; a user's own concept has no rule here.
func TestFound(t *testing.T) {
	url, own := scored("url", 1, dissect.Learned), scored("mine", 2, dissect.Associated)
	url.State = &dissect.StateUnit{Score: dissect.Score{Site: "l0.c", Unit: 9}}
	atlas := &dissect.Result{Concepts: []dissect.ConceptResult{url, own, scored("capital", 3, dissect.NotFound)}}
	found, names := Found(atlas)
	want, err := concept.Find("url")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Concept.Name != want.Name || found[0].Units[0].Unit != 1 || found[0].Beside[0].Unit != 9 {
		t.Errorf("found %+v", found)
	}
	if !slices.Equal(names, []string{"mine"}) {
		t.Errorf("own concepts %v", names)
	}
	if u := UnitsFor(atlas, "mine").Units; len(u) != 1 || u[0].Unit != 2 {
		t.Errorf("units of one's own concept: %v", u)
	}
	if u := UnitsFor(atlas, "capital").Units; len(u) != 0 {
		t.Errorf("units of a concept that was not found: %v", u)
	}
	if u := UnitsFor(nil, "url").Units; u != nil {
		t.Errorf("units without a dissection: %v", u)
	}
}
