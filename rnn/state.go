package rnn

// State is what a network carries from step to step: per layer H [B,H], and for
// the LSTM C [B,H].
type State struct {
	B int
	H [][]float32
	C [][]float32 // nil but for the LSTM
	// Count [B] is the explicit count; nil but for a network with Config.Counter.
	Count []float32

	width          int
	startH, startC []float32 // [L,H] of a network with a state of its own before the first symbol, else nil
}

// NewState is the state of b streams before the first symbol: zero, but for a network
// with Config.Start.
func (m *Model) NewState(b int) *State {
	s := &State{B: b, width: m.cfg.Hidden, startH: m.startH.w, startC: m.startC.w}
	if m.cfg.Counter {
		s.Count = make([]float32, b)
	}
	for range m.cfg.Layers {
		s.H = append(s.H, make([]float32, b*s.width))
		if m.cfg.Cell == LSTM {
			s.C = append(s.C, make([]float32, b*s.width))
		}
	}
	if s.startH != nil {
		s.Zero()
	}
	return s
}

// Zero puts every stream before the first symbol.
func (s *State) Zero() {
	for b := range s.B {
		s.ZeroRow(b)
	}
}

// ZeroRow puts stream b before the first symbol.
func (s *State) ZeroRow(b int) {
	lo, hi := b*s.width, (b+1)*s.width
	if s.Count != nil {
		s.Count[b] = 0
	}
	begin := func(row, start []float32, l int) {
		if start == nil {
			clear(row)
			return
		}
		copy(row, slot(start, l, s.width))
	}
	for l := range s.H {
		begin(s.H[l][lo:hi], s.startH, l)
		if s.C != nil {
			begin(s.C[l][lo:hi], s.startC, l)
		}
	}
}

// CopyFrom makes s equal to o, which must have the same shape.
func (s *State) CopyFrom(o *State) {
	if s.B != o.B || s.width != o.width || len(s.H) != len(o.H) || len(s.Count) != len(o.Count) {
		panic("rnn: CopyFrom between states of different shapes")
	}
	copy(s.Count, o.Count)
	for l := range s.H {
		copy(s.H[l], o.H[l])
		if s.C != nil {
			copy(s.C[l], o.C[l])
		}
	}
}

// CopyRow makes stream b of s equal to stream from of o.
func (s *State) CopyRow(b int, o *State, from int) {
	if s.width != o.width || len(s.H) != len(o.H) || (s.Count == nil) != (o.Count == nil) {
		panic("rnn: CopyRow between states of different shapes")
	}
	if s.Count != nil {
		s.Count[b] = o.Count[from]
	}
	w := s.width
	for l := range s.H {
		copy(s.H[l][b*w:(b+1)*w], o.H[l][from*w:(from+1)*w])
		if s.C != nil {
			copy(s.C[l][b*w:(b+1)*w], o.C[l][from*w:(from+1)*w])
		}
	}
}
