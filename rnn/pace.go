package rnn

import (
	"time"

	"github.com/rnnscope/rnnscope/internal/crew"
)

// pace finds out how many workers step one stream fastest, by trying: that depends on the
// network, on how far apart the cores are (two of one cache answer each other in 50 ns,
// others in 250) and on what else runs on them. The result of a step does not.
type pace struct {
	crews []*crew.Crew    // one worker, two, all
	took  []time.Duration // by crew, its last trial
	best  int             // index in crews
	trial int             // the crew on trial; len(crews): none
	left  int             // steps until the next round of trials
	count int             // steps timed in this trial
	warm  time.Duration   // gone by in this trial before steps were timed
	spent time.Duration   // of the steps timed
	era   time.Duration   // until the next round
}

// A trial is so many steps, after a while that brings weights and threads to their
// cores; a thread just woken may share one with its caller for some milliseconds.
// Trials are repeated after an era, since machines get busy and idle. Eras grow, because at
// the start the collector is often still at work on what was allocated.
const (
	trialSteps = 24
	trialWarm  = 8 * time.Millisecond
	firstSteps = 100 // of one worker, before the first round
	firstEra   = 50 * time.Millisecond
	longestEra = time.Second
)

// newPace takes up to so many workers for a network of so many weights.
func newPace(weights, workers int) *pace {
	q := &pace{crews: []*crew.Crew{crew.New(1)}, left: firstSteps, era: firstEra}
	if weights >= twoCoreWeights && workers > 1 {
		q.crews = append(q.crews, crew.New(2))
		if workers > 2 {
			q.crews = append(q.crews, crew.New(workers))
		}
	}
	q.trial, q.took = len(q.crews), make([]time.Duration, len(q.crews))
	return q
}

// fixedPace tries nothing.
func fixedPace(c *crew.Crew) *pace { return &pace{crews: []*crew.Crew{c}, trial: 1} }

// crew is who makes the next step.
func (q *pace) crew() *crew.Crew {
	if q.trial < len(q.crews) {
		return q.crews[q.trial]
	}
	return q.crews[q.best]
}

// do has the next step made by job.
func (q *pace) do(job func(worker int)) {
	if q.trial < len(q.crews) {
		start := time.Now()
		q.crew().Do(job)
		q.judge(time.Since(start))
		return
	}
	q.crew().Do(job)
	if q.left--; q.left <= 0 && len(q.crews) > 1 {
		q.trial = 0
	}
}

// judge counts a step of a trial; after the last trial of a round the fastest crew works on.
func (q *pace) judge(d time.Duration) {
	if q.warm < trialWarm && (q.trial > 0 || q.warm < trialWarm/8) {
		q.warm += d
		return
	}
	q.spent += d
	if q.count++; q.count < trialSteps {
		return
	}
	q.took[q.trial] = q.spent
	q.trial++
	q.warm, q.spent, q.count = 0, 0, 0
	if q.trial < len(q.crews) {
		return
	}
	q.best = 0
	for i, d := range q.took {
		if d < q.took[q.best] {
			q.best = i
		}
	}
	q.left = int(q.era * trialSteps / max(1, q.took[q.best]))
	q.era = min(4*q.era, longestEra)
}
