"""Networks of random shapes, layouts, names and forms, given to rnnscope import: right, asked, refused, never silently wrong.

python random_networks.py RNNSCOPE DIR [COUNT [SEED]]   (torch, safetensors, and the program's binary)

Each is saved, imported with --check on a line, and its loss compared with PyTorch's (1e-5). Where import asks, it is
given the true answers, and must then be right or refuse. Sizes are drawn from few values, so that V = E = H and the
like happen often. Ends with status 1 when a network was read wrongly or an answer led nowhere."""
import collections, json, os, random, subprocess, sys
import torch, torch.nn as nn, torch.nn.functional as F
from safetensors.torch import save_file, save_model

binary, folder = sys.argv[1], sys.argv[2]
count, seed = int((sys.argv + [60])[3]), int((sys.argv + [0, 1])[4] if len(sys.argv) > 4 else 1)
os.makedirs(folder, exist_ok=True)
rng = random.Random(seed)
torch.manual_seed(seed)
V = 12
CHARS = list("\n abcdehinos")[:V]
LINE = "".join(rng.choice(CHARS) for _ in range(60))
ids = torch.tensor([CHARS.index(c) for c in LINE])
POOL = ["rnn", "lstm", "encoder", "decoder", "embedding", "fc", "out", "proj", "a", "b", "head", "layer1", "layer2", "W", "net", "cell", "emb", "linear", "norm", "x0", "lm_head", "wte"]
ACTS = {"identity": nn.Identity(), "relu": nn.ReLU(), "tanh": nn.Tanh(), "gelu": nn.GELU(), "sigmoid": nn.Sigmoid()}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        names = rng.sample(POOL, len(POOL))
        take = names.pop
        self.kind = rng.choice(["LSTM", "LSTM", "GRU", "RNN"])
        kw = {"bias": rng.random() < .8}
        self.relu = self.kind == "RNN" and rng.random() < .5
        if self.relu:
            kw["nonlinearity"] = "relu"
        self.input = rng.choice(["onehot", "embedding", "embedding", "linear", "tied"])
        sizes = [rng.choice([5, 8, 8, V]) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        width = V if self.input == "onehot" else rng.choice([5, 8, V])
        P = rng.choice([0, 0, 0, 4]) if self.kind == "LSTM" else 0
        self.cells = rng.random() < .2 and not P
        self.order, self.mods, n = [], [], width
        depth = rng.choice([1, 1, 2]) if not self.cells else 1
        self.layers = depth
        for i, h in enumerate(sizes):
            if self.cells:
                m = getattr(nn, self.kind + "Cell")(n, h, **kw)
            else:
                m = getattr(nn, self.kind)(n, h, depth, batch_first=True, **({"proj_size": P, **kw} if P else kw))
            name = take()
            setattr(self, name, m)
            self.order.append(name), self.mods.append(m)
            n = P or h
        self.start = None
        if len(sizes) == 1 and not self.cells and not P and rng.random() < .2:
            h0 = nn.Parameter(torch.randn(depth, 1, n))
            name = take()
            setattr(self, name, h0)
            self.start = [name]
            if self.kind == "LSTM":
                name = take()
                setattr(self, name, nn.Parameter(torch.randn(depth, 1, n)))
                self.start.append(name)
        keep = self.__dict__  # not among the modules
        keep['_norm'] = keep['_hidden'] = None
        if rng.random() < .2:
            self.norm_name = take()
            keep["_norm"] = nn.LayerNorm(n, bias=rng.random() < .7) if rng.random() < .7 else nn.RMSNorm(n, eps=1e-5)
            setattr(self, self.norm_name, keep["_norm"])
        self.act = "identity"
        k = n
        if rng.random() < .25 or self.input == "tied" and n != width:
            k = width if self.input == "tied" else rng.choice([5, 8, V])
            keep["_hidden"] = nn.Linear(n, k)
            setattr(self, take(), keep["_hidden"])
            self.act = rng.choice(list(ACTS))
        self.head_name = take()
        head = nn.Linear(k, V, bias=rng.random() < .8)
        setattr(self, self.head_name, head)
        self.entry_name = ""
        if self.input in ("embedding", "tied"):
            self.entry_name = take()
            setattr(self, self.entry_name, nn.Embedding(V, width))
            if self.input == "tied":
                head.weight = getattr(self, self.entry_name).weight
        elif self.input == "linear":
            self.entry_name = take()
            setattr(self, self.entry_name, nn.Linear(V, width, bias=rng.random() < .5))

    def forward(self, x):
        one = F.one_hot(x, V).float()
        y = one if self.input == "onehot" else getattr(self, self.entry_name)(one if self.input == "linear" else x)
        for m in self.mods:
            if self.cells:
                s, out = None, []
                for t in range(y.shape[1]):
                    s = m(y[:, t], s)
                    out.append(s[0] if isinstance(s, tuple) else s)
                y = torch.stack(out, 1)
                continue
            s = None
            if self.start:
                s = [getattr(self, n) for n in self.start]
                s = tuple(s) if len(s) == 2 else s[0]
            y = m(y, s)[0]
        if self._norm is not None:
            y = self._norm(y)
        if self._hidden is not None:
            y = ACTS[self.act](self._hidden(y))
        return getattr(self, self.head_name)(y)

    def answers(self):
        out = ["--input", self.input, "--output", self.head_name, "--order", ",".join(self.order)]
        if self.entry_name:
            out += ["--embedding", self.entry_name] if self.input != "tied" else []
        if self.kind == "RNN":
            out += ["--nonlinearity", "relu" if self.relu else "tanh"]
        if self._hidden is not None:
            out += ["--activation", self.act, "--hidden-at", "output"]
        if self._norm is not None:
            out += ["--norm-at", "output", "--norm", "layer" if isinstance(self._norm, nn.LayerNorm) else "rms"]
        if self.start and len(self.start) == 2:
            out += ["--start", ",".join(self.start)]
        return out


FORMS = {
    "safetensors": lambda m, f: save_file({k: v.clone().contiguous() for k, v in m.state_dict().items()}, f),
    "model.safetensors": save_model,
    "pt": lambda m, f: torch.save(m.state_dict(), f),
    "pth": lambda m, f: torch.save({"epoch": 1, "net": m.state_dict(), "opt": torch.optim.Adam(m.parameters()).state_dict()}, f),
    "ckpt": lambda m, f: torch.save({"state_dict": collections.OrderedDict(("model." + k, v) for k, v in m.state_dict().items())}, f),
    "legacy.pt": lambda m, f: torch.save(m.state_dict(), f, _use_new_zipfile_serialization=False),
}


def run(*args):
    p = subprocess.run([binary, "-q", "--json", "import", *args], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr.strip()


open(os.path.join(folder, "line.txt"), "w").write(LINE)
json.dump(CHARS, open(os.path.join(folder, "alphabet.json"), "w"))
told = collections.Counter()
for i in range(count):
    m = Net().eval()
    for p in m.parameters():
        p.data.mul_(2)
    form = rng.choice(list(FORMS))
    f = os.path.join(folder, "%02d.%s" % (i, form))
    with torch.no_grad():
        want = F.cross_entropy(m(ids[None])[0][:-1], ids[1:]).item()
    FORMS[form](m, f)
    base = [f, "--alphabet", os.path.join(folder, "alphabet.json"), "--check", os.path.join(folder, "line.txt")]
    answers = m.answers()
    if form == "ckpt":
        answers = [a if not (j % 2) else ",".join("model." + n for n in a.split(",")) if answers[j - 1] in ("--output", "--embedding", "--order", "--start") else a for j, a in enumerate(answers)]
    status, out, err = run(*base)
    verdict = ""
    if status == 2 and "the file alone does not tell" in err and "--" in err:
        verdict = "asked, then "
        status, out, err = run(*base, *answers)
    if status == 0:
        off = abs(json.loads(out)["check"]["nats"] - want)
        verdict += "right" if off <= 1e-5 * max(1, want) else "WRONG"
    elif status == 1 and len(err.splitlines()) == 1:
        verdict += "refused"
    else:
        verdict += "LOST"
    told[verdict] += 1
    if "WRONG" in verdict or "LOST" in verdict or "refused" in verdict:
        print("%s: %s (PyTorch %.6f) %s\n   %s %s" % (f, verdict, want, err or json.loads(out)["check"]["nats"], " ".join(answers), dict((k, tuple(v.shape)) for k, v in m.state_dict().items())))
print(json.dumps(told, sort_keys=True))
sys.exit(any("WRONG" in k or "LOST" in k for k in told))
