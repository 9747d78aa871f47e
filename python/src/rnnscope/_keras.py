"""Networks from Keras and from folders of Hugging Face."""

from __future__ import annotations

import json
import os
import zipfile
from typing import IO, Any, Dict, List, Mapping, Optional, Tuple, Union

from ._program import call_json, options
from ._run import PathLike, Run, _numpy
from ._torch import from_torch

# The weights of a layer in the order in which Keras keeps them.
_VARIABLES = {"embedding": ["embeddings"], "dense": ["kernel", "bias"], "cell": ["kernel", "recurrent_kernel", "bias"]}


def from_keras(
    model: Any, alphabet: Any, out: Optional[PathLike] = None, *, check: Optional[str] = None, expect: Optional[float] = None, **answers: Any
) -> Union[Run, Dict[str, Any]]:
    """Makes a run of a network of Keras: a live model, a file, or a mapping of names to arrays.

    model: a keras.Model of (Embedding,) one or several SimpleRNN, LSTM or GRU, and Dense; a file .keras, .weights.h5
    or .h5 (h5py is needed); or {"lstm/kernel": [D,4H], "lstm/recurrent_kernel": [H,4H], "lstm/bias": [4H],
    "embedding/embeddings": [V,E], "dense/kernel": [H,V], "dense/bias": [V]}, gates in Keras's order (LSTM: i, f,
    candidate, o; GRU: z, r, candidate).

    The other arguments are those of from_torch. Whether a GRU's reset gate acts after the recurrent product is read from a
    live model and from a .keras file; elsewhere a bias of two rows tells it, and without one it is asked: give
    reset_after="yes" (Keras's default) or "no" (such a network cannot be computed here).
    """
    arrays, known = _keras_arrays(model)
    if "reset_after" not in answers and known is not None:
        answers["reset_after"] = "yes" if known else "no"
    stacks = [name[: -len("recurrent_kernel")].rstrip("/") for name in arrays if name.endswith("recurrent_kernel")]
    if len(stacks) > 1 and "order" not in answers:
        answers["order"] = [s.replace("/", ".") for s in stacks]
    return from_torch(arrays, alphabet, out, check=check, expect=expect, **answers)


def _keras_arrays(model: Any) -> Tuple[Dict[str, Any], Optional[bool]]:
    """Arrays by name in the order of the layers, and what is known of reset_after."""
    if isinstance(model, Mapping):
        return {_plain(name): _numpy(x) for name, x in model.items()}, None
    if isinstance(model, (str, os.PathLike)):
        return _keras_file(os.fspath(model))
    arrays: Dict[str, Any] = {}
    known = None
    for layer in model.layers:
        cell = getattr(layer, "cell", None)
        if cell is not None and hasattr(cell, "reset_after"):
            known = bool(cell.reset_after)
        owner = layer if cell is None else cell
        names = _VARIABLES["cell"] if cell is not None else _VARIABLES["embedding"] if hasattr(layer, "embeddings") else _VARIABLES["dense"]
        for name, value in zip(names, owner.get_weights() if cell is None else layer.get_weights()):
            arrays["%s/%s" % (layer.name, name)] = _numpy(value)
    return arrays, known


def _plain(name: str) -> str:
    """A name without TensorFlow's :0."""
    return name[:-2] if name.endswith(":0") else name


def _keras_file(path: str) -> Tuple[Dict[str, Any], Optional[bool]]:
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as f:
            return _hdf5(f), None
    with zipfile.ZipFile(path) as z:
        config = json.loads(z.read("config.json"))
        resets = [layer["config"]["reset_after"] for layer in config["config"]["layers"] if "reset_after" in layer["config"]]
        with z.open("model.weights.h5") as f:
            arrays = _hdf5(f)
    return arrays, resets[0] if resets else None


def _hdf5(f: IO[bytes]) -> Dict[str, Any]:
    """The weights of an HDF5 file. Keras 3 numbers the variables of a layer; older files name them."""
    import io

    try:
        import h5py  # type: ignore[import-not-found,unused-ignore]
    except ImportError as e:
        raise ImportError("reading a file of Keras needs h5py: pip install h5py, or give the live model or its arrays") from e
    found: List[Tuple[str, Any]] = []

    def visit(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            found.append((_plain(name), node[()]))

    with h5py.File(io.BytesIO(f.read()), "r") as h:
        h.visititems(visit)
    arrays: Dict[str, Any] = {}
    for name, value in found:
        parts = name.split("/")
        if parts[0] in ("optimizer", "optimizer_weights", "metrics", "seed_generator") or getattr(value, "ndim", 0) == 0 or value.dtype.kind != "f":
            continue
        if "vars" not in parts:
            arrays["/".join(parts)] = value
            continue
        at = parts.index("vars")
        owner = parts[at - 1]
        kind = "cell" if owner == "cell" else "embedding" if owner.startswith("embedding") else "dense"
        layer = "/".join(p for p in parts[:at] if p not in ("layers", "_layer_checkpoint_dependencies"))
        arrays["%s/%s" % (layer, _VARIABLES[kind][int(parts[at + 1])])] = value
    return arrays


_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")


def from_huggingface(
    folder: PathLike, out: Optional[PathLike] = None, *, check: Optional[PathLike] = None, expect: Optional[float] = None, **answers: Any
) -> Union[Run, Dict[str, Any]]:
    """Makes a run of a folder as save_pretrained of Hugging Face writes one: model.safetensors or pytorch_model.bin, whole or
    in parts, beside tokenizer.json.

    The transformers library has no recurrent language model of its own in nn.LSTM or nn.GRU, so this is for a
    PreTrainedModel of yours that holds one. Models of other recurrences (RWKV, Mamba) are refused: take their states
    and dissect_states.

    check: a file whose mean loss in nats a symbol is told, and compared with expect. answers are flags of rnnscope
    import for what shapes leave open. Nothing is downloaded, and nothing in the files is run.
    """
    folder = os.fspath(folder)
    weights = [os.path.join(folder, n) for n in _WEIGHTS if os.path.isfile(os.path.join(folder, n))]
    tokenizer = os.path.join(folder, "tokenizer.json")
    if not weights or not os.path.isfile(tokenizer):
        raise FileNotFoundError("%s has no %s beside a tokenizer.json" % (folder, " or ".join(_WEIGHTS)))
    given: Dict[str, Any] = {"alphabet": tokenizer, "check": check, "expect": expect, "out": out, **answers}
    told = call_json(["import", *options({k: os.fspath(v) if isinstance(v, os.PathLike) else v for k, v in given.items()}), "--", weights[0]])
    return Run(out) if out is not None else told
