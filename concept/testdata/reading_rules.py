"""Labels of concepts that are a property of characters, from their definitions in concept/*.go.

Written from the definitions and not from the labelers, to judge places of reading.jsonl whose "how" is "rule".

  python3 concept/testdata/reading_rules.py TEXT [READING.jsonl]    reads TEXT again and counts disagreements with the judgements
"""

import hashlib
import json
import os
import sys
from unicodedata import category


def letter(c):
    return category(c)[0] == "L"


def following(is_so):
    """The property of the next character."""
    return lambda s: [is_so(s[t], s[t + 1]) for t in range(len(s) - 1)] + [None]


def here(is_so):
    """The property of a character and the one before."""
    return lambda s: [is_so(s[t - 1] if t else "\n", s[t]) for t in range(len(s))]


def columns(s):
    """Characters since the last line feed."""
    out = []
    for line in s.split("\n"):
        out += range(1, len(line) + 1)
        out.append(0)
    return out[:-1]


def indents(s):
    """Columns of blanks at the start of the line so far."""
    out = []
    for line in s.split("\n"):
        blanks = len(line) - len(line.lstrip("\t \u3000"))
        width = 0
        for c in line[:blanks]:
            width += {" ": 1, "\u3000": 2}.get(c) or 8 - width % 8
            out.append(width)
        out += [width] * (len(line) - blanks)
        out.append(0)
    return out[:-1]


def runs(s):
    """Decimal digits in a row."""
    out, n = [], 0
    for c in s:
        n = n + 1 if category(c) == "Nd" else 0
        out.append(n)
    return out


RULES = {
    "capital": here(lambda _, c: category(c) == "Lu"),
    "digit": here(lambda _, c: category(c) == "Nd"),
    "capital-next": following(lambda _, c: category(c) == "Lu"),
    "line-end-next": following(lambda _, c: c == "\n"),
    "word-end-next": following(lambda c, after: letter(c) and not letter(after)),
    "word-start": here(lambda before, c: letter(c) and not letter(before)),
    "word-end": here(lambda before, c: letter(before) and not letter(c)),
    "column": columns,
    "indentation": indents,
    "digit-run": runs,
}


def main():
    raw = open(sys.argv[1], "rb").read()
    readings = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "reading.jsonl")
    text, digest, wrong = raw.decode(), hashlib.sha256(raw).hexdigest(), 0
    for line in open(readings):
        r = json.loads(line)
        if r["sha256"] != digest or r.get("how") != "rule":
            continue
        values, above = RULES[r["concept"]](text), r.get("above", 0)
        misread = set(r["wrong_on"] + r["wrong_off"])
        bad = [at for at in r["on"] if (values[at] > above) == (at in misread)]
        bad += [at for at in r["off"] if (values[at] > above) != (at in misread)]
        print(r["text"], r["concept"], len(r["on"]), len(r["off"]), "disagree:", bad)
        wrong += len(bad)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
