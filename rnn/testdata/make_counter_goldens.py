"""Makes counter.json.gz: what PyTorch computes for networks with an explicit counter.

    python make_counter_goldens.py

needs torch (2.x, CPU). The head reads the states and one count that a loop over time
carries: delta_t = sigmoid(w h_t + b), count_t = count_{t-1} + delta_t - 1/2. For every
cell: the initial weights, a batch of text, an initial state and count, the logits, the
mean cross-entropy, every gradient, the count after the chunk, and the losses of ten
steps of Adam on that batch. The Go test reads the file and needs no Python.
"""

import gzip
import json
import os

import torch
from torch import nn
from torch.nn import functional as F

from make_goldens import B, CELLS, T, V, Network, flat


class Counting(Network):
    """Network whose head also reads the count."""

    def __init__(self, cell, nonlinearity, hidden, layers, embed):
        super().__init__(cell, nonlinearity, hidden, layers, embed)
        self.counter = nn.Linear(hidden, 1)
        self.fc_count = nn.Linear(1, V, bias=False)

    def forward(self, x, state, count):
        inputs = self.embedding(x) if self.embedding else F.one_hot(x, V).float()
        out = []
        for t in range(len(x)):
            h, state = self.rnn(inputs[t : t + 1], state)
            count = count + torch.sigmoid(self.counter(h[0])) - 0.5
            out.append(self.fc(h[0]) + self.fc_count(count))
        return torch.stack(out), state, count


def case(cell, nonlinearity, hidden, layers, embed, seed):
    torch.manual_seed(seed)
    net = Counting(cell, nonlinearity, hidden, layers, embed)
    x, y = torch.randint(V, (T, B)), torch.randint(V, (T, B))
    h = torch.randn(layers, B, hidden) * 0.5
    c = torch.randn(layers, B, hidden) * 0.5
    count = torch.randn(B, 1) * 2
    state = (h, c) if cell == "lstm" else h
    start = {k: v.clone() for k, v in net.state_dict().items()}

    def loss_of():
        logits, _, after = net(x, state, count)
        return logits, after, F.cross_entropy(logits.reshape(-1, V), y.reshape(-1))

    logits, after, loss = loss_of()
    loss.backward()
    got = {
        "config": dict(cell=cell, nonlinearity=nonlinearity, vocab=V, hidden=hidden, layers=layers, embed=embed, counter=True),
        "t": T, "b": B,
        "x": x.flatten().tolist(), "y": y.flatten().tolist(),
        "h": flat(h), "c": flat(c) if cell == "lstm" else None, "count": flat(count),
        "params": {k: flat(v) for k, v in start.items()},
        "shapes": {k: list(v.shape) for k, v in start.items()},
        "logits": flat(logits), "loss": float(loss.detach()),
        "grads": {k: flat(p.grad) for k, p in net.named_parameters()},
        "count_after": flat(after),
    }
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    got["losses"] = []
    for _ in range(10):
        opt.zero_grad()
        loss = loss_of()[2]
        loss.backward()
        opt.step()
        got["losses"].append(float(loss))
    return got


def main():
    torch.set_num_threads(1)
    cases = [case(cell, nl, 6, 1 + i % 2, 0, seed=900 + i) for i, (cell, nl) in enumerate(CELLS)]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "counter.json.gz")
    text = json.dumps({"torch": torch.__version__, "cases": cases})
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(text.encode())


if __name__ == "__main__":
    main()
