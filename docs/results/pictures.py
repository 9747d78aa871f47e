"""Draws the picture at the head of every results page from a table of that page, so that the two cannot disagree.

    python docs/results/pictures.py          writes docs/images/results/*.svg
    python docs/results/pictures.py check    fails if a picture is not what its table says

A new page: give it a row in PICTURES. Only Python's own library is needed.
"""

import math
import re
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "images" / "results"
INK = ("#0072b2", "#c85200", "#007f5f")
TEXT, MUTED, GRID, RULE = "#1c2127", "#5a636e", "#e7e9ec", "#9aa2ab"
WIDTH, ROW, SIZE = 860, 19, 12

# page: what to read and how to draw it. header: words that only the head of the wanted table has, all of them.
# label: the columns a row is called by (blank cells repeat the one above). series: columns drawn, and what the legend calls them.
PICTURES = {
    "atlas": dict(header=["concept", "p <= .05", "untrained"], label=[0], series={1: "share of tests with p ≤ .05"}, bounds=(0, .16), lines=[.02, .08],
                  title="Where nothing is to be found, how often does a test say there is something? Allowed: between the lines."),
    "interventions": dict(header=["concept", "unit", "where it matters", "resample"], label=[0, 1], series={6: "D, thousandths of a nat"}, bounds=(-120, 160), lines=[0],
                          title="War and Peace, LSTM 256: what losing a unit costs where its concept matters, beyond elsewhere."),
    "quotes": dict(header=["language", "cell", "known within"], label=[0, 1, 2], series={5: "within the depths of the text", 6: "beyond them"}, bounds=(.4, 1), lines=[.5],
                   title="Is it known how many marks are open? One half is chance."),
    "memory": dict(header=["leak a character", "measured horizon"], label=[0], series={1: "ln 2 / leak, the truth", 2: "measured"}, bounds=(1, 1000), log=True,
                   title="Networks wired by hand to forget at a known rate: horizon in characters."),
    "learning": dict(header=["text", "5-gram, bits", "LSTM 128, bits"], label=[0], series={1: "5-gram", 2: "best n-gram", 3: "LSTM 128"}, bounds=(0, 2.2),
                     title="Loss in bits a character on held-out text: what an LSTM knows beyond short contexts."),
    "labels": dict(header=["concept", "tinyshakespeare", "go-sources"], label=[0], matrix=True, title="Which rule is admitted to which text? Grey: the concept is never on there."),
    "explain": dict(fenced=r"^(?P<label>l0\.[hc])\s+(?:128|512)\s.*?(?P<value>[\d.]+)\s+(?P<lo>\[[\d.]+), (?P<hi>[\d.]+\])\s*$", bounds=(0, 1),
                    title="Share of units that remember: beyond the last five characters, more than any unit of untrained networks."),
    "elsewhere": dict(header=["network, site", "loss", "word-start"], label=[0], series={2: "start of a word", 3: "inside a quotation", 4: "line end next"}, bounds=(.45, .8), lines=[.5],
                      title="AUROC of the best unit, on text the network had not seen. One half is chance."),
    "robustness": dict(header=["command", "kills that came"], label=[0], series={1: "kills that came before the end, of 15"}, bounds=(0, 15),
                       title="After every one of these kills the run was whole, and repeating the command gave the same bytes."),
    "curves": dict(header=["width, decades", "verdict right", "abrupt"], label=[0], series={1: "verdict right", 2: "width inside its interval", 3: "middle inside its interval"}, bounds=(.6, 1), lines=[.95],
                   title="Simulated learning curves, by their width in decades: how often is what is said right?"),
    "sweep": dict(header=["cells", "one machine", "same bytes"], alternative=["cells", "one machine", "cluster"], label=[0], series={1: "one machine", 2: "cluster with misfortunes"}, bounds=(0, 260),
                  title="Seconds for a sweep; table, figure and page have the same bytes both ways."),
    "serve": dict(header=["asked, ms", "got, ms"], label=[0], series={1: "asked", 2: "got"}, bounds=(10, 1000), log=True,
                  title="The live page, milliseconds from event to frame."),
    "match": dict(header=["look", "quotation", "precision", "recall"], label=[1], series={4: "precision", 5: "recall"}, bounds=(0, 1),
                  title="War and Peace: how well do the units of a selection tell a quotation?"),
    "story": dict(header=["LSTM 128", "middle of the rise"], label=[0], series={1: "median over seeds, lowest to highest"}, bounds=(0, 600),
                  title="At which update was the middle of the rise?"),
    "waits": dict(header=["command", "before, s", "now, s"], label=[0], series={1: "before", 2: "now"}, bounds=(0, 100),
                  title="Seconds a command takes on a run of LSTM 256 on 3 MB; of demo, the whole of it."),
}

NUMBER = r"[-−+]?\d*\.?\d+"


def tables(text):
    """Every table of a page: its head and its rows, as lists of cells."""
    block = []
    for line in text.split("\n") + [""]:
        if line.startswith("|"):
            block.append([c.strip() for c in line.strip().strip("|").replace("\\|", "¦").split("|")])
        elif block:
            if len(block) > 2:
                yield block[0], block[2:]
            block = []


def estimate(cell):
    """The figure of a cell and its interval: 0.97 [0.96, 0.97], .75, 23. None where there is none."""
    cell = cell.replace("**", "").replace(",000", "000")
    with_interval = re.search(rf"({NUMBER}) \[({NUMBER}), ({NUMBER})\]", cell)
    found = with_interval.groups() if with_interval else re.match(rf"({NUMBER})(?: s| \(\d+\))?$", cell) and [re.match(NUMBER, cell)[0]] * 3
    return [float(x.replace("−", "-")) for x in found] if found else None


def plain(words):
    return re.sub(r"[*`_]|\[(?=[^\]]*\]\()|\]\([^)]*\)", "", words)


def find(page, spec):
    for wanted in (spec["header"], spec.get("alternative")):
        for head, rows in tables(page):
            if wanted and all(any(w in h for h in head) for w in wanted):
                return head, rows
    sys.exit(f"no table with {spec['header']}: give the picture another in docs/results/pictures.py")


def labelled(rows, columns):
    """Rows with their name; a blank first cell means the one above."""
    above = ""
    for row in rows:
        above = row[0] or above
        yield " · ".join(plain(above if c == 0 else row[c]) for c in columns), row


def read(page, spec):
    """[(label, [estimate or None a series])] and the legend."""
    if "fenced" in spec:
        out, about = [], ""
        for line in page.split("\n"):
            about = plain(line.rstrip(":")) if line.endswith(":") and not line.startswith(" ") else about
            m = re.match(spec["fenced"], line)
            if m:
                out.append((f"{about}, {m['label']}", [[float(m["value"]), float(m["lo"][1:]), float(m["hi"][:-1])]]))
        return out, [""]
    _, rows = find(page, spec)
    drawn = [(label, [estimate(row[c]) for c in spec["series"]]) for label, row in labelled(rows, spec["label"])]
    return [d for d in drawn if any(d[1])], list(spec["series"].values())


class Sheet:
    def __init__(self, height, title):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" font-family="Arial,Helvetica,sans-serif" font-size="{SIZE}">'
                      f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{height}" fill="#fff"/>']

    def text(self, x, y, words, ink=TEXT, anchor="start", size=SIZE):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, ink, width=1.0, dash=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}" stroke-width="{width}"' + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")

    def svg(self):
        return "".join(self.parts) + "</svg>\n"


def ticks(lo, hi, log):
    if log:
        return [10.0 ** k for k in range(round(math.log10(lo)), round(math.log10(hi)) + 1)]
    step = next(s for s in (.02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50, 100) if (hi - lo) / s <= 8)
    return [round(i * step, 10) for i in range(math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9) + 1)]


def forest(page, spec):
    rows, legend = read(page, spec)
    lo, hi = spec["bounds"]
    log = spec.get("log", False)
    left = max(80, 16 + 6.3 * max(len(label) for label, _ in rows))
    right, top = WIDTH - 24, 62 if any(legend) else 44
    place = (lambda v: math.log(v)) if log else (lambda v: v)
    x = lambda v: left + (place(min(max(v, lo), hi)) - place(lo)) / (place(hi) - place(lo)) * (right - left)
    bottom = top + ROW * len(rows)
    s = Sheet(bottom + 34, spec["title"])
    s.text(16, 24, spec["title"], size=13.5)
    at = left
    for i, words in enumerate(w for w in legend if w):
        s.parts.append(f'<circle cx="{at + 5:.1f}" cy="44" r="4" fill="{INK[i]}"/>')
        s.text(at + 14, 48, words, MUTED)
        at += 34 + 6.4 * len(words)
    for v in ticks(lo, hi, log):
        s.line(x(v), top, x(v), bottom, GRID)
        s.text(x(v), bottom + 16, f"{v:g}", MUTED, "middle", 11)
    for v in spec.get("lines", []):
        s.line(x(v), top, x(v), bottom, RULE, 1.4, "4 3")
    for n, (label, values) in enumerate(rows):
        y = top + ROW * (n + .5)
        s.text(left - 8, y + 4, label, anchor="end")
        for i, v in enumerate(values):
            if v:
                shift = (i - (len(values) - 1) / 2) * 4
                s.line(x(v[1]), y + shift, x(v[2]), y + shift, INK[i], 2)
                s.parts.append(f'<circle cx="{x(v[0]):.1f}" cy="{y + shift:.1f}" r="3.6" fill="{INK[i]}"/>')
    return s.svg()


def matrix(page, spec):
    head, rows = find(page, spec)
    left, top, cell = 150, 80, 80
    s = Sheet(top + 15 * len(rows) + 24, spec["title"])
    s.text(16, 24, spec["title"], size=13.5)
    for i, (words, ink) in enumerate((("admitted", INK[0]), ("not admitted", INK[1]))):
        s.parts.append(f'<rect x="{left + 120 * i}" y="36" width="11" height="11" fill="{ink}"/>')
        s.text(left + 120 * i + 17, 46, words, MUTED)
    for c, name in enumerate(head[1:]):
        s.text(left + cell * (c + .5), top - 8, name, MUTED, "middle", 10.5)
    for n, row in enumerate(rows):
        y = top + 15 * n
        s.text(left - 8, y + 11, row[0], anchor="end", size=11)
        for c, said in enumerate(row[1:]):
            ink = {"yes": INK[0], "no": INK[1]}.get(said, GRID)
            s.parts.append(f'<rect x="{left + cell * c + 1}" y="{y + 1}" width="{cell - 2}" height="13" fill="{ink}"/>')
    return s.svg()


def main():
    check, wrong = sys.argv[1:] == ["check"], 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, spec in PICTURES.items():
        page = (HERE / f"{name}.md").read_text()
        svg = (matrix if spec.get("matrix") else forest)(page, spec)
        target = TARGET / f"{name}.svg"
        if check and (not target.exists() or target.read_text() != svg):
            print(f"{target.name} is not what {name}.md says: python docs/results/pictures.py")
            wrong += 1
        if not check:
            target.write_text(svg)
        if f"images/results/{name}.svg" not in page:
            print(f"{name}.md does not show its picture")
            wrong += 1
    sys.exit(1 if wrong else 0)


main()
