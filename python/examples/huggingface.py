"""Folders that Hugging Face's transformers write, read without it.

python huggingface.py DIR   (torch, transformers, tokenizers, numpy, rnnscope)

A PreTrainedModel of one's own around an nn.LSTM or nn.GRU, its embedding tied to its output or not, is trained for a few
steps on a built-in text cut by a byte-level BPE, saved by save_pretrained as safetensors, as pytorch_model.bin, and in
parts, and given to rnnscope.from_huggingface: the loss on held-out text must be the module's own. A transformer's folder
must be refused. Prints a row each, writes DIR/huggingface.json, and ends with status 1 where a loss differs by 1e-5."""
import json, os, subprocess, sys
import torch, torch.nn as nn, torch.nn.functional as F, tokenizers, transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast
import rnnscope
from rnnscope._binary import find

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
path = lambda *names: os.path.join(folder, *names)
torch.manual_seed(1)

text = subprocess.run([find(), "-q", "corpus", "synth", "novel", "-n", "120000"], capture_output=True, text=True, check=True).stdout
held = text[-4000:]
open(path("held.txt"), "w", encoding="utf-8", newline="").write(held)

cut = Tokenizer(models.BPE())
cut.pre_tokenizer, cut.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
cut.train_from_iterator([text[:-4000]], trainers.BpeTrainer(vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=cut)
ids = torch.tensor([tokenizer(text[:-4000])["input_ids"]])
held_ids = torch.tensor([tokenizer(held)["input_ids"]])


class Config(PretrainedConfig):
    model_type = "recurrent"

    def __init__(self, cell="LSTM", vocab_size=400, units=32, layers=1, tied=False, **kw):
        self.cell, self.vocab_size, self.units, self.layers = cell, vocab_size, units, layers
        super().__init__(tie_word_embeddings=tied, **kw)


class Recurrent(PreTrainedModel):
    config_class = Config

    def __init__(self, config):
        super().__init__(config)
        self._tied_weights_keys = ["lm_head.weight"] if config.tie_word_embeddings else []
        wide = config.units if config.tie_word_embeddings else 16
        self.embed = nn.Embedding(config.vocab_size, wide)
        self.rnn = getattr(nn, config.cell)(wide, config.units, config.layers, batch_first=True)
        self.lm_head = nn.Linear(config.units, config.vocab_size, bias=not config.tie_word_embeddings)
        self.post_init()

    def get_input_embeddings(self):
        return self.embed

    def get_output_embeddings(self):
        return self.lm_head

    def _init_weights(self, module):
        pass

    def forward(self, input_ids):
        return self.lm_head(self.rnn(self.embed(input_ids))[0])


def train(model, updates=60, steps=32, batch=16):
    opt = torch.optim.Adam(model.parameters(), 1e-2)
    data = ids[0, : ids.shape[1] // batch * batch].view(batch, -1)
    for update in range(updates):
        at = update * steps % (data.shape[1] - steps - 1)
        loss = F.cross_entropy(model(data[:, at:at + steps]).flatten(0, 1), data[:, at + 1:at + steps + 1].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()


rows = []
for name, config, save in (
    ("LSTM, safetensors", Config(), {}),
    ("LSTM, pytorch_model.bin", Config(), {"safe_serialization": False}),
    ("LSTM of two layers, safetensors in parts", Config(layers=2), {"max_shard_size": "30KB"}),
    ("GRU of two layers, pytorch_model.bin in parts", Config("GRU", layers=2), {"max_shard_size": "30KB", "safe_serialization": False}),
    ("LSTM, tied, safetensors", Config(tied=True), {}),
    ("GRU, tied, half precision", Config("GRU", tied=True), {}),
):
    model = Recurrent(config)
    train(model)
    if "half" in name:
        model = model.half()
    at = path(name.replace(",", "").replace(" ", "-"))
    model.save_pretrained(at, **save)
    tokenizer.save_pretrained(at)
    with torch.no_grad():
        own = F.cross_entropy(model.float()(held_ids)[0, :-1], held_ids[0, 1:]).item()
    told = rnnscope.from_huggingface(at, check=path("held.txt"))
    files = sorted(f for f in os.listdir(at) if f.endswith((".safetensors", ".bin", ".index.json")))
    rows.append({"network": name, "files": files, "pieces": told["check"]["count"], "transformers": own, "rnnscope": told["check"]["nats"]})

transformer = path("gpt2")
GPT2LMHeadModel(GPT2Config(vocab_size=400, n_embd=32, n_layer=1, n_head=2, n_positions=64)).save_pretrained(transformer)
tokenizer.save_pretrained(transformer)
try:
    rnnscope.from_huggingface(transformer, check=path("held.txt"))
    refused = ""
except rnnscope.RnnscopeError as e:
    refused = str(e)

worst = max(abs(r["transformers"] - r["rnnscope"]) for r in rows)
result = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "torch": torch.__version__, "rows": rows, "worst": worst, "a transformer": refused}
json.dump(result, open(path("huggingface.json"), "w"), indent=1)
print(json.dumps(result, indent=1))
sys.exit(not (worst < 1e-5 and refused and all(r["pieces"] == held_ids.shape[1] for r in rows)))
