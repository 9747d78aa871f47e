"""A language model of pieces of words (BPE, unigram), its tokenizer trained and saved by Hugging Face's tokenizers.

python pieces.py TEXT DIR [SECONDS] [KIND] [SYMBOLS]   (torch, tokenizers)

KIND: bytelevel (as GPT-2's), metaspace (as Llama's: ▁ for spaces, bytes where a character is unknown) or unigram (as T5's).
Writes DIR/pieces.pt, DIR/tokenizer.json, DIR/held.txt and DIR/expect.json: the mean loss in nats a piece on DIR/held.txt, which
rnnscope import DIR/pieces.pt --alphabet DIR/tokenizer.json --check DIR/held.txt must have as well, and the ids of its first 2,000 pieces."""
import json, os, sys, time
import torch, torch.nn as nn, torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

source, folder = sys.argv[1], sys.argv[2]
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
kind = sys.argv[4] if len(sys.argv) > 4 else "bytelevel"
symbols = int(sys.argv[5]) if len(sys.argv) > 5 else 1000
os.makedirs(folder, exist_ok=True)
torch.manual_seed(1)

text = open(source, encoding="utf-8", newline="").read().replace("\r\n", "\n")
cut = text.index("\n", int(len(text) * .9)) + 1
lines = text[:cut].splitlines(keepends=True)
if kind == "bytelevel":
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=symbols, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
elif kind == "metaspace":
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    trainer = trainers.BpeTrainer(vocab_size=symbols, special_tokens=["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)], show_progress=False)
else:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=symbols, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False)
tokenizer.train_from_iterator(lines, trainer)
tokenizer.save(os.path.join(folder, "tokenizer.json"))
encode = lambda s: torch.tensor(tokenizer.encode(s, add_special_tokens=False).ids)
ids, test = encode(text[:cut]), encode(text[cut:])
v = tokenizer.get_vocab_size()


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(v, 64)
        self.lstm = nn.LSTM(64, 96)
        self.head = nn.Linear(96, v)

    def forward(self, x, state=None):  # x [T,B]
        out, state = self.lstm(self.embedding(x), state)
        return self.head(out), state


model = Model()
opt = torch.optim.Adam(model.parameters(), 4e-3)
batch, steps = 20, 50
data = ids[: len(ids) // batch * batch].view(batch, -1).t().contiguous()
began, state, at = time.time(), None, 0
while time.time() - began < seconds:
    if at + steps + 1 > len(data):
        at, state = 0, None
    x, y = data[at:at + steps], data[at + 1:at + steps + 1]
    logits, state = model(x, state)
    state = tuple(s.detach() for s in state)
    loss = F.cross_entropy(logits.reshape(-1, v), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), .5)
    opt.step()
    at += steps
model.eval()
with torch.no_grad():
    nats = F.cross_entropy(model(test[:, None])[0][:-1, 0], test[1:]).item()
torch.save(model.state_dict(), os.path.join(folder, "pieces.pt"))
open(os.path.join(folder, "held.txt"), "w", encoding="utf-8", newline="").write(text[cut:])
json.dump({"nats": nats, "pieces": v, "count": len(test), "ids": test[:2000].tolist()}, open(os.path.join(folder, "expect.json"), "w"))
print("%s: %d pieces, %.6f nats a piece on %d held-out ones" % (kind, v, nats, len(test)))
