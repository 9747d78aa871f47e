package concept

import (
	"fmt"
	"slices"
	"strings"
)

// All lists the built-in concepts in a fixed order. Every call makes a new slice.
func All() []Concept {
	return withWordings(slices.Concat(surfaceConcepts(), wordConcepts(), lineConcepts(), quoteConcepts(), urlConcepts(),
		bracketConcepts(), sourceConcepts(), wikiConcepts(), markupConcepts(), latexConcepts()))
}

// FamilyVersion numbers the list of built-in concepts. A verdict is corrected for all of
// them at every site that is searched, asked for or not, so that it does not depend on
// what else was asked; a list of another length gives other corrections.
const FamilyVersion = 2

// FamilySize is the number of built-in concepts, a category counting once for every
// value that may become a concept of its own.
func FamilySize() int {
	n := 0
	for _, c := range All() {
		n += c.members()
	}
	return n
}

// members is how many concepts of the family it stands for.
func (c Concept) members() int {
	if c.Kind != Category {
		return 1
	}
	if kinds := len(kindNames[c.Name]); kinds > 0 {
		return min(kinds, mostValues)
	}
	return mostValues
}

// Names lists the names of All.
func Names() []string {
	var names []string
	for _, c := range All() {
		names = append(names, c.Name)
	}
	return names
}

// Find returns the built-in concept called name; the error matches ErrUnknown.
func Find(name string) (Concept, error) {
	for _, c := range All() {
		if c.Name == name {
			return c, nil
		}
		if value, ok := strings.CutPrefix(name, c.Name+":"); ok {
			return c.Value(value)
		}
	}
	return Concept{}, fmt.Errorf("%w %q: choose from %s", ErrUnknown, name, strings.Join(Names(), ", "))
}
