"""Turns the results of run.py into the tables of BENCHMARKS.md."""

import math

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


def facts(report):
    m, s, p = report["machine"], report["software"], report["peak_flops"]
    loads = [x for x in m["load_before_cases"] if x is not None]
    # The run itself keeps all cores busy, so only more than that speaks of others.
    busy = "" if not loads or max(loads) <= m["cores"] + BUSY else (
        f" **The machine was busy with other work (load average {min(loads)} to {max(loads)} on {m['cores']} cores): these are not figures of a quiet machine, and single ones may be far off.**")
    return (f"Measured {report['date']} in one run of {report['seconds'] / 60:.0f} minutes: {m['processor']}, {m['cores']} cores, {m['system']}; "
            f"{s['kernels']} kernels, {s['go']}; PyTorch {s['torch']}, Python {s['python']}. FMA peak in the same run: {p['one'] / 1e9:.0f} GFLOP/s on one core, "
            f"{p['all'] / 1e9:.0f} on all.{busy}")


def compile_notes(report):
    words = {}
    for r in report["results"]:
        words.setdefault(r["compile"], []).append(r["case"]["name"])
    return "torch.compile: " + "; ".join(f"{w} ({', '.join(names)})" for w, names in words.items()) + "."


def check_note(report):
    off = [r["check"]["largest_relative_difference"] for r in report["results"] if "check" in r]
    return f"Same work: from the same weights and batch, the losses of the first training steps differ by at most {max(off):.1e} (relative)." if off else ""


def markdown(report):
    parts = [facts(report), grid(rows_against(report))]
    mean = geometric_mean(report["results"])
    if mean:
        parts.append(f"Geometric mean of the ratios of {', '.join(MEAN_OF)}: **{mean:.2f}**.")
    parts += [grid(rows_ours(report)), check_note(report), compile_notes(report)]
    return "\n\n".join(p for p in parts if p)


def write(report, path):
    """Replaces what stands between the two marks of the file."""
    text = path.read_text()
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    path.write_text(f"{head}{BEGIN}\n\n{markdown(report)}\n\n{END}{tail}")
