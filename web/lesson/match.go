package lesson

import (
	"encoding/json"
	"strconv"
	"strings"
)

// match asks for a selection, its units, its search in the choosing part, and the last match in the reported part.
func (b *book) match(v View, r *runInfo) error {
	if _, err := b.get([]string{"runs", v.Run, "match"}); err != nil {
		return err
	}
	step := v.number("step", -1)
	raw, err := b.get([]string{"runs", v.Run, "index"}, pair{"step", strconv.Itoa(step)})
	if err != nil {
		return err
	}
	var index struct{ Ready bool }
	if err := json.Unmarshal(raw, &index); err != nil {
		return err
	}
	site, unit := v.unit("unit", r.states(), "")
	at := v.start(r, r.Split.Val.Lo)
	p, err := b.read(v.Run, passage{step, at, min(r.Passage, v.number("n", 400)), v.text(), site, unit})
	if err != nil {
		return err
	}
	if site != "" {
		if err := b.columns(p, r, site, unit); err != nil {
			return err
		}
	}
	for _, marks := range [][2]string{{"right", "wrong"}, {"yes", "no"}} {
		k, n := len(spans(v.Params[marks[0]])), len(spans(v.Params[marks[0]]))+len(spans(v.Params[marks[1]]))
		if n > 0 {
			if _, err := b.get([]string{"share"}, pair{"k", strconv.Itoa(k)}, pair{"n", strconv.Itoa(n)}); err != nil {
				return err
			}
		}
	}
	q := v.selection(at, len(p.ids))
	if q == nil || !index.Ready {
		return nil
	}
	if _, err := b.post([]string{"readings", p.id, "choose"}, q); err != nil {
		return err
	}
	if q["how"] != "marks" {
		q["right"], q["wrong"] = []any{}, []any{}
	}
	_, err = b.post([]string{"readings", p.id, "refine"}, q)
	return err
}

// selection is the body that the page sends for its parameters; nil: nothing is selected.
func (v View) selection(at, n int) map[string]any {
	a, z, ok := v.span()
	if !ok || z > n {
		return nil
	}
	how := v.word("how", "extreme")
	q := map[string]any{"lo": a, "hi": z, "at": at, "how": how, "extreme": v.number("k", 10)}
	switch how {
	case "rule":
		on := v.float("on", .9)
		edges, within := v.word("edges", "both"), v.number("within", -1)
		q["rule"] = map[string]any{
			"quantile": on, "off": min(on, v.float("off", .7)), "before": edges == "both" || edges == "before", "after": edges == "both" || edges == "after",
			"runs": within >= 0, "tolerance": max(0, within),
		}
	case "hand":
		units := []string{}
		for _, u := range strings.Split(v.Params["units"], ",") {
			if u != "" {
				units = append(units, u)
			}
		}
		if len(units) == 0 {
			return nil
		}
		q["units"] = units
	case "marks":
		right, wrong := spans(v.Params["right"]), spans(v.Params["wrong"])
		if len(right)+len(wrong) == 0 {
			return nil
		}
		q["right"], q["wrong"] = right, wrong
	}
	if as := v.Params["as"]; as != "" {
		q["as"] = as
	}
	return q
}

// spans reads 10-14,90-95.
func spans(s string) []map[string]int {
	out := []map[string]int{}
	for _, part := range strings.Split(s, ",") {
		lo, hi, _ := strings.Cut(part, "-")
		a, errA := strconv.Atoi(lo)
		z, errZ := strconv.Atoi(hi)
		if errA == nil && errZ == nil && z > a {
			out = append(out, map[string]int{"lo": a, "hi": z})
		}
	}
	return out
}
