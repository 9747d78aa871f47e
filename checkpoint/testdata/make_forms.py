"""Networks as people save them, made by ordinary PyTorch code, for import_forms_test.go.

python make_forms.py   (torch, numpy, safetensors) writes forms/: the files, and forms.json with, for each,
  options  what import must be told because the file alone does not tell, as its flags
  asks     the flag that import must ask for without them
  nats     mean loss in nats a symbol of LINE after its first, by PyTorch
  h        the states [L][T][H] after every symbol of LINE
"""
import argparse, collections, datetime, decimal, fractions, json, os, pathlib
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from torch.nn.utils import parametrizations
from safetensors.torch import save_file, save_model

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "forms")
os.makedirs(HERE, exist_ok=True)
CHARS = sorted(set("he said no.\n"))
V, H = len(CHARS), 6
LINE = "he said no. she said he does.\n"
LINE = "".join(c for c in LINE if c in CHARS)
ids = torch.tensor([CHARS.index(c) for c in LINE])
cases = []


def path(name):
    return os.path.join(HERE, name)


def dict_only(m, f):
    torch.save(m.state_dict(), f)


def safe(m, f):
    save_file({k: v.contiguous() for k, v in m.state_dict().items()}, f)


def add(name, model, save=safe, options=(), asks="", scale=2.5):
    for p in model.parameters():
        p.data.mul_(scale)
    model.eval()
    with torch.no_grad():
        logits, states = model(ids[None])
        nats = F.cross_entropy(logits[0][:-1], ids[1:]).item()
    save(model, path(name))
    cases.append({"file": name, "options": list(options), "asks": asks, "nats": nats,
                  "h": [[[round(x, 7) for x in row] for row in h[0].tolist()] for h in states]})


class Net(nn.Module):
    """nn.Embedding or one-hot vectors, one stack, a head."""

    def __init__(self, kind="LSTM", hidden=H, layers=1, embed=0, head=None, tie=False, linear=False, between=None, **kw):
        super().__init__()
        self.embed = embed
        if embed:
            self.encoder = nn.Linear(V, embed) if linear else nn.Embedding(V, embed)
        if between:
            self.between = between
        self.rnn = getattr(nn, kind)(between.out_features if between else embed or V, hidden, layers, batch_first=True, **kw)
        out = kw.get("proj_size") or hidden
        self.decoder = head or nn.Linear(out, V)
        if tie:
            self.decoder.weight = self.encoder.weight

    def enter(self, x):
        one = F.one_hot(x, V).float()
        if not self.embed:
            return one
        e = self.encoder(one if isinstance(self.encoder, nn.Linear) else x)
        return torch.tanh(self.between(e)) if hasattr(self, "between") else e

    def start(self, n):
        return None

    def forward(self, x):
        h, out = self.start(x.shape[0]), []
        every = []
        e = self.enter(x)
        for t in range(x.shape[1]):
            o, h = self.rnn(e[:, t:t + 1], h)
            out.append(self.decoder(o[:, 0]))
            every.append(h[0] if isinstance(h, tuple) else h)
        return torch.stack(out, 1), torch.stack(every, 2)  # [L,B,T,H]


class Started(Net):
    def __init__(self, kind, **kw):
        super().__init__(kind, **kw)
        n = self.rnn.num_layers
        self.h0 = nn.Parameter(torch.randn(n, 1, H))
        if kind == "LSTM":
            self.c0 = nn.Parameter(torch.randn(n, 1, H))

    def start(self, n):
        h = self.h0.expand(-1, n, -1).contiguous()
        return (h, self.c0.expand(-1, n, -1).contiguous()) if hasattr(self, "c0") else h


class Stacks(nn.Module):
    def __init__(self, sizes=(6, 4), names=("first", "second")):
        super().__init__()
        self.emb, self.names = nn.Embedding(V, 3), names
        for name, n, m in zip(names, (3,) + sizes[:-1], sizes):
            setattr(self, name, nn.LSTM(n, m, batch_first=True))
        self.out = nn.Linear(sizes[-1], V)

    def forward(self, x):
        y, states = self.emb(x), []
        for name in self.names:
            y = getattr(self, name)(y)[0]
            states.append(y)
        return self.out(y), states


class Cells(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.lower, self.upper = getattr(nn, kind)(V, H), getattr(nn, kind)(H, 4)
        self.fc, self.kind = nn.Linear(4, V), kind

    def forward(self, x):
        one, a, b, out, states = F.one_hot(x, V).float(), None, None, [], ([], [])
        for t in range(x.shape[1]):
            a = self.lower(one[:, t], a)
            ha = a[0] if isinstance(a, tuple) else a
            b = self.upper(ha, b)
            hb = b[0] if isinstance(b, tuple) else b
            out.append(self.fc(hb))
            states[0].append(ha), states[1].append(hb)
        return torch.stack(out, 1), [torch.stack(s, 1) for s in states]


torch.manual_seed(3)
add("onehot.safetensors", Net())
add("elman.safetensors", Net("RNN"), options=["nonlinearity=tanh"], asks="--nonlinearity")
add("relu.pt", Net("RNN", nonlinearity="relu"), dict_only, options=["nonlinearity=relu"], asks="--nonlinearity", scale=1.2)
add("state.pt", Net(layers=2, embed=4), dict_only)
add("legacy.pt", Net("GRU", layers=2, embed=4), lambda m, f: torch.save(m.state_dict(), f, _use_new_zipfile_serialization=False))
add("checkpoint.pth", Net("GRU"), lambda m, f: torch.save(
    {"epoch": 3, "model_state_dict": m.state_dict(), "optimizer_state_dict": torch.optim.Adam(m.parameters()).state_dict(), "loss": [1.5, 1.2]}, f))
add("lightning.ckpt", Net(embed=4), lambda m, f: torch.save(
    {"epoch": 3, "pytorch-lightning_version": "2.5.0", "hyper_parameters": {"lr": 1e-3}, "callbacks": {},
     "state_dict": collections.OrderedDict(("model." + k, v) for k, v in m.state_dict().items())}, f))
add("pytorch_model.bin", Net(embed=4), dict_only)
add("two-networks.pt", Net(), lambda m, f: torch.save({"model": m.state_dict(), "ema": Net().state_dict()}, f), options=["key=model"], asks="--key")
add("bfloat16.pt", Net("GRU").bfloat16().float(), lambda m, f: torch.save({k: v.bfloat16() for k, v in m.state_dict().items()}, f), scale=2)
add("strided.pt", Net(), lambda m, f: torch.save({k: v.t().contiguous().t() if v.dim() == 2 else torch.stack([v, v], 1)[:, 1] for k, v in m.state_dict().items()}, f))
add("nobias.safetensors", Net(bias=False, head=nn.Linear(H, V, bias=False)))
add("tied.safetensors", Net("GRU", embed=H, tie=True), save_model)
add("tied.pt", Net("GRU", embed=H, tie=True), dict_only)
add("tied-square.safetensors", Net(hidden=V, embed=V, tie=True), save_model, scale=1.2)
add("square.safetensors", Net(hidden=V, embed=V), options=["input=embedding", "output=decoder"], asks="--input", scale=1.5)
add("square-head.safetensors", Net(hidden=V), options=["input=onehot"], asks="--input", scale=1.5)
add("projected.safetensors", Net(layers=2, proj_size=4))
add("projected-hidden.safetensors", Net(proj_size=3, head=nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, V))), options=["activation=tanh"], asks="--activation")
add("stacks.safetensors", Stacks())
add("stacks-alike.pt", Stacks((5, 5, 5), ("c", "a", "b")), dict_only, options=["order=c,a,b"], asks="--order")
add("lstm-cells.safetensors", Cells("LSTMCell"))
add("gru-cells.pt", Cells("GRUCell"), dict_only)
add("rnn-cells.pt", Cells("RNNCell"), dict_only, options=["nonlinearity=tanh"], asks="--nonlinearity")
add("layernorm.safetensors", Net(head=nn.Sequential(nn.LayerNorm(H), nn.Linear(H, V))))
m = Net(embed=4)
m.encoder = nn.Sequential(nn.Embedding(V, 4), nn.LayerNorm(4))
add("layernorm-embedding.safetensors", m)
add("layernorm-nobias.pt", Net(head=nn.Sequential(nn.LayerNorm(H, bias=False), nn.Linear(H, V))), dict_only, options=["norm=layer"], asks="--norm")
add("rmsnorm.pt", Net(head=nn.Sequential(nn.RMSNorm(H, eps=1e-3), nn.Linear(H, V))), dict_only, options=["norm=rms", "norm-eps=0.001"], asks="--norm")
for act, layer in (("relu", nn.ReLU()), ("gelu", nn.GELU()), ("silu", nn.SiLU()), ("elu", nn.ELU()), ("leaky_relu", nn.LeakyReLU()), ("sigmoid", nn.Sigmoid()), ("identity", nn.Identity())):
    add("hidden-%s.safetensors" % act, Net("GRU", head=nn.Sequential(nn.Linear(H, 5), layer, nn.Linear(5, V))), options=["activation=" + act], asks="--activation")
add("hidden-input.safetensors", Net(embed=4, between=nn.Linear(4, 5)), options=["activation=tanh"], asks="--activation")
add("linear-input.safetensors", Net("GRU", embed=4, linear=True))
add("started-gru.pt", Started("GRU", layers=2), dict_only)
add("started-lstm.safetensors", Started("LSTM"), options=["start=h0,c0"], asks="--start")
m = Net(head=parametrizations.weight_norm(nn.Linear(H, V)))
add("weight-norm.pt", m, dict_only)
m = Net()
m.rnn = nn.utils.weight_norm(nn.LSTM(V, H, batch_first=True), "weight_hh_l0")
add("weight-norm-old.safetensors", m)
add("spectral-norm.pt", Net(head=nn.utils.spectral_norm(nn.Linear(H, V))), dict_only)


class Drop(nn.Module):
    """AWD-LSTM's weight drop: the recurrent weight is kept as weight_hh_l0_raw."""

    def __init__(self):
        super().__init__()
        self.encoder, self.rnns, self.decoder = nn.Embedding(V, 4), nn.ModuleList([nn.LSTM(4, H, batch_first=True)]), nn.Linear(H, V)

    def forward(self, x):
        h = self.rnns[0](self.encoder(x))[0]
        return self.decoder(h), [h]


add("weight-drop.pt", Drop(), lambda m, f: torch.save(
    {("rnns.0.weight_hh_l0_raw" if k == "rnns.0.weight_hh_l0" else k.replace("rnns.0.", "rnns.0.module.")): v for k, v in m.state_dict().items()}, f))

add("whole-module.pt", Net("RNN", nonlinearity="relu", head=nn.Sequential(nn.LayerNorm(H, eps=1e-4), nn.Linear(H, 5), nn.Tanh(), nn.Dropout(), nn.Linear(5, V))),
    lambda m, f: torch.save(m, f), scale=1.2)
add("whole-square.pt", Net(hidden=V, embed=V), lambda m, f: torch.save(m, f), scale=1.5)

# What checkpoints in the wild hold beside the weights, and ways of saving that are rarer.
class Settings:
    pass


def rich(m, f):
    torch.save({"state_dict": m.state_dict(), "when": datetime.datetime(2026, 1, 2), "path": pathlib.PurePosixPath("/x"), "args": argparse.Namespace(lr=1e-3),
                "loss": np.float64(1.5), "curve": np.arange(5.), "type": torch.float32, "seen": {1, 2}, "count": collections.Counter("aab"), "rng": np.random.default_rng(1),
                "settings": Settings(), "epochs": range(3), "price": decimal.Decimal("1.5"), "share": fractions.Fraction(1, 3), "large": 2**80, "complex": 1j, "raw": b"abc"}, f)


def expanded(m, f):
    sd = {k: v.clone() for k, v in m.state_dict().items()}
    sd["rnn.bias_ih_l0"] = torch.full((1,), .3).expand(4 * H)
    torch.save(sd, f)


def sharded(save, ending):
    def write(m, f):
        sd, where = m.state_dict(), {}
        for i, part in enumerate((sorted(sd)[:3], sorted(sd)[3:])):
            name = "%s-%05d-of-00002.%s" % ("model" if ending == "safetensors" else "pytorch_model", i + 1, ending)
            save({k: sd[k] for k in part}, path(name))
            where.update({k: name for k in part})
        json.dump({"metadata": {}, "weight_map": where}, open(f, "w"))
    return write


add("rich.ckpt", Net(), rich)
m = Net()
m.rnn.bias_ih_l0.data = torch.full((4 * H,), .3 / 2.5)
add("expanded.pt", m, expanded)
m = Net(head=parametrizations.spectral_norm(nn.Linear(H, V)))
m.eval()
add("spectral-parametrized.pt", m, dict_only)
add("legacy-protocol4.pt", Net("GRU"), lambda m, f: torch.save(m.state_dict(), f, pickle_protocol=4, _use_new_zipfile_serialization=False))
add("dicts.pt", Net(embed=4), lambda m, f: torch.save({k: getattr(m, k).state_dict() for k in ("encoder", "rnn", "decoder")}, f),
    options=["key=encoder,rnn,decoder"], asks="--key rnn,encoder,decoder")
add("beside.pt", Net(), lambda m, f: torch.save({**m.state_dict(), "table": torch.zeros(2, dtype=torch.complex64), "scale": torch.full((2,), float("nan"))}, f),
    options=["ignore=table,scale"], asks="--ignore scale")
add("data-parallel.pt", nn.DataParallel(Net()), dict_only)
add("model.safetensors.index.json", Net(embed=4), sharded(save_file, "safetensors"))
add("pytorch_model.bin.index.json", Net(embed=4), sharded(torch.save, "bin"))

json.dump({"alphabet": CHARS, "line": LINE, "cases": cases}, open(os.path.join(HERE, "forms.json"), "w"), indent=0)
