"""Write docs/coverage.md: PyTorch's public names, and what the sweeps counted."""

from __future__ import annotations

import importlib
import sys
import types
import typing
from pathlib import Path

import torch as theirs

import torchlike as ours

from . import summary

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
MODULES = (
    "torch torch.Tensor torch.nn torch.nn.functional torch.optim torch.linalg "
    "torch.fft torch.special torch.distributions torch.utils.data"
).split()
_WIDTH = 100

_HEAD = """# Coverage

Made by `make coverage`; not written by hand. The names are the public ones of PyTorch
{version}: a module's `__all__`, or what it defines without a leading underscore; of
`Tensor` also the operators. Left out by rule are what the modules themselves import
(standard library, typing, TorchScript's helpers), functions PyTorch has removed, and of
`torch` the classes of TorchScript and functions of one backend
({kernels}).
A name counts when torchlike has it; whether it computes the same is what the tables of
the sweeps count.
"""
_KERNELS = "cudnn_ miopen_ mkldnn_ fbgemm_ quantized_ batch_norm_ profiler_".split()

_CHECKS = {
    "values": "values, shapes, dtypes",
    "shapes": "shapes, dtypes",
    "method": "method",
    "inplace": "in-place form",
    "out": "`out=`",
    "operator": "operators",
    "alias": "aliases",
    "grads": "gradients",
    "second": "second gradients",
    "errors": "type of errors",
    "messages": "start of messages",
}
_REMOVED = ("eig", "lstsq", "matrix_rank", "solve", "symeig")


def main() -> int:
    """Write the page."""
    names = {m: public(m) for m in MODULES}
    have = {m: [n for n in names[m] if exists(m, n)] for m in MODULES}
    kernels = ", ".join(f"`{k}*`" for k in _KERNELS)
    version = theirs.__version__.split("+")[0]
    parts = [_HEAD.format(version=version, kernels=kernels), "## Names"]
    parts.append(_table(names, have))
    parts += [_counts(k, v) for k, v in summary.read().items()]
    parts += [_module(m, names[m], have[m]) for m in MODULES]
    PAGE.write_text("\n\n".join(p.strip("\n") for p in parts) + "\n")
    return 0


def public(module: str) -> list[str]:
    """PyTorch's public names in a module or class."""
    owner = (
        theirs.Tensor if module == "torch.Tensor" else importlib.import_module(module)
    )
    if module == "torch.Tensor":
        inherited = set(dir(object))
        return [n for n in dir(owner) if _of_tensor(n) and n not in inherited]
    listed = list(getattr(owner, "__all__", ()))
    if not listed or module == "torch":
        listed += [n for n in dir(owner) if not _leftover(owner, n)]
    return sorted({n for n in listed if module != "torch" or not _internal(owner, n)})


def _internal(owner, name: str) -> bool:
    """Whether a name of ``torch`` is TorchScript's or one backend's."""
    thing = getattr(owner, name)
    script = type(thing).__name__ == "pybind11_type" or name.endswith("Type")
    public = ("Generator", "Stream", "Event", "Future")
    return script and name not in public or name.startswith(tuple(_KERNELS))


def _of_tensor(name: str) -> bool:
    if name.startswith("__"):
        operators = set(dir(int)) | set(dir(complex)) | {"__matmul__", "__rmatmul__"}
        return name in operators | {"__getitem__", "__setitem__", "__len__"}
    return not name.startswith("_")


def _leftover(owner, name: str) -> bool:
    """Whether a name is no part of the module's interface."""
    thing = getattr(owner, name)
    if name.startswith("_") or owner is theirs and name in _REMOVED:
        return True
    if isinstance(thing, types.ModuleType):
        return not thing.__name__.startswith("torch.")
    if owner is not theirs and (thing is theirs.Tensor or isinstance(thing, dict)):
        return True  # imported, and texts for docstrings
    home = getattr(thing, "__module__", None) or "torch"
    typed = isinstance(thing, (typing.TypeVar, str, bool, int)) or thing is typing.Any
    return typed or home.split(".")[0] != "torch" or home == "torch._jit_internal"


def exists(module: str, name: str) -> bool:
    """Whether torchlike has the name."""
    owner = ours
    try:
        for part in module.split(".")[1:]:
            owner = getattr(owner, part)
    except AttributeError:
        return False
    return hasattr(owner, name)


def _table(names, have) -> str:
    rows = ["| module | there | of | share |", "| --- | ---: | ---: | ---: |"]
    for m in MODULES:
        a, b = len(have[m]), len(names[m])
        rows.append(f"| `{m}` | {a} | {b} | {_share(a, b)} |")
    return "\n".join(rows)


def _share(a: int, b: int) -> str:
    return f"{100 * a / b:.1f} %" if b else "–"


def _counts(database: str, parts: dict) -> str:
    """Passes of a sweep: in all, and per dtype."""
    title = {"ops": "OpInfo", "modules": "ModuleInfo", "optimizers": "OptimizerInfo"}
    skipped = ", ".join(f"`{n}`" for n in parts["skipped"]) or "none"
    lines = [
        f"## {title[database]}",
        "",
        f"{parts['entries']} entries; not run: {skipped}. An entry passes a check when "
        "every sample of every dtype does; in brackets, samples compared.",
        *_partial(database, parts),
        "",
        "| check | entries | of | share | samples | of |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    checks = parts["checks"]
    for check, counts in checks.items():
        (a, b), (c, d) = counts["entries"], counts["samples"]
        name = _CHECKS.get(check, check)
        lines.append(f"| {name} | {a} | {b} | {_share(a, b)} | {c} | {d} |")
    dtypes = [(d, c) for c in checks for d in checks[c]["dtypes"]]
    if dtypes:
        lines += ["", *_per_dtype(checks)]
    return "\n".join(lines)


def _partial(database: str, parts: dict) -> list[str]:
    """What was compared of what PyTorch's table has: samples, entries per dtype."""
    most: dict[int, list[str]] = {}
    for check, counts in parts["checks"].items():
        if counts["dtypes"] and counts.get("most"):
            most.setdefault(counts["most"], []).append(_CHECKS.get(check, check))
    lines = []
    if most:
        shown = "; ".join(f"{n} ({', '.join(most[n])})" for n in sorted(most)[::-1])
        lines.append(f"Samples of an entry in one dtype were at most {shown}.")
    missing = _missing(database, parts["checks"])
    if missing:
        lines.append(f"Of the entries that have a dtype, not all ran in it: {missing}.")
    return lines


def _missing(database: str, checks: dict) -> str:
    """The dtypes in which the first check is short of entries, and by how many."""
    main = checks.get("values") or next(iter(checks.values()))
    listed = importlib.import_module(f"{__package__}.{database}").listed()
    ran = {d: main["dtypes"].get(d, [0, 0])[1] for d in listed}
    # An entry without a sample that PyTorch takes has no row.
    short = [d for d, n in listed.items() if ran[d] < 0.98 * n]
    return ", ".join(f"{ran[d]} of {listed[d]} in {d}" for d in short)


def _per_dtype(checks: dict) -> list[str]:
    columns = [c for c in checks if checks[c]["dtypes"]]
    found = dict.fromkeys(d for c in columns for d in checks[c]["dtypes"])
    lines = [
        "| dtype | " + " | ".join(_CHECKS.get(c, c) for c in columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for dtype in sorted(found, key=summary.results.DTYPES.index):
        cells = [checks[c]["dtypes"].get(dtype) for c in columns]
        shown = [_cell(*x) if x else "" for x in cells]
        lines.append(f"| {dtype} | " + " | ".join(shown) + " |")
    return lines


def _cell(good: int, entries: int, samples: int | None = None) -> str:
    """Entries that pass and, in brackets, the samples compared."""
    return f"{good} of {entries}" + (f" ({samples})" if samples else "")


def _module(module: str, names, have) -> str:
    there = set(have)
    absent = [n for n in names if n not in there]
    parts = [f"## `{module}`"]
    if absent:
        parts.append(f"Missing ({len(absent)}):\n\n{_wrapped(absent)}")
    parts.append(f"There ({len(have)}):\n\n{_wrapped(have)}")
    return "\n\n".join(parts)


def _wrapped(names) -> str:
    lines, line = [], ""
    for name in names:
        item = f"`{name}`"
        if line and len(line) + len(item) + 2 > _WIDTH:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item
    return "\n".join([*lines, line])


if __name__ == "__main__":
    sys.exit(main())
