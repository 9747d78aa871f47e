package states

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/arrays"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Files name states and what belongs to them.
type Files struct {
	States   string   // matrices [T,U], one a site
	Symbols  string   // JSON, see the package
	Controls []string // the same sites of untrained networks of the same shape on the same text, a file each
}

// Recording is states with their text, ready to be examined.
type Recording struct {
	specimen.Recording
	Corpus *text.Corpus // the symbols; Raw reads as them again
	Text   specimen.Text
}

// Read reads states and their symbols. Errors match ErrSymbols, specimen.ErrInput,
// text.ErrAlphabet and those of arrays.
func Read(ctx context.Context, f Files) (*Recording, error) {
	s, err := readSymbols(ctx, f.Symbols)
	if err != nil {
		return nil, err
	}
	s.alphabet = pieces(s.alphabet)
	out := &Recording{Corpus: s.corpus(nameOf(s, f))}
	if out.States, out.SHA256, err = s.matrices(ctx, f.States); err != nil {
		return nil, err
	}
	for _, path := range f.Controls {
		c, _, err := s.matrices(ctx, path)
		if err != nil {
			return nil, err
		}
		out.Controls = append(out.Controls, c)
	}
	out.Alphabet, out.Step, out.Split = s.alphabet, specimen.NoStep, s.Split
	if out.Choose, err = blocks(s.Choose, len(s.IDs)); err != nil {
		return nil, err
	}
	if out.Report, err = blocks(s.Report, len(s.IDs)); err != nil {
		return nil, err
	}
	out.Text = specimen.InMemory(out.Corpus)
	if s.SHA256 != "" {
		out.Text.SHA256 = s.SHA256
	}
	return out, nil
}

// Specimen is the recording as what analyses examine.
func (r *Recording) Specimen() (*specimen.Specimen, error) {
	return specimen.FromRecording(r.Recording, r.Text)
}

func nameOf(s *symbols, f Files) string {
	if s.Text != "" {
		return s.Text
	}
	name := f.Symbols[strings.LastIndexAny(f.Symbols, `/\`)+1:]
	return strings.TrimSuffix(name, ".json")
}

// pieces makes characters beside special symbols into pieces, which are written the
// same and may come cut: a text that is only spelled would lose the special ones.
func pieces(a *text.Alphabet) *text.Alphabet {
	v, ok := a.Vocabulary()
	if !ok || v.Kind != text.Characters {
		return a
	}
	v.Kind = text.Pieces
	if b, err := text.NewVocabulary(v); err == nil {
		return b
	}
	return a
}

// matrices reads the sites of one file and the SHA-256 of their values.
func (s *symbols) matrices(ctx context.Context, path string) (*specimen.RecordedStates, string, error) {
	all, err := arrays.Read(ctx, path)
	if err != nil {
		return nil, "", err
	}
	place := func(name string) int { // sites that are not named come last
		if i := slices.IndexFunc(s.Sites, func(k site) bool { return k.Name == name }); i >= 0 {
			return i
		}
		return len(s.Sites)
	}
	slices.SortStableFunc(all, func(a, b arrays.Matrix) int { return place(a.Name) - place(b.Name) })
	var sites []specimen.Site
	var values [][]float32
	sum := sha256.New()
	for _, m := range all {
		if m.Name == idsName {
			continue // trace writes the symbols beside the states
		}
		kind := ""
		if i := place(m.Name); i < len(s.Sites) {
			kind = s.Sites[i].Range
		}
		switch kind {
		case "tanh", "gate", "open":
		case "":
			kind = "open"
		default:
			return nil, "", fmt.Errorf("%w: the range of %s is %q, not tanh, gate or open", ErrSymbols, m.Name, kind)
		}
		sites, values = append(sites, specimen.Site{Name: m.Name, Units: m.Cols, Range: kind}), append(values, m.Values)
		fmt.Fprintf(sum, "%s[%d,%d]", m.Name, m.Rows, m.Cols)
		hashFloats(sum, m.Values)
	}
	r, err := specimen.NewRecordedRows(len(s.IDs), spans(s.Rows), sites, values)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return r, hex.EncodeToString(sum.Sum(nil)), nil
}
