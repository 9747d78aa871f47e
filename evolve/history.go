package evolve

// ViewName is the name under which a run keeps a History.
const ViewName = "evolution"

// History is how the samples and skills of one run grew.
type History struct {
	Version     string       `json:"version"`
	Text        string       `json:"text"`        // name of the training text
	Split       string       `json:"split"`       // whose validation part ValLoss speaks of
	Prompt      string       `json:"prompt"`      // what every sample starts from
	Temperature float64      `json:"temperature"` // at which they were drawn
	Seed        uint64       `json:"seed"`        // the random stream, the same at every snapshot
	Definitions []Definition `json:"definitions"` // of the figures this text has
	Snapshots   []Snapshot   `json:"snapshots"`   // by step
}
