"""Turns the results of run.py into the tables of BENCHMARKS.md."""

import json
import math

import chip

BEGIN, END = "<!-- measured: written by bench/run.py -->", "<!-- end of measured -->"
MEAN_OF = ("elman-1x128", "lstm-2x128", "gru-2x128", "lstm-1x512", "gru-1x512", "lstm-2x512")
BUSY = 1.0  # load average a quiet machine stays below before a case beyond the run's own work


def share(x):
    return f"{100 * x:.0f} %"


def shape(c):
    if c["kind"] == "sample":
        return "one stream"
    return f"B {c['streams']}, T {c['steps']}, V {c['vocab']:,}"


def setting(s):
    words = ["compiled" if s["compile"] else "eager", f"{s['threads']} thread" + "s" * (s["threads"] > 1)]
    if s["threads"] > 1:
        words.append(s["policy"] + " waiting")
    words.append({"embedding": "embedding", "onehot": "one-hot"}[s["input"]])
    if s["form"]:
        words.append({"lstm": "nn.LSTM", "cells": "nn.LSTMCell"}[s["form"]])
    return ", ".join(words)


def geometric_mean(results):
    found = [r["ratio"] for r in results if r["case"]["name"] in MEAN_OF]
    if len(found) < len(MEAN_OF):
        return None
    return math.exp(sum(map(math.log, found)) / len(found))


def rows_against(report):
    yield ["configuration", "shape", "rnnscope char/s", "PyTorch char/s", "ratio", "to eager", "PyTorch's best setting"]
    for r in report["results"]:
        best = r["peers"][0]
        yield [r["case"]["name"], shape(r["case"]), f"{r['rate']:,.0f}", f"{best['rate']:,.0f}", f"{r['ratio']:.2f}", f"{r['ratio_eager']:.2f}", setting(best["setting"])]


def rows_ours(report):
    measured = [r for r in report["results"] if r["case"]["kind"] != "sample"]
    in_round = ["of the peak in its round"] if any("of_peak_in_round" in r for r in measured) else []  # runs before it was kept have none
    yield ["configuration", "GFLOP/s", "of the peak", *in_round, "one core, of its peak", "one core to all", "allocations a step", "memory beyond need"]
    one, every = report["peak_flops"]["one"], report["peak_flops"]["all"]
    for r in measured:
        rate = r["rate"] * r["flops_per_char"]
        row = [r["case"]["name"], f"{rate / 1e9:.0f}", share(rate / every)]
        row += [share(r["of_peak_in_round"]) if "of_peak_in_round" in r else "" for _ in in_round]
        row += [share(r["rate_one"] * r["flops_per_char"] / one), f"{r['scaling']:.2f}"] if "scaling" in r else ["", ""]
        row += [f"{r['allocations_per_step']:.0f}", f"{100 * r['memory_beyond_need']:+.0f} %"] if "memory_beyond_need" in r else ["", ""]
        yield row


def grid(rows):
    rows = list(rows)
    if len(rows) == 1:
        return ""  # a header alone
    lines = ["| " + " | ".join(r) + " |" for r in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def busy(report):
    """The loads before the cases, if one of them tells of other work: the run itself keeps all cores busy."""
    loads = [x for x in report["machine"]["load_before_cases"] if x is not None]
    return loads if loads and max(loads) > report["machine"]["cores"] + BUSY else []


def facts(report):
    m, s, p = report["machine"], report["software"], report["peak_flops"]
    loads = busy(report)
    note = "" if not loads else (
        f" **The machine was busy with other work (load average {min(loads)} to {max(loads)} on {m['cores']} cores): these are not figures of a quiet machine, and single ones may be far off.**")
    c = m["chip"]
    which = f" (family {c['family']}, model {c['model']})" if c["model"] else ""
    return (f"Measured {report['date']} in one run of {report['seconds'] / 60:.0f} minutes: {m['processor']}{which}, {m['cores']} cores, {m['system']}; "
            f"{s['kernels']} kernels, {s['go']}; PyTorch {s['torch']}, Python {s['python']}. FMA peak in the same run: {p['one'] / 1e9:.0f} GFLOP/s on one core, "
            f"{p['all'] / 1e9:.0f} on all.{note}")


def compile_notes(report):
    words = {}
    for r in report["results"]:
        words.setdefault(r["compile"], []).append(r["case"]["name"])
    return "torch.compile: " + "; ".join(f"{w} ({', '.join(names)})" for w, names in words.items()) + "."


def check_note(report):
    off = [r["check"]["largest_relative_difference"] for r in report["results"] if "check" in r]
    return f"Same work: from the same weights and batch, the losses of the first training steps differ by at most {max(off):.1e} (relative)." if off else ""


def reading_notes(report):
    """Of one stream: what a character must read, against what the same cores read."""
    return " ".join(
        f"{r['case']['name']}: a character reads at least {r['reading']['far_bytes'] / 1e6:.1f} MB that the second-level caches cannot hold, at {share(r['reading']['share'])} of the rate at which "
        f"the same cores read as many bytes in the same round ({r['reading']['rate'] / 1e9:.0f} GB/s{'' if r['reading'].get('averaged') else ' at best'})."
        for r in report["results"] if "reading" in r)


def markdown(report):
    parts = [facts(report), grid(rows_against(report))]
    mean = geometric_mean(report["results"])
    if mean:
        parts.append(f"Geometric mean of the ratios of {', '.join(MEAN_OF)}: **{mean:.2f}**.")
    parts += [grid(rows_ours(report)), reading_notes(report), check_note(report), compile_notes(report)]
    return "\n\n".join(p for p in parts if p)


def kept(folder):
    """The results of every chip, by name of their file."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def heading(report):
    return f"### {chip.title(report)}, {report['software']['kernels'].upper().replace('AVX512', 'AVX-512')}"


def spread(numbers, form):
    low, high = form(min(numbers)), form(max(numbers))
    return low if low == high else f"{low} to {high}"


def summary(reports):
    """Three sentences for a reader in a hurry."""
    results = [(r, x) for r in reports for x in r["results"]]
    trained = [x["ratio"] for _, x in results if x["case"]["kind"] == "train"]
    sampled = [x["ratio"] for _, x in results if x["case"]["kind"] == "sample"]
    shares = [x["rate"] * x["flops_per_char"] / r["peak_flops"]["all"] for r, x in results if x["case"]["kind"] == "train"]
    return (f"Training is {spread(trained, lambda x: f'{x:.1f}')} times as fast as PyTorch at its best on the same cores, and one stream of sampled characters "
            f"{spread(sampled, lambda x: f'{x:.1f}')} times. The whole training step runs at {spread(shares, lambda x: f'{100 * x:.0f}')} % of what the chip can do at all. "
            f"How much depends on the network and the chip: every chip has a table of its own.")


def write(folder, path):
    """Replaces what stands between the two marks of the file by the tables of every chip."""
    text = path.read_text()
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    reports = kept(folder)
    body = "\n\n".join([summary(reports)] + [heading(r) + "\n\n" + markdown(r) for r in reports])
    path.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}")
