package explain

// Memory is how much the last k characters fix.
type Memory struct {
	Ks     []int `json:"ks"`
	Places int   `json:"places"`
}

// InWords is the network in words.
type InWords struct{}
