package finding

// Verdict is what was concluded, as a code; Words has its sentence.
type Verdict string

// UnmarshalText reads a verdict; older runs have it in words.
func (v *Verdict) UnmarshalText(b []byte) error {
	*v = ParseVerdict(string(b))
	return nil
}

// What the dissection says of a concept, a site or a group of units, from nothing to most.
const (
	NotInText     Verdict = "not_in_text"
	TooLittleText Verdict = "too_little_text"
	NotFound      Verdict = "not_found"
	Associated    Verdict = "associated"
	Learned       Verdict = "learned"
)

// What interventions say of a unit and a concept.
const (
	Untestable Verdict = "untestable"
	Encoded    Verdict = "encoded"
	Used       Verdict = "used"
)

// What is said of a unit after a trigger.
const (
	Partial Verdict = "partial"
	Waits   Verdict = "waits"
)

// What is said of a mechanism: the ones no test excludes, or that all are, or that there is nothing
// to explain.
const (
	Flag      Verdict = "flag"
	Counter   Verdict = "counter"
	Stack     Verdict = "stack"
	Several   Verdict = "several"
	Mixed     Verdict = "mixed"
	NoNesting Verdict = "none"
)
