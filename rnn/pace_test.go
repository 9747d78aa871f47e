package rnn

import (
	"slices"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/internal/crew"
)

// machine makes up how long a step takes, and for how many steps each crew worked.
type machine struct {
	now  time.Duration
	cost func(workers int, now time.Duration, step int) time.Duration
	step int
	by   map[int]int
}

func (m *machine) pace(workers int) *pace {
	q := newPace(twoCoreWeights, workers)
	q.clock = func() time.Duration { return m.now }
	q.run = func(c *crew.Crew, job func(int)) { job(c.Workers()) }
	m.by = map[int]int{}
	return q
}

// run makes steps until the made-up time until.
func (m *machine) run(q *pace, until time.Duration) {
	for m.now < until {
		said := q.crew().Workers()
		q.do(func(n int) {
			if n != said {
				panic("another crew than announced")
			}
			m.step++
			m.by[n]++
			m.now += m.cost(n, m.now, m.step)
		})
	}
}

// share is which part of the steps since the last call n workers made.
func (m *machine) share(n int) float64 {
	all := 0
	for _, k := range m.by {
		all += k
	}
	part := float64(m.by[n]) / float64(all)
	m.by = map[int]int{}
	return part
}

const us = time.Microsecond

// TestPaceFindsTheFastest, steps in turn dear and cheap as a walk's are.
func TestPaceFindsTheFastest(t *testing.T) {
	for _, c := range []struct {
		took map[int]time.Duration
		best int
	}{
		{map[int]time.Duration{1: 5 * us, 2: 4 * us, 4: 6 * us}, 2},
		{map[int]time.Duration{1: 5 * us, 2: 7 * us, 4: 9 * us}, 1},
		{map[int]time.Duration{1: 120 * us, 2: 60 * us, 4: 40 * us}, 4},
	} {
		m := machine{cost: func(n int, _ time.Duration, step int) time.Duration {
			return c.took[n] + c.took[n]/2*time.Duration(step%2*2-1)
		}}
		m.run(m.pace(4), time.Second)
		if got := m.share(c.best); got < .9 {
			t.Errorf("%v: the best crew made %.2f of the steps", c.took, got)
		}
	}
}

// TestPaceBearsDisturbance takes the processor away for 5 ms in the first visit of the faster
// crew, in every round of trials.
func TestPaceBearsDisturbance(t *testing.T) {
	m := machine{}
	var q *pace
	hits, round := 0, false
	m.cost = func(n int, now time.Duration, _ int) time.Duration {
		if q.tries() && q.visit == 1 && q.count == 3 && !round {
			hits, round = hits+1, true
			return 5 * time.Millisecond
		}
		round = round && q.tries()
		return map[int]time.Duration{1: 5 * us, 2: 4 * us}[n]
	}
	q = m.pace(2)
	m.run(q, 5*time.Second)
	if got := m.share(2); got < .95 || hits < 3 {
		t.Errorf("the faster crew made %.2f of the steps, %d times disturbed", got, hits)
	}
}

// TestPaceTurns moves the cores apart in the midst of an era: it must be seen long before the
// era's end, and again when they come back, though the crew then at work feels nothing of it.
func TestPaceTurns(t *testing.T) {
	far := false
	m := machine{cost: func(n int, _ time.Duration, _ int) time.Duration {
		if n == 1 {
			return 5 * us
		}
		if far {
			return 8 * us
		}
		return 4 * us
	}}
	q := m.pace(2)
	m.run(q, 10*time.Second)
	if q.era != longestEra || m.share(2) < .95 {
		t.Fatalf("era %v", q.era)
	}
	for tried := false; q.tries() || !tried; { // to the beginning of an era
		tried = q.tries()
		m.run(q, m.now+1)
	}
	m.share(2)
	far = true
	m.run(q, m.now+longestEra/2)
	if got := m.share(1); got < .5 {
		t.Errorf("cores apart: one worker made %.2f of the steps of the next second", got)
	}
	far = false
	m.run(q, m.now+longestEra+100*time.Millisecond)
	m.share(2)
	m.run(q, m.now+time.Second)
	if got := m.share(2); got < .95 {
		t.Errorf("cores together again: two workers made %.2f of the steps", got)
	}
}

// TestPaceSettles: a machine that is never as promised is not tried without end.
func TestPaceSettles(t *testing.T) {
	m := machine{}
	var q *pace
	m.cost = func(n int, _ time.Duration, _ int) time.Duration {
		if q.tries() {
			return 4 * us
		}
		return 8 * us
	}
	q = m.pace(2)
	m.run(q, 2*time.Second)
	m.share(1)
	tried := time.Duration(0)
	for m.now < 20*time.Second {
		was, tries := m.now, q.tries()
		m.run(q, m.now+1)
		if tries {
			tried += m.now - was
		}
	}
	if part := float64(tried) / float64(18*time.Second); part > .1 {
		t.Errorf("%.2f of the time went into trials", part)
	}
}

// TestPaceVisitsToAndFro: whoever came last in a turn comes first in the next, and is warm.
func TestPaceVisitsToAndFro(t *testing.T) {
	q := newPace(twoCoreWeights, 4)
	var got []int
	for v := range visits * len(q.crews) {
		got = append(got, q.visitor(v))
	}
	if want := []int{0, 1, 2, 2, 1, 0, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("visits by %v, want %v", got, want)
	}
}
