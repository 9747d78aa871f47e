"""Networks from PyTorch, live or as a state dict."""

from __future__ import annotations

import io
import json
import os
import tempfile
from typing import Any, Dict, Mapping, Optional, Union

from ._program import call_json, options
from ._run import PathLike, Run, _numpy


def from_torch(module: Any, alphabet: Any, out: Optional[PathLike] = None, *, check: Optional[str] = None, expect: Optional[float] = None, **answers: Any) -> Union[Run, Dict[str, Any]]:
    """Makes a run of a live nn.Module, or of a mapping of names to arrays (a state dict).

    alphabet: what rnnscope import --alphabet takes: a list of symbols in id order, a map, {"bytes": True}, ...
    check: a text whose mean loss in nats a symbol is compared with expect (or with the module's own, if it can be
    called with ids [1,T] and gives logits). answers are flags of rnnscope import for what shapes leave open:
    input="embedding", activation="relu". Without out the network is only checked and what import says is returned.

    Raises MisuseError with the question where the shapes fit in several ways.
    """
    facts = _facts(module) if hasattr(module, "named_modules") else {}
    state = module.state_dict() if hasattr(module, "state_dict") else module
    with tempfile.TemporaryDirectory() as folder:
        weights, symbols = os.path.join(folder, "weights.safetensors"), os.path.join(folder, "alphabet.json")
        _write_safetensors(weights, {name: _numpy(x) for name, x in state.items()}, facts, _shared(state))
        with io.open(symbols, "w", encoding="utf-8") as f:
            json.dump(alphabet, f)
        given: Dict[str, Any] = {"alphabet": symbols, **answers}
        if check is not None:
            line = os.path.join(folder, "check.txt")
            with io.open(line, "w", encoding="utf-8", newline="") as f:
                f.write(check)
            given.update(check=line, expect=repr(float(expect)) if expect is not None else None)
        if out is not None:
            given["out"] = os.fspath(out)
        told = call_json(["import", *options(given), "--", weights])
    return Run(out) if out is not None else told


def _facts(module: Any) -> Dict[str, str]:
    """What a live module knows that its weights do not: classes, the nonlinearity, eps."""
    facts = {}
    for name, m in module.named_modules():
        prefix = name + "." if name else ""
        facts[name] = type(m).__module__ + "." + type(m).__name__
        for fact in ("mode", "nonlinearity", "eps"):
            value = getattr(m, fact, None)
            if isinstance(value, (str, float)):
                facts[prefix + fact] = str(value)
    return {"module." + name: value for name, value in facts.items() if name}


def _shared(state: Mapping[str, Any]) -> Dict[str, str]:
    """Names whose tensor is the very same memory as an earlier name's: tied weights."""
    first: Dict[Any, str] = {}
    shared: Dict[str, str] = {}
    for name in sorted(state):
        x = state[name]
        key = (x.data_ptr(), tuple(x.shape)) if hasattr(x, "data_ptr") else id(x)
        if key in first:
            shared[name] = first[key]
        else:
            first[key] = name
    return shared


_TYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL"}


def _write_safetensors(path: str, arrays: Mapping[str, Any], facts: Mapping[str, str], shared: Mapping[str, str]) -> None:
    """Writes arrays in the safetensors format; a shared one is written once and named in the metadata."""
    import numpy

    header: Dict[str, Any] = {"__metadata__": {"format": "pt", **facts, **shared}}
    body, at = [], 0
    for name in sorted(arrays):
        if name in shared:
            continue
        x = arrays[name]
        if x.dtype.name not in _TYPES:
            raise TypeError("%s is of type %s, which no weights have" % (name, x.dtype))
        raw = numpy.ascontiguousarray(x, dtype=x.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": _TYPES[x.dtype.name], "shape": list(x.shape), "data_offsets": [at, at + len(raw)]}
        body.append(raw)
        at += len(raw)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(len(head).to_bytes(8, "little") + head)
        for raw in body:
            f.write(raw)
