"""The atlas' first job done well in PyTorch and NumPy, beside rnnscope, on the same network and text.

    venv/bin/python bench/atlas.py RUN [TEXT] [--binary rnnscope] [--rounds 3] [--threads 2]

The job: activations of every unit of every site over the test part, and the AUROC of every unit for every concept.
Here: states from torch, all blocks as one batch, written in place; one argsort a unit, which gives its ranks; one product
of ranks and labels for all concepts; units in parts, a thread each. Both sides use --threads cores (give OMP_NUM_THREADS and
OPENBLAS_NUM_THREADS the same number). Labels are taken from rnnscope and timed on neither side (processor time of rnnscope does include making and
writing them). Exact to single precision where no activations tie. Prints both times and the largest difference beside the certified binning error.
"""

import argparse
import json
import re
import resource
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("run", type=Path, help="a run of a one-layer LSTM with one-hot input")
    p.add_argument("text", nargs="?", help="another text to dissect on, in alternating blocks")
    p.add_argument("--binary", default="rnnscope")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=torch.get_num_threads())
    return p.parse_args()


def ours(binary, run, text, threads):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "matrix.json"
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        other = [text, "--unknown", "skip"] if text else []
        subprocess.run([binary, "-q", "dissect", str(run), *other, "--workers", str(threads), "--matrix", str(out)], check=True)
        answer = json.loads(out.read_text())
        answer["cpu"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before  # of everything it did
        return answer


class Network:
    def __init__(self, run):
        newest = max((run / "checkpoints").glob("step-*.safetensors"), key=lambda p: int(re.findall(r"\d+", p.name)[0]))
        w = load_file(newest)
        w = {k.removeprefix("rnn."): v for k, v in w.items()}
        vocab, hidden = w["weight_ih_l0"].shape[1], w["weight_hh_l0"].shape[1]
        self.cell = torch.nn.LSTMCell(vocab, hidden)
        self.cell.load_state_dict({k.removesuffix("_l0"): v for k, v in w.items() if k.endswith("_l0")})
        # One-hot input is a row of this table. Gates i, f, o, g: three sigmoids side by side.
        order = torch.cat([torch.arange(k * hidden, (k + 1) * hidden) for k in (0, 1, 3, 2)])
        self.table = (self.cell.weight_ih.T + self.cell.bias_ih + self.cell.bias_hh).detach()[:, order].contiguous()
        self.recurrent = self.cell.weight_hh.detach()[order].T.contiguous()
        self.hidden = hidden

    @torch.no_grad()
    def states(self, ids, blocks):
        """h and c [N,H] of the scored characters, every block a row of one batch."""
        longest = max(hi - warm for warm, _, hi in blocks)
        x = torch.zeros(longest, len(blocks), dtype=torch.long)
        for b, (warm, _, hi) in enumerate(blocks):
            x[: hi - warm, b] = ids[warm:hi]
        n = self.hidden
        hs = torch.empty(longest, len(blocks), n)
        cs = torch.empty_like(hs)
        gates = torch.empty(len(blocks), 4 * n)
        ifo, g = gates[:, : 3 * n], gates[:, 3 * n :]
        i, f, o = ifo.chunk(3, 1)
        h = c = torch.zeros(len(blocks), n)
        for t in range(longest):
            torch.index_select(self.table, 0, x[t], out=gates)
            gates.addmm_(h, self.recurrent)
            ifo.sigmoid_()
            g.tanh_()
            c = torch.mul(f, c, out=cs[t]).addcmul_(i, g)
            h = torch.tanh(c, out=hs[t]).mul_(o)
        cut = lambda s: torch.cat([s[lo - warm : hi - warm, b] for b, (warm, lo, hi) in enumerate(blocks)])
        return {"l0.h": cut(hs), "l0.c": cut(cs)}


def auroc(values, labels, threads):
    """AUROC [C,H] of values [N,H] for labels [C,N] in 1, 0, -1 (not scored), units in parts for the threads.

    The ranks of the positives are all that is needed; the positions not to be scored below each positive are
    counted by a binary search, among the fewer of the two, and taken off."""
    n, hidden = values.shape
    columns = values.T.contiguous().numpy()
    positive = (labels == 1).astype(np.float32)
    n1, n0 = (labels == 1).sum(1).astype(np.float64), (labels == 0).sum(1).astype(np.float64)
    ascending = np.arange(n, dtype=np.float32)  # exact below 2^24
    usable = np.flatnonzero((n1 > 0) & (n0 > 0))
    partial = [(c, np.flatnonzero(labels[c] == 1), np.flatnonzero(labels[c] < 0)) for c in usable if (labels[c] < 0).any()]
    out = np.full((len(labels), hidden), np.nan)

    def part(units):
        x = columns[units]
        orders = np.argsort(x, axis=1)
        ranks = np.empty((len(units), n), np.float32)
        for rank, order in zip(ranks, orders):
            rank[order] = ascending
        below = ranks @ positive.T - n1 * (n1 - 1) / 2  # [units,C] pairs won, against all that is not on
        for c, on, not_scored in partial:
            for k in range(len(units)):
                if len(not_scored) < len(on):
                    below[k, c] -= (len(on) - np.searchsorted(np.sort(x[k, on]), x[k, not_scored], side="right")).sum()
                else:
                    below[k, c] -= np.searchsorted(np.sort(x[k, not_scored]), x[k, on]).sum()
        out[usable[:, None], units] = (below.T[usable] / (n1 * n0)[usable, None])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, np.array_split(np.arange(hidden), max(threads, hidden // 32))))
    return out


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    network = Network(a.run)
    mine, theirs = [], []
    for _ in range(a.rounds):
        m = ours(a.binary, a.run, a.text, a.threads)
        mine.append(m["seconds"] - m["labelling"])
        names = sorted(m["labels"])
        labels = np.array([m["labels"][k] for k in names], np.int8)
        ids = torch.tensor(m["ids"])
        start, cpu = time.perf_counter(), time.process_time()
        states = network.states(ids, m["blocks"])
        read = time.perf_counter() - start
        scores = {site: auroc(values, labels, a.threads) for site, values in states.items()}
        theirs.append((time.perf_counter() - start, read))
        cpu = time.process_time() - cpu
        print(f"rnnscope {mine[-1]:.2f} s (labels {m['labelling']:.2f} s besides), Python {theirs[-1][0]:.2f} s (states {read:.2f} s), ratio {theirs[-1][0] / mine[-1]:.2f};"
              f" processor time {m['cpu']:.2f} s, {cpu:.2f} s, ratio {cpu / m['cpu']:.2f}", flush=True)
    worst = outside = count = 0
    for site in m["sites"]:
        for c, name in enumerate(names):
            have, bound = (np.array([np.nan if x is None else x for x in site[k][name]]) for k in ("auroc", "binning"))
            gap = np.abs(have - scores[site["site"]][c])
            worst = np.nanmax([worst, *gap])
            outside += int((gap > bound + 1e-4).sum())  # 1e-4: other rounding of the states themselves
            count += int(np.isfinite(gap).sum())
    ratio = sorted(t / o for (t, _), o in zip(theirs, mine))[a.rounds // 2]
    print(f"{labels.shape[1]} characters, {len(names)} concepts, {sum(s.shape[1] for s in states.values())} units")
    print(f"median ratio {ratio:.2f}; largest difference {worst:.5f}; {outside} of {count} outside the certified error")


if __name__ == "__main__":
    main()
