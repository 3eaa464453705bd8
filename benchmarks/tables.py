"""The tables of the page, as rows of text, and two ways to write them."""

from __future__ import annotations

from benchmarks import targets
from benchmarks.runs import COMPILED, FRAMEWORKS, JAX, TORCH_ONE, TORCHLIKE

Table = list[list[str]]


def overview(results: list[dict], checks: list[dict], device: str) -> Table:
    """Geometric means and worst cases, then what was counted, with the targets."""
    rows = [
        [what, target, measured, "–" if target == "–" else _outcome(reached)]
        for what, target, measured, reached in targets.rows(results, device)
    ]
    rows += [[c["name"], f"at most {c['most']:g}", *_checked(c)] for c in checks]
    return [["figure", "target", "measured", ""], *rows]


def _outcome(reached: bool) -> str:
    return "reached" if reached else "missed"


def _checked(row: dict) -> list[str]:
    if row["value"] is None:
        return ["–", "failed"]
    return [f"{row['value']:g} {row['unit']}", _outcome(row["reached"])]


RATIOS = {
    "eager": "PyTorch ÷ torchlike",
    "compile": "torch.compile ÷ torchlike",
    "jax": "torchlike ÷ JAX",
}


def steps(results: list[dict]) -> Table:
    """Median microseconds of each framework, and the ratios."""
    names = used(results)
    ratios = [key for key in RATIOS if any(key in r["ratios"] for r in results)]
    head = ["median step, µs", *names, *(RATIOS[key] for key in ratios)]
    body = [
        [
            result["name"],
            *(_of(result, name, "step_us", ",.0f") for name in names),
            *(_ratio(result, key) for key in ratios),
        ]
        for result in results
    ]
    return [head, *body]


def first_steps(results: list[dict]) -> Table:
    """Seconds of the first step: without anything kept, and in the next process."""
    names = used(results)
    head, columns = ["first step, s"], []
    for framework in FRAMEWORKS:
        if framework.name not in names or framework is TORCH_ONE:
            continue
        if framework in (TORCHLIKE, COMPILED, JAX):
            columns.append((framework.name, "cold_first_step_s"))
            head.append(f"{framework.name}, first process")
        columns.append((framework.name, "first_step_s"))
        head.append(f"{framework.name}, second" * bool(framework.caches))
        head[-1] = head[-1] or framework.name
    body = [
        [r["name"], *(_of(r, name, key, ".2f") for name, key in columns)]
        for r in results
    ]
    return [head, *body]


def memory(results: list[dict], device: str) -> Table:
    """Peaks beyond what a process had when the framework was imported."""
    key = "device_peak_mib" if device == "cuda" else "peak_mib"
    names = [name for name in used(results) if name != TORCH_ONE.name]
    where = "GPU memory" if device == "cuda" else "memory"
    body = [
        [r["name"], *(_of(r, name, key, ",.0f") for name in names)] for r in results
    ]
    return [[f"peak of {where}, MiB", *names], *body]


def loading(results: list[dict]) -> Table:
    """Samples a second; an epoch has 4,096."""
    names = used(results)
    body = []
    for r in results:
        rates = [4096e6 / r["frameworks"][n]["step_us"] for n in names]
        ratio = _ratio(r, "eager")
        body.append([r["name"], *(f"{rate:,.0f}" for rate in rates), ratio])
    return [["DataLoader, samples a second", *names, RATIOS["eager"]], *body]


def line(result: dict) -> str:
    """A result as a line on the screen."""
    if "most" in result:
        return f"{result['name']}: {_checked(result)[0]} {result.get('failed', '')}"
    times = [f"{n} {v['step_us']:,.0f} µs" for n, v in result["frameworks"].items()]
    ratios = [
        f"{RATIOS[k]} {_ratio(result, k)}" for k in RATIOS if k in result["ratios"]
    ]
    failed = [f"{name} FAILED: {why}" for name, why in result["failed"].items()]
    return f"{result['script']}: " + "; ".join([*times, *ratios, *failed])


def used(results: list[dict]) -> list[str]:
    """Names of the frameworks that ran, in the usual order."""
    ran = {name for result in results for name in result["frameworks"]}
    return [framework.name for framework in FRAMEWORKS if framework.name in ran]


def _of(result: dict, framework: str, key: str, form: str) -> str:
    value = result["frameworks"].get(framework, {}).get(key)
    if value is None:
        return "failed" if framework in result["failed"] else "–"
    return f"{value:{form}}"


def _ratio(result: dict, key: str) -> str:
    found = result["ratios"].get(key)
    return f"{found[1]:.2f}" if found else "–"


def as_text(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def as_markdown(table: Table) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])
