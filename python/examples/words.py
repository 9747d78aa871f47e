"""A word-level language model in the manner of PyTorch's own example, saved as people save them.

python words.py TEXT DIR [SECONDS]: trains an nn.LSTM on the words of TEXT (white space between them, <eos> at the end
of each line, rare words <unk>) and writes DIR/words.pt, DIR/vocab.json and DIR/expect.json: its mean loss in nats a
word on DIR/held.txt, which rnnscope import --check DIR/held.txt must have as well."""
import collections, json, os, sys, time
import torch, torch.nn as nn, torch.nn.functional as F

source, folder = sys.argv[1], sys.argv[2]
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
os.makedirs(folder, exist_ok=True)
torch.manual_seed(1)


def words(text):
    out = []
    for line in text.split("\n"):
        out += line.split() + ["<eos>"]
    return out[:-1]


text = open(source).read()
cut = int(len(text) * .9)
cut = text.index("\n", cut) + 1
train, held = words(text[:cut]), words(text[cut:])
counts = collections.Counter(train)
vocab = ["<unk>", "<eos>"] + sorted(w for w, n in counts.items() if n >= 3 and w != "<eos>")
index = {w: i for i, w in enumerate(vocab)}
ids = torch.tensor([index.get(w, 0) for w in train])
test = torch.tensor([index.get(w, 0) for w in held])


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid, nlayers):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers)
        self.decoder = nn.Linear(nhid, ntoken)

    def forward(self, x, hidden=None):  # x [T,B]
        out, hidden = self.rnn(self.encoder(x), hidden)
        return self.decoder(out), hidden


model = RNNModel(len(vocab), 64, 96, 1)
opt = torch.optim.Adam(model.parameters(), 4e-3)
batch, steps = 20, 35
data = ids[: len(ids) // batch * batch].view(batch, -1).t().contiguous()
began, hidden, at = time.time(), None, 0
while time.time() - began < seconds:
    if at + steps + 1 > len(data):
        at, hidden = 0, None
    x, y = data[at:at + steps], data[at + 1:at + steps + 1]
    logits, hidden = model(x, hidden)
    hidden = tuple(h.detach() for h in hidden)
    loss = F.cross_entropy(logits.reshape(-1, len(vocab)), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), .25)
    opt.step()
    at += steps
model.eval()
with torch.no_grad():
    nats = F.cross_entropy(model(test[:, None])[0][:-1, 0], test[1:]).item()
torch.save(model.state_dict(), os.path.join(folder, "words.pt"))
json.dump(vocab, open(os.path.join(folder, "vocab.json"), "w"))
open(os.path.join(folder, "held.txt"), "w").write(text[cut:])
open(os.path.join(folder, "train.txt"), "w").write(text[:cut])
json.dump({"nats": nats, "words": len(vocab)}, open(os.path.join(folder, "expect.json"), "w"))
print("%d words, %.4f nats a word on the held-out text" % (len(vocab), nats))
