package specimen

import "github.com/rnnscope/rnnscope/finding"

// Subject is what figures measured on the specimen are filed under.
func (s *Specimen) Subject() finding.Subject {
	step := s.Step
	if step < 0 {
		step = finding.UnknownStep
	}
	return finding.Subject{Text: s.Text.Name, SHA256: s.Text.SHA256, Step: step, Split: finding.ParseSplit(s.Split), Weights: s.Network.SHA256}
}
