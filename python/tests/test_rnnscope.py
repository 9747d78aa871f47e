"""The module against the program: RNNSCOPE_BINARY=... python -m pytest python/tests   (numpy, pandas)"""

import math

import numpy as np
import pytest

import rnnscope

CHARS = list("\n abcdefghijklmnopqrstuvwxyz")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_state(hidden=6, seed=1):
    """A state dict of NumPy arrays: an nn.LSTM of one-hot vectors and an nn.Linear."""
    rng = np.random.default_rng(seed)
    v = len(CHARS)
    shapes = {"rnn.weight_ih_l0": (4 * hidden, v), "rnn.weight_hh_l0": (4 * hidden, hidden), "rnn.bias_ih_l0": (4 * hidden,),
              "rnn.bias_hh_l0": (4 * hidden,), "fc.weight": (v, hidden), "fc.bias": (v,)}
    return {name: rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}


def plain_lstm(state, text):
    """The states [T,H] and the mean loss in nats, by plain NumPy in float64."""
    p = {k: x.astype("f8") for k, x in state.items()}
    hidden = p["rnn.weight_hh_l0"].shape[1]
    h = c = np.zeros(hidden)
    states, losses = [], []
    ids = [CHARS.index(x) for x in text]
    for t, i in enumerate(ids):
        gates = p["rnn.weight_ih_l0"][:, i] + p["rnn.bias_ih_l0"] + p["rnn.weight_hh_l0"] @ h + p["rnn.bias_hh_l0"]
        i_, f, g, o = np.split(gates, 4)
        c = sigmoid(f) * c + sigmoid(i_) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
        if t + 1 < len(ids):
            logits = p["fc.weight"] @ h + p["fc.bias"]
            losses.append(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[ids[t + 1]])
    return np.array(states), float(np.mean(losses))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return rnnscope.train("synth:play", tmp_path_factory.mktemp("runs") / "play", synth_size=60000, hidden=6, iterations=3, progress=False)


def test_a_run_is_trained_traced_sampled_and_dissected(run):
    states = run.trace("He said.\n", sites=["l0.h", "l0.c"], loss=True)
    assert states["l0.h"].shape == (9, 6) and states["l0.c"].dtype == np.float32 and math.isnan(states["loss"][-1])
    assert len(run.sample(50, seed=3)) == 50 and run.sample(50, seed=3) == run.sample(50, seed=3)
    told = run.dissect(concepts=["word-start", "in-quote"], untrained=0)
    assert len(told["concepts"]) == 2
    table = run.findings
    assert {"metric", "estimate"} <= set(table.columns) and len(table) > 3
    assert "<table" in run._repr_html_()
    assert open(run.report(), encoding="utf-8").read(15).lower().startswith("<!doctype html")


def test_from_torch_with_arrays_is_that_network(tmp_path):
    state, text = lstm_state(), "the cat sat on the mat\n"
    states, nats = plain_lstm(state, text)
    run = rnnscope.from_torch(state, CHARS, tmp_path / "net", check=text, expect=nats)
    assert np.abs(run.trace(text)["l0.h"] - states).max() < 1e-5
    assert rnnscope.from_torch(state, CHARS, check=text)["check"]["nats"] == pytest.approx(nats, abs=1e-5)


def test_another_loss_is_an_error_in_the_programs_own_sentence(tmp_path):
    with pytest.raises(rnnscope.RnnscopeError, match="another network than yours"):
        rnnscope.from_torch(lstm_state(), CHARS, tmp_path / "net", check="the cat\n", expect=1.0)
    assert not (tmp_path / "net").exists()


def test_what_shapes_leave_open_is_asked(tmp_path):
    v = len(CHARS)
    state = lstm_state(hidden=v)
    state["encoder.weight"] = np.zeros((v, v), "f4")
    with pytest.raises(rnnscope.MisuseError, match="--input"):
        rnnscope.from_torch(state, CHARS, tmp_path / "net")


def test_tied_arrays_are_one(tmp_path):
    state = lstm_state(hidden=8)
    state["rnn.weight_ih_l0"] = state["rnn.weight_ih_l0"][:, :8].copy()
    state["encoder.weight"] = state["fc.weight"]
    told = rnnscope.from_torch(state, CHARS, check="the cat\n")
    assert any("tied" in line for line in told["assumed"])


def test_states_from_elsewhere(run, tmp_path):
    text = ("he said the old tree fell and she went home\n" * 400)[:16000]
    rng = np.random.default_rng(1)
    states = rng.normal(size=(len(text), 3)).astype("f4")
    states[:, 1] += np.array([c == "t" for c in text])
    found = rnnscope.dissect_states({"resid": states}, text, tmp_path / "states", progress=False, concept="letter=t")
    table = found.findings
    best = table[(table.concept == "letter") & (table.metric == "auroc")]
    assert len(best) and (best.unit == 1).any() and (best.site == "resid").all()
    with pytest.raises(rnnscope.RnnscopeError, match="needs the network's weights"):
        found.ablate()


def test_errors_are_exceptions(tmp_path):
    with pytest.raises(FileNotFoundError):
        rnnscope.Run(tmp_path / "none")
    with pytest.raises(rnnscope.MisuseError, match="unknown flag"):
        rnnscope.train("synth:play", tmp_path / "x", nonsense=3, progress=False)
    with pytest.raises(rnnscope.RnnscopeError):
        rnnscope.train(str(tmp_path / "missing.txt"), tmp_path / "x", progress=False)


def test_the_notebook_of_the_docs_runs(tmp_path, monkeypatch):
    """Cell by cell, in order; the last line of a cell is an expression whose value somebody looks at."""
    import ast
    import json
    import pathlib

    notebook = json.loads((pathlib.Path(__file__).parents[2] / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    names, shown = {}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "notebook", "exec"), names)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), "notebook", "eval"), names))
    text, verdicts, trace, found, (assumed, nats) = shown
    assert len(text) == 120 and set(verdicts.concept) == {"word-start", "in-quote", "line-end-next"}
    assert trace[0][1] == 24 and trace[1] > 0
    assert (found.unit == 1).any() and nats > 0 and any("no bias" in line for line in assumed)
