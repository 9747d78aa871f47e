package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/web/frame"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/reading"
)

type readInput struct {
	Run  string `path:"run" maxLength:"400"`
	Body reading.Request
}

type ReadingInput struct {
	ID string `path:"id" maxLength:"64"`
}

type columnInput struct {
	ReadingInput
	Site string `query:"site" required:"true" maxLength:"32"`
	Unit int    `query:"unit" minimum:"0"`
}

type SiteInput struct {
	ReadingInput
	Site string `query:"site" required:"true" maxLength:"32"`
}

type labelsInput struct {
	ReadingInput
	Concepts string `query:"concepts" maxLength:"2000" doc:"Names with commas; empty: all that are on somewhere here, without rules for other kinds of text."`
}

func (s *Server) readingRoutes() {
	read := post("read", "/api/runs/{run}/read", "Let the network read a passage. Frames: what is read; then values, losses and predictions in pieces; then the end.")
	huma.Register(s.api, read, func(ctx context.Context, in *readInput) (*huma.StreamResponse, error) {
		return s.read(ctx, in)
	})
	huma.Register(s.api, get("reading-unit", "/api/readings/{id}/unit", "One unit's values over a reading. Frame: value f32 [T]."), s.readColumn)
	huma.Register(s.api, get("reading-heat", "/api/readings/{id}/heat", "All units of a site over a reading. Frame: value f32 [T,U]."), s.readHeat)
	huma.Register(s.api, get("reading-labels", "/api/readings/{id}/labels", "What each symbol of a reading is part of."), s.readLabels)
	huma.Register(s.api, get("reading-rank", "/api/readings/{id}/rank", "Which units are most unlike themselves over a span."), s.readRank)
}

// frameResponse is an answer of one frame.
func frameResponse(head map[string]any, arrays ...frame.Array) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", frame.Type)
		_ = frame.Write(c.BodyWriter(), head, arrays...) // the client is gone
	}}
}

func (s *Server) read(ctx context.Context, in *readInput) (*huma.StreamResponse, error) {
	q := &in.Body
	r, doneRun, err := s.shelf.Open(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	defer doneRun()
	ck, doneNet, err := s.shelf.Network(in.Run, r, q.AtStep())
	if err != nil {
		return nil, httpError(err)
	}
	defer doneNet()
	p, err := reading.Get(ctx, s.shelf, in.Run, r, ck, q)
	if err != nil {
		return nil, httpError(err)
	}
	if q.Site == "" {
		q.Site = lastState(ck.Model)
	}
	leave, err := s.live.Enter(ctx)
	if err != nil {
		return nil, httpError(err)
	}
	rd, same, done, err := s.readings.Begin(in.Run, r.Info().Created.UnixNano(), ck, q.Reading, p)
	if err != nil {
		leave()
		return nil, httpError(err)
	}
	if q.Have < same {
		same = q.Have
	}
	if _, err := rd.Column(q.Site, q.Unit, 0, 0); err != nil {
		rd.Unlock()
		done()
		leave()
		return nil, httpError(err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer leave()
		defer done()
		defer rd.Unlock()
		c.SetHeader("Content-Type", frame.Type)
		w := &flushWriter{w: c.BodyWriter()}
		_ = s.stream(c.Context(), w, rd, q, p, same) // the client is gone, or will see that the end is missing
	}}, nil
}

// flushWriter gathers what is written, and sends it when it is told to or when it has become much: each sending is a turn of its own for
// the page.
type flushWriter struct {
	w       interface{ Write([]byte) (int, error) }
	pending []byte
}

// flushMost is how much is gathered at most.
const flushMost = 1 << 20

func (f *flushWriter) Write(b []byte) (int, error) {
	if f.pending = append(f.pending, b...); len(f.pending) < flushMost {
		return len(b), nil
	}
	return len(b), f.send()
}

// send sends what was gathered.
func (f *flushWriter) send() error {
	if w, ok := f.w.(http.ResponseWriter); ok {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(20 * time.Second))
	}
	_, err := f.w.Write(f.pending)
	f.pending = f.pending[:0]
	if fl, ok := f.w.(http.Flusher); ok {
		fl.Flush()
	}
	return err
}

// gatherFor is how long an answer is gathered: each sending wakes the browser, which then draws with a processor that the network's
// two workers share, and a page that is drawn once is drawn sooner. What takes longer is shown as it comes.
const gatherFor = 150 * time.Millisecond

// stream writes a reading from shown symbol same on, piece by piece.
func (s *Server) stream(ctx context.Context, w *flushWriter, r *reading.Reading, q *reading.Request, p *reading.Passage, same int) error {
	started := time.Now()
	sent := started
	colour, _ := s.colour(r, q.Site, q.Unit)
	head := map[string]any{
		"kind": "passage", "reading": r.ID, "step": r.Net.Step, "same": same, "total": r.Len(), "warm": r.Warm,
		"at": q.Place(), "part": p.Part, "foreign": p.Foreign, "site": q.Site, "unit": q.Unit, "scale": colour.Scale, "centre": colour.Middle,
	}
	ids := r.Live.IDs()[r.Warm+same:]
	if err := frame.Write(w, head, frame.Of("id", []int{len(ids)}, ids)); err != nil {
		return err
	}
	for r.Live.Read() < r.Warm { // nothing of it is shown
		if _, _, err := r.Live.Next(ctx, r.Warm-r.Live.Read()); err != nil {
			return err
		}
	}
	// What an earlier request read and could no longer send is sent first.
	for lo, n := same, reading.First; lo < r.Len(); n = reading.Next {
		if r.Live.Read() < r.Live.Len() {
			if _, _, err := r.Live.Next(ctx, min(n, max(0, lo+n-(r.Live.Read()-r.Warm)))); err != nil {
				return err
			}
		}
		hi := min(lo+n, r.Live.Read()-r.Warm)
		if err := frame.Write(w, map[string]any{"kind": "piece", "lo": lo, "hi": hi}, r.Piece(q.Site, q.Unit, lo, hi)...); err != nil {
			return err
		}
		if time.Since(sent) > gatherFor {
			if err := w.send(); err != nil {
				return err
			}
			sent = time.Now()
		}
		lo = hi
	}
	all, err := r.Column(q.Site, q.Unit, 0, r.Len())
	if err != nil {
		return err
	}
	colour = panel.ColourOf(all)
	err = frame.Write(w, map[string]any{"kind": "end", "scale": colour.Scale, "centre": colour.Middle, "milliseconds": float64(time.Since(started).Microseconds()) / 1000})
	if err != nil {
		return err
	}
	return w.send()
}

func (s *Server) readColumn(_ context.Context, in *columnInput) (*huma.StreamResponse, error) {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	defer unlock()
	n := max(0, r.Live.Read()-r.Warm)
	values, err := r.Column(in.Site, in.Unit, 0, n)
	if err != nil {
		return nil, httpError(err)
	}
	colour, ok := s.colour(r, in.Site, in.Unit)
	if !ok {
		colour = panel.ColourOf(values)
	}
	return frameResponse(map[string]any{"scale": colour.Scale, "centre": colour.Middle}, frame.Of("value", []int{n}, values)), nil
}

func (s *Server) readHeat(_ context.Context, in *SiteInput) (*huma.StreamResponse, error) {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	defer unlock()
	rows := r.Live.Values(in.Site)
	if _, err := r.Column(in.Site, 0, 0, 0); err != nil {
		return nil, httpError(err)
	}
	h := r.Net.Model.Config().Hidden
	n := max(0, r.Live.Read()-r.Warm)
	values := append([]float32(nil), rows[r.Warm*h:(r.Warm+n)*h]...)
	scales, centres := []float32{}, []float32{}
	for _, c := range s.colours(r, in.Site) {
		scales, centres = append(scales, c.Scale), append(centres, c.Middle)
	}
	return frameResponse(map[string]any{"scale": scales, "centre": centres, "similar": panel.SimilarOrder(values, n, h)}, frame.Of("value", []int{n, h}, values)), nil
}

// otherRules are the concepts that a run's dissection found to be rules for other kinds of text; none where it was not dissected.
func (s *Server) otherRules(run string) map[string]bool {
	out := map[string]bool{}
	r, done, err := s.shelf.Open(run)
	if err != nil {
		return out // whoever reads it is told by what they ask of the run itself
	}
	defer done()
	k, err := s.analyses(r)
	if err != nil || k.dissect == nil {
		return out
	}
	for _, a := range k.dissect.Others {
		out[a.Concept] = true
	}
	return out
}

type labelTrack struct {
	Concept string   `json:"concept"`
	Title   string   `json:"title"`
	Kind    string   `json:"kind"`
	Spans   [][2]int `json:"spans" doc:"Shown symbols [lo,hi) where it is on (a number above 0)."`
	Unsure  [][2]int `json:"unsure" doc:"Where the label cannot be scored."`
}

type labelsOutput struct {
	Body struct {
		Tracks []labelTrack `json:"tracks"`
	}
}

// readLabels labels the whole reading, what is read before it included, by the definitions the
// dissection uses.
func (s *Server) readLabels(_ context.Context, in *labelsInput) (*labelsOutput, error) {
	r, unlock, err := s.readings.Find(in.ID)
	if err != nil {
		return nil, httpError(err)
	}
	ids := append([]int32(nil), r.Live.IDs()...)
	warm, alphabet, run := r.Warm, r.Net.Alphabet, r.Run
	unlock()
	want := map[string]bool{}
	for _, name := range strings.Split(in.Concepts, ",") {
		if name = strings.TrimSpace(name); name != "" {
			if _, err := concept.Find(name); err != nil {
				return nil, huma.Error422UnprocessableEntity(err.Error())
			}
			want[name] = true
		}
	}
	out := &labelsOutput{}
	out.Body.Tracks = []labelTrack{}
	others := s.otherRules(run)
	for _, c := range concept.All() {
		if len(want) > 0 && !want[c.Name] || len(want) == 0 && others[c.Name] {
			continue
		}
		t := track(c, concept.LabelSymbols(c, alphabet, ids), warm)
		if want[c.Name] || len(t.Spans) > 0 && !(len(t.Spans) == 1 && t.Spans[0] == [2]int{0, len(ids) - warm}) {
			out.Body.Tracks = append(out.Body.Tracks, t)
		}
	}
	return out, nil
}

func track(c concept.Concept, labels []concept.Label, warm int) labelTrack {
	t := labelTrack{Concept: c.Name, Title: c.Title("en"), Kind: string(c.Kind), Spans: [][2]int{}, Unsure: [][2]int{}}
	add := func(to *[][2]int, i int) {
		if n := len(*to); n > 0 && (*to)[n-1][1] == i {
			(*to)[n-1][1] = i + 1
			return
		}
		*to = append(*to, [2]int{i, i + 1})
	}
	for i, l := range labels[min(warm, len(labels)):] {
		switch {
		case !l.Valid:
			add(&t.Unsure, i)
		case l.Y > 0:
			add(&t.Spans, i)
		}
	}
	return t
}
