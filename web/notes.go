package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rnnscope/rnnscope/note"

	"github.com/rnnscope/rnnscope/web/jobs"
)

type notesOutput struct {
	Body struct {
		Notes []note.Note `json:"notes" doc:"Those on units first, by unit; then by place."`
	}
}

// noteRequest is what somebody writes.
type noteRequest struct {
	ID      string `json:"id,omitempty" maxLength:"32" doc:"Of the note that is changed; without it a new one is made."`
	Site    string `json:"site,omitempty" maxLength:"32"`
	Unit    int    `json:"unit" minimum:"-1" doc:"-1: not about a unit."`
	At      int    `json:"at" minimum:"-1" doc:"Symbol of the run's text; -1: not about a place."`
	Length  int    `json:"length" minimum:"0" maximum:"20000"`
	Text    string `json:"text,omitempty" maxLength:"20000" doc:"What stands there."`
	Step    int64  `json:"step" minimum:"-1"`
	Label   string `json:"label" maxLength:"480"`
	Comment string `json:"comment" maxLength:"16000"`
}

type noteInput struct {
	RunInput
	Body noteRequest
}

type noteIDInput struct {
	RunInput
	ID string `path:"id" maxLength:"32"`
}

type noteOutput struct{ Body note.Note }

func (s *Server) noteRoutes() {
	huma.Register(s.api, get("notes", "/api/runs/{run}/notes", "Labels and comments on units and places of a run."), s.notes)
	huma.Register(s.api, post("note-put", "/api/runs/{run}/notes", "Keeps a label or comment beside the run."), s.putNote)
	huma.Register(s.api, post("note-remove", "/api/runs/{run}/notes/{id}/remove", "Takes a note away."), s.removeNote)
}

func (s *Server) notes(ctx context.Context, in *RunInput) (*notesOutput, error) {
	dir, err := s.shelf.Dir(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	out := &notesOutput{}
	out.Body.Notes, err = note.Read(ctx, dir)
	return out, httpError(err)
}

func (s *Server) putNote(ctx context.Context, in *noteInput) (*noteOutput, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	dir, err := s.shelf.Dir(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	q := in.Body
	n, err := note.Put(ctx, dir, note.Note{
		ID: q.ID, Site: q.Site, Unit: q.Unit, At: q.At, Length: q.Length, Text: q.Text, Step: q.Step, Label: q.Label, Comment: q.Comment,
	})
	if err != nil {
		return nil, httpError(err)
	}
	return &noteOutput{n}, nil
}

func (s *Server) removeNote(ctx context.Context, in *noteIDInput) (*struct{}, error) {
	if !s.writes() {
		return nil, huma.Error403Forbidden(jobs.ErrNone.Error())
	}
	dir, err := s.shelf.Dir(in.Run)
	if err != nil {
		return nil, httpError(err)
	}
	return nil, httpError(note.Remove(ctx, dir, in.ID))
}
