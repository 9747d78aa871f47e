package console

import (
	"context"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/text"
)

// ConceptFlags choose concepts and bring along a user's own.
type ConceptFlags struct {
	Concepts []string `placeholder:"NAME,..." help:"Only these concepts (default: all)."`
	Concept  []string `sep:"none" placeholder:"NAME=REGEX" help:"A concept of your own: on in every match of a regular expression, line by line; can be given again."`
	Labels   []string `sep:"none" placeholder:"[NAME=]FILE" help:"A concept of your own from a file of JSON lines {\"lo\":0,\"hi\":12,\"y\":1}: characters of the text as given, from 0; can be given again."`
}

// originalText tells where the text that is read stands in the text as it was given.
type originalText func() (text.Original, error)

// OriginalOf tells it of a source; what is not a file was not given in another form.
func OriginalOf(ctx context.Context, src text.Source) (text.Original, error) {
	if f, ok := src.(*text.File); ok {
		return f.Original(ctx)
	}
	return text.Original{Len: src.Len()}, nil
}

// own reads the concepts a user brought along.
func (f ConceptFlags) own(ctx context.Context, of originalText) ([]concept.Concept, error) {
	var out []concept.Concept
	for _, given := range f.Concept {
		name, expression, ok := strings.Cut(given, "=")
		if !ok {
			return nil, Misusef("--concept %s: write NAME=REGEX", given)
		}
		c, err := concept.FromRegexp(name, expression)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, given := range f.Labels {
		name, path, ok := strings.Cut(given, "=")
		if !ok {
			name, path = "labels", given
		}
		c, err := spansOf(ctx, name, path, of)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	seen := map[string]bool{}
	for _, c := range out {
		if seen[c.Name] {
			return nil, Misusef("two concepts are called %q: give each a name of its own", c.Name)
		}
		seen[c.Name] = true
	}
	return out, nil
}

func spansOf(ctx context.Context, name, path string, of originalText) (concept.Concept, error) {
	file, err := durable.Open(ctx, path)
	if err != nil {
		return concept.Concept{}, err
	}
	defer file.Close()
	g, err := of()
	if err != nil {
		return concept.Concept{}, err
	}
	return concept.FromSpans(name, durable.Reader(ctx, file), g)
}

// Choose lists the concepts to search for: those named or all, and the user's own.
func (f ConceptFlags) Choose(ctx context.Context, of originalText) ([]concept.Concept, error) {
	own, err := f.own(ctx, of)
	if err != nil {
		return nil, err
	}
	if len(f.Concepts) == 0 {
		return append(concept.All(), own...), nil
	}
	var out []concept.Concept
	for _, name := range f.Concepts {
		c, err := concept.Find(name)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return append(out, own...), nil
}
