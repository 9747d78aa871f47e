package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
)

// html is a page whose quotation marks hold attribute values, where probes made of filler are
// unlike the text.
func html(lines int) string {
	words := strings.Fields("under on rain sat softly fell near trees stone cat old while water mat the")
	word := func(k int) string { return words[(k*k+7*k)%101%len(words)] }
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "<p>%s %s on <a href=\"%s/%s.html\" title=\"%s %s\">%s</a> %s (%s) %s.</p>\n",
			word(i), word(i+3), word(2*i), word(i+5), word(3*i), word(i+1), word(5*i), word(i+8), word(i+11), word(7*i))
	}
	return b.String()
}

// TestNoContradictions runs the commands that give verdicts on five kinds of text, and looks for
// answers that cannot both be true. The networks are small: what they found is not the point.
func TestNoContradictions(t *testing.T) {
	apart(t)
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte(html(900)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string]string{
		"prose": "synth:novel --synth-size 75000", "wiki": "synth:wiki --synth-size 75000", "code": "synth:code --synth-size 75000",
		"mixed": "synth:mixed --synth-size 75000", "html": page,
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			said := mustRun(t, append(append([]string{"-q", "train"}, strings.Fields(words)...), "--out", dir, "--hidden", "16", "--iterations", "150", "--lr", "0.02", "--batch", "16", "--seq", "48", "--sample-length", "40", "--split", "20,20")...)
			a := answers{t: t, dir: dir, trained: said.out}
			a.gather()
			a.dissection()
			a.interventions()
			a.listed()
			a.alone()
			a.quotations()
			a.losses()
			a.remembered()
			a.explained()
			a.reported()
		})
	}
}

// answers is what the commands say of one run.
type answers struct {
	t        *testing.T
	dir      string
	atlas    dissect.Result
	use      intervene.Result
	quotes   *mechanism.View
	findings []finding.Finding
	trained  string // what the training printed
	errors   mistakes.Result
	memory   memory.Result
	words    explain.Result
	growth   evolutionAnswer
}

// evolutionAnswer is what is looked at of the evolution.
type evolutionAnswer struct {
	Snapshots []struct {
		Step int64    `json:"step"`
		Loss *float64 `json:"val_loss"`
	} `json:"snapshots"`
}

func (a *answers) ask(into any, args ...string) {
	a.t.Helper()
	got := mustRun(a.t, append([]string{"-q", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(got.out), into); err != nil {
		a.t.Fatalf("%v: %v", args, err)
	}
}

func (a *answers) gather() {
	const named = "in-quote,capital,word-end-next,line-end-next,paren-depth,xml-tag"
	a.ask(&a.atlas, "dissect", a.dir, "--concepts", named, "--untrained", "2")
	a.ask(&a.use, "ablate", a.dir, "--concepts", "in-quote,word-end-next,line-end-next", "--characters", "9000")
	if got := rnnscope(a.t, "", "-q", "--json", "quotes", a.dir); got.status == console.ExitOK {
		a.quotes = &mechanism.View{}
		if err := json.Unmarshal([]byte(got.out), a.quotes); err != nil {
			a.t.Fatal(err)
		}
	}
	a.ask(&a.errors, "errors", a.dir)
	a.ask(&a.memory, "memory", a.dir, "--suites", "none", "--order", "6")
	a.ask(&a.words, "explain", a.dir, "--sites", "l0.h,l0.c", "--untrained", "0")
	a.ask(&a.growth, "evolution", a.dir)
	for _, other := range []string{"steer RUN --unit l0.h[3] --concept word-end-next --characters 4000 -n 10", "trace RUN --text a", "sample RUN -n 20", "match RUN --passage aaaa --span 1:3 --as capital --draws 50", "patch RUN --clean a --corrupt e"} {
		var answer json.RawMessage
		a.ask(&answer, strings.Fields(strings.ReplaceAll(other, "RUN", a.dir))...)
	}
	var listed struct {
		Findings []finding.Finding `json:"findings"`
	}
	a.ask(&listed, "atlas", a.dir)
	a.findings = listed.Findings
}

// dissection: a concept's verdict is the best of its sites', its unit that site's, and every
// verdict is what its own figures say.
func (a *answers) dissection() {
	order := map[dissect.Verdict]int{dissect.NotInText: 0, dissect.TooLittleText: 1, dissect.NotFound: 2, dissect.Associated: 3, dissect.Learned: 4}
	for _, k := range a.atlas.Concepts {
		best := dissect.NotInText
		for _, s := range k.Sites {
			if order[s.Verdict] > order[best] {
				best = s.Verdict
			}
			if s.P.Defined() && math.Abs(float64(s.AdjustedP)-min(1, float64(s.P)*float64(s.Tests))) > 1e-9 {
				a.t.Errorf("%s at %s: p %v times %d tests is not %v", k.Concept, s.Site, s.P, s.Tests, s.AdjustedP)
			}
			found := s.Verdict == dissect.Associated || s.Verdict == dissect.Learned
			if found && (s.AdjustedP > dissect.Alpha || !s.AUROC.Above(0.5)) || s.Verdict == dissect.NotFound && s.AdjustedP <= dissect.Alpha && s.AUROC.Above(0.5) ||
				s.Verdict == dissect.Learned && !s.AUROC.Above(float64(s.UntrainedMax)) {
				a.t.Errorf("%s at %s is %q with %s, p %v, untrained %v", k.Concept, s.Site, s.Verdict, s.AUROC, s.AdjustedP, s.UntrainedMax)
			}
		}
		if len(k.Sites) > 0 && (k.Verdict != best || k.Best.Verdict != best) {
			a.t.Errorf("%s is %q, its unit %q, the best of its sites %q", k.Concept, k.Verdict, k.Best.Verdict, best)
		}
		if k.Definition == "" {
			a.t.Errorf("%s has no definition", k.Concept)
		}
	}
}

func (a *answers) found(concept string) *dissect.ConceptResult {
	for i := range a.atlas.Concepts {
		if k := &a.atlas.Concepts[i]; k.Concept == concept && k.Best != nil {
			return k
		}
	}
	return nil
}

// interventions: a unit's AUROC is that of the dissection, and a verdict has what it needs.
func (a *answers) interventions() {
	for _, c := range a.use.Concepts {
		for _, p := range c.Pairs {
			if k := a.found(c.Concept); k != nil && k.Best.Site == p.Site && k.Best.Unit == p.Unit.Unit && p.AUROC.Defined() {
				if d := math.Abs(float64(p.AUROC) - k.Best.AUROC.Estimate); d > k.Best.Binning+0.002 {
					a.t.Errorf("%s: ablate says %s has AUROC %v, dissect %v", c.Concept, p.Unit, p.AUROC, k.Best.AUROC)
				}
			}
			if p.Verdict == intervene.Used && (p.Adjusted >= intervene.Alpha || !p.Mean.D.Above(0) || !(p.Resample.D.Estimate > 0) || !p.Gate.Passed || p.Equivalent && p.Mean.D.Lo > .002) {
				a.t.Errorf("%s is used for %s without what that needs: %+v", p.Unit, c.Concept, p)
			}
			if p.Verdict == intervene.Encoded && len(p.Reasons) == 0 {
				a.t.Errorf("%s is not used for %s, without a reason", p.Unit, c.Concept)
			}
		}
	}
}

// listed: the list of findings gives the verdicts that the commands gave.
func (a *answers) listed() {
	for _, f := range a.findings {
		if f.Metric == "verdict" && f.Kind == "" {
			for _, k := range a.atlas.Concepts {
				if k.Concept == f.Concept && string(k.Verdict) != string(f.Verdict) {
					a.t.Errorf("%s: dissect says %q, the list %q", f.Concept, k.Verdict, f.Verdict)
				}
			}
		}
		if f.Metric == intervene.UsedMetric {
			for _, c := range a.use.Concepts {
				for _, p := range c.Pairs {
					if c.Concept == f.Concept && p.Site == f.Site && p.Unit.Unit == f.Unit && (p.Verdict == intervene.Used) != (f.Estimate == 1) {
						a.t.Errorf("%s, %s: ablate says %q, the list %v", f.Concept, p.Unit, p.Verdict, f.Estimate)
					}
				}
			}
		}
	}
}

// alone: one concept asked alone gets the answer it got among others, from both commands.
func (a *answers) alone() {
	var atlas dissect.Result
	a.ask(&atlas, "dissect", a.dir, "--concepts", "in-quote", "--untrained", "2")
	for _, k := range atlas.Concepts {
		if all := a.found(k.Concept); k.Best != nil && (all == nil || all.Verdict != k.Verdict || all.Best.Unit != k.Best.Unit || all.Best.P != k.Best.P || all.Best.AUROC != k.Best.AUROC) {
			a.t.Errorf("%s alone: %+v, among others: %+v", k.Concept, k.Best, all)
		}
	}
	var use intervene.Result
	a.ask(&use, "ablate", a.dir, "--concepts", "word-end-next", "--characters", "9000")
	for _, c := range a.use.Concepts {
		if c.Concept != "word-end-next" {
			continue
		}
		for i, p := range use.Concepts[0].Pairs {
			if q := c.Pairs[i]; p.Unit != q.Unit || p.Verdict != q.Verdict || p.P != q.P || p.Mean.D != q.Mean.D {
				a.t.Errorf("word-end-next alone: %+v, among others: %+v", p, q)
			}
		}
	}
}

// quotations: what the network uses for being inside a quotation is not denied by quotes.
func (a *answers) quotations() {
	if a.quotes == nil {
		return
	}
	k := a.found("in-quote")
	for _, c := range a.use.Concepts {
		for _, p := range c.Pairs {
			if c.Concept == "in-quote" && p.Verdict == intervene.Used && k != nil && k.Verdict == dissect.Learned && a.quotes.Result.Verdict == mechanism.None {
				a.t.Errorf("%s is used for quotations (AUROC %v), and quotes says that inside is not told from outside: %+v", p.Unit, p.AUROC, a.quotes.Result.Natural)
			}
		}
	}
}

// losses: every command means the same loss. The part that is measured is entered anew in every
// block by some, once by others: that is the tolerance.
func (a *answers) losses() {
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > .02*want {
			a.t.Errorf("%s: %v nats, the training said %v", what, got, want)
		}
	}
	said := func(word string) float64 {
		m := regexp.MustCompile(word + ` +([0-9.]+) nats`).FindStringSubmatch(a.trained)
		if m == nil {
			a.t.Fatalf("the training printed no %s loss:\n%s", word, a.trained)
		}
		v, _ := strconv.ParseFloat(m[1], 64)
		return v
	}
	near("errors", a.errors.Loss.Estimate, said("test"))
	last := a.growth.Snapshots[len(a.growth.Snapshots)-1]
	near("the last snapshot", *last.Loss, said("validation"))
	var shares, removed float64
	for _, c := range a.errors.Causes {
		shares, removed = shares+c.Share.Estimate, removed+float64(c.Removed)
	}
	if math.Abs(shares-1) > 1e-9 || int64(removed) != a.errors.Wrong {
		a.t.Errorf("causes make %v of the errors, %v of %d", shares, removed, a.errors.Wrong)
	}
}

// remembered: what memory says of pairs does not deny what quotes says of marks, and a unit that
// waits from opener to closer follows what lies between.
func (a *answers) remembered() {
	none := a.quotes != nil && a.quotes.Result.Verdict == mechanism.None
	for _, k := range a.memory.Recall {
		if none && k.Kind == "quote" && k.Far != nil && k.Far.Excess.Lo > 1 {
			a.t.Errorf("closing quotes are foreseen from far away, %v nats beyond the n-grams, and quotes says that inside is not told from outside", k.Far.Excess)
		}
		for _, b := range k.Bins {
			if b.Right.Defined() && (b.Right.Lo > b.Right.Estimate+1e-9 || b.Right.Hi < b.Right.Estimate-1e-9) {
				a.t.Errorf("%s: %v is outside of its own interval", k.Kind, b.Right)
			}
		}
	}
	for _, w := range a.memory.Waiting {
		waits := 0
		for _, u := range w.Units {
			if u.Verdict == memory.TriggerWait {
				waits++
				if len(u.Failed) > 0 {
					a.t.Errorf("%s: %v waits and fails %v", w.Kind, u.Unit, u.Failed)
				}
			}
		}
		if waits > w.Named {
			a.t.Errorf("%s: %d units wait, %d are named", w.Kind, waits, w.Named)
		}
		if k := a.found("in-quote"); waits > 0 && w.Kind == "quote" && k != nil && k.Verdict == dissect.NotFound {
			a.t.Errorf("a unit waits for closing quotes, and dissect finds none that follows quotations")
		}
	}
}

// explained: a unit that separates a concept nearly without fault has a description that says
// something of it.
func (a *answers) explained() {
	for _, k := range a.atlas.Concepts {
		if k.Best == nil || k.Best.AUROC.Lo < .95 || k.Verdict == dissect.TooLittleText {
			continue
		}
		for _, site := range a.words.Sites {
			for _, u := range site.Units {
				if site.Name == k.Best.Site && u.Unit == k.Best.Unit && !(u.R2[explain.Sizes-1].Lo > 0) {
					a.t.Errorf("%s[%d] follows %s (AUROC %v), and its description explains %v of it", site.Name, u.Unit, k.Concept, k.Best.AUROC, u.R2[explain.Sizes-1])
				}
			}
		}
	}
}

// reported: the page gives every concept the verdict and the figure that dissect gave, and the
// marks what quotes said.
func (a *answers) reported() {
	place := a.t.TempDir()
	mustRun(a.t, "-q", "report", a.dir, "--out", place)
	b, err := os.ReadFile(filepath.Join(place, "report.html"))
	if err != nil {
		a.t.Fatal(err)
	}
	hidden := regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<svg.*?</svg>`)
	said := regexp.MustCompile(`(<[^>]*>\s*)+`).ReplaceAllString(hidden.ReplaceAllString(string(b), ""), "|")
	asked := 0
	for _, k := range a.atlas.Concepts {
		if k.Best == nil {
			continue
		}
		asked++
		c, err := concept.Find(k.Concept)
		if err != nil {
			a.t.Fatal(err)
		}
		title := c.Title("en")
		want := fmt.Sprintf("|%s|%s|%.2f [", title, k.Verdict, k.Best.AUROC.Estimate)
		if k.Verdict == dissect.TooLittleText {
			want = fmt.Sprintf("|%s|%s|", title, k.Verdict)
		}
		if !strings.Contains(said, want) {
			a.t.Errorf("the report does not say %q of %s", want, k.Concept)
		}
	}
	if asked == 0 {
		a.t.Error("nothing was compared")
	}
	if q := a.quotes; q != nil {
		want := q.Result.Verdict
		if !strings.Contains(said, "Verdict: "+want) {
			i := strings.Index(said, "Verdict: ")
			a.t.Errorf("quotes says %q, the report %.80q", want, said[max(0, i):])
		}
	}
}
