"""The figures over all workloads, and the targets they are held against."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.summary import geometric_mean

Row = tuple[str, str, str, bool]  # what, target, measured, reached

TARGETS = {
    "cpu": {"eager": 2.0, "eager_worst": 1.0, "compile": 1.5, "jax": 1.1},
    "cuda": {"eager": 1.5, "eager_worst": None, "compile": 1.0, "jax": 1.1},
}
JAX_WORST, FIRST_STEP, MEMORY = 1.4, 3.0, 1.1


def rows(results: list[dict], device: str) -> list[Row]:
    """The lines on top of the page; one without any value is left out."""
    wanted = TARGETS[device]
    found = [
        *_ratio(results, "eager", "PyTorch eager ÷ torchlike", min,
                wanted["eager"], wanted["eager_worst"]),
        *_ratio(results, "compile", "torch.compile ÷ torchlike", min,
                wanted["compile"], None),
        *_ratio(results, "jax", "torchlike ÷ JAX by hand", max,
                wanted["jax"], JAX_WORST),
        _most("first step of a cached program ÷ PyTorch's, worst",
              [(r["name"], first_step(r)) for r in results], FIRST_STEP),
        _most("peak memory ÷ JAX by hand's, worst",
              [(r["name"], memory(r, "JAX by hand", device)) for r in results], MEMORY),
        _most("peak memory ÷ PyTorch's, worst",
              [(r["name"], memory(r, "PyTorch", device)) for r in results], 1.0),
        _most("compiles while timed, fixed shapes",
              [(r["name"], compiles(r)) for r in results if r["fixed"]], 0, "g"),
    ]  # fmt: skip
    return [row for row in found if row]


def _ratio(results, key, what, worst: Callable, mean_target, worst_target):
    values = [(r["ratios"][key][1], r["name"]) for r in results if key in r["ratios"]]
    if not values:
        return
    mean = geometric_mean([value for value, _ in values])
    yield _row(f"{what}, geometric mean", mean, worst is max, mean_target)
    value, name = worst(values)
    yield _row(f"{what}, worst", value, worst is max, worst_target, name)


def _row(what, value, at_most, target, name="", form=".2f") -> Row:
    if target is None:
        return what, "–", _measured(value, name, form), True
    word = "at most" if at_most else "at least"
    reached = value <= target if at_most else value >= target
    return what, f"{word} {target:g}", _measured(value, name, form), reached


def _measured(value, name, form) -> str:
    return f"{value:{form}} ({name})" if name else f"{value:{form}}"


def _most(what, pairs, target, form=".2f") -> Row | None:
    values = [(value, name) for name, value in pairs if value is not None]
    if not values:
        return None
    value, name = max(values)
    return _row(what, value, True, target, name if value else "", form)


def first_step(result: dict) -> float | None:
    """torchlike's first step in a second process over PyTorch's."""
    ours, theirs = (result["frameworks"].get(n) for n in ("torchlike", "PyTorch"))
    return ours["first_step_s"] / theirs["first_step_s"] if ours and theirs else None


def memory(result: dict, other: str, device: str) -> float | None:
    """torchlike's peak over that of ``other``."""
    key = "device_peak_mib" if device == "cuda" else "peak_mib"
    ours, theirs = (result["frameworks"].get(n) for n in ("torchlike", other))
    return ours[key] / theirs[key] if ours and theirs and theirs[key] else None


def compiles(result: dict) -> int | None:
    ours = result["frameworks"].get("torchlike")
    return ours["compiles_while_timed"] if ours else None
