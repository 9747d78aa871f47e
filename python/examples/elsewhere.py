"""Activations of networks that are not recurrent in rnnscope's sense: the residual stream of a small transformer and the
state of a Mamba-like scan, both made and trained in PyTorch, dissected from their arrays alone.

python elsewhere.py DIR [SECONDS]   (torch, numpy, pandas, rnnscope)

Each is trained on the built-in novel for SECONDS (default 60), read over text it has not seen in blocks of 256 symbols,
and given to rnnscope.dissect_states with the states of five untrained networks of its shape. Prints, for three concepts,
the best unit, its AUROC with interval, and the verdict; writes DIR/elsewhere.json."""
import json, os, subprocess, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import rnnscope
from rnnscope._binary import find

folder = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
os.makedirs(folder, exist_ok=True)
T, D = 256, 32


class Transformer(nn.Module):
    """Two pre-norm blocks; what is recorded is the residual stream behind each."""

    def __init__(self, v):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, D), nn.Embedding(T, D)
        self.blocks = nn.ModuleList([nn.ModuleDict({
            "n1": nn.LayerNorm(D), "attn": nn.MultiheadAttention(D, 4, batch_first=True), "n2": nn.LayerNorm(D),
            "mlp": nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))}) for _ in range(2)])
        self.head = nn.Linear(D, v)

    def states(self, x):
        n = x.shape[1]
        mask = torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
        h, out = self.tok(x) + self.pos(torch.arange(n)), {}
        for i, b in enumerate(self.blocks):
            y = b["n1"](h)
            h = h + b["attn"](y, y, y, attn_mask=mask, need_weights=False)[0]
            h = h + b["mlp"](b["n2"](h))
            out["resid%d" % (i + 1)] = h
        return out

    def forward(self, x):
        return self.head(self.states(x)["resid2"])


class Scan(nn.Module):
    """A selective scan (after Gu and Dao 2023, one state a channel): s' = a(x) s + (1 - a(x)) b(x), gated on the way out."""

    def __init__(self, v):
        super().__init__()
        self.tok, self.a, self.b, self.g, self.head = nn.Embedding(v, D), nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, v)
        nn.init.constant_(self.a.bias, 2.)

    def states(self, x):
        e = self.tok(x)
        a, b = torch.sigmoid(self.a(e)), torch.tanh(self.b(e))
        s, out = torch.zeros(x.shape[0], D), []
        for t in range(x.shape[1]):
            s = a[:, t] * s + (1 - a[:, t]) * b[:, t]
            out.append(s)
        self.e = e
        return {"scan": torch.stack(out, 1)}

    def forward(self, x):
        s = self.states(x)["scan"]
        return self.head(s * F.silu(self.g(self.e)))


text = subprocess.run([find(), "-q", "corpus", "synth", "novel", "-n", "600000"], capture_output=True, text=True, check=True).stdout
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
cut = int(len(ids) * .5)
held = ids[cut:][: (len(ids) - cut) // T * T].view(-1, T)
symbols = "".join(chars[i] for i in held.reshape(-1).tolist())
results = {}
for name, kind in (("transformer", Transformer), ("scan", Scan)):
    torch.manual_seed(1)
    net = kind(len(chars))
    opt, began = torch.optim.Adam(net.parameters(), 2e-3), time.time()
    while time.time() - began < seconds:
        at = torch.randint(0, cut - T - 1, (16,))
        x = torch.stack([ids[i:i + T] for i in at])
        y = torch.stack([ids[i + 1:i + T + 1] for i in at])
        loss = F.cross_entropy(net(x).reshape(-1, len(chars)), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()

    def record(model):
        with torch.no_grad():
            parts = [model.eval().states(held[i:i + 64]) for i in range(0, len(held), 64)]
        return {site: torch.cat([p[site] for p in parts]).reshape(-1, D).numpy() for site in parts[0]}

    controls = []
    for k in range(5):
        torch.manual_seed(100 + k)
        controls.append(record(kind(len(chars))))
    run = rnnscope.dissect_states(record(net), symbols, os.path.join(folder, name), controls, progress=False, concepts=["word-start", "in-quote", "line-end-next"])
    table = run.findings
    rows = []
    for concept in ("word-start", "in-quote", "line-end-next"):
        verdict = table[(table.concept == concept) & (table.metric == "verdict")]
        score = table[(table.concept == concept) & (table.metric == "auroc")]
        rows.append({"concept": concept, "verdict": verdict.verdict.iloc[0] if len(verdict) else None,
                     "unit": "%s[%d]" % (score.site.iloc[0], score.unit.iloc[0]) if len(score) else None,
                     "auroc": score[["estimate", "lo", "hi"]].iloc[0].round(4).tolist() if len(score) else None})
    results[name] = {"loss": round(loss.item(), 3), "symbols": len(symbols), "found": rows}
    print(name, json.dumps(results[name], indent=1), flush=True)
json.dump(results, open(os.path.join(folder, "elsewhere.json"), "w"), indent=1)
