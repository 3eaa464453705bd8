"""One snippet under PyTorch and under torchlike: what it prints must be the same."""

from __future__ import annotations

import contextlib
import importlib
import io
import textwrap
import warnings

import numpy as np


def output(snippet: str, name: str) -> str:
    """What ``snippet`` prints with ``torch`` bound to the package ``name``."""
    package = importlib.import_module(name)
    printed = io.StringIO()
    names = {"torch": package, "np": np, "F": package.nn.functional}
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(textwrap.dedent(snippet), names)
    return printed.getvalue()


def outcome(expression: str, name: str) -> str:
    """The type and value of an expression, or the type of its error."""
    package = importlib.import_module(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = eval(expression, {"torch": package, "np": np})
    except Exception as error:
        return type(error).__name__
    return f"{type(result).__name__} {result} {getattr(result, 'dtype', None)}"
