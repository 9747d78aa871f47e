package web

import (
	"context"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/concept"
)

type readInput struct {
	Run  string `path:"run" maxLength:"400"`
	Body passageAsked
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
	Concepts string `query:"concepts" maxLength:"2000" doc:"Names with commas; empty: all that are on somewhere here."`
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

// framed is an answer of one frame.
func framed(head map[string]any, arrays ...Array) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", FrameType)
		_ = WriteFrame(c.BodyWriter(), head, arrays...) // the client is gone
	}}
}

func (s *Server) read(ctx context.Context, in *readInput) (*huma.StreamResponse, error) {
	q := &in.Body
	r, doneRun, err := s.shelf.open(in.Run)
	if err != nil {
		return nil, told(err)
	}
	defer doneRun()
	ck, doneNet, err := s.shelf.network(in.Run, r, q.step())
	if err != nil {
		return nil, told(err)
	}
	defer doneNet()
	p, err := s.passage(ctx, in.Run, r, ck, q)
	if err != nil {
		return nil, told(err)
	}
	if q.Site == "" {
		q.Site = lastState(ck.Model)
	}
	leave, err := s.live.enter(ctx)
	if err != nil {
		return nil, told(err)
	}
	rd, same, done, err := s.begin(in.Run, r.Info().Created.UnixNano(), ck, q.Reading, p)
	if err != nil {
		leave()
		return nil, told(err)
	}
	if q.Have < same {
		same = q.Have
	}
	if _, err := rd.column(q.Site, q.Unit, 0, 0); err != nil {
		rd.mu.Unlock()
		done()
		leave()
		return nil, told(err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer leave()
		defer done()
		defer rd.mu.Unlock()
		c.SetHeader("Content-Type", FrameType)
		w := &flushing{w: c.BodyWriter()}
		_ = s.stream(c.Context(), w, rd, q, p, same) // the client is gone, or will see that the end is missing
	}}, nil
}

// flushing sends what is written at once.
type flushing struct {
	w interface{ Write([]byte) (int, error) }
}

func (f *flushing) Write(b []byte) (int, error) {
	if w, ok := f.w.(http.ResponseWriter); ok {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(20 * time.Second))
	}
	n, err := f.w.Write(b)
	if fl, ok := f.w.(http.Flusher); ok {
		fl.Flush()
	}
	return n, err
}

// stream writes a reading from shown symbol same on, piece by piece.
func (s *Server) stream(ctx context.Context, w *flushing, r *reading, q *passageAsked, p *passage, same int) error {
	started := time.Now()
	head := map[string]any{
		"kind": "passage", "reading": r.id, "step": r.step, "same": same, "total": r.shown(), "warm": r.warm,
		"at": q.at(), "part": p.part, "foreign": p.foreign, "site": q.Site, "unit": q.Unit, "scale": s.scale(r, q.Site, q.Unit),
	}
	ids := r.live.IDs()[r.warm+same:]
	if err := WriteFrame(w, head, Array{"id", []int{len(ids)}, ids}); err != nil {
		return err
	}
	for r.live.Read() < r.warm { // nothing of it is shown
		if _, _, err := r.live.Next(ctx, r.warm-r.live.Read()); err != nil {
			return err
		}
	}
	// What an earlier request read and could no longer send is sent first.
	for lo, n := same, pieceFirst; lo < r.shown(); n = pieceNext {
		if r.live.Read() < r.live.Len() {
			if _, _, err := r.live.Next(ctx, min(n, max(0, lo+n-(r.live.Read()-r.warm)))); err != nil {
				return err
			}
		}
		hi := min(lo+n, r.live.Read()-r.warm)
		if err := WriteFrame(w, map[string]any{"kind": "piece", "lo": lo, "hi": hi}, r.piece(q.Site, q.Unit, lo, hi)...); err != nil {
			return err
		}
		lo = hi
	}
	all, err := r.column(q.Site, q.Unit, 0, r.shown())
	if err != nil {
		return err
	}
	return WriteFrame(w, map[string]any{"kind": "end", "scale": scaleOf(all), "milliseconds": float64(time.Since(started).Microseconds()) / 1000})
}

// piece is what is told of the shown symbols [lo,hi).
func (r *reading) piece(site string, unit, lo, hi int) []Array {
	value, _ := r.column(site, unit, lo, hi)
	n := hi - lo
	a, b := lo+r.warm, hi+r.warm
	ids, probs := r.live.Top()
	k := 0
	if r.live.Read() > 0 {
		k = len(ids) / r.live.Read()
	}
	return []Array{
		{"value", []int{n}, value},
		{"loss", []int{n}, bits(r.live.Losses()[a:b])},
		{"entropy", []int{n}, bits(r.live.Entropies()[a:b])},
		{"next", []int{n, k}, ids[a*k : b*k]},
		{"probability", []int{n, k}, probs[a*k : b*k]},
	}
}

// bits is nats in bits.
func bits(nats []float32) []float32 {
	out := make([]float32, len(nats))
	for i, v := range nats {
		out[i] = float32(float64(v) / math.Ln2)
	}
	return out
}

func (s *Server) readColumn(_ context.Context, in *columnInput) (*huma.StreamResponse, error) {
	r, unlock, err := s.find(in.ID)
	if err != nil {
		return nil, told(err)
	}
	defer unlock()
	n := max(0, r.live.Read()-r.warm)
	values, err := r.column(in.Site, in.Unit, 0, n)
	if err != nil {
		return nil, told(err)
	}
	scale := s.scale(r, in.Site, in.Unit)
	if scale == 0 {
		scale = scaleOf(values)
	}
	return framed(map[string]any{"scale": scale}, Array{"value", []int{n}, values}), nil
}

func (s *Server) readHeat(_ context.Context, in *SiteInput) (*huma.StreamResponse, error) {
	r, unlock, err := s.find(in.ID)
	if err != nil {
		return nil, told(err)
	}
	defer unlock()
	rows := r.live.Values(in.Site)
	if _, err := r.column(in.Site, 0, 0, 0); err != nil {
		return nil, told(err)
	}
	h := r.ck.Model.Config().Hidden
	n := max(0, r.live.Read()-r.warm)
	values := append([]float32(nil), rows[r.warm*h:(r.warm+n)*h]...)
	return framed(map[string]any{"scale": s.scales(r, in.Site), "similar": similarOrder(values, n, h)}, Array{"value", []int{n, h}, values}), nil
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
	r, unlock, err := s.find(in.ID)
	if err != nil {
		return nil, told(err)
	}
	ids := append([]int32(nil), r.live.IDs()...)
	warm, alphabet := r.warm, r.ck.Alphabet
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
	for _, c := range concept.All() {
		if len(want) > 0 && !want[c.Name] {
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
