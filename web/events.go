package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2/sse"
)

// runChanges is what became of runs since the last event.
type runChanges struct {
	Runs []RunLine `json:"runs" doc:"As in the list of runs: those that are new, or whose files have changed."`
	Gone []string  `json:"gone" doc:"Those that are no longer there."`
}

// beat is how often events are sent at most, look how often runs are looked at, and rest after how long something is sent at
// least: only then is a client that went away noticed.
const (
	beat = 250 * time.Millisecond
	look = time.Second
	rest = 15 * time.Second
)

// events tells a page what goes on until it goes away.
func (s *Server) events(ctx context.Context, _ *struct{}, send sse.Sender) {
	seen, ticks := s.shelf.Stamps(), time.NewTicker(look)
	defer ticks.Stop()
	list, changed := s.jobs.List()
	if send.Data(jobList{list}) != nil {
		return
	}
	sent := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			list, changed = s.jobs.List()
			if send.Data(jobList{list}) != nil {
				return
			}
			sent = time.Now()
			select {
			case <-ctx.Done():
				return
			case <-time.After(beat):
			}
		case <-ticks.C:
			now := s.shelf.Stamps()
			moved := s.changedRuns(seen, now)
			seen = now
			switch {
			case len(moved.Runs)+len(moved.Gone) > 0:
				if send.Data(moved) != nil {
					return
				}
				sent = time.Now()
			case time.Since(sent) > rest:
				if send.Data(jobList{list}) != nil {
					return
				}
				sent = time.Now()
			}
		}
	}
}

// changedRuns compares the times of change of all runs.
func (s *Server) changedRuns(before, now map[string]time.Time) runChanges {
	out := runChanges{Runs: []RunLine{}, Gone: []string{}}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if was, ok := before[id]; !ok || !was.Equal(now[id]) {
			out.Runs = append(out.Runs, s.line(id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, ok := now[id]; !ok {
			out.Gone = append(out.Gone, id)
		}
	}
	return out
}
