"""What a training step costs by phase, from CPU profiles of our own benchmark on one core and on all.

    python bench/budget.py            prints the table
    python bench/budget.py --write    puts it into BENCHMARKS.md as well

Needs Go and Python 3.10, nothing else. The phases are read from the call stacks of the samples; a product's share of
the peak is its useful operations over its time, against the peak measured just before.
"""

import argparse
import collections
import datetime
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- budget: written by bench/budget.py -->", "<!-- end of budget -->"

# Phases in the order of a step; the first whose word occurs in a sample's stack has it.
WAITING = "waiting at barriers"
COPIES = "copies for the weight gradients"
OTHER = "everything else"
PHASES = (
    (WAITING, ("crew.(*Crew).Barrier", "crew.(*Crew).wait")),
    ("readout: products, softmax, gradients", ("headBackward", "headGradients")),
    ("Adam, norm, packing of weights", ("optim.(*Optimizer)", "rnn.(*packTask)")),
    ("gradients of the input table and biases", ("tableGradient", "SumRows")),
    ("weight gradients", ("rnn.(*Pass).gradient",)),
    ("input products of upper layers", ("inputProducts",)),
    ("gradient to the layer below", ("fromAbove",)),
    ("recurrent product, backward", ("backRecurrent",)),
    ("cells backward", ("Step.backward", "backStep")),
    ("cells forward", ("Step.rows", "Step.forward")),
    ("recurrent product, forward", ("rnn.(*Pass).step",)),
)
SHOWN = (
    "input products of upper layers", "recurrent product, forward", "cells forward", "readout: products, softmax, gradients",
    "cells backward", "recurrent product, backward", "gradient to the layer below", "weight gradients", COPIES,
    "gradients of the input table and biases", "Adam, norm, packing of weights", WAITING, OTHER,
)
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def run(*command, **more):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, capture_output=True, **more).stdout


def phase(stack):
    text = " ".join(stack)
    for name, words in PHASES:
        if any(w in text for w in words):
            if name == "weight gradients" and "gemm" not in stack[0]:
                return COPIES
            return name
    return OTHER


def samples(binary, profile):
    """Seconds by phase of the samples that belong to a step."""
    seconds = collections.Counter()
    for block in re.split(r"-+\+-+\n", run("go", "tool", "pprof", "-traces", str(binary), str(profile)))[1:]:
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        first = lines and re.match(r"([\d.]+)(ms|us|s)\s+(.*)", lines[0])
        if not first:
            continue
        stack = [first[3]] + lines[1:]
        if any(".trainStep" in s or "crew." in s for s in stack):
            seconds[phase(stack)] += float(first[1]) * SECONDS[first[2]]
    return seconds


def products(c):
    """Useful operations of the products of a step, by phase."""
    one = c["steps"] * c["streams"] * 2 * {"elman": 1, "gru": 3, "lstm": 4}[c["cell"]] * c["hidden"] ** 2
    low, up = c["layers"] * one, (c["layers"] - 1) * one
    return {
        "recurrent product, forward": low, "input products of upper layers": up, "recurrent product, backward": low,
        "gradient to the layer below": up, "weight gradients": low + up,
    }


def measure(case, cores, steps, folder):
    """Milliseconds of a step and by phase on so many cores."""
    binary, profile = folder / "optim.test", folder / f"{cores}.profile"
    name = "cell={cell}/V={vocab}/H={hidden}/L={layers}/B={streams}/T={steps}".format(**case)
    pattern = "^BenchmarkTrainStep$/" + "/".join(f"^{part}$" for part in name.split("/"))
    out = run(str(binary), "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", f"{steps}x",
              "-test.cpu", str(cores), "-test.cpuprofile", str(profile))
    step = float(re.search(r"([\d.]+) ns/op", out)[1]) / 1e6
    by = samples(binary, profile)
    total = sum(by.values())
    return step, {k: v / total * step for k, v in by.items()}


def table(case, report, columns):
    flops = products(case)
    peaks = {1: report["peak_gflops_one"] or report["peak_gflops"], report["cores"]: report["peak_gflops"]}
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    yield (f"{case['name']}, {today}, {report['kernels']} kernels, FMA peak {peaks[1]:.0f} GFLOP/s on one core and "
           f"{report['peak_gflops']:.0f} on {report['cores']}; milliseconds of a step, and the share of the peak at which a product runs.")
    yield ""
    head = ["phase"]
    for cores in columns:
        head += ["one core" if cores == 1 else f"{cores} cores", "of its peak"]
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for name in SHOWN:
        row = [name]
        for cores, (_, by) in columns.items():
            ms = by.get(name, 0)
            row += [f"{ms:.1f}", f"{100 * flops[name] / ms / 1e6 / peaks[cores]:.0f} %" if flops.get(name) and ms else ""]
        if any(by.get(name) for _, by in columns.values()):
            yield "| " + " | ".join(row) + " |"
    row = ["**a step**"]
    for cores, (step, by) in columns.items():
        row += [f"**{step:.1f}**", ""]
    yield "| " + " | ".join(row) + " |"


def write(text, path):
    doc = path.read_text()
    before, rest = doc.split(BEGIN)
    path.write_text(before + BEGIN + "\n\n" + text + "\n\n" + END + rest.split(END)[1])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--case", default="lstm-2x512", help="a training configuration of rnnscope bench")
    p.add_argument("--steps", type=int, default=40, help="training steps profiled on each number of cores")
    p.add_argument("--write", action="store_true", help="write the table into BENCHMARKS.md")
    args = p.parse_args()
    report = json.loads(run("go", "run", "./cmd/rnnscope", "bench", "--case", args.case, "--rounds", "1", "--json"))
    case = next((c for c in report["cases"] if c["kind"] == "train" and c["name"] == args.case), None)
    if case is None:
        sys.exit(f"no training configuration is called {args.case}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("go", "test", "-c", "-o", str(folder / "optim.test"), "./optim")
        columns = {cores: measure(case, cores, args.steps, folder) for cores in dict.fromkeys((1, report["cores"]))}
    text = "\n".join(table(case, report, columns))
    print(text)
    if args.write:
        write(text, ROOT / "BENCHMARKS.md")


if __name__ == "__main__":
    main()
