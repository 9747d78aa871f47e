"""Remakes the chapter: runs its commands, keeps what they print, and writes the pages from that.

    python docs/chapter/build.py run [--only NAME ...] [--work DIR]   runs commands (all: about an hour on two cores)
    python docs/chapter/build.py write                                writes docs/chapter*.md and their figures from what was kept
    python docs/chapter/build.py check [--work DIR]                   runs the cheap commands again; fails if an output or a page differs

Needs Python 3.9 and a rnnscope program: $RNNSCOPE, or the one on PATH. Kernels are pinned (AVX2), so that every x86-64 machine
prints the same figures.

The commands stand in commands.json, in the order in which they run: a name, the command line, whether it is cheap, and which of the figures
it writes are kept under which name. A page is written from its source beside this script. In a source

    <<name>>             becomes the command and what it printed
    <<name 3-9>>         only these lines of what it printed
    {{ expression }}     becomes a value; in it, a name (with - as _) is what that command printed as JSON
"""

import argparse
import difflib
import gzip
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE / "outputs"
PAGES = {"en.md": "chapter.md", "zh-CN.md": "chapter.zh-CN.md"}
PROGRAM = os.environ.get("RNNSCOPE", "rnnscope")

# What differs from run to run and machine to machine, and means nothing: times and rates.
VOLATILE = ((re.compile(r'"seconds": [\d.e+-]+'), '"seconds": 0'), (re.compile(r"\b\d+(\.\d+)? s\b"), "… s"))


def commands():
    return json.loads((HERE / "commands.json").read_text())


def run(command, work):
    """What a command prints. A command that fails ends the script with what it said."""
    words = [PROGRAM if w == "rnnscope" else w for w in shlex.split(command)]
    env = {**os.environ, "RNNSCOPE_KERNELS": "avx2"}
    done = subprocess.run(words, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{command}\nended with status {done.returncode}: {done.stderr.strip()}")
    out = done.stdout.replace(str(work) + "/", "")
    for pattern, instead in VOLATILE:
        out = pattern.sub(instead, out)
    return out


def kept_path(c):
    return KEPT / (c["name"] + (".json.gz" if "--json" in c["run"] else ".txt"))


def keep(c, out):
    """Keeps what a command printed; JSON is long, and packed."""
    data = as_kept(c, out).encode()
    kept_path(c).write_bytes(gzip.compress(data, mtime=0) if "--json" in c["run"] else data)


def as_kept(c, out):
    """What a command printed as it is kept: JSON without its line breaks, so that a check compares like with like."""
    return json.dumps(json.loads(out), separators=(",", ":")) if "--json" in c["run"] else out


def kept(c):
    data = kept_path(c).read_bytes()
    return (gzip.decompress(data) if "--json" in c["run"] else data).decode()


def run_all(args, check=False):
    """Runs what is asked for; with check compares instead of keeping. Returns the number of differences."""
    wrong = 0
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(args.work or temporary).resolve()
        work.mkdir(parents=True, exist_ok=True)
        for c in commands():
            if args.only and c["name"] not in args.only or check and not c.get("cheap"):
                continue
            print(f"$ {c['run']}", flush=True)
            out = run(c["run"], work)
            for figure, name in c.get("figures", {}).items() if not check else ():
                target = HERE.parent / "images" / "chapter" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((work / figure).read_bytes())
            if not check:
                keep(c, out)
            elif as_kept(c, out) != kept(c):
                wrong += 1
                lines = difflib.unified_diff(kept(c).splitlines(), as_kept(c, out).splitlines(), "kept", "now", lineterm="", n=1)
                print("\n".join(list(lines)[:20]))
    return wrong


def values():
    """What commands printed as JSON, by name."""
    return {c["name"].replace("-", "_"): json.loads(kept(c)) for c in commands() if "--json" in c["run"]}


def est(x, digits=2):
    """An estimate with its interval: 0.97 [0.96, 0.97]."""
    if not isinstance(x, dict):
        return f"{x:.{digits}f}"
    if x.get("lo") is None:
        return f"{x['estimate']:.{digits}f}"
    return f"{x['estimate']:.{digits}f} [{x['lo']:.{digits}f}, {x['hi']:.{digits}f}]"


def named(rows, name):
    """The row of that name, concept or site."""
    return next(r for r in rows if name in (r.get("name"), r.get("concept"), r.get("site"), r.get("kind")))


def at(evolution, step):
    """The snapshot of a step."""
    return next(s for s in evolution["snapshots"] if s["step"] == step)


def skill(evolution, step, name):
    return named(at(evolution, step)["skills"], name)["value"]


def unit(x):
    return f"{x['site']}[{x['unit']}]"


def figure(quotes, test, name):
    """A figure of a test of rnnscope quotes."""
    return named(named(quotes["result"]["tests"], test)["figures"], name)["interval"]


def named_leaves(explained, leaves):
    """The network in words with descriptions of so many leaves."""
    return next(d for d in explained["words"]["described"] if d["leaves"] == leaves)


HELPERS = {f.__name__: f for f in (est, named, at, skill, unit, figure, named_leaves, len, max, min, next, round, sum, sorted, abs, str, set)}


def page(source):
    known = {c["name"]: c for c in commands()}
    names = values()

    def block(match):
        c = known[match[1]]
        lines = kept(c).rstrip("\n").split("\n")
        if match[2]:
            first, last = int(match[2]), int(match[3])
            skipped = lines[:first - 1], lines[last:]
            lines = lines[first - 1:last]
            lines = (["…"] if skipped[0] else []) + lines + (["…"] if skipped[1] else [])
        printed = "\n".join(["$ " + c["run"], *lines]).rstrip()
        return "```console\n" + printed + "\n```"

    def value(match):
        return str(eval(match[1].strip(), {"__builtins__": {}, **HELPERS, **names}))

    text = re.sub(r"\{\{(.+?)\}\}", value, source)  # first: what commands print may hold such marks, too
    return re.sub(r"<<([\w-]+)(?: (\d+)-(\d+))?>>", block, text)


def write(check=False):
    wrong = 0
    for source, target in PAGES.items():
        text = page((HERE / source).read_text())
        path = HERE.parent / target
        if check and path.read_text() != text:
            print(f"{path.name} is not what its source and the kept outputs make")
            wrong += 1
        if not check:
            path.write_text(text)
    return wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("action", choices=["run", "write", "check"])
    p.add_argument("--only", nargs="*", help="only the commands of these names")
    p.add_argument("--work", help="directory in which the commands run (default: one that is removed)")
    args = p.parse_args()
    if args.action == "run":
        run_all(args)
        return
    if args.action == "write":
        write()
        return
    wrong = run_all(args, check=True) + write(check=True)
    sys.exit(f"{wrong} differences" if wrong else 0)


if __name__ == "__main__":
    main()
