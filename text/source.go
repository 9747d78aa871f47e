package text

// Source is a text in a network's symbols that is read piece by piece, so that
// it need not be held. Reads at once from several goroutines are allowed.
type Source interface {
	// Len returns the number of symbols.
	Len() int
	// Read fills dst with the symbols from position at on; the caller keeps within
	// Len. Errors are those of the medium.
	Read(dst []int32, at int) error
}

// InMemory is a Source in memory.
type InMemory []int32

// Len returns the number of symbols.
func (h InMemory) Len() int { return len(h) }

// Read copies.
func (h InMemory) Read(dst []int32, at int) error {
	copy(dst, h[at:at+len(dst)])
	return nil
}
