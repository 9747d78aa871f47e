package concept

const nameLimit = 64 // characters of an element's name

// NameID is the category of an element or environment name: a positive hash (FNV-1a) of it.
func NameID(name string) int32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int32(h>>1) | 1
}

// kindNames are the values of categories that do not depend on the text, from 1 on.
var kindNames = map[string][]string{
	"bracket-top": {"paren", "square", "brace"},
	"quote-top":   {"curly-double", "curly-single", "guillemet", "corner", "white-corner"},
}
