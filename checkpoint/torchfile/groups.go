package torchfile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nlpodyssey/gopickle/types"
)

// Group is the tensors that stood in one dict, by name.
type Group struct {
	Path    string // keys of the dicts around it, joined with dots; "" at the top
	Tensors map[string]Tensor
	Facts   map[string]string // of a saved module: "rnn.mode" is "RNN_RELU"
}

// Tensor is one array, row-major.
type Tensor struct {
	Type  string // of its elements: "float32", "bfloat16", "int64" ...
	Shape []int
	Data  []byte // little-endian
	Same  string // the first name of the group that is the same memory, or ""
}

const (
	maxDepth = 32      // of dicts within dicts
	maxCopy  = 1 << 28 // bytes that are copied beyond the file's own size
)

// groups finds the dicts that hold tensors. size is that of the file.
func groups(root any, size int) ([]Group, error) {
	w := &walker{seen: map[any]bool{}, budget: size + maxCopy}
	w.visit("", root, 0)
	for i := range w.found {
		if err := w.fill(i); err != nil {
			return nil, err
		}
	}
	return w.found, nil
}

type walker struct {
	seen   map[any]bool
	found  []Group
	lazies []map[string]*lazy // of found
	budget int                // bytes that may still be copied
}

// visit looks at each container once, by whatever way it is reached first, so that
// neither cycles nor shared parts cost more than their size.
func (w *walker) visit(path string, v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.(type) {
	case *types.Dict, *types.OrderedDict, *types.List, *types.Tuple, *object:
	default:
		return
	}
	if w.seen[v] {
		return
	}
	w.seen[v] = true
	if o, ok := v.(*object); ok && isModule(o) {
		g, tensors := Group{Path: path, Facts: map[string]string{}}, map[string]*lazy{}
		w.module("", o, tensors, g.Facts, depth)
		w.add(g, tensors)
		return
	}
	tensors := map[string]*lazy{}
	for key, value := range items(v) {
		if t, ok := value.(*lazy); ok {
			tensors[key] = t
			continue
		}
		w.visit(join(path, key), value, depth+1)
	}
	w.add(Group{Path: path}, tensors)
}

func (w *walker) add(g Group, tensors map[string]*lazy) {
	if len(tensors) == 0 {
		return
	}
	w.found, w.lazies = append(w.found, g), append(w.lazies, tensors)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// items lists what a container holds, by key, in order; elements of a list by number.
func items(v any) func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		entries := func(d types.Dict) bool {
			for _, e := range d {
				if !yield(fmt.Sprint(plain(e.Key)), e.Value) {
					return false
				}
			}
			return true
		}
		switch c := v.(type) {
		case *types.Dict:
			entries(*c)
		case *types.OrderedDict:
			for e := c.List.Front(); e != nil; e = e.Next() {
				entry := e.Value.(*types.OrderedDictEntry)
				if !yield(fmt.Sprint(plain(entry.Key)), entry.Value) {
					return
				}
			}
		case *types.List:
			for i, x := range *c {
				if !yield(fmt.Sprint(i), x) {
					return
				}
			}
		case *types.Tuple:
			for i, x := range *c {
				if !yield(fmt.Sprint(i), x) {
					return
				}
			}
		case *object:
			if state, ok := c.state.(*types.Dict); ok && !entries(*state) {
				return
			}
			entries(c.items)
		}
	}
}

// plain is a key that can be written: strings and numbers.
func plain(key any) any {
	switch key.(type) {
	case string, int, bool, float64:
		return key
	}
	return "?"
}

// lookup is the value under a string key, or nil.
func lookup(v any, key string) any {
	for k, x := range items(v) {
		if k == key {
			return x
		}
	}
	return nil
}

// isModule tells an nn.Module that was saved whole.
func isModule(o *object) bool {
	return lookup(o, "_parameters") != nil && lookup(o, "_modules") != nil
}

// module flattens a saved module as its state_dict would.
func (w *walker) module(prefix string, o *object, tensors map[string]*lazy, facts map[string]string, depth int) {
	if depth > maxDepth {
		return
	}
	for _, part := range []string{"_parameters", "_buffers"} {
		for key, v := range items(lookup(o, part)) {
			if t, ok := v.(*lazy); ok {
				tensors[prefix+key] = t
			}
		}
	}
	for _, fact := range []string{"mode", "nonlinearity", "eps"} {
		switch v := lookup(o, fact).(type) {
		case string, float64:
			facts[prefix+fact] = fmt.Sprint(v)
		}
	}
	for key, v := range items(lookup(o, "_modules")) {
		inner, ok := v.(*object)
		if !ok || w.seen[v] {
			continue
		}
		w.seen[v] = true
		facts[prefix+key] = inner.class
		w.module(prefix+key+".", inner, tensors, facts, depth+1)
	}
}

// fill reads the numbers of group i.
func (w *walker) fill(i int) error {
	g, lazies, first := &w.found[i], w.lazies[i], map[string]string{}
	g.Tensors = make(map[string]Tensor, len(lazies))
	for _, name := range slices.Sorted(maps.Keys(lazies)) {
		t := lazies[name]
		if !t.contiguous() {
			if w.budget -= t.numbers * elementSizes[t.kind]; w.budget < 0 {
				return fmt.Errorf("%w: its tensors are larger than the file", ErrRefused)
			}
		}
		data, err := t.bytes()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		memory := fmt.Sprint(t.of.key, t.kind, t.offset, t.size, t.stride)
		g.Tensors[name] = Tensor{Type: string(t.kind), Shape: t.size, Data: data, Same: first[memory]}
		if first[memory] == "" {
			first[memory] = name
		}
	}
	return nil
}
