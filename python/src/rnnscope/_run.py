"""A run directory."""

from __future__ import annotations

import html
import io
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Union

from ._program import call, call_json, options

if TYPE_CHECKING:
    import pandas

PathLike = Union[str, "os.PathLike[str]"]
Inputs = Union[PathLike, Sequence[PathLike]]


def _paths(inputs: Optional[Inputs]) -> List[str]:
    if inputs is None:
        return []
    if isinstance(inputs, (str, os.PathLike)):
        return [os.fspath(inputs)]
    return [os.fspath(i) for i in inputs]


class Run:
    """One run: a network (or states of one), its text, and what was found.

    >>> run = Run("my-run")
    >>> run.dissect()                    # which units follow what
    >>> run.findings                     # every figure, a pandas DataFrame
    >>> run.trace("He said.")["l0.h"]    # states, a NumPy array [T,U]
    """

    def __init__(self, path: PathLike, *, progress: bool = True) -> None:
        self.path = os.fspath(path)
        self.progress = progress
        if not os.path.isfile(os.path.join(self.path, "run.db")):
            raise FileNotFoundError("there is no run at %s" % self.path)

    def __repr__(self) -> str:
        return "rnnscope.Run(%r)" % self.path

    def _json(self, command: str, inputs: Optional[Inputs] = None, **given: Any) -> Dict[str, Any]:
        told: Dict[str, Any] = call_json([command, *options(given), "--", self.path, *_paths(inputs)], progress=self.progress)
        return told

    @property
    def findings(self) -> "pandas.DataFrame":
        """Every figure that was measured: a pandas.DataFrame with a row each."""
        import pandas

        return pandas.json_normalize(call_json(["atlas", "--", self.path])["findings"])

    def dissect(self, text: Optional[Inputs] = None, **given: Any) -> Dict[str, Any]:
        """Which units follow which concept (rnnscope dissect). Keywords are its flags: concepts=["in-quote"], untrained=19."""
        return self._json("dissect", text, **given)

    def ablate(self, text: Optional[Inputs] = None, **given: Any) -> Dict[str, Any]:
        """Whether the network uses its units (rnnscope ablate). Keywords are its flags: units=["l0.c[41]"], concepts=[...]."""
        return self._json("ablate", text, **given)

    def memory(self, text: Optional[Inputs] = None, **given: Any) -> Dict[str, Any]:
        """How far back the network remembers (rnnscope memory)."""
        return self._json("memory", text, **given)

    def explain(self, text: Optional[Inputs] = None, **given: Any) -> Dict[str, Any]:
        """Every unit in words, and what the words are worth (rnnscope explain)."""
        return self._json("explain", text, **given)

    def trace(self, text: str, sites: Optional[Sequence[str]] = None, loss: bool = False, step: Optional[int] = None) -> Dict[str, Any]:
        """States of a passage: {site: array [T,U]}, "ids" [T] and, with loss, "loss" [T] in nats."""
        import numpy

        with tempfile.TemporaryDirectory() as folder:
            passage, out = os.path.join(folder, "passage.txt"), os.path.join(folder, "states.npz")
            with io.open(passage, "w", encoding="utf-8", newline="") as f:
                f.write(text)
            call(["trace", *options({"file": passage, "sites": sites, "loss": loss, "step": step, "out": out}), "--", self.path])
            with numpy.load(out) as z:
                return {name: z[name] for name in z.files}

    def sample(self, n: int = 400, prompt: Optional[str] = None, **given: Any) -> str:
        """Text that the network writes. Keywords are flags of rnnscope sample: temperature=.8, seed=2."""
        told: Dict[str, Any] = call_json(["sample", "-n", str(n), *options({"prompt": prompt, **given}), "--", self.path])
        return str(told["samples"][0]["text"])

    def report(self, **given: Any) -> str:
        """Writes the report, one HTML file, and returns its path."""
        call(["report", *options(given), "--", self.path])
        return os.path.join(os.fspath(given.get("out") or self.path), "report.html")

    def _repr_html_(self) -> str:
        """What a notebook shows: a row a concept, the verdict and the unit that follows it best."""
        try:
            rows = call_json(["atlas", "--", self.path])["findings"]
        except Exception as e:  # a picture of a run never stops a notebook
            return "<pre>%s\n%s</pre>" % (html.escape(repr(self)), html.escape(str(e)))
        head = "<p><code>%s</code></p>" % html.escape(self.path)
        found = [r for r in rows if r["metric"] == "verdict" and r["concept"] and r["verdict"]]
        figures = {(r["concept"], r["site"], r["unit"]): r for r in rows if r["metric"] == "auroc"}
        order = ["learned", "associated"]
        found.sort(key=lambda r: order.index(r["verdict"]) if r["verdict"] in order else len(order))
        body = [_row(r, figures.get((r["concept"], r["site"], r["unit"]))) for r in found[:_ROWS]]
        more = "%d figures in <code>run.findings</code>" % len(rows)
        if len(found) > _ROWS:
            more += ", %d more concepts" % (len(found) - _ROWS)
        if not body:
            return head + "<p>%s</p>" % more
        titles = "".join("<th style='text-align:left'>%s</th>" % t for t in ("concept", "verdict", "unit", "AUROC", "95 % interval"))
        return "%s<table><thead><tr>%s</tr></thead><tbody>%s</tbody></table><p>%s</p>" % (head, titles, "".join(body), more)


_ROWS = 12  # concepts that a notebook shows


def _row(verdict: Dict[str, Any], figure: Optional[Dict[str, Any]]) -> str:
    unit = "%s[%d]" % (verdict["site"], verdict["unit"]) if verdict["unit"] >= 0 else ""
    cells = [verdict["concept"], verdict["verdict"].replace("_", " "), unit, "", ""]
    if figure is not None and figure["estimate"] is not None:
        cells[3] = "%.3f" % figure["estimate"]
        if figure["lo"] is not None and figure["hi"] is not None:
            cells[4] = "[%.3f, %.3f]" % (figure["lo"], figure["hi"])
    return "<tr>%s</tr>" % "".join("<td style='text-align:left'>%s</td>" % html.escape(c) for c in cells)


def train(text: Inputs, out: PathLike, *, progress: bool = True, **given: Any) -> Run:
    """Trains a network on a text (files, folders, or "synth:novel") into the new directory out.

    Keywords are flags of rnnscope train: cell="lstm", hidden=128, layers=2, iterations=2000.
    """
    call(["train", *options({**given, "out": os.fspath(out)}), "--", *_paths(text)], progress=progress)
    return Run(out, progress=progress)


def dissect_states(states: Any, symbols: Any, out: PathLike, controls: Sequence[Any] = (), *, progress: bool = True, **given: Any) -> Run:
    """Dissects activations of any network into the new run out.

    states: an array [T,U], or {site: array}. symbols: the T symbols, a list of strings or a string; or a dict
    {"symbols": alphabet, "ids": [...], "rows"/"choose"/"report": [[lo,hi],...]}. controls: the same of untrained
    networks of the same shape; with at least 5 of them a unit can be called learned.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [_write_states(os.path.join(folder, "states%d.npz" % i), s) for i, s in enumerate([states, *controls])]
        symbols_path = os.path.join(folder, "symbols.json")
        with io.open(symbols_path, "w", encoding="utf-8") as f:
            json.dump(symbols if isinstance(symbols, (str, dict)) else [str(s) for s in symbols], f)
        call(["dissect", *options({**given, "states": paths[0], "symbols": symbols_path, "controls": paths[1:] or None}), "--", os.fspath(out)], progress=progress)
    return Run(out, progress=progress)


def _write_states(path: str, states: Any) -> str:
    import numpy

    if not isinstance(states, dict):
        states = {"h": states}
    arrays: Dict[str, Any] = {name: numpy.ascontiguousarray(_numpy(x), dtype="<f4") for name, x in states.items()}
    numpy.savez(path, **arrays)
    return path


def _numpy(x: Any) -> Any:
    """x as a NumPy array; a torch tensor is detached first."""
    import numpy

    if hasattr(x, "detach"):
        x = x.detach().cpu().float().numpy()
    return numpy.asarray(x)
