package torchfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// class is a name in a pickle: module.name. Made without a call (NEWOBJ) it becomes
// an object that only holds; called (REDUCE) it refuses the file, unless it is one of
// the harmless names.
type class struct{ name string }

// object is an instance of a class that is not known: what it was made from and what
// was put into it.
type object struct {
	class string
	args  []any
	state any
	items types.Dict
	list  []any
}

// PyNew makes the container; nothing of the class is known or run.
func (c *class) PyNew(args ...any) (any, error) { return &object{class: c.name, args: args}, nil }

// Call refuses: a pickle that calls a function can do anything.
func (c *class) Call(args ...any) (any, error) {
	if harmless[c.name] || slices.ContainsFunc(harmlessModules, func(m string) bool { return strings.HasPrefix(c.name, m) }) {
		return &object{class: c.name, args: args}, nil
	}
	return nil, fmt.Errorf("%w: it calls %q, which no weights need; nothing of it was run. Save the state dict alone: torch.save(model.state_dict(), ...)", ErrRefused, c.name)
}

// harmless are names that checkpoints call beside tensors. They are not run either:
// their arguments are kept.
var harmless = map[string]bool{
	"torch.Size": true, "torch.device": true, "collections.defaultdict": true, "collections.Counter": true, "collections.deque": true,
	"builtins.set": true, "builtins.frozenset": true, "builtins.complex": true, "builtins.slice": true, "builtins.range": true, "builtins.bytearray": true,
	"__builtin__.xrange": true, "__builtin__.range": true,
	"__builtin__.set": true, "__builtin__.frozenset": true, "__builtin__.complex": true, "__builtin__.slice": true, "__builtin__.bytearray": true,
	"numpy.dtype": true, "numpy.core.multiarray.scalar": true, "numpy._core.multiarray.scalar": true,
	"numpy.core.multiarray._reconstruct": true, "numpy._core.multiarray._reconstruct": true, "_codecs.encode": true,
	"torch.torch_version.TorchVersion": true, "torch._C.Generator": true,
}

var harmlessModules = []string{"datetime.", "pathlib.", "decimal.", "fractions.", "numpy.random."}

// PySetState keeps the state.
func (o *object) PySetState(state any) error {
	o.state = state
	return nil
}

// Set keeps an item.
func (o *object) Set(key, value any) { o.items.Set(key, value) }

// Append keeps an element.
func (o *object) Append(v any) { o.list = append(o.list, v) }

// Add keeps an element.
func (o *object) Add(v any) { o.list = append(o.list, v) }

// rebuild is one of the functions that build tensors.
type rebuild func(args []any) (any, error)

// Call builds.
func (r rebuild) Call(args ...any) (any, error) { return r(args) }

// dtype is torch.float32 and the like.
type dtype string

// findClass turns a name in the pickle into what it may do.
func findClass(module, name string) (any, error) {
	full := module + "." + name
	switch full {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3":
		return rebuild(rebuildTensor), nil
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		return rebuild(rebuildParameter), nil
	case "torch._tensor._rebuild_from_type_v2":
		return rebuild(rebuildFromType), nil
	case "collections.OrderedDict":
		return &types.OrderedDictClass{}, nil
	case "copyreg._reconstructor", "copy_reg._reconstructor":
		return &types.Reconstructor{}, nil
	case "builtins.object":
		return &types.ObjectClass{}, nil
	}
	if kind, ok := storageKinds[full]; ok {
		return kind, nil
	}
	if kind, ok := strings.CutPrefix(full, "torch."); ok {
		if _, isType := elementSizes[dtype(kind)]; isType {
			return dtype(kind), nil
		}
	}
	return &class{full}, nil
}
