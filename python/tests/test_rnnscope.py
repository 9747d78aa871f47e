"""The module against the program: RNNSCOPE_BINARY=... python -m pytest python/tests   (numpy, pandas)"""

import json
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


def keras_arrays(gates, hidden=5, wide=4, seed=2, bias=1):
    """A network in the layout of Keras: Embedding, one recurrent layer, Dense."""
    rng = np.random.default_rng(seed)
    v = len(CHARS)
    shapes = {"embedding/embeddings": (v, wide), "rnn/kernel": (wide, gates * hidden), "rnn/recurrent_kernel": (hidden, gates * hidden),
              "rnn/bias": (gates * hidden,) if bias == 1 else (2, gates * hidden), "dense/kernel": (hidden, v), "dense/bias": (v,)}
    return {name: rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}


def keras_loss(p, text):
    """The mean loss of Keras's own definition of its LSTM (gates i, f, candidate, o) and GRU (z, r, candidate; reset_after)."""
    p = {k: x.astype("f8") for k, x in p.items()}
    hidden = p["rnn/recurrent_kernel"].shape[0]
    ids = [CHARS.index(x) for x in text]
    h = c = np.zeros(hidden)
    losses = []
    for i, following in zip(ids, ids[1:]):
        x = p["embedding/embeddings"][i] @ p["rnn/kernel"]
        if p["rnn/bias"].ndim == 1:
            a = np.split(x + h @ p["rnn/recurrent_kernel"] + p["rnn/bias"], 4)
            c = sigmoid(a[1]) * c + sigmoid(a[0]) * np.tanh(a[2])
            h = sigmoid(a[3]) * np.tanh(c)
        else:
            a, r = np.split(x + p["rnn/bias"][0], 3), np.split(h @ p["rnn/recurrent_kernel"] + p["rnn/bias"][1], 3)
            z = sigmoid(a[0] + r[0])
            h = z * h + (1 - z) * np.tanh(a[2] + sigmoid(a[1] + r[1]) * r[2])
        logits = h @ p["dense/kernel"] + p["dense/bias"]
        losses.append(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[following])
    return float(np.mean(losses))


@pytest.mark.parametrize("gates, bias", [(4, 1), (3, 2)])
def test_from_keras_is_that_network(gates, bias):
    arrays, text = keras_arrays(gates, bias=bias), "the cat sat on the mat\n"
    told = rnnscope.from_keras(arrays, CHARS, check=text, expect=keras_loss(arrays, text))
    assert told["check"]["nats"] == pytest.approx(keras_loss(arrays, text), abs=1e-5)


def test_what_only_keras_knows_is_asked():
    arrays = keras_arrays(3, bias=1)
    with pytest.raises(rnnscope.MisuseError, match="--reset-after"):
        rnnscope.from_keras(arrays, CHARS, check="the cat\n")
    with pytest.raises(rnnscope.RnnscopeError, match="reset_after=False"):
        rnnscope.from_keras(arrays, CHARS, check="the cat\n", reset_after="no")


def test_a_folder_of_hugging_face(tmp_path):
    """Pieces of bytes: the tokenizer's merges cut the text of --check."""
    names = sorted("abcdefghijklmnopqrstuvwxyz") + ["\u0120", "\u010a", "th", "the", "\u0120c"]
    rng = np.random.default_rng(4)
    v, hidden = len(names), 6
    shapes = {"model.lstm.weight_ih_l0": (4 * hidden, v), "model.lstm.weight_hh_l0": (4 * hidden, hidden), "lm_head.weight": (v, hidden)}
    from rnnscope._torch import _write_safetensors

    _write_safetensors(str(tmp_path / "model.safetensors"), {n: rng.normal(size=s).astype("f4") for n, s in shapes.items()}, {}, {})
    merges = [["t", "h"], ["th", "e"], ["\u0120", "c"]]
    tokenizer = {"model": {"type": "BPE", "vocab": {n: i for i, n in enumerate(names)}, "merges": merges},
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}, "decoder": {"type": "ByteLevel"}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    (tmp_path / "check.txt").write_text("the cat sat\n")
    told = rnnscope.from_huggingface(tmp_path, check=tmp_path / "check.txt")
    assert told["symbols"] == "pieces" and told["check"]["count"] == 9  # the, Ġc, a, t, Ġ, s, a, t, and the line end
    run = rnnscope.from_huggingface(tmp_path, tmp_path / "run")
    assert run.trace("the cat")["l0.h"].shape == (4, hidden)
    with pytest.raises(FileNotFoundError):
        rnnscope.from_huggingface(tmp_path / "run")


def test_a_run_of_words_and_of_pieces(tmp_path):
    for tokens in ("words", "bpe:300"):
        run = rnnscope.train("synth:play", tmp_path / tokens.replace(":", ""), tokens=tokens, synth_size=60000, hidden=6, embed=4, iterations=3, progress=False)
        states = run.trace("the king said no\n", sites=["l0.h"])
        assert states["l0.h"].shape == (len(states["ids"]), 6) and len(states["ids"]) < 17
        assert run.sample(20, seed=3) == run.sample(20, seed=3) != ""


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


class FakeShell:
    """What IPython's get_ipython gives in a notebook: its class name is all that is asked."""


FakeShell.__name__ = "ZMQInteractiveShell"


def test_progress_in_a_notebook(tmp_path, monkeypatch):
    """A bar that is drawn once and updated in place; at the end it says what was done."""
    import sys
    import types

    drawn = []

    class HTML:
        def __init__(self, data):
            self.data = data

    class Handle:
        def update(self, shown):
            drawn.append(shown.data)

    def display(shown, display_id):
        assert display_id and not drawn
        drawn.append(shown.data)
        return Handle()

    shell = types.ModuleType("IPython")
    shell.get_ipython = FakeShell
    shell.display = types.ModuleType("IPython.display")
    shell.display.HTML, shell.display.display = HTML, display
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", shell.display)
    rnnscope.train("synth:play", tmp_path / "play", synth_size=60000, hidden=6, iterations=3)
    assert all("<progress" in line for line in drawn[:-1]) and len(drawn) > 2
    assert "value='1.0000'" in drawn[-2] and "done after" in drawn[-1]
    with pytest.raises(rnnscope.MisuseError):
        rnnscope.train("synth:play", tmp_path / "play", nonsense=1)


def test_progress_elsewhere(tmp_path, capfd):
    """Messages of the program stay lines; no JSON of progress is left among them."""
    run = rnnscope.train("synth:play", tmp_path / "play", synth_size=60000, hidden=6, iterations=3)
    said = capfd.readouterr().err
    assert '"progress"' not in said and "next:" in said
    assert run.sample(5, seed=1) == run.sample(5, seed=1)


def test_a_stopped_cell_stops_the_program(tmp_path, monkeypatch):
    """As Ctrl-C does: the training is saved, and resume goes on with it."""
    from rnnscope import _progress

    def stop(self, line):
        told = _progress._read(line)
        if told is not None and told["done"] > 20:
            raise KeyboardInterrupt
        return told is not None

    monkeypatch.setattr(_progress.Progress, "line", stop)
    with pytest.raises(KeyboardInterrupt):
        rnnscope.train("synth:play", tmp_path / "play", synth_size=60000, hidden=6, iterations=200000)
    assert rnnscope.Run(tmp_path / "play").sample(5) != ""


def test_a_run_shows_itself(run, tmp_path):
    """What was found, one row a concept; of a run in which nothing was measured, that."""
    run.dissect(concepts=["word-start", "in-quote"], untrained=0)
    shown = run._repr_html_()
    assert "Word start" in shown or "word-start" in shown
    assert shown.count("<tr") == 3 and "AUROC" in shown
    bare = rnnscope.train("synth:play", tmp_path / "bare", synth_size=60000, hidden=6, iterations=3, progress=False)
    assert "no findings yet" in bare._repr_html_()


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
