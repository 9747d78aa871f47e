"""PyTorch's half: a worker that answers one line of JSON for each line on its standard input.

Between orders it computes nothing, so that several workers can take turns on one machine.
Orders:

  {"op": "hello"}
  {"op": "open", "case": {...}, "threads": n, "input": "onehot" | "embedding", "form": ..., "compile": bool}   answers an id
  {"op": "run", "id": i, "seconds": s}      whole steps for at least s seconds
  {"op": "close"}
  {"op": "check", "case": {...}, "path": weights, "x": [...], "y": [...], "steps": n}   losses of the first steps

"form" is "lstm" (the fused module) or "cells" (nn.LSTMCell), for sampling alone.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

RATE, CLIP = 0.002, 5.0
EMBEDDING = 64  # narrower than any one-hot input here: less work than the network we train
MODULES = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Network(nn.Module):
    def __init__(self, case, embedded):
        super().__init__()
        v, h = case["vocab"], case["hidden"]
        if embedded:
            self.embedding = nn.Embedding(v, EMBEDDING)
        self.rnn = MODULES[case["cell"]](EMBEDDING if embedded else v, h, case["layers"])
        self.fc = nn.Linear(h, v)

    def loss(self, inputs, y, state):
        """inputs: ids [T,B] with an embedding, one-hot [T,B,V] without; y [T*B]."""
        if hasattr(self, "embedding"):
            inputs = self.embedding(inputs)
        out, state = self.rnn(inputs, state)
        return F.cross_entropy(self.fc(out).flatten(0, 1), y), state


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def zero_state(case):
    shape = (case["layers"], case["streams"], case["hidden"])
    if case["cell"] == "lstm":
        return torch.zeros(shape), torch.zeros(shape)
    return torch.zeros(shape)


class Training:
    """Whole steps: forward, loss, backward through T steps, clip by norm, Adam; the state is carried, detached."""

    def __init__(self, case, order, x=None, y=None):
        t, b, v = case["steps"], case["streams"], case["vocab"]
        self.chars = t * b
        self.embedded = order.get("input") == "embedding"
        self.net = Network(case, self.embedded)
        self.loss = torch.compile(self.net.loss) if order.get("compile") else self.net.loss
        self.params = list(self.net.parameters())
        self.adam = torch.optim.Adam(self.params, lr=RATE, fused=True)
        self.x = torch.randint(v, (t, b)) if x is None else torch.tensor(x).view(t, b)
        self.y = torch.randint(v, (t * b,)) if y is None else torch.tensor(y)
        self.onehot = None if self.embedded else torch.zeros(t, b, v)
        self.state = zero_state(case)

    def step(self):
        inputs = self.x
        if not self.embedded:
            inputs = self.onehot.zero_().scatter_(2, self.x.unsqueeze(2), 1.0)
        loss, state = self.loss(inputs, self.y, self.state)
        self.state = detached(state)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.params, CLIP, foreach=True)
        self.adam.step()
        return loss


class Forward:
    """The recurrent layers alone, without gradients; every hidden state is kept (the module's output)."""

    def __init__(self, case, order):
        t, b, v = case["steps"], case["streams"], case["vocab"]
        self.chars = t * b
        self.net = Network(case, order.get("input") == "embedding")
        self.x = torch.randint(v, (t, b))
        self.onehot = None if hasattr(self.net, "embedding") else torch.zeros(t, b, v)
        self.state = zero_state(case)
        self.rnn = torch.compile(self.net.rnn) if order.get("compile") else self.net.rnn

    @torch.inference_mode()
    def step(self):
        if self.onehot is None:
            inputs = self.net.embedding(self.x)
        else:
            inputs = self.onehot.zero_().scatter_(2, self.x.unsqueeze(2), 1.0)
        self.hidden, self.state = self.rnn(inputs, self.state)


class Sampling:
    """One stream; every character is drawn from the softmax and fed back. The drawn id stays a tensor."""

    def __init__(self, case, order):
        self.chars = 64  # characters a step()
        v, h, layers = case["vocab"], case["hidden"], case["layers"]
        self.net = Network(case, order.get("input") == "embedding")
        width = self.net.rnn.input_size
        if order["form"] == "cells":
            self.cells = nn.ModuleList(nn.LSTMCell(width if l == 0 else h, h) for l in range(layers))
            self.one = self.one_by_cells
            self.state = [(torch.zeros(1, h), torch.zeros(1, h)) for _ in range(layers)]
        else:
            self.one = self.one_by_module
            self.state = zero_state(case)
        if order.get("compile"):
            self.one = torch.compile(self.one)
        self.table = self.net.embedding.weight if hasattr(self.net, "embedding") else torch.eye(v)
        self.id = torch.zeros(1, dtype=torch.long)

    def one_by_module(self, ids, state):
        out, state = self.net.rnn(self.table[ids].unsqueeze(0), state)
        return torch.softmax(self.net.fc(out[0]), 1), state

    def one_by_cells(self, ids, state):
        x, after = self.table[ids], []
        for cell, s in zip(self.cells, state):
            h, c = cell(x, s)
            after.append((h, c))
            x = h
        return torch.softmax(self.net.fc(x), 1), after

    @torch.inference_mode()
    def step(self):
        for _ in range(self.chars):
            probabilities, self.state = self.one(self.id, self.state)
            self.id = torch.multinomial(probabilities, 1)[0]


JOBS = {"train": Training, "forward": Forward, "sample": Sampling}
open_jobs = []


def answer(order):
    op = order["op"]
    if op == "hello":
        return {"torch": torch.__version__, "python": sys.version.split()[0]}
    if op == "open":
        torch.set_num_threads(order["threads"])
        job = JOBS[order["case"]["kind"]](order["case"], order)
        start = time.perf_counter()
        for _ in range(3 if order.get("compile") else 1):
            job.step()  # warm-up, compilation included
        open_jobs.append(job)
        return {"id": len(open_jobs) - 1, "warm_up": time.perf_counter() - start}
    if op == "run":
        job, chars, start = open_jobs[order["id"]], 0, time.perf_counter()
        while True:
            job.step()
            chars += job.chars
            seconds = time.perf_counter() - start
            if seconds >= order["seconds"]:
                return {"chars": chars, "seconds": seconds}
    if op == "close":
        open_jobs.clear()
        return {}
    if op == "check":
        from safetensors.torch import load_file

        job = Training(order["case"], {"input": "onehot"}, order["x"], order["y"])
        job.net.load_state_dict(load_file(order["path"]), strict=True)
        return {"losses": [float(job.step()) for _ in range(order["steps"])]}
    raise ValueError(f"no such order: {op}")


def main():
    torch.manual_seed(1)
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints must not mix with answers
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as e:  # the peer's failures are results: the table names them
            result = {"error": f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"}
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
