"""A researcher's hour: train an nn.LSTM on a text, open it, and check the answer in PyTorch.

python hour.py DIR [SECONDS] [TEXT] [UNITS]   (torch, numpy, pandas, rnnscope)

1. trains an nn.LSTM of one-hot characters on TEXT (the built-in novel);
2. rnnscope.from_torch, its loss compared with the module's own;
3. dissects it on text it has not seen and takes the unit of h that follows quotations best;
4. asks rnnscope ablate what zeroing that unit costs;
5. zeroes it in PyTorch, a forward hook for what is read above and a column of weight_hh for the next step, on the same
   blocks, and holds the change against ablate's interval.

Prints the figures, writes them to DIR/hour.json, and ends with status 1 when the two disagree."""
import json, os, subprocess, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import rnnscope
from rnnscope._binary import find

folder = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120
source = sys.argv[3] if len(sys.argv) > 3 else None
units = int(sys.argv[4]) if len(sys.argv) > 4 else 64
os.makedirs(folder, exist_ok=True)
path = lambda name: os.path.join(folder, name)
torch.manual_seed(1)


class Net(nn.Module):
    def __init__(self, symbols, units):
        super().__init__()
        self.symbols = symbols
        self.lstm = nn.LSTM(symbols, units, batch_first=True)
        self.out = nn.Linear(units, symbols)

    def forward(self, x, state=None):
        y, state = self.lstm(F.one_hot(x, self.symbols).float(), state)
        return self.out(y), state


if source:
    text = open(source, encoding="utf-8").read()
else:
    text = subprocess.run([find(), "-q", "corpus", "synth", "novel", "-n", "400000"], capture_output=True, text=True, check=True).stdout
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
train = ids[: int(len(ids) * .8)]

net = Net(len(chars), units)
opt = torch.optim.Adam(net.parameters(), 4e-3)
batch, steps = 32, 100
data = train[: len(train) // batch * batch].view(batch, -1)
began, at, state, updates = time.time(), 0, None, 0
while time.time() - began < seconds:
    for group in opt.param_groups:  # down to a twentieth, so that the end is quiet
        group["lr"] = 4e-3 * (1 - .95 * (time.time() - began) / seconds)
    if at + steps + 1 > data.shape[1]:
        at, state = 0, None
    logits, state = net(data[:, at:at + steps], state)
    state = tuple(s.detach() for s in state)
    loss = F.cross_entropy(logits.reshape(-1, len(chars)), data[:, at + 1:at + steps + 1].reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.)
    opt.step()
    at, updates = at + steps, updates + 1
net.eval()

start = int(len(text) * .8)
line = text[start:start + 2000]
with torch.no_grad():
    x = ids[None, start:start + 2000]
    own = F.cross_entropy(net(x)[0][0, :-1], x[0, 1:]).item()
run = rnnscope.from_torch(net, chars, path("run"), check=line, expect=own)
run.progress = False
held = path("held.txt")
open(held, "w", encoding="utf-8", newline="").write(text[start:])

told = run.dissect(held, concepts=["in-quote"], sites=["l0.h"], untrained=19)
quote, best = told["concepts"][0], told["concepts"][0]["best"]
unit, auroc = best["unit"], best["auroc"]
change = run.ablate(held, units=["l0.h[%d]" % unit], mode="zero")["changes"][0]["all"]

# The same in PyTorch, on the same blocks: each entered from the zero state where ablate enters it.
subprocess.run([find(), "-q", "trace", path("run"), "--grid", "--file", held, "--sites", "l0.h", "--out", path("grid.npz")], check=True)
grid = json.load(open(path("grid.symbols.json")))
sequence = torch.tensor(grid["ids"])


def losses():
    out = []
    with torch.no_grad():
        for warm, lo, hi in grid["report"]:
            x = sequence[None, warm:hi]
            y = sequence[warm + 1:hi + 1]
            nats = F.cross_entropy(net(x)[0][0, :len(y)], y, reduction="none")
            out.append(nats[lo - warm:])
    return torch.cat(out).double().numpy()


before = losses()
handle = net.lstm.register_forward_hook(lambda m, i, o: (o[0] * (torch.arange(o[0].shape[-1]) != unit), o[1]))
with torch.no_grad():
    net.lstm.weight_hh_l0[:, unit] = 0
after = losses()
handle.remove()
by_hook = float((after - before).mean())

result = {
    "units": units, "characters": len(text), "updates": updates, "seconds": seconds, "own_loss": own,
    "unit": "l0.h[%d]" % unit, "verdict": quote["verdict"], "in_quote_auroc": auroc, "untrained": quote.get("untrained"),
    "ablate": change, "pytorch": by_hook, "within": bool(change["lo"] <= by_hook <= change["hi"]),
}
json.dump(result, open(path("hour.json"), "w"), indent=1)
print(json.dumps(result, indent=1))
sys.exit(not result["within"])
