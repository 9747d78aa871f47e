package lesson

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func escapePaths(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = url.PathEscape(p)
	}
	return strings.Join(out, "/")
}

// view asks for what a view shows, as the page does.
func (b *book) view(v View) error {
	r, err := b.run(v.Run)
	if err != nil {
		return err
	}
	ask := map[string]func(View, *runInfo) error{
		"reader": b.reader, "unit": b.unit, "turn": b.turn, "match": b.match, "why": b.why, "evolution": b.evolution, "beside": b.beside,
		"atlas": b.atlas, "map": b.cloud, "heatmap": b.heatmap, "memory": b.memory, "report": func(v View, _ *runInfo) error {
			return b.sections(v.Run, "losses,evolution,heatmap,concepts,atlas,use,explain,mistakes")
		}, "notes": func(View, *runInfo) error { return nil },
	}[v.Name]
	return ask(v, r)
}

// columnBytes bounds the values of other units that are kept with a passage, unitPages the pages of units.
const (
	columnBytes = 16 << 20
	unitPages   = 256
)

func (b *book) reader(v View, r *runInfo) error {
	site, unit := v.unit("unit", r.states(), r.last("h"))
	p, err := b.read(v.Run, passage{v.number("step", -1), v.number("at", -1), min(v.number("n", 600), r.Passage), v.text(), site, unit})
	if err != nil {
		return err
	}
	if err := b.columns(p, r, site, unit); err != nil {
		return err
	}
	if _, err := b.get([]string{"readings", p.id, "labels"}); err != nil {
		return err
	}
	c := v.number("c", -1)
	lo, hi := c, c+1
	if a, z, ok := v.span(); ok {
		lo, hi = a, z
	}
	if lo >= 0 && hi <= len(p.ids) && r.HasText {
		if _, err := b.get([]string{"readings", p.id, "rank"}, pair{"lo", strconv.Itoa(lo)}, pair{"hi", strconv.Itoa(hi)}, pair{"n", "20"}); err != nil {
			return err
		}
	}
	if !r.HasText {
		return nil
	}
	for _, s := range r.states() {
		for u := range s.Units {
			if s.Name == site && (u == unit || s.Units <= unitPages) {
				if err := b.unitPage(v.Run, v.number("step", -1), r, site, u); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// columns keeps what the units of all states did over a passage, or those of one site where they are many.
func (b *book) columns(p *reading, r *runInfo, site string, unit int) error {
	all := 0
	for _, s := range r.states() {
		all += s.Units
	}
	for _, s := range r.states() {
		for u := range s.Units {
			if 4*all*len(p.ids) > columnBytes && (s.Name != site || 4*s.Units*len(p.ids) > columnBytes && u != unit) {
				continue
			}
			if _, err := b.get([]string{"readings", p.id, "unit"}, pair{"site", s.Name}, pair{"unit", strconv.Itoa(u)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) unit(v View, r *runInfo) error {
	site, unit := v.unit("unit", r.Sites, r.last("h"))
	step := v.number("step", -1)
	if err := b.unitPage(v.Run, step, r, site, unit); err != nil {
		return err
	}
	at := []pair{{"step", strconv.Itoa(step)}, {"site", site}, {"unit", strconv.Itoa(unit)}}
	if _, err := b.get([]string{"runs", v.Run, "unit", "output"}, at...); err != nil {
		return err
	}
	if c := v.Params["concept"]; c != "" && len(r.Steps) > 1 {
		_, err := b.get([]string{"runs", v.Run, "growth"}, pair{"site", site}, pair{"unit", strconv.Itoa(unit)}, pair{"concept", c})
		return err
	}
	return nil
}

// number writes a number as browsers do.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (b *book) turn(v View, r *runInfo) error {
	site, unit := v.unit("unit", r.Sites, r.last("h"))
	step := v.number("step", -1)
	if err := b.unitPage(v.Run, step, r, site, unit); err != nil {
		return err
	}
	raw, err := b.get([]string{"runs", v.Run, "unit"}, pair{"step", strconv.Itoa(step)}, pair{"site", site}, pair{"unit", strconv.Itoa(unit)})
	if err != nil {
		return err
	}
	var of struct{ Range struct{ High float64 } }
	if err := json.Unmarshal(raw, &of); err != nil {
		return err
	}
	units := fmt.Sprintf("%s[%d]=%s", site, unit, number(v.float("v", of.Range.High)))
	if also := v.Params["also"]; also != "" {
		units += "," + also
	}
	_, err = b.get([]string{"runs", v.Run, "turn"}, pair{"step", strconv.Itoa(step)}, pair{"units", units}, pair{"prompt", v.Params["p"]},
		pair{"n", strconv.Itoa(v.number("len", 300))}, pair{"temperature", number(v.float("temp", .8))}, pair{"seed", strconv.Itoa(v.number("seed", 1))})
	return err
}

// start is where a passage begins that no parameter places.
func (v View) start(r *runInfo, own int) int {
	if !r.HasText || v.text() != nil {
		own = -1
	}
	return v.number("at", own)
}

func (b *book) why(v View, r *runInfo) error {
	p, err := b.read(v.Run, passage{v.number("step", -1), v.start(r, r.Split.Test.Lo), v.number("n", 400), v.text(), "", 0})
	if err != nil {
		return err
	}
	c := v.number("c", 150)
	if c < 1 || c >= len(p.ids) {
		return nil
	}
	if _, err = b.get([]string{"readings", p.id, "why"}, pair{"at", strconv.Itoa(c)}, pair{"instead", strconv.Itoa(v.number("instead", -1))}); err != nil {
		return err
	}
	if to := slices.Index(r.Spelled, v.Params["to"]); to >= 0 && v.Params["to"] != "" {
		_, err = b.get([]string{"readings", p.id, "edit"}, pair{"at", strconv.Itoa(c)}, pair{"to", strconv.Itoa(to)})
	}
	return err
}

func (b *book) evolution(v View, r *runInfo) error {
	raw, err := b.get([]string{"runs", v.Run, "evolution"})
	if err != nil {
		return err
	}
	var e struct {
		Moments []struct {
			Step int
			Kept bool
		}
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	site, unit := v.unit("unit", r.states(), r.last("h"))
	for _, m := range e.Moments {
		if !m.Kept {
			continue
		}
		own := -1
		if r.HasText {
			own = r.Split.Test.Lo
		}
		p, err := b.read(v.Run, passage{m.Step, v.number("at", own), 400, v.text(), site, unit})
		if err != nil {
			return err
		}
		if _, err := b.get([]string{"readings", p.id, "unit"}, pair{"site", site}, pair{"unit", strconv.Itoa(unit)}); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) beside(v View, r *runInfo) error {
	own := -1
	if r.HasText && v.text() == nil {
		own = r.Split.Test.Lo
	}
	site, unit := v.unit("unit", r.states(), r.last("h"))
	p, err := b.read(v.Run, passage{v.number("step", -1), v.number("at", own), v.number("n", 400), v.text(), site, unit})
	if err != nil {
		return err
	}
	if err := b.columns(p, r, site, unit); err != nil {
		return err
	}
	id := v.word("run2", v.Run)
	other, err := b.run(id)
	if err != nil {
		return err
	}
	step := -1
	if id == v.Run && len(r.Steps) > 0 {
		step = int(r.Steps[len(r.Steps)/2])
	}
	second := "unit2"
	if v.Params[second] == "" {
		second = "unit"
	}
	site, unit = v.unit(second, other.states(), other.last("h"))
	said := r.spell(p.ids)
	if t := v.text(); t != nil {
		said = *t
	}
	q, err := b.read(id, passage{v.number("step2", step), -1, 400, &said, site, unit})
	if err != nil {
		return err
	}
	return b.columns(q, other, site, unit)
}

func (b *book) atlas(v View, r *runInfo) error {
	if _, err := b.get([]string{"runs", v.Run, "atlas"}); err != nil || !r.HasText {
		return err
	}
	_, err := b.get([]string{"runs", v.Run, "matrix"}, pair{"step", strconv.Itoa(v.number("step", -1))})
	return err
}

// site is the state that a parameter names, otherwise the last of h.
func (v View) site(r *runInfo) string {
	if s := v.Params["site"]; slices.ContainsFunc(r.states(), func(x siteInfo) bool { return x.Name == s }) {
		return s
	}
	return r.last("h")
}

func (b *book) cloud(v View, r *runInfo) error {
	site, step := v.site(r), v.number("step", -1)
	if _, err := b.get([]string{"runs", v.Run, "map"}, pair{"step", strconv.Itoa(step)}, pair{"site", site}); err != nil {
		return err
	}
	p, err := b.read(v.Run, passage{step, v.number("at", r.Split.Test.Lo), min(300, v.number("n", 200)), v.text(), site, 0})
	if err != nil {
		return err
	}
	_, err = b.get([]string{"readings", p.id, "map"}, pair{"site", site})
	return err
}

func (b *book) heatmap(v View, r *runInfo) error {
	sites := []string{v.site(r)}
	if v.Params["site"] == "all" {
		sites = sites[:0]
		for _, s := range r.states() {
			sites = append(sites, s.Name)
		}
	}
	p, err := b.read(v.Run, passage{v.number("step", -1), v.number("at", -1), min(r.Passage, v.number("n", 600)), v.text(), sites[0], 0})
	if err != nil {
		return err
	}
	for _, site := range sites {
		if _, err := b.get([]string{"readings", p.id, "heat"}, pair{"site", site}); err != nil {
			return err
		}
	}
	if !r.HasText {
		return nil
	}
	_, err = b.get([]string{"runs", v.Run, "matrix"}, pair{"step", strconv.Itoa(v.number("step", -1))})
	return err
}

func (b *book) memory(v View, r *runInfo) error {
	if err := b.sections(v.Run, "mech,memory"); err != nil {
		return err
	}
	site, unit := v.unit("unit", r.states(), r.last("c"))
	p, err := b.read(v.Run, passage{v.number("step", -1), v.start(r, r.Split.Test.Lo), min(400, v.number("n", 240)), v.text(), site, unit})
	if err != nil {
		return err
	}
	if err := b.columns(p, r, site, unit); err != nil {
		return err
	}
	_, err = b.get([]string{"readings", p.id, "pairs"})
	return err
}

// sections are parts of the report, in every language of the page.
func (b *book) sections(run, names string) error {
	for _, lang := range []string{"en", "zh"} {
		if _, err := b.get([]string{"runs", run, "sections"}, pair{"names", names}, pair{"lang", lang}); err != nil {
			return err
		}
	}
	return nil
}
