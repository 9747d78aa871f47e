"""A researcher's hour: train an nn.LSTM on a text, open it, and check the answer in PyTorch.

python hour.py DIR [UPDATES] [TEXT] [UNITS]   (torch, numpy, pandas, rnnscope)

1. trains an nn.LSTM of one-hot characters on TEXT (the built-in novel; of a text with quotations, the paragraphs that have some);
2. rnnscope.from_torch, its loss on a text it has not seen compared with the module's own;
3. dissects it there and takes the unit of h or c that follows quotations best;
4. asks rnnscope ablate what zeroing that unit costs;
5. zeroes it in PyTorch with a forward hook on the nn.LSTM, which reads step by step, on the same blocks, and holds the
   change against ablate's interval. (Where c of a unit is 0, so is its h: the hook zeroes both.)

Prints the figures, writes them to DIR/hour.json, and ends with status 1 when the two disagree. Weights that DIR/net.pt
has already are taken instead of training."""
import json, os, subprocess, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import rnnscope
from rnnscope._binary import find

folder = sys.argv[1]
updates = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
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
    text = open(source, encoding="utf-8").read().replace("\r\n", "\n")
    text = "\n\n".join(p for p in text.split("\n\n") if '"' in p or "“" in p) + "\n"
else:
    text = subprocess.run([find(), "-q", "corpus", "synth", "novel", "-n", "400000"], capture_output=True, text=True, check=True).stdout
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
train = ids[: int(len(ids) * .8)]

net = Net(len(chars), units)
began = time.process_time()
if os.path.exists(path("net.pt")):
    net.load_state_dict(torch.load(path("net.pt"), weights_only=True))
else:
    opt = torch.optim.Adam(net.parameters(), 5e-3)
    batch, steps = 50, 128
    data = train[: len(train) // batch * batch].view(batch, -1)
    at, state = 0, None
    for update in range(updates):
        for group in opt.param_groups:  # down to a fiftieth, so that the end is quiet
            group["lr"] = 5e-3 * (1 - .98 * update / updates)
        if at + steps + 1 > data.shape[1]:
            at, state = 0, None
        logits, state = net(data[:, at:at + steps], state)
        state = tuple(s.detach() for s in state)
        loss = F.cross_entropy(logits.reshape(-1, len(chars)), data[:, at + 1:at + steps + 1].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step()
        at += steps
        if update % 100 == 0:
            print("%d of %d updates, %.3f nats" % (update, updates, loss.item()), file=sys.stderr, flush=True)
    torch.save(net.state_dict(), path("net.pt"))
seconds = time.process_time() - began
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

told = run.dissect(held, concepts=["in-quote"], untrained=19)
quote, best = told["concepts"][0], told["concepts"][0]["best"]
site, unit = best["site"], best["unit"]
change = run.ablate(held, units=["%s[%d]" % (site, unit)], mode="zero")["changes"][0]["all"]

# The same in PyTorch, on the same blocks: each entered from the zero state where ablate enters it.
subprocess.run([find(), "-q", "trace", path("run"), "--grid", "--file", held, "--sites", "l0.h", "--out", path("grid.npz")], check=True)
grid = json.load(open(path("grid.symbols.json")))
sequence = torch.tensor(grid["ids"])


def losses():
    """Nats at every scored place, the blocks of one length side by side, one step at a time."""
    out = []
    for length in sorted({hi - warm for warm, lo, hi in grid["report"] if hi < len(sequence)}):
        blocks = [b for b in grid["report"] if b[2] - b[0] == length and b[2] < len(sequence)]
        x = torch.stack([sequence[warm:hi + 1] for warm, lo, hi in blocks])
        state, nats = None, []
        with torch.no_grad():
            for t in range(length):
                logits, state = net(x[:, t:t + 1], state)
                nats.append(F.cross_entropy(logits[:, 0], x[:, t + 1], reduction="none"))
        nats = torch.stack(nats, 1)
        out += [nats[i, lo - warm:] for i, (warm, lo, hi) in enumerate(blocks)]
    return torch.cat(out).double().numpy()


def silence(module, inputs, output):
    keep = torch.arange(units) != unit
    y, (h, c) = output
    return y * keep, (h * keep, c * (keep if site.endswith(".c") else 1))


before = losses()
handle = net.lstm.register_forward_hook(silence)
after = losses()
handle.remove()
by_hook = float((after - before).mean())

result = {
    "units": units, "characters": len(text), "updates": updates, "processor_seconds": round(seconds), "own_loss": own,
    "unit": "%s[%d]" % (site, unit), "verdict": quote["verdict"], "auroc": best["auroc"], "untrained": best["untrained_max"],
    "ablate": change, "pytorch": by_hook, "places": len(before), "within": bool(change["lo"] <= by_hook <= change["hi"]),
}
json.dump(result, open(path("hour.json"), "w"), indent=1)
print(json.dumps(result, indent=1))
sys.exit(not result["within"])
