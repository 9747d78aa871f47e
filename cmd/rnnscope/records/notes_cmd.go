package records

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/note"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

type NotesCmd struct {
	Dir     string `arg:"" name:"run" help:"Directory of the run."`
	Unit    string `aliases:"units" placeholder:"UNIT" help:"Note something on this unit, as in l0.c41; without --label and --comment: only its notes."`
	Place   string `placeholder:"A:B" help:"Note something on symbols A to B - 1 of the run's text."`
	Label   string `placeholder:"TEXT" help:"A few words."`
	Comment string `placeholder:"TEXT" help:"As many words as are needed; \\n is a newline."`
	Change  string `placeholder:"ID" xor:"which" help:"Say it in the place of this note."`
	Remove  string `placeholder:"ID" xor:"which" help:"Take this note away."`
	Export  string `placeholder:"FILE" help:"Write the notes to FILE (.parquet, .csv or .json) instead of printing them."`
}

func (NotesCmd) Help() string {
	return `Labels and comments on units and on places of the text. They lie beside the run in notes.json, can be made while it trains, are shown by the
live page, and go with the findings that "rnnscope atlas --export" writes.

Examples:

  rnnscope notes my-run
  rnnscope notes my-run --unit l0.c41 --label 'quote cell' --comment 'see ablate'
  rnnscope notes my-run --place 90210:90231 --comment 'it lost count here'
  rnnscope notes my-run --remove 3f2a90c1b7d4e865
  rnnscope notes my-run --export notes.csv`
}

func (c *NotesCmd) Run(ctx context.Context, s *console.Session) error {
	says := c.Label != "" || c.Comment != ""
	switch {
	case c.Remove != "" && (says || c.Export != ""):
		return console.Misusef("--remove takes a note away: leave out --label, --comment and --export")
	case c.Place != "" && !says:
		return console.Misusef("--place %s: say something with --label or --comment", c.Place)
	case c.Change != "" && !says:
		return console.Misusef("--change %s: say something with --label or --comment", c.Change)
	case says && c.Unit == "" && c.Place == "":
		return console.Misusef("a note is about something: name it with --unit or --place")
	case says && c.Export != "":
		return console.Misusef("--export writes notes, --label and --comment make one: do one after the other")
	}
	r, err := run.Open(c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	if c.Remove != "" {
		return note.Remove(ctx, r.Dir(), c.Remove)
	}
	about, err := c.about(ctx, s, r)
	if err != nil {
		return err
	}
	if says {
		return c.put(ctx, s, r, about)
	}
	all, err := note.Read(ctx, r.Dir())
	if err != nil {
		return err
	}
	return c.show(s, all, about)
}

// about is a note without words: on what the flags name.
func (c *NotesCmd) about(ctx context.Context, s *console.Session, r *run.Run) (note.Note, error) {
	n := note.Note{ID: c.Change, Unit: -1, At: -1, Step: -1}
	if c.Unit != "" {
		ck, err := console.Weights(s, r, -1)
		if err != nil {
			return n, err
		}
		u, err := ck.Model.ParseUnit(c.Unit)
		if err != nil {
			return n, console.AsMisuse(err)
		}
		n.Site, n.Unit = u.Site, u.Unit
	}
	if c.Place == "" {
		return n, nil
	}
	lo, hi, err := console.ReadSpan("--place", c.Place)
	if err != nil {
		return n, err
	}
	src, err := r.Source(ctx)
	if err != nil {
		return n, err
	}
	defer src.Close()
	if hi > src.Len() {
		return n, console.Misusef("--place %s: the text has %d symbols", c.Place, src.Len())
	}
	ids := make([]int32, min(hi-lo, note.MostComment))
	if err := src.Read(ids, lo); err != nil {
		return n, err
	}
	n.At, n.Length, n.Text = lo, hi-lo, r.Info().Alphabet.Decode(ids)
	return n, nil
}

func (c *NotesCmd) put(ctx context.Context, s *console.Session, r *run.Run, n note.Note) error {
	n.Label, n.Comment = console.Unescape(c.Label), console.Unescape(c.Comment)
	stored, err := note.Put(ctx, r.Dir(), n)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(stored)
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "%s  %s\n", stored.ID, aboutOf(stored))
	return err
}

// show prints or exports the notes, of one unit where one is named.
func (c *NotesCmd) show(s *console.Session, all []note.Note, about note.Note) error {
	found := []note.Note{}
	for _, n := range all {
		if c.Unit == "" || n.Site == about.Site && n.Unit == about.Unit {
			found = append(found, n)
		}
	}
	if c.Export != "" {
		return exportNotes(s, c.Export, found)
	}
	if s.JSON {
		return s.PrintJSON(found)
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(s.Console.Stdout, "no notes yet; make one with --unit or --place and --label or --comment, or in the live page")
		return err
	}
	rows := [][]string{{"id", "on", "label", "comment"}}
	for _, n := range found {
		rows = append(rows, []string{n.ID, aboutOf(n), n.Label, strings.ReplaceAll(n.Comment, "\n", " ")})
	}
	_, err := io.WriteString(s.Console.Stdout, table.Aligned(rows, 4))
	return err
}

// aboutOf is what a note is about, in a few words.
func aboutOf(n note.Note) string {
	var parts []string
	if n.OfUnit() {
		parts = append(parts, rnn.UnitName(n.Site, n.Unit))
	}
	if n.OfPlace() {
		parts = append(parts, fmt.Sprintf("%s %q", table.Grouped(n.At), text.VisibleString(cut(n.Text, 24))))
	}
	return strings.Join(parts, " at ")
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// notesBeside is the file of notes that belongs to a file of findings: atlas.csv has atlas.notes.csv.
func notesBeside(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".notes" + ext
}

// exportNotes writes a table; without notes nothing is written.
func exportNotes(s *console.Session, path string, all []note.Note) error {
	write, ok := noteWriters[strings.ToLower(filepath.Ext(path))]
	switch {
	case !ok:
		return console.Misusef("--export %s: the name must end in .parquet, .csv or .json", path)
	case len(all) == 0:
		return nil
	}
	if err := durable.WriteFile(path, func(w io.Writer) error { return write(w, all) }); err != nil {
		return err
	}
	s.Note.Printf("%s written to %s", table.Several(len(all), "note"), path)
	return nil
}

var noteWriters = map[string]func(io.Writer, []note.Note) error{
	".parquet": func(w io.Writer, all []note.Note) error {
		rows := make([]NoteRow, len(all))
		for i, n := range all {
			rows[i] = NoteRow{n.ID, n.Site, int64(n.Unit), int64(n.At), int64(n.Length), n.Text, n.Step, n.Label, n.Comment, n.Changed.Format(time.RFC3339)}
		}
		return parquet.Write(w, rows)
	},
	".csv": writeNotesCSV,
	".json": func(w io.Writer, all []note.Note) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(all)
	},
}

// NoteRow is a note in a table.
type NoteRow struct {
	ID      string `parquet:"id"`
	Site    string `parquet:"site,dict"`
	Unit    int64  `parquet:"unit"`
	At      int64  `parquet:"at"`
	Length  int64  `parquet:"length"`
	Text    string `parquet:"text"`
	Step    int64  `parquet:"step"`
	Label   string `parquet:"label"`
	Comment string `parquet:"comment"`
	Changed string `parquet:"changed"`
}

func writeNotesCSV(w io.Writer, all []note.Note) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"id", "site", "unit", "at", "length", "text", "step", "label", "comment", "changed"}) // Error tells below
	for _, n := range all {
		_ = out.Write([]string{
			n.ID, n.Site, strconv.Itoa(n.Unit), strconv.Itoa(n.At), strconv.Itoa(n.Length), n.Text, strconv.FormatInt(n.Step, 10), n.Label, n.Comment, n.Changed.Format(time.RFC3339),
		})
	}
	out.Flush()
	return out.Error()
}

// addNotes writes what was noted on units into their findings; several notes are joined.
func addNotes(found []FindingRow, all []note.Note) {
	type unit struct {
		site string
		unit int64
	}
	labels, comments := map[unit][]string{}, map[unit][]string{}
	for _, n := range all {
		if u := (unit{n.Site, int64(n.Unit)}); n.OfUnit() {
			labels[u] = append(labels[u], n.Label)
			comments[u] = append(comments[u], n.Comment)
		}
	}
	join := func(parts []string) string {
		said := parts[:0:0]
		for _, p := range parts {
			if p != "" {
				said = append(said, p)
			}
		}
		return strings.Join(said, "; ")
	}
	for i, f := range found {
		u := unit{f.Site, f.Unit}
		found[i].Label, found[i].Comment = join(labels[u]), join(comments[u])
	}
}
