"""Draws how many times a torchlike step the others' take, for docs/benchmarks.png."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SERIES = (
    ("PyTorch eager", "tab:red", "o", lambda ratios: ratios.get("eager")),
    ("torch.compile", "tab:purple", "s", lambda ratios: ratios.get("compile")),
    ("JAX by hand", "tab:blue", "D", lambda ratios: _inverse(ratios.get("jax"))),
)


def _inverse(ratio):
    return [1 / value for value in reversed(ratio)] if ratio else None


def draw(path: Path, content: dict) -> None:
    """A line per workload: medians as dots, quartiles as thin lines."""
    results = content["workloads"]
    figure, axes = plt.subplots(
        figsize=(8, 1.2 + 0.32 * len(results)), layout="constrained"
    )
    for name, colour, marker, ratio in SERIES:
        found = [(i, ratio(r["ratios"])) for i, r in enumerate(results)]
        _dots(axes, [(i, r) for i, r in found if r], name, colour, marker)
    axes.axvline(1, color="tab:orange", linewidth=2, zorder=0, label="torchlike")
    axes.set_yticks(range(len(results)), [r["name"] for r in results])
    axes.set(xscale="log", xlabel="step's time ÷ torchlike's (right of 1: slower)")
    low, high = axes.get_xlim()
    ticks = [tick for n in range(-6, 7) if low < (tick := 2.0**n) < high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _dots(axes, found, name, colour, marker) -> None:
    if not found:
        return
    rows = [i for i, _ in found]
    low, middle, high = zip(*(ratio for _, ratio in found), strict=True)
    axes.hlines(rows, low, high, color=colour, linewidth=1.5, alpha=0.6)
    axes.scatter(middle, rows, color=colour, marker=marker, s=28, label=name, zorder=3)
