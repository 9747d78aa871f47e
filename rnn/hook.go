package rnn

import (
	"errors"
	"fmt"
	"strings"
)

// Hook is given to Pass.Forward or Stepper.StepHook: it is shown the values at
// its sites as they come into being, and may change them.
//
// At is called once for every wanted site, step and row that is not padding. v is
// the value, [Site.Units], and may be written; At says whether it wrote. Rows are visited
// from several goroutines at once, one goroutine a row; for one row and layer the
// steps come in order, and within a step the sites in the order of Model.Sites.
// Layer l is run over all steps before layer l+1. Different rows may of course be
// changed in different ways: a batch carries as many interventions as it has rows.
//
// What follows from a change is computed anew: a changed gate changes c and h, a
// changed c changes h, a changed h changes what all its readers see, a changed
// h.rec, h.up or h.out only what that one reader sees, and a changed count the
// logits and the counts after it. A hook that never writes
// changes no bit of the result.
type Hook interface {
	// Sites names the sites wanted; asked once a Forward. i of At indexes it.
	Sites() []string
	At(i, t, row int, v []float32) (changed bool)
}

// Site is a named place in the network where a value of some units lives.
type Site struct {
	Name  string // "l0.h"
	Layer int
	Part  string // "h", "c", "i", "h.rec" ...
	Index int    // position in Model.Sites
	Units int    // H; 1 for the count
}

// ErrSite marks the name of a site that the network does not have.
var ErrSite = errors.New("rnn: no such site")

// parts lists the sites of one layer in the order they come into being.
//
//	LSTM   i f g o (after their nonlinearity), c, h, c.rec, h.rec
//	GRU    r z n, h, h.rec
//	Elman  a (the sum before the nonlinearity), h, h.rec
//
// h.up is the copy the layer above reads, h.out the readout's; a layer has the one
// of the two that exists. c.rec is the copy of c carried to the next step. The top
// layer of a network with Config.Counter also has the count, one number.
func (c Config) parts(l int) []string {
	var p []string
	switch c.Cell {
	case LSTM:
		p = []string{"i", "f", "g", "o", "c", "h", "c.rec", "h.rec"}
	case GRU:
		p = []string{"r", "z", "n", "h", "h.rec"}
	default:
		p = []string{"a", "h", "h.rec"}
	}
	if l < c.Layers-1 {
		return append(p, "h.up")
	}
	p = append(p, "h.out")
	if c.Counter {
		p = append(p, countPart)
	}
	return p
}

// Sites lists every site, layer by layer.
func (m *Model) Sites() []Site {
	var s []Site
	for l := range m.cfg.Layers {
		for _, p := range m.cfg.parts(l) {
			units := m.cfg.Hidden
			if p == countPart {
				units = 1
			}
			s = append(s, Site{Name: fmt.Sprintf("l%d.%s", l, p), Layer: l, Part: p, Index: len(s), Units: units})
		}
	}
	return s
}

// Site finds a site by name; the error matches ErrSite and lists what there is.
func (m *Model) Site(name string) (Site, error) {
	var names []string
	for _, s := range m.Sites() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Site{}, fmt.Errorf("%w %q: this network has %s", ErrSite, name, strings.Join(names, " "))
}

// Parts of a layer as hookSites indexes them; 0 to 3 are the gates in the cell's
// order, 0 the Elman cell's sum.
const (
	partC = 4 + iota
	partH
	partCRec
	partHRec
	partRead // h.up or h.out, whichever the layer has
	partCount
	parts
)

// countPart is the explicit counter's site, in the top layer of a network that has one.
const countPart = "count"

// gateNames are the gates of each cell in order.
var gateNames = map[Cell][]string{LSTM: {"i", "f", "g", "o"}, GRU: {"r", "z", "n"}, Elman: {"a"}}

// partIndex is the index of a part by name.
func partIndex(c Cell, part string) int {
	for i, g := range gateNames[c] {
		if g == part {
			return i
		}
	}
	switch part {
	case "c":
		return partC
	case "h":
		return partH
	case "c.rec":
		return partCRec
	case "h.rec":
		return partHRec
	case countPart:
		return partCount
	}
	return partRead
}

// copyOf is the part this site is one reader's copy of, "" if it is none.
func (s Site) copyOf() string {
	of, _, isCopy := strings.Cut(s.Part, ".")
	if !isCopy {
		return ""
	}
	return of
}

// hookSites is a Hook with its sites looked up. A nil hookSites wants nothing.
type hookSites struct {
	hook   Hook
	at     [][parts]int // by layer: 1 + index in the hook's list, 0 where not wanted
	first  int          // what is added to t: a Stepper's step
	change func()
}
