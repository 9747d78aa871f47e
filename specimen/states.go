package specimen

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// States gives activations on ascending blocks of text: visit is called for every part of
// every block, the parts of one block in their order and never at once. Its activations are
// the visitor's until it returns; worker is below workers and never the same in two
// calls at once.
type States interface {
	Sites() []Site
	Read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *Part)) error
}

// Part is the activations of the symbols [Lo, Hi) of a block, counted from its first scored
// one.
type Part struct {
	Block  int // index among the blocks read
	Lo, Hi int
	Values [][]float32 // by site [Hi-Lo,H]
}

// Row is the activations [H] of a site, n symbols behind Lo.
func (p *Part) Row(site, n int) []float32 {
	h := len(p.Values[site]) / (p.Hi - p.Lo)
	return p.Values[site][n*h : (n+1)*h]
}

// Site is a place at which states are read.
type Site struct {
	Name  string `json:"name"`  // "l0.h"
	Units int    `json:"units"` // H
	Range string `json:"range"` // "tanh" [-1,1], "gate" [0,1] or "open"
}

// States are the states at the sites named. Errors match rnn.ErrSite or, of recorded
// states, ErrInput.
func (s *Specimen) States(sites []string) (States, error) {
	if s.recorded != nil {
		return s.recorded.only(sites)
	}
	c, err := NewNetworkStates(s.Model, s.Text.Source, sites)
	if err != nil || s.overlay == nil {
		return c, err
	}
	return s.overlay(c), nil
}

// Controls is how many untrained networks there are to hold figures against: as many as
// are asked for of a network, of recorded states those that came with them.
func (s *Specimen) Controls(asked int) int {
	if s.recorded == nil {
		return asked
	}
	return min(asked, len(s.controls))
}

// Control is the states of the k-th untrained network of the same shape: with PyTorch's
// initial weights, drawn by seed, or recorded.
func (s *Specimen) Control(k int, sites []string, seed uint64) (States, error) {
	if s.recorded != nil {
		if k >= len(s.controls) {
			return nil, fmt.Errorf("%w: %d control networks were recorded", ErrInput, len(s.controls))
		}
		return s.controls[k].only(sites)
	}
	m, err := rnn.New(s.Model.Config())
	if err != nil {
		return nil, err
	}
	m.Init(rand.New(rand.NewPCG(seed, uint64(k))))
	return NewNetworkStates(m, s.Text.Source, sites)
}
