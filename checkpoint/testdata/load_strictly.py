"""Loads a weights file of this program into the essay's own PyTorch class, strictly,
and compares the logits with those in a JSON file made beside it:

    RNNSCOPE_PYTORCH=python go test ./checkpoint -run TestPyTorchLoadsOurFile -v

The test writes the files and calls this script; without the variable it is skipped,
because users and CI have no Python.
"""
import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn


class CharRNN(nn.Module):
    def __init__(self, cell, V, E, H, L, **kw):
        super().__init__()
        if E:
            self.embedding = nn.Embedding(V, E)
        self.V = V
        self.rnn = cell(E or V, H, L, batch_first=True, **kw)
        self.fc = nn.Linear(H, V)

    def forward(self, x):
        if hasattr(self, "embedding"):
            x = self.embedding(x)
        else:
            x = nn.functional.one_hot(x, self.V).float()
        out, _ = self.rnn(x)
        return self.fc(out)


def main(weights, golden):
    with safe_open(weights, "pt") as f:
        meta = f.metadata()
    cfg = json.loads(meta["rnnscope.config"])
    cell = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cfg["cell"]]
    kw = {"nonlinearity": cfg.get("nonlinearity") or "tanh"} if cell is nn.RNN else {}
    model = CharRNN(cell, cfg["vocab"], cfg["embed"], cfg["hidden"], cfg["layers"], **kw)
    model.load_state_dict(load_file(weights), strict=True)
    with open(golden) as f:
        g = json.load(f)
    with torch.no_grad():
        logits = model(torch.tensor(g["x"]))
    print((logits - torch.tensor(g["logits"])).abs().max().item())


if __name__ == "__main__":
    main(*sys.argv[1:])
