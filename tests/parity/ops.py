"""OpInfo: every op of PyTorch's own table of tests.

| check | compares |
| --- | --- |
| values | values, shapes and dtypes of the function on sample inputs |
| shapes | only what is known without compiling; when asked for (``--checks shapes``) |
| method, inplace, out, operator, alias | the same in its other forms |
| grads, second | first and second gradients (float64, complex128) |
| errors, messages | the exception's type, and the start of its message |
"""

from __future__ import annotations

import functools
import signal
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import replace

import jax
import torch as theirs
from torch.testing._internal.common_methods_invocations import op_db

from . import exceptions, ops_errors, ops_forms, ops_grads
from .calls import Call, rows, settle
from .results import DTYPES, FAIL, MISSING, SKIP, TIMEOUT, Options, Row, occurrences
from .translate import Missing, Translator, function

CHECK_LIMIT = 90  # seconds of processor time for all checks of one dtype
FORMS = ("method", "inplace", "out", "operator", "alias")


@functools.cache
def entries() -> dict:
    """All OpInfos by name; a variant is named after a dot."""
    return {".".join(filter(None, (o.name, o.variant_test_name))): o for o in op_db}


def names() -> list[str]:
    """The names of all entries."""
    return sorted(entries())


def dtypes(op, options: Options) -> list[str]:
    """The names of the dtypes to run an op in."""
    listed = {str(d).removeprefix("torch.") for d in op.dtypes}
    return [
        d for d in DTYPES if d in listed and (not options.dtypes or d in options.dtypes)
    ]


def listed() -> dict[str, int]:
    """How many of the entries that are run have each dtype."""
    ran = [op for name, op in entries().items() if not exceptions.skipped(name)]
    return occurrences(d for op in ran for d in dtypes(op, Options()))


def samples(op, dtype: str, count: int, **options) -> list:
    """At most ``count`` (0: all) sample inputs, evenly spaced."""
    theirs.manual_seed(zlib.crc32(op.name.encode()))
    found = list(op.sample_inputs("cpu", getattr(theirs, dtype), **options))
    if not count or len(found) <= count:
        return found
    step = (len(found) - 1) / max(1, count - 1)
    return [found[round(i * step)] for i in range(count)]


def run(name: str, options: Options) -> Iterator[Row]:
    """The rows of one entry."""
    warnings.simplefilter("ignore")
    op = entries()[name]
    reason = exceptions.skipped(name)
    if reason:
        yield Row(name, "", "values", SKIP, text=reason)
        return
    try:
        ours = function(op.op)
    except Missing as error:
        yield from _missing(name, op, options, str(error))
        return
    for dtype in dtypes(op, options):
        yield from _limited(_values, name, op, ours, dtype, options)
        yield from _limited(ops_grads.run, name, op, ours, dtype, options)
    yield from _limited(ops_errors.run, name, op, ours, "", options)
    jax.clear_caches()


def _missing(name: str, op, options: Options, text: str) -> Iterator[Row]:
    for dtype in dtypes(op, options):
        if options.wants("values"):
            yield Row(name, dtype, "values", MISSING, 1, 1, text)
        for check in ops_grads.checks(op, dtype, options):
            yield Row(name, dtype, check, MISSING, 1, 1, text)
    if op.error_inputs_func is not None:
        for check in filter(options.wants, ("errors", "messages")):
            yield Row(name, "", check, MISSING, 1, 1, text)


def _limited(part, name, op, ours, dtype, options) -> list[Row]:
    """Run a part of the checks within its time limit."""

    def late(*_):
        raise TimeoutError(f"more than {CHECK_LIMIT} s")

    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, CHECK_LIMIT)
    check = part.__name__.strip("_") if part is _values else part.__module__[-6:]
    try:
        return list(part(name, op, ours, dtype, options, samples))
    except TimeoutError as error:
        return [Row(name, dtype, check, TIMEOUT, 1, 1, str(error))]
    except Exception as error:
        text = f"harness: {type(error).__name__}: {error}"[:300]
        return [Row(name, dtype, check, FAIL, 1, 1, text)]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _values(name, op, ours, dtype, options, samples) -> list[Row]:
    """The function on sample inputs, and its other forms."""
    forms = [f for f in FORMS if options.wants(f) or "forms" in options.checks]
    shapes = "shapes" in options.checks
    if not options.wants("values") and not forms and not shapes:
        return []
    calls = []
    for i, sample in enumerate(samples(op, dtype, options.samples)):
        call = value_call(name, op, ours, dtype, sample)
        if call is None:
            continue
        if shapes:
            calls.append(replace(call, check="shapes", values=False))
        if options.wants("values"):
            calls.append(call)
        for form in forms:
            calls += ops_forms.calls(form, name, op, ours, dtype, sample, i, call.want)
    settle(calls)
    return rows(name, dtype, calls)


def tensors(result) -> list:
    """PyTorch's tensors in a result."""
    if isinstance(result, (tuple, list)):
        return [t for item in result for t in tensors(item)]
    return [result] if isinstance(result, theirs.Tensor) else []


def _led_to(result):
    """Of values and indices the values; of indices alone nothing but their shape."""
    return result[0] if isinstance(result, tuple) else result


def value_call(name, op, ours, dtype, sample) -> Call | None:
    """The comparison of a plain call; None if PyTorch refuses the sample."""
    translate = Translator(exceptions.strided(name))
    arguments = translate((sample.input, sample.args, sample.kwargs))
    try:
        want = op.op(sample.input, *sample.args, **sample.kwargs)
    except Exception:
        return None
    if any(t.dtype is theirs.complex32 for t in tensors(want)):
        return None  # a dtype that JAX lacks
    process, seen = None, not exceptions.undefined(name)
    if exceptions.gauge(name):
        process = function(sample.output_process_fn_grad)
        want = sample.output_process_fn_grad(want)
    if exceptions.ties(name) and not sample.kwargs.get("stable"):
        process, seen = _led_to, isinstance(want, tuple)
        want = _led_to(want)

    def make():
        first, args, kwargs = arguments
        result = ours(first, *args, **kwargs)
        return process(result) if process else result

    loose = exceptions.loose(name, dtype, "values")
    return Call("values", make, want, loose=loose, values=seen)
