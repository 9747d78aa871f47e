package rnn

import (
	"slices"
	"time"

	"github.com/rnnscope/rnnscope/internal/crew"
)

// twoCoreWeights is from where on a step of one stream may be worth a second core: pace tries.
const twoCoreWeights = 100_000

// pace finds out how many workers step one stream fastest, by trying: that depends on the
// network, on how far apart the cores are (two of one cache answer each other in 50 ns,
// others in 250) and on what else runs on them. The result of a step does not.
//
// In a round of trials the crews visit in turn, several times each, and the median of a
// crew's visits counts, so that one visit that was disturbed decides nothing. Then the
// fastest works for an era, or until its steps no longer take what its visits promised.
type pace struct {
	crews []*crew.Crew // one worker, two, all
	run   func(*crew.Crew, func(worker int))
	clock func() time.Duration    // time since some moment
	best  int                     // index in crews
	took  [][visits]time.Duration // by crew: a step, in each visit
	era   time.Duration           // until the next round

	visit int           // under way; visits*len(crews): none
	warm  time.Duration // gone by in this visit before steps counted
	spent time.Duration // of the steps counted
	count int           // steps counted

	left    int           // steps until the next round
	soonest int           // steps left from which on a round may come early
	beat    int           // steps since the last two watched
	watched time.Duration // the first of two
	seen    []time.Duration
	off     int // times in succession that what was seen was not what was promised
}

// A visit counts steps after a while that brings weights and threads to their cores; a
// thread just woken may share one with its caller for some milliseconds, the first time. Eras
// grow, because at the start the collector is often still at work on what was allocated.
const (
	visits     = 3
	visitSteps = 8 // at least; even, since two steps of a walk make one round
	visitTime  = 500 * time.Microsecond
	callerWarm = 300 * time.Microsecond
	threadWarm = time.Millisecond
	firstWarm  = 8 * time.Millisecond
	firstEra   = 200 * time.Millisecond
	longestEra = 2 * time.Second

	firstWeights = 10_000_000 // read by one worker before the first round
	firstSteps   = 8          // and at least so many steps made

	watchEvery = 32 // two steps in so many are timed between rounds
	watchSeen  = 16 // and so many times two make one verdict
	watchOff   = 2  // as many verdicts in succession call for a round
)

// newPace takes up to so many workers for a network of so many weights.
func newPace(weights, workers int) *pace {
	start := time.Now()
	q := &pace{
		crews: []*crew.Crew{crew.New(1)}, run: (*crew.Crew).Do, clock: func() time.Duration { return time.Since(start) },
		left: max(firstSteps, firstWeights/max(1, weights)), soonest: -1, era: firstEra, seen: make([]time.Duration, 0, watchSeen),
	}
	if weights >= twoCoreWeights && workers > 1 {
		q.crews = append(q.crews, crew.New(2))
		if workers > 2 {
			q.crews = append(q.crews, crew.New(workers))
		}
	}
	q.took = make([][visits]time.Duration, len(q.crews))
	q.visit = visits * len(q.crews)
	return q
}

// fixedPace tries nothing.
func fixedPace(c *crew.Crew) *pace { return &pace{crews: []*crew.Crew{c}, run: (*crew.Crew).Do} }

// tries reports whether a round of trials is under way.
func (q *pace) tries() bool { return q.visit < visits*len(q.crews) }

// crew is who makes the next step.
func (q *pace) crew() *crew.Crew {
	if len(q.crews) > 1 && q.tries() {
		return q.crews[q.visitor(q.visit)]
	}
	return q.crews[q.best]
}

// visitor is whose visit v is: the crews take turns to and fro, since to wake a thread
// costs more than to keep it.
func (q *pace) visitor(v int) int {
	n := len(q.crews)
	if v/n%2 == 1 {
		return n - 1 - v%n
	}
	return v % n
}

// do has the next step made by job.
func (q *pace) do(job func(worker int)) {
	switch {
	case len(q.crews) == 1:
		q.run(q.crews[0], job)
	case q.tries():
		q.decide(q.time(job))
	default:
		q.work(job)
	}
}

// time is how long the next step takes, without what its caller does between steps.
func (q *pace) time(job func(worker int)) time.Duration {
	start := q.clock()
	q.run(q.crew(), job)
	return q.clock() - start
}

// decide counts a step of a visit; after the last visit of a round the fastest crew works on.
func (q *pace) decide(d time.Duration) {
	if q.warm < q.warming() {
		q.warm += d
		return
	}
	q.spent += d
	if q.count++; q.count < visitSteps || q.spent < visitTime || q.count%2 == 1 {
		return
	}
	q.took[q.visitor(q.visit)][q.visit/len(q.crews)] = q.spent / time.Duration(q.count)
	q.visit++
	q.warm, q.spent, q.count = 0, 0, 0
	if !q.tries() {
		q.settle()
	}
}

// warming is how long this visit lasts before steps count.
func (q *pace) warming() time.Duration {
	i := q.visitor(q.visit)
	switch {
	case q.visit > 0 && i == q.visitor(q.visit-1):
		return 0
	case i == 0:
		return callerWarm
	case q.visit < len(q.crews) && q.era == firstEra:
		return firstWarm
	}
	return threadWarm
}

// settle ends a round.
func (q *pace) settle() {
	q.best = 0
	for i := range q.crews {
		if q.promise(i) < q.promise(q.best) {
			q.best = i
		}
	}
	q.left = int(q.era / max(1, q.promise(q.best)))
	q.soonest = q.left - q.left/8
	q.era = min(4*q.era, longestEra)
	q.beat, q.off, q.seen = 0, 0, q.seen[:0]
}

// promise is what a step of crew i takes by the last round.
func (q *pace) promise(i int) time.Duration { return median(q.took[i][:]) }

// work makes a step between rounds, and now and then looks at the clock.
func (q *pace) work(job func(worker int)) {
	q.beat++
	switch q.beat {
	case watchEvery - 1:
		q.watched = q.time(job)
	case watchEvery:
		q.watch(q.watched + q.time(job))
		q.beat = 0
	default:
		q.run(q.crews[q.best], job)
	}
	if q.left--; q.left <= 0 {
		q.visit = 0
	}
}

// watch hears how long two steps took. If most differ from what was promised, something has
// changed, and the next round comes at once.
func (q *pace) watch(two time.Duration) {
	if q.seen = append(q.seen, two/2); len(q.seen) < watchSeen {
		return
	}
	is, promised := median(q.seen), q.promise(q.best)
	q.seen = q.seen[:0]
	if 4*is <= 5*promised && 4*promised <= 5*is {
		q.off = 0
		return
	}
	if q.off++; q.off >= watchOff && q.left <= q.soonest {
		q.visit = 0
	}
}

// median orders d.
func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
