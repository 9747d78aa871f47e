package panel

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/web/cache"
)

// Key is one network of a run, and which of its sites: "" all states, else one gate.
type Key struct {
	Run     string
	Created int64 // of the run
	Step    int64
	Site    string
}

// Of is the key of the panel that a site of a run's network stands in. Errors match rnn.ErrSite.
func Of(run string, created int64, ck *checkpoint.Checkpoint, site string) (Key, error) {
	key := Key{run, created, ck.Step, ""}
	if site == "" || slices.Contains(ck.Model.Config().StateSites(), site) {
		return key, nil
	}
	at, err := ck.Model.Site(site)
	if err != nil {
		return key, err
	}
	if at.Units != ck.Model.Config().Hidden {
		return key, fmt.Errorf("%w: %s is one number", rnn.ErrSite, site)
	}
	key.Site = site
	return key, nil
}

// SitesOf are the sites of a key's panel.
func (k Key) SitesOf(m *rnn.Model) []string {
	if k.Site != "" {
		return []string{k.Site}
	}
	return m.Config().StateSites()
}

// storeBytes bounds the panels that are kept.
const storeBytes = 224 << 20

// Store keeps panels, and makes each once for all who wait for it.
type Store struct {
	cache *cache.Cache[Key, *Panel]

	mu    sync.Mutex
	byKey map[Key]*flight // in the making
	wg    sync.WaitGroup
}

// NewStore makes an empty store. The caller closes it.
func NewStore() *Store {
	return &Store{cache: cache.New[Key](storeBytes, (*Panel).Bytes, nil), byKey: map[Key]*flight{}}
}

// Close ends what is being made, and waits for that.
func (s *Store) Close() {
	s.mu.Lock()
	for _, one := range s.byKey {
		one.stop()
	}
	s.mu.Unlock()
	s.wg.Wait()
	s.cache.Clear()
}

// Have gives a panel that has been made; done ends its use.
func (s *Store) Have(key Key) (p *Panel, done func(), ok bool) { return s.cache.Get(key) }

// Make makes a panel, telling how far it is.
type Make func(ctx context.Context, progress func(done, total int64)) (*Panel, error)

// flight is a panel in the making.
type flight struct {
	done    chan struct{}
	p       *Panel
	err     error
	waiting int
	stop    context.CancelFunc

	mu          sync.Mutex
	read, total int64
}

func (f *flight) progress(done, total int64) {
	f.mu.Lock()
	f.read, f.total = done, total
	f.mu.Unlock()
}

func (f *flight) state() (done, total int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read, f.total
}

// Get gives a panel, and makes it when it is not there: one for all who wait, and none when nobody waits any more. watch,
// which may be nil, is told how far it is.
func (s *Store) Get(ctx context.Context, key Key, create Make, watch func(done, total int64)) (*Panel, func(), error) {
	if p, done, ok := s.cache.Get(key); ok {
		return p, done, nil
	}
	f := s.board(ctx, key, create)
	beat := time.NewTicker(150 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-f.done:
			if f.err != nil {
				return nil, nil, f.err
			}
			p, done := s.cache.Put(key, f.p)
			return p, done, nil
		case <-ctx.Done():
			s.leave(key, f)
			return nil, nil, ctx.Err()
		case <-beat.C:
			if watch != nil {
				watch(f.state())
			}
		}
	}
}

// board joins the making of a panel, or starts it.
func (s *Store) board(ctx context.Context, key Key, create Make) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byKey[key]; f != nil {
		f.waiting++
		return f
	}
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), waiting: 1, stop: stop}
	s.byKey[key] = f
	s.wg.Go(func() {
		defer stop()
		defer close(f.done)
		f.p, f.err = create(own, f.progress)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.byKey[key] == f { // another may have begun since nobody waited for this one
			delete(s.byKey, key)
		}
	})
	return f
}

func (s *Store) leave(key Key, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.stop()
		if s.byKey[key] == f {
			delete(s.byKey, key)
		}
	}
}
