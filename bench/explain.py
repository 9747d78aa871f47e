"""Growing a description of every unit in Python, beside rnnscope, on the same predicates, rows and cores.

    venv/bin/python bench/explain.py RUN [TEXT] [--site l0.h] [--binary rnnscope] [--units 64] [--rounds 3] [--threads 2]

The job: for every unit of a site a regression tree of 64 leaves, best leaf first, 20 rows a leaf, over the predicates that rnnscope
explain uses, at the positions it uses (rnnscope explain RUN --table writes both). Three in Python: LightGBM, one tree of it, whose bins are made
once and shared by all units; NumPy, histograms by bincount; and scikit-learn's exact best-first tree. Ordered predicates are one column of bins, symbols and
suffixes are one-hot columns for LightGBM (its own categorical splits are not one against the rest) and scikit-learn. Time is growing alone, of rnnscope too, which
also lays its table out in it. Prints seconds a unit, the ratio, and the R2 of the trees on their own rows, which must agree.
Needs: numpy, lightgbm, scikit-learn.
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

LEAVES, LEAST = 64, 20


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("run")
    p.add_argument("text", nargs="?")
    p.add_argument("--site", default="l0.h")
    p.add_argument("--binary", default="rnnscope")
    p.add_argument("--units", type=int, default=64, help="units that Python grows; rnnscope grows all")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--skip", nargs="*", default=[], help="lightgbm, numpy, sklearn")
    return p.parse_args()


class Table:
    def __init__(self, a):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "table.npz"
            other = [a.text, "--unknown", "skip"] if a.text else []
            said = subprocess.run([a.binary, "explain", a.run, *other, "--sites", a.site, "--workers", str(a.threads), "--table", str(out)],
                                  check=True, capture_output=True, text=True).stderr
            z = np.load(out)
            self.words = json.loads(bytes(z["words"]))
            n = len(z["position"])
            self.values = z["values"].reshape(len(self.words), n)
            self.activations = z["activations"].reshape(-1, n)
            self.r2 = z["r2"]
            self.seconds = float(re.search(r"grown in ([\d.]+) s", said).group(1))

    def one_hot(self):
        """[N, F]: ordered columns as they are, a 0/1 column for every bin of the others."""
        out = []
        for w, v in zip(self.words, self.values):
            if w["ordered"]:
                out.append(v)
            else:
                out += [(v == b).astype(np.uint8) for b in range(w["bins"]) if (v == b).sum() >= LEAST]
        return np.stack(out, axis=1)


def r2(y, said):
    return 1 - ((y - said) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def lightgbm(x, targets, threads):
    import lightgbm as lgb

    params = dict(objective="regression", num_leaves=LEAVES, min_data_in_leaf=LEAST, learning_rate=1.0, min_sum_hessian_in_leaf=0, min_gain_to_split=0,
                  lambda_l2=0, max_bin=63, min_data_in_bin=1, feature_pre_filter=False, num_threads=threads, verbosity=-1, boost_from_average=True,
                  force_col_wise=True)
    data = lgb.Dataset(x, label=targets[0].astype(np.float64), params=params, free_raw_data=False).construct()
    begin, models = time.perf_counter(), []
    for y in targets:
        data.set_label(y.astype(np.float64))
        models.append(lgb.train(params, data, num_boost_round=1))
    seconds = time.perf_counter() - begin
    return seconds, [r2(y, m.predict(x, num_threads=threads)) for y, m in zip(targets[:8], models)]


def numpy_tree(values, words, y):
    """Histograms by bincount, the larger child by subtraction. Returns the R2 on its own rows."""
    offset = np.concatenate([[0], np.cumsum([w["bins"] for w in words])])
    ordered = np.zeros(offset[-1], bool)
    for i, w in enumerate(words):
        ordered[offset[i]:offset[i + 1]] = w["ordered"]
    total = offset[-1]

    def histogram(rows):
        at = values[rows].ravel()
        return np.bincount(at, minlength=total), np.bincount(at, np.repeat(y[rows], values.shape[1]), minlength=total)

    def best(n, s, count, sums):
        m, t = count.astype(float), sums.copy()
        for i, w in enumerate(words):
            if w["ordered"]:
                lo, hi = offset[i], offset[i + 1]
                m[lo:hi], t[lo:hi] = m[lo:hi][::-1].cumsum()[::-1], t[lo:hi][::-1].cumsum()[::-1]
        ok = (m >= LEAST) & (n - m >= LEAST)
        gain = np.where(ok, (n * t - m * s) ** 2 / np.maximum(m * (n - m), 1) / n, -1)
        k = int(gain.argmax())
        return gain[k], k

    rows = np.arange(len(y))
    count, sums = histogram(rows)
    leaves = [(best(len(rows), y.sum(), count, sums), rows, count, sums)]
    gained = 0.0
    while len(leaves) < LEAVES:
        i = max(range(len(leaves)), key=lambda i: leaves[i][0][0])
        (gain, k), rows, count, sums = leaves.pop(i)
        if gain <= 0:
            break
        gained += gain
        c = int(np.searchsorted(offset, k, side="right")) - 1
        v = values[rows, c]
        yes = v >= k if ordered[k] else v == k
        a, b = rows[yes], rows[~yes]
        small, large = (a, b) if len(a) < len(b) else (b, a)
        cs, ss = histogram(small)
        for r, cc, tt in ((small, cs, ss), (large, count - cs, sums - ss)):
            leaves.append((best(len(r), y[r].sum(), cc, tt), r, cc, tt))
    return gained / ((y - y.mean()) ** 2).sum()


def by_numpy(table, targets, threads):
    offset = np.concatenate([[0], np.cumsum([w["bins"] for w in table.words])[:-1]])
    values = np.ascontiguousarray((table.values.astype(np.int64) + offset[:, None]).T)
    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        got = list(pool.map(lambda y: numpy_tree(values, table.words, y.astype(np.float64)), targets))
    return time.perf_counter() - begin, got


def by_sklearn(x, targets, threads):
    from sklearn.tree import DecisionTreeRegressor

    x = x.astype(np.float32)

    def grow(y):
        return DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, random_state=0).fit(x, y)

    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        models = list(pool.map(grow, targets))
    return time.perf_counter() - begin, [r2(y, m.predict(x)) for y, m in zip(targets, models)]


def main():
    a = arguments()
    rounds = []
    for _ in range(a.rounds):
        table = Table(a)
        every = max(1, len(table.activations) // a.units)
        targets = table.activations[::every][: a.units]
        own = table.seconds / len(table.activations)
        row = {"rnnscope": (own, np.median(table.r2[::every][: a.units]))}
        x = table.one_hot()
        if "lightgbm" not in a.skip:
            s, got = lightgbm(x, targets, a.threads)
            row["LightGBM"] = (s / len(targets), np.median(got))
        if "numpy" not in a.skip:
            few = targets[:8]
            s, got = by_numpy(table, few, a.threads)
            row["NumPy"] = (s / len(few), np.median(got))
        if "sklearn" not in a.skip:
            few = targets[:4]
            s, got = by_sklearn(x, few, a.threads)
            row["scikit-learn"] = (s / len(few), np.median(got))
        rounds.append(row)
    rows, columns, units = table.values.shape[1], len(table.words), len(table.activations)
    print(f"{units} units of {a.site}, {rows} rows, {columns} predicates columns ({x.shape[1]} one-hot), {a.threads} threads, median of {a.rounds}")
    own = np.median([r["rnnscope"][0] for r in rounds])
    for name in rounds[0]:
        s = np.median([r[name][0] for r in rounds])
        ratio = np.median([r[name][0] / r["rnnscope"][0] for r in rounds])
        print(f"{name:14} {1000 * s:8.1f} ms a unit  {ratio:6.1f} x  R2 {np.median([r[name][1] for r in rounds]):.3f}")


if __name__ == "__main__":
    main()
