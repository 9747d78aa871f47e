package specimen

// Stored is labels that were made before, by the same rules. Fill gives a block its labels and what it
// holds; ok is false where they were not made.
type Stored interface {
	Fill(b *BlockLabels) (ok bool, err error)
}

// takeStored takes the labels of a block from those made before.
func (l *Labeller) takeStored(b *BlockLabels) (ok bool, err error) {
	if l.Stored == nil {
		return false, nil
	}
	if ok, err = l.Stored.Fill(b); !ok || err != nil {
		return false, err
	}
	for c := range b.Labels {
		settleRuns(&b.Labels[c], b.Block.Len())
	}
	return true, nil
}
