"""Makes cases.json: tokenizers of every kind that package pieces cuts by, and the ids that Hugging Face's tokenizers
(0.20.3) give for texts that are easily cut wrong.  python make.py > cases.json"""
import json, random
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers as pre, trainers

random.seed(1)
WORDS = """the old tree by the water fell in the night and nobody heard it until the morning when the children came down to
play their games of counting she said that it was not their fault and he'd gone home we've seen it they're late I'm here
don't walking walked walks unknown unkind kindness happiness happily river rivers moon moonlight water waterfall""".split()
MARKS = [".", ",", "!", "?", ";", ":", ' "', '" ', " (", ") ", "'s", "\n", "\n\n", "  ", " - ", " 12", " 345", " 6,789", " é", " naïve", " 中文", " ï"]
text = []
for _ in range(3000):
    text.append(" " + random.choice(WORDS))
    if random.random() < .3:
        text.append(random.choice(MARKS))
lines = "".join(text).splitlines(keepends=True)

SAMPLES = [
    "The old tree by the water fell.", " and  two   spaces\tand a tab\n\n  indented\n", "don't he'd we've they're I'm she's DON'T", "12,345 and 6789 items (7 of 8)",
    "naïve café, ﬁne", "中文字符 and 日本語", "emoji 👩‍👩‍👧 and 🎉", "a<s>b</s> <unk> <|endoftext|>x", "trailing space ", "\n", " ", "x", "▁the mark itself",
    "no-break\u00a0space and \u2009thin and \u3000wide", "\u200bzero", "é as two: e\u0301 and ÅÅ", "ÜBER STRASSE İstanbul", "tree" * 40, "supercalifragilisticexpialidocious",
    "a.b,c;d:e!f?g", "http://example.org/a_b?c=d#e", "\r\nwindows\r\n", "؟ العربية", "1st 2nd 3½ ²", "tabs\t\t\tend", "word[MASK]word [MASK] .", "\u0007bell \ufffd",
    "".join(random.choice([" ", "", "\n"]) + random.choice(WORDS + MARKS) for _ in range(120)),
]
BYTES = ["<0x%02X>" % b for b in range(256)]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def bpe(vocab=400, special=(), model={}, **k):
    return models.BPE(**model), trainers.BpeTrainer(vocab_size=vocab, special_tokens=list(special), show_progress=False, **k)


def build():
    byte = pre.ByteLevel.alphabet()
    yield "bytelevel", *bpe(special=["<|endoftext|>"], initial_alphabet=byte), None, pre.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    yield "bytelevel prefix", *bpe(initial_alphabet=byte), normalizers.NFC(), pre.ByteLevel(add_prefix_space=True), decoders.ByteLevel()
    yield "split regex", *bpe(initial_alphabet=byte, model={"ignore_merges": True}), None, pre.Sequence([pre.Split(Regex(LLAMA3), "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False)]), decoders.ByteLevel()
    yield "digits", *bpe(initial_alphabet=byte), None, pre.Sequence([pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)]), decoders.ByteLevel()
    yield "metaspace bytes", *bpe(600, ["<unk>", "<s>", "</s>"] + BYTES, {"unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True}), None, pre.Metaspace(), decoders.Metaspace()
    yield "metaspace first", *bpe(300, ["<unk>"], {"unk_token": "<unk>", "fuse_unk": True}), None, pre.Metaspace(prepend_scheme="first"), decoders.Metaspace()
    yield "metaspace unsplit", *bpe(300, ["<unk>"], {"unk_token": "<unk>"}), None, pre.Metaspace(prepend_scheme="never", split=False), decoders.Metaspace()
    yield "llama 2", *bpe(600, ["<unk>", "<s>", "</s>"] + BYTES, {"unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True}), normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, None
    yield "unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False), normalizers.NFKC(), pre.Metaspace(), decoders.Metaspace()
    yield "end of word", *bpe(300, ["<unk>"], {"unk_token": "<unk>", "end_of_word_suffix": "</w>"}, end_of_word_suffix="</w>"), normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]), pre.Whitespace(), decoders.BPEDecoder()
    yield "continue", *bpe(300, ["[UNK]"], {"unk_token": "[UNK]", "continuing_subword_prefix": "##"}, continuing_subword_prefix="##"), normalizers.Strip(), pre.BertPreTokenizer(), decoders.WordPiece()
    yield "wordpiece", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=300, special_tokens=["[PAD]", "[UNK]", "[MASK]"], show_progress=False), normalizers.BertNormalizer(), pre.BertPreTokenizer(), decoders.WordPiece()
    yield "wordpiece cased", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=300, special_tokens=["[UNK]"], show_progress=False), normalizers.BertNormalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False), pre.BertPreTokenizer(), decoders.WordPiece()
    yield "words", models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False), None, pre.WhitespaceSplit(), None
    yield "words and marks", models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False), normalizers.Lowercase(), pre.Sequence([pre.WhitespaceSplit(), pre.Punctuation("merged_with_previous")]), None
    yield "contiguous", models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False), None, pre.Sequence([pre.Punctuation("contiguous"), pre.CharDelimiterSplit(" "), pre.Digits()]), None
    yield "merged next", models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False), None, pre.Split(" ", "merged_with_next"), None
    yield "pattern inverted", models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False), None, pre.Split(Regex(r"\w+"), "removed", invert=True), None


out = []
for name, model, trainer, normalizer, splitter, decoder in build():
    t = Tokenizer(model)
    if normalizer is not None:
        t.normalizer = normalizer
    if splitter is not None:
        t.pre_tokenizer = splitter
    if decoder is not None:
        t.decoder = decoder
    t.train_from_iterator(lines, trainer)
    if name == "bytelevel":
        t.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
        t.add_tokens([AddedToken("tree", single_word=True)])
    out.append({"name": name, "tokenizer": json.loads(t.to_str()), "ids": [t.encode(s, add_special_tokens=False).ids for s in SAMPLES]})
t = Tokenizer(models.BPE())
t.pre_tokenizer = pre.ByteLevel(add_prefix_space=False)
learn = "".join(lines[:120]) + "".join(SAMPLES)
t.train_from_iterator([learn], trainers.BpeTrainer(vocab_size=500, min_frequency=2, initial_alphabet=pre.ByteLevel.alphabet(), show_progress=False))
print(json.dumps({"samples": SAMPLES, "learn": learn, "merges": json.loads(t.to_str())["model"]["merges"], "cases": out}, ensure_ascii=False, separators=(",", ":")))
