package rnn

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrUnit marks a unit that the network does not have.
var ErrUnit = errors.New("no such unit")

// Unit is one unit of a site.
type Unit struct {
	Site string `json:"site"`
	Unit int    `json:"unit"`
}

// String is how a unit is written everywhere: l0.c[41].
func (u Unit) String() string { return UnitName(u.Site, u.Unit) }

// UnitName is the name of a unit of a site: l0.c[41].
func UnitName(site string, unit int) string { return site + "[" + strconv.Itoa(unit) + "]" }

var unitPattern = regexp.MustCompile(`^(l\d+(?:\.[a-z]+)+)(?:\[(\d+)\]|(\d+))$`)

// ParseUnit reads "l0.c[41]" or "l0.c41" for a network. Errors match ErrUnit or
// ErrSite.
func (m *Model) ParseUnit(s string) (Unit, error) {
	parts := unitPattern.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return Unit{}, fmt.Errorf("%w: %q; write a site and a number, as in l0.c[41] or l0.c41", ErrUnit, s)
	}
	n, err := strconv.Atoi(parts[2] + parts[3])
	if err != nil {
		return Unit{}, fmt.Errorf("%w: %q: no site has so many units", ErrUnit, s)
	}
	u := Unit{Site: parts[1], Unit: n}
	return u, m.CheckUnit(u)
}

// CheckUnit says why the network does not have a unit. Errors match ErrUnit or
// ErrSite.
func (m *Model) CheckUnit(u Unit) error {
	site, err := m.Site(u.Site)
	switch {
	case err != nil:
		return err
	case u.Unit >= 0 && u.Unit < site.Units:
		return nil
	case site.Units == 1:
		return fmt.Errorf("%w: %s; %s is one number, %s[0]", ErrUnit, u, u.Site, u.Site)
	}
	return fmt.Errorf("%w: %s; the units of %s are 0 to %d", ErrUnit, u, u.Site, site.Units-1)
}

// HiddenSites are the hidden states h, from the first layer up.
func (c Config) HiddenSites() []string {
	var sites []string
	for l := range c.Layers {
		sites = append(sites, fmt.Sprintf("l%d.h", l))
	}
	return sites
}

// StateSites are the sites that together make up a network's state: h of every layer
// and, for the LSTM, c.
func (c Config) StateSites() []string {
	var sites []string
	for l, h := range c.HiddenSites() {
		sites = append(sites, h)
		if c.Cell == LSTM {
			sites = append(sites, fmt.Sprintf("l%d.c", l))
		}
	}
	return sites
}
