package content

import (
	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Data is everything a report speaks of. A nil or empty part was not measured.
type Data struct {
	Dir        string // the run, as commands name it
	Name       string // name of the text
	Version    string // of the program that writes the report
	Command    string // that made the run
	Kernels    string // "avx2"
	Seed       uint64
	SHA256     string // of the text, hex
	Sources    []string
	Characters int       // of the text
	Symbols    int       // of the alphabet
	Kind       text.Kind // what they are
	Split      string    // "tail 80/10/10"
	Cell       string    // "lstm"
	Layers     int
	Hidden     int
	Embed      int
	Parameters int
	Step       int64 // of the last checkpoint

	Loss       []Value // training loss, nats a character
	Validation []Value
	Test       float64 // nats a character; NaN when not measured

	Moments   []Moment
	Skills    []Skill
	Births    *births.Result     // when each concept was born; nil: nobody asked
	Emergence []evolve.Emergence // of the validation loss and of Skills
	HeldOut   []HeldOut          // what the weights of each snapshot make of the same held-out items

	// Marks counts by family (code, python, xml ...) what is written only in texts of that kind; nil: the text was not read.
	Marks   map[string]int
	Passage *Passage
	Dissect *dissect.Result
	Memory  *memory.Result
	Explain *explain.Result
	// Mechanism is how the network counts quotation marks.
	Mechanism *mechanism.View
	Use       *intervene.Result
	Mistakes  *mistakes.Result
	Steered   []intervene.SteeredUnit
	// Subjects are what each view was measured on, by its name; Others what else the run holds under those names.
	Subjects map[string]finding.Subject
	Others   []OtherResult
}

// Value is a metric at a step.
type Value struct {
	Step  int64
	Value float64
}

// Moment is what the network wrote at a snapshot.
type Moment struct {
	Step        int64
	Loss        float64 // validation, nats a character; NaN when not measured
	Sample      string
	Prompt      string
	Temperature float64
	Seed        uint64
	Skills      map[string]stat.Interval // by Skill.Name
}

// HeldOut is one kind of held-out items: what the first and the last snapshot make of them, and how that came.
type HeldOut struct {
	evolve.Measure
	First, Last evolve.HeldOut
	Came        evolve.Pairing
}

// Skill is one figure of the samples along training.
type Skill struct {
	Name   string
	Titles map[string]string // by language
	Steps  []float64
	Values []float64 // NaN where not defined
	Low    []float64 // of the 95 % interval, NaN where not defined
	High   []float64
	Share  bool // between 0 and 1
	Lower  bool // lower is better

	First, Last stat.Interval  // of the first and the last moment that have one
	Reference   *stat.Interval // the same figure of held-out text; nil when not measured
}

// Passage is a stretch of text with the activations of all units of one site.
type Passage struct {
	Site   string      `json:"site"`
	Text   []rune      `json:"text"`   // [T]
	Values [][]float32 `json:"values"` // [H][T]
	Split  string      `json:"split"`  // the part of the text it is from
}
