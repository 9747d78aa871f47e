package checkpoint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
)

// recurrentName is that of a tensor of nn.RNN, nn.LSTM, nn.GRU (with a layer) or of
// one of their cells (without).
var recurrentName = regexp.MustCompile(`^(.*\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(\d{1,4})(_reverse)?)?$`)

// recurrentLayer is one layer of a stack.
type recurrentLayer struct {
	ih, hh, hr, bih, bhh *array
	in, hidden, out      int // out is less than hidden with a projection
}

// stack is the layers under one prefix.
type stack struct {
	name   string // "rnn"
	gates  int
	layers []recurrentLayer
}

func (s *stack) in() int  { return s.layers[0].in }
func (s *stack) out() int { return s.layers[len(s.layers)-1].out }

// module is a weight and the bias beside it.
type module struct {
	name         string // "decoder"
	weight, bias *array
}

// parts is what the tensors of a file are by their names' endings and dimensions.
type parts struct {
	stacks   []*stack
	matrices []*module // weight [rows,cols]
	norms    []*module // weight [n]
	rest     []*array  // what belongs to none
}

func (l *loose) parts() (*parts, error) {
	p := &parts{}
	recurrent, others := map[string]map[int]*recurrentLayer{}, map[string]*array{}
	for _, name := range slices.Sorted(maps.Keys(l.arrays)) {
		m := recurrentName.FindStringSubmatch(name)
		if m == nil {
			others[name] = l.arrays[name]
			continue
		}
		if m[4] != "" {
			return nil, fmt.Errorf("%s is of a bidirectional network, which reads what follows a symbol and so predicts nothing: %w", name, ErrUnsupported)
		}
		if l.arrays[name].x == nil {
			return nil, fmt.Errorf("%s is not of a floating type: %w", name, ErrUnsupported)
		}
		layer, _ := strconv.Atoi(m[3]) // a cell has layer 0
		if recurrent[m[1]] == nil {
			recurrent[m[1]] = map[int]*recurrentLayer{}
		}
		if recurrent[m[1]][layer] == nil {
			recurrent[m[1]][layer] = &recurrentLayer{}
		}
		recurrent[m[1]][layer].put(m[2], l.arrays[name])
	}
	if len(recurrent) == 0 {
		return nil, fmt.Errorf("no tensor is called weight_ih_l0: this file holds no nn.RNN, nn.LSTM or nn.GRU: %w", ErrForeign)
	}
	for _, prefix := range slices.Sorted(maps.Keys(recurrent)) {
		s, err := newStack(prefix, recurrent[prefix])
		if err != nil {
			return nil, err
		}
		p.stacks = append(p.stacks, s)
	}
	return p, p.sort(others)
}

func (y *recurrentLayer) put(part string, a *array) {
	*map[string]**array{"weight_ih": &y.ih, "weight_hh": &y.hh, "weight_hr": &y.hr, "bias_ih": &y.bih, "bias_hh": &y.bhh}[part] = a
}

// newStack checks the shapes of a stack's layers.
func newStack(prefix string, layers map[int]*recurrentLayer) (*stack, error) {
	s := &stack{name: strings.TrimSuffix(prefix, ".")}
	for i := range len(layers) {
		y := layers[i]
		if y == nil {
			return nil, fmt.Errorf("%w: tensor %sweight_ih_l%d is missing", ErrCorrupt, prefix, i)
		}
		for _, part := range []struct {
			name string
			a    *array
		}{{"weight_ih", y.ih}, {"weight_hh", y.hh}} {
			if part.a == nil {
				return nil, fmt.Errorf("%w: tensor %s%s_l%d is missing", ErrCorrupt, prefix, part.name, i)
			}
			if len(part.a.shape) != 2 || slices.Min(part.a.shape) == 0 {
				return nil, fmt.Errorf("%s%s_l%d is not [G*H,in]: %w", prefix, part.name, i, ErrCorrupt)
			}
		}
		if err := y.measure(prefix, i); err != nil {
			return nil, err
		}
		if gates := y.hh.shape[0] / y.hidden; i == 0 {
			s.gates = gates
		} else if gates != s.gates || y.in != s.layers[i-1].out {
			return nil, fmt.Errorf("%w: layer %d of %s does not fit on layer %d", ErrCorrupt, i, s.title(), i-1)
		}
		s.layers = append(s.layers, *y)
	}
	return s, nil
}

// title is the stack's name in a sentence.
func (s *stack) title() string {
	if s.name == "" {
		return "the recurrent stack"
	}
	return s.name
}

// measure finds the layer's sizes and checks its parts against them.
func (y *recurrentLayer) measure(prefix string, layer int) error {
	rows := y.hh.shape[0]
	y.hidden = y.hh.shape[1]
	y.out = y.hidden
	if y.hr != nil {
		if len(y.hr.shape) != 2 || slices.Min(y.hr.shape) == 0 || y.hr.shape[0] != y.hh.shape[1] {
			return fmt.Errorf("%w: %sweight_hr_l%d is not [P,H]", ErrCorrupt, prefix, layer)
		}
		y.out, y.hidden = y.hr.shape[0], y.hr.shape[1]
	}
	y.in = y.ih.shape[1]
	if rows%y.hidden != 0 {
		return fmt.Errorf("%sweight_hh_l%d is not [G*H,H]: %w", prefix, layer, ErrCorrupt)
	}
	if gates := rows / y.hidden; gates != 1 && gates != 3 && gates != 4 {
		return fmt.Errorf("%d gates; a network here has 1 (Elman), 3 (GRU) or 4 (LSTM): %w", gates, ErrUnsupported)
	}
	for _, part := range []struct {
		name string
		a    *array
	}{{"bias_ih", y.bih}, {"bias_hh", y.bhh}} {
		if part.a != nil && !part.a.is(rows) {
			return fmt.Errorf("%w: tensor %s%s_l%d has shape %v, expected [%d]", ErrCorrupt, prefix, part.name, layer, part.a.shape, rows)
		}
	}
	if y.ih.shape[0] != rows {
		return fmt.Errorf("%w: tensor %sweight_ih_l%d has %d rows, expected %d", ErrCorrupt, prefix, layer, y.ih.shape[0], rows)
	}
	if y.hr != nil && rows/y.hidden != 4 {
		return fmt.Errorf("%w: a projection of a cell that is no LSTM", ErrCorrupt)
	}
	return nil
}

// sort puts the other tensors with the bias or weight beside them.
func (p *parts) sort(others map[string]*array) error {
	for _, name := range slices.Sorted(maps.Keys(others)) {
		a := others[name]
		base, isWeight := strings.CutSuffix(name, "weight")
		bias := others[base+"bias"]
		if !isWeight || base != "" && !strings.HasSuffix(base, ".") {
			base, bias = name, nil
		}
		m := &module{strings.TrimSuffix(base, "."), a, nil}
		if m.name == "" {
			m.name = name
		}
		switch {
		case a.x == nil:
			return fmt.Errorf("tensor %s is not of a floating type and belongs to no part of a recurrent network; leave it out with --ignore %s: %w", name, name, ErrUnsupported)
		case len(a.shape) == 2 && slices.Min(a.shape) > 0:
			if bias.is(a.shape[0]) {
				m.bias = bias
			}
			p.matrices = append(p.matrices, m)
		case len(a.shape) == 1 && isWeight:
			if bias.is(a.shape[0]) {
				m.bias = bias
			}
			p.norms = append(p.norms, m)
		default:
			if weight := others[strings.TrimSuffix(name, "bias")+"weight"]; strings.HasSuffix(name, "bias") && weight != nil && len(weight.shape) <= 2 && a.is(weight.shape[0]) {
				continue // goes with its weight
			}
			p.rest = append(p.rest, a)
		}
	}
	return nil
}

// cell is the cell of all stacks.
func (p *parts) cell() (rnn.Cell, error) {
	for _, s := range p.stacks[1:] {
		if s.gates != p.stacks[0].gates {
			return "", fmt.Errorf("%s and %s are of different cells: %w", p.stacks[0].title(), s.title(), ErrUnsupported)
		}
	}
	return map[int]rnn.Cell{1: rnn.Elman, 3: rnn.GRU, 4: rnn.LSTM}[p.stacks[0].gates], nil
}
