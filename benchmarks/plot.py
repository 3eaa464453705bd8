"""Draws the medians of the timed scripts as bars, for docs/benchmarks.png."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

COLOURS = ("tab:orange", "tab:red", "lightcoral", "tab:blue", "tab:purple")


def draw(path: Path, table: list[dict]) -> None:
    """One group of bars per timed figure, one bar per framework, on a log axis."""
    timed = [row for row in table if row["step_us"]]
    names = list(dict.fromkeys(name for row in timed for name in row["step_us"]))
    figure, axes = plt.subplots(
        figsize=(9, 0.6 + 0.9 * len(timed)), layout="constrained"
    )
    height = 0.8 / len(names)
    for i, name in enumerate(names):
        at = [g + (i - (len(names) - 1) / 2) * height for g in range(len(timed))]
        times = [row["step_us"].get(name, 0) for row in timed]
        bars = axes.barh(at, times, height, label=name, color=COLOURS[i])
        labels = [f"{t:,.0f}" if t else "" for t in times]
        axes.bar_label(bars, labels, padding=3, fontsize=7)
    axes.set_yticks(range(len(timed)), [row["what"] for row in timed])
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="one training step, loss read (µs, median)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.1)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
