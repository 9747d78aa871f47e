package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/note"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"

	"github.com/rnnscope/rnnscope/web/cache"
	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/reading"
	"github.com/rnnscope/rnnscope/web/shelf"

	"github.com/rnnscope/rnnscope/web/jobs"
)

// Bounds of one request. Routes with a larger body say so.
const (
	maxHeader = 16 << 10
	maxBody   = 1 << 20
	maxUpload = 64 << 20
)

// Options say what is served and how.
type Options struct {
	Dir      string
	Example  string       // a run elsewhere, shown while there is none in Dir; "": none
	Token    string       // "": drawn anew
	Names    []string     // further host names under which the server is reached
	ReadOnly bool         // no jobs, trainings or notes
	Command  jobs.Command // runs one of the program's commands; nil: no jobs
	Program  string       // as commands are shown: "rnnscope"
	Version  string       //
	Log      *log.Logger  // what goes wrong inside; nil: nowhere
}

// Server serves the runs of one directory.
type Server struct {
	opt           Options
	shelf         *shelf.Shelf
	jobs          *jobs.Queue
	readings      *reading.Store
	panels        *panel.Store
	indexes       *cache.Cache[preparedKey, *match.LabelledIndex]
	analysisCache *cache.Cache[analysesKey, *analyses]
	pages         *cache.Cache[pageKey, *panel.Unit]
	heavy         guard.Gate // computations that take seconds
	sampling      guard.Gate // of panels, which many wait for: not behind what one asked for
	paging        guard.Gate // pages of units, which take a tenth of a second
	live          guard.Gate // readings, which take milliseconds
	mux           *http.ServeMux
	api           huma.API
	started       time.Time

	uploads   sync.Mutex
	uploadDir string
}

// New opens the directory. The caller closes the server.
func New(opt Options) (*Server, error) {
	if opt.Token == "" {
		opt.Token = guard.Secret()
	}
	if opt.Program == "" {
		opt.Program = "rnnscope"
	}
	if opt.Log == nil {
		opt.Log = log.New(io.Discard, "", 0)
	}
	runs, err := shelf.New(opt.Dir)
	if err == nil && opt.Example != "" {
		err = runs.Spare(opt.Example)
	}
	if err != nil {
		return nil, err
	}
	s := &Server{opt: opt, shelf: runs, mux: http.NewServeMux(), started: time.Now()}
	s.heavy, s.sampling, s.paging, s.live = guard.NewGate(2, 64), guard.NewGate(1, 32), guard.NewGate(2, 254), guard.NewGate(4, 128)
	s.jobs = jobs.New(opt.Command)
	s.readings, s.panels = reading.NewStore(), panel.NewStore()
	s.analysisCache = cache.New[analysesKey](analysesMost, func(*analyses) int64 { return 1 }, nil)
	s.pages = cache.New[pageKey](pageBytes, func(u *panel.Unit) int64 { return u.Bytes() }, nil)
	s.indexes = cache.New[preparedKey](preparedBytes, (*match.LabelledIndex).Bytes, func(p *match.LabelledIndex) { p.Close() })
	s.routes()
	return s, nil
}

// Token is what the printed address ends in.
func (s *Server) Token() string { return s.opt.Token }

// Close stops the jobs and lets go of the runs.
func (s *Server) Close() {
	s.jobs.Close()
	if s.uploadDir != "" {
		os.RemoveAll(s.uploadDir)
	}
	s.panels.Close()
	s.pages.Clear()
	s.readings.Close()
	s.indexes.Clear()
	s.shelf.Close()
}

// Handler answers requests that come in through a listener of an address.
func (s *Server) Handler(addr net.Addr) http.Handler {
	return guard.New(s.mux, s.opt.Token, addr, s.opt.Names, s.opt.Log)
}

// Serve answers on a listener until ctx is done. Requests under way then have a moment to end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler:           s.Handler(l.Addr()),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          s.opt.Log,
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop() // event streams end
	ending, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := srv.Shutdown(ending); err != nil {
		srv.Close()
	}
	<-failed
	return nil
}

func (s *Server) routes() {
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "rnnscope", Version: s.opt.Version,
				Description: "Runs of trained recurrent networks, read live. Arrays come as " + frame.Type + ": see the package documentation of web/frame.",
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName)},
		},
		OpenAPIPath:   "/api/openapi",
		Formats:       map[string]huma.Format{"application/json": plainJSON, "json": plainJSON},
		DefaultFormat: "application/json",
	}
	s.api = humago.New(s.mux, cfg)
	s.runRoutes()
	s.readingRoutes()
	s.unitRoutes()
	s.turnRoutes()
	s.jobRoutes()
	s.atlasRoutes()
	s.evolutionRoutes()
	s.whyRoutes()
	s.matchRoutes()
	s.memoryRoutes()
	s.noteRoutes()
	s.sectionRoutes()
	s.assets()
}

// plainJSON is JSON in which < is written as an escape: whoever takes an answer for a page by
// mistake finds no markup in it.
var plainJSON = huma.Format{
	Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
	Unmarshal: json.Unmarshal,
}

// schemaName names a type in the description of the API; those of other rooms carry the room's
// name, since two rooms may have a type of one name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	if room := path.Base(t.PkgPath()); room != "." && room != "web" {
		return strings.ToUpper(room[:1]) + room[1:] + name
	}
	return name
}

// get describes an operation that changes nothing.
func get(id, at, what string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: at, Summary: what, MaxBodyBytes: maxBody}
}

// post describes an operation with a body.
func post(id, at, what string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodPost, Path: at, Summary: what, MaxBodyBytes: maxBody, BodyReadTimeout: 30 * time.Second}
}

// httpError turns an error into an HTTP answer: what the client can mend is its own, the rest ours.
func httpError(err error) error {
	var status huma.StatusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status):
		return err
	case errors.Is(err, shelf.ErrNoRun), errors.Is(err, note.ErrNoNote), errors.Is(err, fs.ErrNotExist), errors.Is(err, run.ErrNoCheckpoint), errors.Is(err, run.ErrNoView), errors.Is(err, run.ErrNoText):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, shelf.ErrOutside), errors.Is(err, fs.ErrPermission):
		return huma.Error403Forbidden(err.Error())
	case errors.Is(err, guard.ErrBusy), errors.Is(err, note.ErrBusy):
		return huma.Error503ServiceUnavailable(err.Error())
	case errors.Is(err, reading.ErrEvicted):
		return huma.NewError(http.StatusGone, err.Error())
	case errors.Is(err, rnn.ErrSite), errors.Is(err, trace.ErrInput), errors.Is(err, sample.ErrOptions), errors.Is(err, text.ErrUnknown), errors.Is(err, guard.ErrRequest), errors.Is(err, match.ErrInput), errors.Is(err, note.ErrInput):
		return huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, run.ErrCorrupt), errors.Is(err, run.ErrNewer), errors.Is(err, run.ErrNotRun), errors.Is(err, run.ErrLocked), errors.Is(err, checkpoint.ErrCorrupt), errors.Is(err, checkpoint.ErrTruncated), errors.Is(err, note.ErrCorrupt), errors.Is(err, specimen.ErrNoWeights):
		return huma.Error409Conflict(err.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return huma.Error503ServiceUnavailable("stopped before it was done")
	}
	return huma.Error500InternalServerError(err.Error())
}
