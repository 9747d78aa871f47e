package dissect

import (
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// A verdict depends on the network, the text, the unit and the concept, and on nothing else:
// not on which other concepts were asked for, nor in what order. So all draws are seeded by
// the text and the concept, and p is corrected for a fixed list of tests.

// family is the number of tests that the p of a concept at a site is corrected for: all
// built-in concepts at every site that is searched by default, whatever was asked. A site
// beyond those counts as all the sites there are. A user's own concept is corrected for the same
// list, however many are named: it stands beside the built-in ones and is judged as one of them.
func (j *job) family(site string) int {
	sites := j.in.Sites()
	n := len(sites)
	if !slices.Contains(sites, site) && j.in.Model != nil {
		n = len(j.in.Model.Sites())
	}
	return concept.FamilySize() * n
}

// draws is how many swaps give the p of one unit: enough for it to survive the correction.
func (j *job) draws(family int) int {
	if j.opt.Draws > 0 {
		return j.opt.Draws
	}
	return max(leastDraws, 40*family)
}

const (
	leastDraws = 9999
	siteDraws  = 999 // for the p of a site, which is not corrected
)

// rngOf is a random stream that the text and the names alone decide.
func (j *job) rngOf(names ...string) *rand.Rand {
	return rand.New(rand.NewPCG(j.seed(), stat.HashOf(names...)))
}

// seed is the text's, moved by Options.Seed.
func (j *job) seed() uint64 { return stat.HashOf(j.in.Text.SHA256) + j.opt.Seed }

// defaultSites are the sites that are searched by default, whatever was asked: what is kept for the
// null must not depend on that.
func (j *job) defaultSites() ([]specimen.Site, error) {
	states, err := j.in.States(j.in.Sites())
	if err != nil {
		return nil, err
	}
	return states.Sites(), nil
}
