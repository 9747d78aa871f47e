package intervene

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// Errors of interventions that no network can carry out; match with errors.Is. A
// site the network does not have matches rnn.ErrSite.
var (
	ErrUnit = rnn.ErrUnit
	ErrMode = errors.New("impossible intervention")
	ErrDose = errors.New("impossible dose")
	ErrPair = errors.New("impossible pair of texts")
	ErrText = errors.New("not enough text to intervene on")
)

// Mode says what happens to the units.
type Mode string

// The modes. Every one but Zero, Clamp to a value, Add and Patch needs a Reference.
const (
	Zero     Mode = "zero"
	Mean     Mode = "mean"                 // the unit's mean
	MeanChar Mode = "mean-given-character" // its mean after the character just read
	Resample Mode = "resample"             // its value at another place with the same character and the opposite state
	Clamp    Mode = "clamp"                // a value, or a quantile of its own values
	Add      Mode = "add"                  // a vector on top
	Patch    Mode = "patch"                // values from another run
)

// Modes lists the modes.
func Modes() []Mode { return []Mode{Zero, Mean, MeanChar, Resample, Clamp, Add, Patch} }

// Unit is one unit of a site.
type Unit = rnn.Unit

// Intervention is one change of one site.
type Intervention struct {
	Site  string `json:"site"`            // "l0.h", "l0.c", a gate
	Path  string `json:"path,omitempty"`  // "rec", "up" or "out": only what this reader of h (or, for rec, of c) sees
	Units []int  `json:"units,omitempty"` // empty: all
	Mode  Mode   `json:"mode"`

	Value    float64     `json:"value,omitempty"`    // Clamp: to this value
	Quantile *float64    `json:"quantile,omitempty"` // Clamp: to this quantile of each unit's own values instead
	Vector   []float64   `json:"vector,omitempty"`   // Add: one number a unit
	Values   [][]float64 `json:"values,omitempty"`   // Patch: [positions, units]
	Concept  string      `json:"concept,omitempty"`  // Resample: whose state is turned round
	Seed     uint64      `json:"seed,omitempty"`     // Resample: of the places drawn

	// Positions are the characters, counted from the first one read, after which it
	// happens; empty: after every one.
	Positions []int `json:"positions,omitempty"`
}

// unitsOf is how many units a site of the network has; the site must exist.
func unitsOf(m *rnn.Model, name string) int {
	site, err := m.Site(name)
	if err != nil {
		panic(err.Error())
	}
	return site.Units
}

// site is the name of the site written to.
func (v Intervention) site() string {
	if v.Path == "" {
		return v.Site
	}
	return v.Site + "." + v.Path
}

// Validate says why a network cannot have this done to it. Errors match rnn.ErrSite,
// ErrUnit, ErrMode or ErrDose.
func (v Intervention) Validate(m *rnn.Model) error {
	if _, err := m.Site(v.site()); err != nil {
		return err
	}
	if !slices.Contains(Modes(), v.Mode) {
		return fmt.Errorf("%w: mode %q; choose one of %s", ErrMode, v.Mode, joinModes(Modes()))
	}
	for i, u := range v.Units {
		if err := m.CheckUnit(Unit{Site: v.site(), Unit: u}); err != nil {
			return err
		}
		if slices.Contains(v.Units[:i], u) {
			return fmt.Errorf("%w: unit %d of %s is listed twice", ErrMode, u, v.Site)
		}
	}
	for _, p := range v.Positions {
		if p < 0 {
			return fmt.Errorf("%w: position %d", ErrMode, p)
		}
	}
	return v.validateValues(m)
}

func (v Intervention) validateValues(m *rnn.Model) error {
	n := len(v.Units)
	if n == 0 {
		n = unitsOf(m, v.site())
	}
	switch v.Mode {
	case Clamp:
		if q := v.Quantile; q != nil && !(*q >= 0 && *q <= 1) {
			return fmt.Errorf("%w: quantile %v; it must lie in [0, 1]", ErrDose, *q)
		}
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			return fmt.Errorf("%w: %v is no value to clamp to", ErrDose, v.Value)
		}
	case Add:
		if len(v.Vector) != n {
			return fmt.Errorf("%w: a vector of %d numbers for %d units", ErrDose, len(v.Vector), n)
		}
	case Patch:
		if len(v.Positions) == 0 || len(v.Values) != len(v.Positions) {
			return fmt.Errorf("%w: values of %d positions for %d", ErrDose, len(v.Values), len(v.Positions))
		}
		for _, row := range v.Values {
			if len(row) != n {
				return fmt.Errorf("%w: %d values for %d units", ErrDose, len(row), n)
			}
		}
	case Resample:
		if v.Concept == "" {
			return fmt.Errorf("%w: resample needs the concept whose state is turned round", ErrMode)
		}
	}
	return nil
}

func joinModes(modes []Mode) string {
	s := make([]string, len(modes))
	for i, m := range modes {
		s[i] = string(m)
	}
	return strings.Join(s, ", ")
}
