package lesson

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// runInfo is what a view needs to know of its run.
type runInfo struct {
	ID      string
	Passage int
	Steps   []int64
	Views   []string
	HasText bool `json:"has_text"`
	Split   struct{ Val, Test struct{ Lo, Hi int } }
	Sites   []siteInfo
	Spelled []string
}

type siteInfo struct {
	Name  string
	Part  string
	Units int
	State bool
}

// states are the sites that every reading keeps.
func (r *runInfo) states() (out []siteInfo) {
	for _, s := range r.Sites {
		if s.State {
			out = append(out, s)
		}
	}
	return out
}

// last is the last state of a kind, as the page takes it where none is named.
func (r *runInfo) last(part string) string {
	name := ""
	for _, s := range r.states() {
		if s.Part == part || name == "" {
			name = s.Name
		}
	}
	return name
}

// run asks for a run and what every view shows of it.
func (b *book) run(id string) (*runInfo, error) {
	if r := b.runs[id]; r != nil {
		return r, nil
	}
	if !slices.Contains(b.copy.Runs, id) {
		return nil, fmt.Errorf("%w: there is no run %q here", ErrInput, id)
	}
	raw, err := b.get([]string{"runs", id})
	if err != nil {
		return nil, err
	}
	r := &runInfo{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, err
	}
	if _, err := b.get([]string{"runs", id, "notes"}); err != nil {
		return nil, err
	}
	b.runs[id], b.order = r, append(b.order, id)
	return r, nil
}

// usual are the views that have something to show, of every run.
func (b *book) usual() (out []View, err error) {
	for _, id := range b.copy.Runs {
		r, err := b.run(id)
		if err != nil {
			return nil, err
		}
		add := func(name string, params ...string) {
			v := View{id, name, map[string]string{}}
			for i := 0; i+1 < len(params); i += 2 {
				v.Params[params[i]] = params[i+1]
			}
			out = append(out, v)
		}
		add("reader")
		add("evolution")
		add("heatmap")
		if slices.Contains(r.Views, "dissect") {
			add("atlas")
			units, err := b.best(id, 8)
			if err != nil {
				return nil, err
			}
			for _, u := range units {
				add("unit", "unit", u)
			}
		}
		for view, name := range map[string]string{"memory": "memory", "match": "match"} {
			if slices.Contains(r.Views, view) {
				add(name)
			}
		}
	}
	return out, nil
}

// best are the units that the dissection found, each once.
func (b *book) best(run string, most int) (out []string, err error) {
	raw, err := b.get([]string{"runs", run, "atlas"})
	if err != nil {
		return nil, err
	}
	var atlas struct {
		Rows []struct {
			Site, Verdict string
			Unit          int
		}
	}
	if err := json.Unmarshal(raw, &atlas); err != nil {
		return nil, err
	}
	for _, r := range atlas.Rows {
		name := fmt.Sprintf("%s[%d]", r.Site, r.Unit)
		if (r.Verdict == "learned" || r.Verdict == "associated") && len(out) < most && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// passage is what the page asks to have read.
type passage struct {
	step  int
	at, n int
	text  *string
	site  string
	unit  int
}

// reading is a passage that was read.
type reading struct {
	id  string
	ids []int32
}

// text is the passage that somebody typed, nil for the run's own.
func (v View) text() *string {
	if t, ok := v.Params["t"]; ok {
		return &t
	}
	return nil
}

// read lets the network read. The key leaves out which unit is shown first: of a copy that is one of those kept, and the page asks for
// the others.
func (b *book) read(run string, p passage) (*reading, error) {
	body := map[string]any{"step": p.step, "at": p.at, "n": p.n, "site": p.site, "unit": p.unit}
	key := map[string]any{"step": p.step, "at": p.at, "n": p.n}
	if p.text != nil {
		body["text"], key["text"] = *p.text, *p.text
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	name, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	at := []string{"runs", run, "read"}
	frames, err := b.ask("POST", "api/"+escapePaths(at), "POST api/"+strings.Join(at, "/")+" "+string(unescapeHTML(name)), raw)
	if err != nil {
		return nil, err
	}
	return firstFrame(frames)
}

// firstFrame reads the head of a reading and its symbols.
func firstFrame(b []byte) (*reading, error) {
	bad := fmt.Errorf("lesson: a reading that cannot be read")
	if len(b) < 12 {
		return nil, bad
	}
	head, body := int(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint32(b[8:]))
	if head < 0 || body < 0 || 12+head+body > len(b) {
		return nil, bad
	}
	var h struct {
		Reading string
		Arrays  []struct{ Shape []int }
	}
	if err := json.Unmarshal(b[12:12+head], &h); err != nil || len(h.Arrays) != 1 || len(h.Arrays[0].Shape) != 1 {
		return nil, bad
	}
	r := &reading{id: h.Reading, ids: make([]int32, h.Arrays[0].Shape[0])}
	return r, binary.Read(bytes.NewReader(b[12+head:12+head+body]), binary.LittleEndian, r.ids)
}

// spell is the text of a reading.
func (r *runInfo) spell(ids []int32) string {
	var s strings.Builder
	for _, id := range ids {
		s.WriteString(r.Spelled[id])
	}
	return s.String()
}

// unitPage asks for what the page of a unit shows.
func (b *book) unitPage(run string, step int, r *runInfo, site string, unit int) error {
	gate := site
	if slices.ContainsFunc(r.states(), func(s siteInfo) bool { return s.Name == site }) {
		gate = ""
	}
	if _, err := b.get([]string{"runs", run, "panel"}, pair{"step", strconv.Itoa(step)}, pair{"site", gate}); err != nil {
		return err
	}
	_, err := b.get([]string{"runs", run, "unit"}, pair{"step", strconv.Itoa(step)}, pair{"site", site}, pair{"unit", strconv.Itoa(unit)})
	return err
}
