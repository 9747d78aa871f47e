"""Makes goldens.json.gz: what PyTorch computes for small networks.

    python make_goldens.py

needs torch (2.x, CPU). For every cell, 1 and 2 layers, one-hot and embedded
input: the initial weights, a batch of text, an initial state, the logits, the mean
cross-entropy, every gradient, the state after the chunk, and the weights after ten
steps of Adam (clipped by norm), RMSProp (clipped by value) and SGD with momentum on
that batch. The Go tests read the file and need no Python.
"""

import gzip
import json
import os

import torch
from torch import nn
from torch.nn import functional as F

T, B, V, STEPS = 6, 3, 7, 10
CELLS = [("elman", "tanh"), ("elman", "relu"), ("lstm", ""), ("gru", "")]
SHAPES = [(5, 1, 0), (8, 2, 0), (5, 2, 3)]  # hidden, layers, embed

OPTIMISERS = {
    "adam": dict(name="adam", lr=0.01, clip="norm", clip_at=0.25),
    "adam-plain": dict(name="adam", lr=0.002, beta1=0.8, beta2=0.99, eps=1e-3),
    "rmsprop": dict(name="rmsprop", lr=0.002, decay=0.95, clip="value", clip_at=0.01),
    "sgd": dict(name="sgd", lr=0.5, momentum=0.9),
}


class Network(nn.Module):
    """The class a reader of the 2015 essay would write: rnn, fc, perhaps an embedding."""

    def __init__(self, cell, nonlinearity, hidden, layers, embed):
        super().__init__()
        self.embedding = nn.Embedding(V, embed) if embed else None
        width = embed or V
        if cell == "lstm":
            self.rnn = nn.LSTM(width, hidden, layers)
        elif cell == "gru":
            self.rnn = nn.GRU(width, hidden, layers)
        else:
            self.rnn = nn.RNN(width, hidden, layers, nonlinearity=nonlinearity)
        self.fc = nn.Linear(hidden, V)

    def forward(self, x, state):
        inputs = self.embedding(x) if self.embedding else F.one_hot(x, V).float()
        h, state = self.rnn(inputs, state)
        return self.fc(h), state


def flat(x):
    return [float(v) for v in x.detach().float().flatten()]


def optimiser(net, o):
    if o["name"] == "adam":
        return torch.optim.Adam(net.parameters(), lr=o["lr"], betas=(o.get("beta1", 0.9), o.get("beta2", 0.999)), eps=o.get("eps", 1e-8))
    if o["name"] == "rmsprop":
        return torch.optim.RMSprop(net.parameters(), lr=o["lr"], alpha=o["decay"])
    return torch.optim.SGD(net.parameters(), lr=o["lr"], momentum=o["momentum"])


def loss_of(net, x, y, state):
    logits, after = net(x, state)
    return logits, after, F.cross_entropy(logits.reshape(-1, V), y.reshape(-1))


def train(net, o, x, y, state):
    opt, losses = optimiser(net, o), []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = loss_of(net, x, y, state)[2]
        loss.backward()
        if o.get("clip") == "norm":
            nn.utils.clip_grad_norm_(net.parameters(), o["clip_at"])
        if o.get("clip") == "value":
            nn.utils.clip_grad_value_(net.parameters(), o["clip_at"])
        opt.step()
        losses.append(float(loss))
    return losses


def case(cell, nonlinearity, hidden, layers, embed, seed):
    torch.manual_seed(seed)
    net = Network(cell, nonlinearity, hidden, layers, embed)
    x, y = torch.randint(V, (T, B)), torch.randint(V, (T, B))
    h = torch.randn(layers, B, hidden) * 0.5
    c = torch.randn(layers, B, hidden) * 0.5
    state = (h, c) if cell == "lstm" else h
    start = {k: v.clone() for k, v in net.state_dict().items()}
    logits, after, loss = loss_of(net, x, y, state)
    loss.backward()
    got = {
        "config": dict(cell=cell, nonlinearity=nonlinearity, vocab=V, hidden=hidden, layers=layers, embed=embed),
        "t": T, "b": B,
        "x": x.flatten().tolist(), "y": y.flatten().tolist(),
        "h": flat(h), "c": flat(c) if cell == "lstm" else None,
        "params": {k: flat(v) for k, v in start.items()},
        "shapes": {k: list(v.shape) for k, v in start.items()},
        "logits": flat(logits), "loss": float(loss),
        "grads": {k: flat(p.grad) for k, p in net.named_parameters()},
        "h_after": flat(after[0] if cell == "lstm" else after),
        "c_after": flat(after[1]) if cell == "lstm" else None,
        "runs": [],
    }
    for o in OPTIMISERS.values():
        net.load_state_dict(start)
        losses = train(net, o, x, y, state)
        got["runs"].append({"optimiser": o, "losses": losses, "params": {k: flat(v) for k, v in net.state_dict().items()}})
    return got


def main():
    torch.set_num_threads(1)
    cases = [case(cell, nl, *shape, seed=100 * i + j) for i, (cell, nl) in enumerate(CELLS) for j, shape in enumerate(SHAPES)]
    out = {"torch": torch.__version__, "cases": cases}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens.json.gz")
    text = json.dumps(json.loads(json.dumps(out), parse_float=lambda s: float(f"{float(s):.9g}")))
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(text.encode())


if __name__ == "__main__":
    main()
