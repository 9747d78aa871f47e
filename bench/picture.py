"""Draws docs/images/benchmarks.svg from the results of every chip: how many times as fast as PyTorch. Needs matplotlib 3.9 or newer."""

import re

import matplotlib
import table
import workers

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = workers.HERE.parent
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")  # Okabe and Ito: told apart by everybody


def main():
    plt.rcParams.update({"font.family": "sans-serif", "font.size": 10, "svg.hashsalt": "rnnscope", "axes.spines.top": False, "axes.spines.right": False})
    reports = table.kept(workers.HERE / "results")
    names = [r["case"]["name"] for r in reports[0]["results"]]
    figure, axes = plt.subplots(figsize=(9, 0.34 * len(names) * (0.5 + 0.5 * len(reports)) + 1))
    height = 0.8 / len(reports)
    for k, report in enumerate(reports):
        ratios = {r["case"]["name"]: r["ratio"] for r in report["results"]}
        places = [i + (k - (len(reports) - 1) / 2) * height for i in range(len(names))]
        bars = axes.barh(places, [ratios.get(n, 0) for n in names], height * 0.9, color=COLOURS[k], label=re.sub("^#+ ", "", table.heading(report)))
        axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8, color="#777777")
    axes.axvline(1, color="#777777", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("times as fast as PyTorch's best setting (line: as fast)")
    axes.legend(frameon=False, loc="lower right")
    for side in (axes.xaxis, axes.yaxis):
        side.label.set_color("#777777")
    axes.tick_params(colors="#777777")
    figure.tight_layout()
    figure.savefig(ROOT / "docs/images/benchmarks.svg", transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
