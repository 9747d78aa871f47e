package dissect

import (
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// The events of a Response that are no text.
const (
	eventOn  = "on"
	eventOff = "off"
	lineEnd  = "line end"
)

// leastEvents is how many places a curve around a text needs.
const leastEvents = 5

// event says where one kind of event happens in a block: at its symbol t. state is by
// position of the block.
type event struct {
	name  string
	least int
	at    func(x *specimen.Stretch, t int, state []int8) bool
}

// eventsOf lists the events around which a concept's unit is shown.
func eventsOf(c concept.Concept) []event {
	out := []event{
		{eventOn, 1, func(_ *specimen.Stretch, t int, state []int8) bool { return t > 0 && state[t-1] == 0 && state[t] == 1 }},
		{eventOff, 1, func(_ *specimen.Stretch, t int, state []int8) bool { return t > 0 && state[t-1] == 1 && state[t] == 0 }},
	}
	for _, e := range c.EventTexts() {
		out = append(out, textEvents(e)...)
	}
	if slices.Contains([]string{"line-end-next", "comment", "comment-python", "heading"}, c.Name) {
		out = append(out, textEvents(concept.EventText{Text: "\n"})...)
	}
	if c.Name == "url" {
		out = append(out, textEvents(concept.EventText{Text: "http://"})...)
		for _, kind := range []string{kindLetter, kindDigit, kindSlash, kindDot, kindHash, kindOther} {
			out = append(out, event{kind, leastEvents, func(x *specimen.Stretch, t int, state []int8) bool {
				lo, hi := x.Of(t)
				return state[t] == 1 && hi == lo+1 && urlKind(x.Runes[lo]) == kind
			}})
		}
	}
	return out
}

// textEvents is one event for a text, two for one that toggles.
func textEvents(e concept.EventText) []event {
	want, name := []rune(e.Text), e.Text
	if strings.Trim(name, "\n") == "" {
		name = lineEnd
		want = want[:1]
	}
	name = strings.ReplaceAll(name, "\n", "")
	if e.Event != concept.Toggle {
		return []event{{name, leastEvents, func(x *specimen.Stretch, t int, _ []int8) bool { return x.Completes(want, t) }}}
	}
	toggled := func(to int8) func(*specimen.Stretch, int, []int8) bool {
		return func(x *specimen.Stretch, t int, state []int8) bool {
			return x.Completes(want, t) && t > 0 && state[t] == to && state[t-1] == 1-to
		}
	}
	return []event{{name + " on", leastEvents, toggled(1)}, {name + " off", leastEvents, toggled(0)}}
}

// eventLead is how many characters before a block its events may begin.
const eventLead = 16

// responses are the curves of a unit, none where too little happens.
func (l *looker) responses(a closerAsked) []Response {
	events := eventsOf(l.walk.Labels.Rules[a.concept].Concept)
	curves := make([]*curveSums, len(events))
	for i := range curves {
		curves[i] = newCurveSums(len(l.Labels))
	}
	var state []int8
	for s, b := range l.Labels {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[a.concept])
		for t := range state {
			for i, e := range events {
				if e.at(&l.texts[s], t, state) {
					curves[i].add(s, a.windows[s].Values, t)
				}
			}
		}
	}
	out := []Response{}
	for i, e := range events {
		if curves[i].events >= e.least {
			out = append(out, curves[i].response(e.name))
		}
	}
	return out
}

// readTexts reads every detail block with a lead.
func (l *looker) readTexts() {
	for _, b := range l.Labels {
		l.texts = append(l.texts, l.pages.Stretch(l.in.Alphabet, b.Block, eventLead))
	}
}

// curveOffsets is how many offsets a curve has.
const curveOffsets = CurveHi - CurveLo + 1

// curveSums are activations around events, by offset and block.
type curveSums struct {
	events      int
	sums, count [curveOffsets][]float64
}

func newCurveSums(blocks int) *curveSums {
	c := &curveSums{}
	for o := range c.sums {
		c.sums[o], c.count[o] = make([]float64, blocks), make([]float64, blocks)
	}
	return c
}

func (c *curveSums) add(block int, values []float32, t int) {
	c.events++
	for o := max(0, -CurveLo-t); o < curveOffsets && t+CurveLo+o < len(values); o++ {
		c.sums[o][block] += float64(values[t+CurveLo+o])
		c.count[o][block]++
	}
}

func (c *curveSums) response(name string) Response {
	out := Response{Event: name, Events: c.events, Mean: make([]stat.Interval, curveOffsets)}
	for o := range c.sums {
		m := stat.SegmentMean(c.sums[o], c.count[o])
		m.Estimate, m.Lo, m.Hi = look.Round(m.Estimate, 1e-4), look.Round(m.Lo, 1e-4), look.Round(m.Hi, 1e-4)
		out.Mean[o] = m
	}
	return out
}
