package dissect

// SiteSummary says what the units of one site were found for.
type SiteSummary struct {
	Site     string   `json:"site"`
	Layer    int      `json:"layer"`
	Units    int      `json:"units"`
	Learned  []string `json:"learned"`       // concepts whose best unit of this site is learned
	Best     []string `json:"best"`          // of them those whose best unit over all sites is here
	Distinct int      `json:"learned_units"` // different units behind Learned
}
