"""Holds the engine against PyTorch on this machine, in one run: both take turns, round by round.

    python -m venv venv && venv/bin/pip install -r bench/requirements.txt
    venv/bin/python bench/run.py

Needs Go besides (and a C++ compiler, if torch.compile is to have its chance). Prints a table, writes
with --write keeps the results under bench/results, one file a chip, and writes the tables into BENCHMARKS.md. See BENCHMARKS.md for what is done.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import chip
import table
import workers
from workers import Failed

ROOT = workers.HERE.parent
RESULTS = workers.HERE / "results"
CHECK_STEPS, CHECK_TOLERANCE = 3, 1e-4
PEAK_SECONDS = 0.1


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--case", action="append", default=[], help="only configurations whose names begin so")
    p.add_argument("--seconds", type=float, default=0.5, help="time for one measurement: whole steps, at least one")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--compile-seconds", type=float, default=30, help="time torch.compile may take a configuration; 0: leave it out")
    p.add_argument("--binary", help="a built rnnscope, instead of building one from this source")
    p.add_argument("--kernels", choices=["avx2"], help="hold both sides to these instructions")
    p.add_argument("--out", type=Path, help="results file (with --write, by default, that of this chip under bench/results)")
    p.add_argument("--write", action="store_true", help="keep the results and write the tables of all chips into BENCHMARKS.md; not on a busy machine")
    p.add_argument("--busy", action="store_true", help="with --write: also on a busy machine, and say so")
    p.add_argument("--table", action="store_true", help="measure nothing; write the tables of the results kept into BENCHMARKS.md")
    return p.parse_args()


# What holds PyTorch, and the libraries it computes with, to AVX2.
AVX2 = {"RNNSCOPE_KERNELS": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def build(folder):
    binary = str(Path(folder) / ("rnnscope.exe" if os.name == "nt" else "rnnscope"))
    subprocess.run(["go", "build", "-o", binary, "./cmd/rnnscope"], cwd=ROOT, check=True)
    return binary


def load():
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


class Bench:
    """One run over all cases."""

    def __init__(self, args, binary):
        self.args = args
        self.ours = workers.ours(binary)
        self.peers = {policy: workers.peer(policy) for policy in ("passive", "default")}
        self.hello = self.ours.ask(op="hello")
        self.cores = self.hello["cores"]
        self.torch = {policy: w.ask(op="hello") for policy, w in self.peers.items()}["passive"]
        self.peaks = {1: [], self.cores: []}

    def cases(self):
        for c in self.hello["cases"]:
            if not self.args.case or any(c["name"].startswith(w) for w in self.args.case):
                yield c

    def settings(self, case):
        """Every way PyTorch may run the case but compiled."""
        ways = [("passive", 1)] + ([("passive", self.cores), ("default", self.cores)] if self.cores > 1 else [])
        forms = ["lstm", "cells"] if case["kind"] == "sample" else [None]
        for policy, threads in ways:
            for inputs in ("embedding", "onehot"):
                for form in forms:
                    yield {"policy": policy, "threads": threads, "input": inputs, "form": form, "compile": False}

    def open_peer(self, case, setting, **more):
        worker = self.peers[setting["policy"]]
        order = {k: v for k, v in setting.items() if k != "policy"}
        return worker, worker.ask(op="open", case=case, **order, **more)["id"]

    def screen(self, case):
        """A short run of every setting; fastest first. Those that fail are named at the end."""
        good, bad = [], []
        for s in self.settings(case):
            try:
                worker, job = self.open_peer(case, s)
                s["screened"] = worker.rate(job, self.args.seconds / 2)
                worker.ask(op="close")
                good.append(s)
            except Failed as e:
                bad.append(s | {"failed": str(e)})
        return sorted(good, key=lambda s: -s["screened"]), bad

    def compiled(self, case, best):
        """A worker of its own with the best setting compiled, or why not."""
        limit = self.args.compile_seconds
        if not limit:
            return None, "left out"
        worker = workers.peer(best["policy"])
        order = {k: v for k, v in best.items() if k in ("threads", "input", "form")} | {"compile": True}
        try:
            worker.ask(op="hello", timeout=60)
            job = worker.ask(op="open", case=case, timeout=limit, **order)["id"]
        except Failed as e:
            worker.stop()
            return None, str(e)
        return (worker, job), "ran"

    def check(self, case):
        """Trains both from the same weights on the same batch and compares the losses of the first steps."""
        with tempfile.TemporaryDirectory() as d:
            path = str(Path(d) / "weights.safetensors")
            a = self.ours.ask(op="check", name=case["name"], path=path, steps=CHECK_STEPS)
            b = self.peers["passive"].ask(op="check", case=case, path=path, x=a["x"], y=a["y"], steps=CHECK_STEPS)
        off = max(abs(p - q) / abs(q) for p, q in zip(a["losses"], b["losses"]))
        if not off < CHECK_TOLERANCE:
            raise SystemExit(f"{case['name']}: losses {a['losses']}, PyTorch {b['losses']}: not the same work")
        return {"ours": a["losses"], "torch": b["losses"], "largest_relative_difference": off}

    def measure(self, case):
        result = {"case": case}
        if case["kind"] == "train":
            result["check"] = self.check(case)
        result["load_before"] = load()
        good, bad = self.screen(case)
        if not good:
            raise SystemExit(f"{case['name']}: PyTorch failed in every setting: {bad}")
        entrants = []  # (setting, worker, job)
        for s in good[:2]:
            entrants.append((s, *self.open_peer(case, s)))
        extra, word = self.compiled(case, good[0])
        result["compile"] = word
        if extra:
            entrants.append((good[0] | {"compile": True, "screened": None}, *extra))
        opened = [self.ours.ask(op="open", name=case["name"], workers=self.cores)]
        if case["kind"] != "sample" and self.cores > 1:
            opened.append(self.ours.ask(op="open", name=case["name"], workers=1))
        result["flops_per_char"] = opened[0]["flops"]
        entrants = [({"ours": w}, self.ours, a["id"]) for w, a in zip((self.cores, 1), opened)] + entrants
        for _, worker, job in entrants:
            worker.rate(job, self.args.seconds / 10)
        self.reads = []
        rates = self.rounds(entrants, case)
        self.close(extra)
        self.figures(result, entrants, rates, len(opened))
        result["of_peak_in_round"] = self.shares_in_round(rates[0], result["flops_per_char"])
        if self.reads:
            far, reads = self.reads[0]["far_bytes"], [r["read_rate"] for r in self.reads]
            result["reading"] = {"far_bytes": far, "rate": statistics.median(reads), "averaged": True, "share": statistics.median(r * far / read for r, read in zip(rates[0], reads))}
        result["settings"] = good + bad
        if case["kind"] == "train":
            a = self.ours.ask(op="extra", name=case["name"], workers=self.cores)
            result["allocations_per_step"] = a["allocations"]
            result["memory_beyond_need"] = a["took_bytes"] / a["need_bytes"] - 1
        result["load_after"] = load()
        return result

    def rounds(self, entrants, case):
        """Rates [entrant][round]; every other round goes the other way round."""
        rates = [[] for _ in entrants]
        for r in range(self.args.rounds):
            order = list(enumerate(entrants))
            for i, (_, worker, job) in order if r % 2 == 0 else order[::-1]:
                rates[i].append(worker.rate(job, self.args.seconds))
                time.sleep(0.1)  # waiting threads of the one before go to sleep
            for cores, seen in self.peaks.items():
                seen.append(self.ours.ask(op="peak", workers=cores, seconds=PEAK_SECONDS)["flops"])
            if case["kind"] == "sample":
                read = self.ours.ask(op="read", name=case["name"], workers=self.cores, seconds=self.args.seconds / 4)
                if "far_bytes" in read:  # else the caches hold the weights
                    self.reads.append(read)
        return rates

    def shares_in_round(self, rates, flops):
        """Median over the rounds just run of what all cores did, over the peak they had in that round."""
        peaks = self.peaks[self.cores][-len(rates):]
        return statistics.median(r * flops / p for r, p in zip(rates, peaks))

    def close(self, extra):
        for worker in [self.ours, *self.peers.values()]:
            worker.ask(op="close")
        if extra:
            extra[0].stop()

    def figures(self, result, entrants, rates, mine):
        result["rounds"] = [{"who": who, "rates": r} for (who, _, _), r in zip(entrants, rates)]
        result["rate"] = statistics.median(rates[0])
        if mine == 2:
            result["rate_one"] = statistics.median(rates[1])
            result["scaling"] = statistics.median(a / b for a, b in zip(rates[0], rates[1]))
        peers = []
        for (setting, _, _), r in list(zip(entrants, rates))[mine:]:
            ratio = statistics.median(a / b for a, b in zip(rates[0], r))
            peers.append({"setting": setting, "rate": statistics.median(r), "ratio": ratio})
        peers.sort(key=lambda p: p["ratio"])  # the setting that does best against us counts
        result["peers"], result["ratio"] = peers, peers[0]["ratio"]
        result["ratio_eager"] = min(p["ratio"] for p in peers if not p["setting"]["compile"])

    def run(self):
        start, results = time.time(), []
        for case in self.cases():
            began = time.time()
            r = self.measure(case)
            results.append(r)
            say(f"{case['name']:20} {r['rate']:12,.0f} char/s, ratio {r['ratio']:5.2f}  ({time.time() - began:.0f} s)")
        for w in [self.ours, *self.peers.values()]:
            w.stop()
        machine = {"processor": chip.chip()["brand"], "chip": chip.chip(), "cores": self.cores, "system": platform.system(), "load_before_cases": [r["load_before"] for r in results]}
        software = {k: self.hello[k] for k in ("version", "go", "kernels")} | self.torch
        return {
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "seconds": time.time() - start,
            "settings": {"rounds": self.args.rounds, "seconds": self.args.seconds},
            "machine": machine,
            "software": software,
            "peak_flops": {"one": max(self.peaks[1]), "all": max(self.peaks[self.cores])},
            "results": results,
        }


def main():
    args = arguments()
    if args.table:
        table.write(RESULTS, ROOT / "BENCHMARKS.md")
        return
    if args.kernels:
        os.environ.update(AVX2)
    if args.write and not args.busy and (load() or 0) > table.BUSY:
        sys.exit(f"the machine is busy (load average {load()}): figures measured now would not be those of this chip; wait, or add --busy")
    with tempfile.TemporaryDirectory() as d:
        report = Bench(args, args.binary or build(d)).run()
    print(table.markdown(report))
    if args.write and not args.busy and table.busy(report):
        args.out = args.out or Path(tempfile.gettempdir()) / "rnnscope-bench.json"
        args.out.write_text(json.dumps(report, indent=1) + "\n")
        sys.exit(f"the machine became busy while it was measured: nothing is written but {args.out}; run it again, or add --busy")
    if args.write:
        args.out = args.out or RESULTS / (chip.slug(report) + ".json")
    if args.out:
        args.out.write_text(json.dumps(report, indent=1) + "\n")
    if args.write:
        table.write(RESULTS, ROOT / "BENCHMARKS.md")


if __name__ == "__main__":
    main()
