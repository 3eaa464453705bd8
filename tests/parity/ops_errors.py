"""OpInfo's error inputs: the exception's type and the start of its message."""

from __future__ import annotations

from .calls import is_ours
from .results import FAIL, PASS, Row
from .translate import Missing, Translator

_WORDS = 4  # of the message's first line


def run(name, op, function_, dtype, options, samples) -> list[Row]:
    """A row for the types and one for the messages."""
    wanted = [c for c in ("errors", "messages") if options.wants(c)]
    if op.error_inputs_func is None or not wanted:
        return []
    found: dict[str, list[str]] = {"errors": [], "messages": []}
    count = 0
    for error_input in op.error_inputs("cpu"):
        sample = error_input.sample_input
        if getattr(sample.input, "ndim", 0) > 64:  # more than NumPy can hold
            continue
        want = _raised(op.op, (sample.input, sample.args, sample.kwargs))
        if want is None:
            continue
        count += 1
        kind, text = _judge(function_, sample, want)
        if kind:
            found[kind].append(text)
    if not count:
        return []
    return [_row(name, check, count, found[check]) for check in wanted]


def _row(name, check, count, texts) -> Row:
    status = FAIL if texts else PASS
    return Row(name, "", check, status, count, len(texts), " || ".join(texts[:5]))


def _raised(f, arguments) -> Exception | None:
    first, args, kwargs = arguments
    try:
        _read(f(first, *args, **kwargs))
    except Exception as error:
        return error
    return None


def _read(result) -> None:
    """Errors about values come when a result is read."""
    for x in result if isinstance(result, (tuple, list)) else [result]:
        if is_ours(x):
            x.detach().numpy()


def _judge(f, sample, want: Exception) -> tuple[str, str]:
    """What is wrong (``errors`` or ``messages`` or nothing), and a text."""
    try:
        translate = Translator(strides=True)
        arguments = translate((sample.input, sample.args, sample.kwargs))
    except (Missing, NotImplementedError, RuntimeError) as error:
        return "errors", f"argument: {error}"[:300]
    got = _raised(f, arguments)
    wanted = f"{type(want).__name__}: {_line(want)}"
    if got is None:
        return "errors", f"not refused; PyTorch: {wanted}"[:300]
    if type(want).__name__ not in {t.__name__ for t in type(got).__mro__}:
        return "errors", f"{type(got).__name__}: {_line(got)}; PyTorch: {wanted}"[:300]
    if _line(got).split()[:_WORDS] != _line(want).split()[:_WORDS]:
        return "messages", f"{_line(got)!r}, not {_line(want)!r}"[:300]
    return "", ""


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
