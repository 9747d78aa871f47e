"""Makes the goldens of TestImportGivesPyTorchLogits: weights saved from PyTorch
modules under several naming habits, and the logits PyTorch computes with them.

    python checkpoint/testdata/make_import.py

needs torch and safetensors. The files are committed; tests need Go alone.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
ALPHABET = ["\n", " ", "a", "b", "c", "é", "中"]
V, H, T, B = len(ALPHABET), 5, 9, 2


class CharRNN(nn.Module):
    """The essay's class: one-hot input, recurrent stack, linear head."""

    def __init__(self, cell, layers, **kw):
        super().__init__()
        self.rnn = cell(V, H, layers, batch_first=True, **kw)
        self.fc = nn.Linear(H, V)

    def forward(self, x):
        out, _ = self.rnn(nn.functional.one_hot(x, V).to(self.fc.weight.dtype))
        return self.fc(out)


class Named(nn.Module):
    """An embedding in front, and the names of other well-known scripts."""

    def __init__(self, cell, layers, embed, names):
        super().__init__()
        self.names = names
        setattr(self, names[0], nn.Embedding(V, embed))
        setattr(self, names[1], cell(embed, H, layers, batch_first=True))
        setattr(self, names[2], nn.Linear(H, V))

    def forward(self, x):
        embed, rnn, head = (getattr(self, n) for n in self.names)
        out, _ = rnn(embed(x))
        return head(out)


CASES = {
    "elman": (lambda: CharRNN(nn.RNN, 1), torch.float32, "tanh"),
    "relu": (lambda: CharRNN(nn.RNN, 2, nonlinearity="relu"), torch.float32, "relu"),
    "lstm": (lambda: CharRNN(nn.LSTM, 2), torch.float32, ""),
    "gru": (lambda: CharRNN(nn.GRU, 2), torch.float32, ""),
    "nobias": (lambda: CharRNN(nn.LSTM, 1, bias=False), torch.float32, ""),
    "embedding": (lambda: Named(nn.LSTM, 2, 3, ("embedding", "lstm", "linear")), torch.float32, ""),
    "encoder": (lambda: Named(nn.GRU, 1, H, ("encoder", "gru", "decoder")), torch.float32, ""),
    "half": (lambda: CharRNN(nn.GRU, 1), torch.float16, ""),
    "bfloat": (lambda: CharRNN(nn.LSTM, 1), torch.bfloat16, ""),
    "double": (lambda: CharRNN(nn.LSTM, 1), torch.float64, ""),
}


def main():
    torch.manual_seed(7)
    goldens = {"alphabet": ALPHABET, "cases": []}
    for name, (make, dtype, nonlinearity) in CASES.items():
        model = make().to(dtype)
        weights = model.state_dict()
        save_file(weights, HERE / f"{name}.safetensors")
        x = torch.randint(0, V, (B, T))
        with torch.no_grad():
            logits = model.float()(x)  # the stored weights, computed in float32
        goldens["cases"].append({
            "name": name, "nonlinearity": nonlinearity,
            "x": x.tolist(), "logits": logits.tolist(),
        })
    (HERE / "import.json").write_text(json.dumps(goldens, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
