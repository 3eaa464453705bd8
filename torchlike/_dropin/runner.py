"""``python -m torchlike``: runs a program the way ``python`` itself would.

The program becomes the module ``__main__``, with the ``sys.argv``, ``sys.path[0]``,
``__file__`` and ``__spec__`` it would have, and stays it until the process ends, so
that pickling and ``multiprocessing`` find it. Its tracebacks begin in its own file.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import linecache
import os
import runpy
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from torchlike._dropin.alias import install
from torchlike._dropin.names import REPORTED_VERSION
from torchlike._dropin.traceback import report

PAGE = "torchlike-report.html"
USAGE = """\
usage: python -m torchlike SCRIPT [ARG ...]        run a script
       python -m torchlike -m MODULE [ARG ...]     run a module or package
       python -m torchlike -c CODE [ARG ...]       run a line of code
       python -m torchlike - [ARG ...]             run standard input
       python -m torchlike --explain[=PAGE] …      run, then write a page about it
       python -m torchlike --check SCRIPT|PACKAGE  say which torch names are missing

Runs an unmodified PyTorch program: every `import torch` in it means torchlike.
"""


def main(argv: list[str] | None = None) -> int:
    """Run what ``argv`` (default: ``sys.argv[1:]``) names; return the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help"):
        print(USAGE, end="", file=sys.stdout if argv else sys.stderr)
        return 0 if argv else 2
    if argv[0] in ("-V", "--version"):
        print(f"torchlike, answering for torch {REPORTED_VERSION}")
        return 0
    if argv[0] == "--check":
        return _check(argv[1:])
    page = None
    if argv[0].partition("=")[0] == "--explain":
        page = argv[0].partition("=")[2] or PAGE
        argv = argv[1:]
    runner, target, args = _parse(argv or ["--explain"])
    if runner is None:
        print(f"{target}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    install()
    with _explained(page, " ".join(argv)):
        return _status_of(runner, target, args)


def _status_of(runner: Callable, target: str, args: list[str]) -> int:
    try:
        runner(target, args)
    except SystemExit:
        raise
    except BaseException as error:
        return report(error)
    return 0


def _check(targets: list[str]) -> int:
    if len(targets) != 1:
        print(f"--check needs one script or package\n\n{USAGE}", file=sys.stderr)
        return 2
    return importlib.import_module("torchlike._dropin.check").check(targets[0])


@contextlib.contextmanager
def _explained(page: str | None, command: str):
    """Write the page about what runs inside, however it ends."""
    if page is None:
        yield
        return
    explain = importlib.import_module("torchlike._dropin.explain")
    collector = explain.Collector()
    page = os.path.abspath(page)
    collector.start()
    try:
        yield
    finally:
        collector.stop()
        explain.write(collector, page, command)
        print(f"torchlike: how it ran: {page}", file=sys.stderr)


def _parse(argv: list[str]) -> tuple[Callable | None, str, list[str]]:
    flag, rest = argv[0], argv[1:]
    if flag == "-":
        return run_stdin, "-", rest
    if flag in ("-m", "-c"):
        if not rest:
            return None, f"Argument expected for the {flag} option", []
        return (run_module if flag == "-m" else run_code), rest[0], rest[1:]
    if flag.startswith("-"):
        return None, f"Unknown option: {flag}", []
    return run_script, flag, rest


def run_script(path: str, args: list[str]) -> None:
    """``python path args``; a folder or zip file runs its ``__main__.py``."""
    sys.argv[:] = [path, *args]
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        _set_first_path(None)
        runpy.run_path(path, run_name="__main__")
        return
    path = os.path.join(os.getcwd(), path)
    source = _read(path)
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    _execute(
        compile(source, path, "exec", dont_inherit=True),
        __file__=path,
        __loader__=SourceFileLoader("__main__", path),
    )


def run_code(source: str, args: list[str]) -> None:
    """``python -c source args``."""
    sys.argv[:] = ["-c", *args]
    _set_first_path("")
    _run_text(source, "<string>")


def run_stdin(_name: str, args: list[str]) -> None:
    """``python - args``."""
    sys.argv[:] = ["-", *args]
    _set_first_path("")
    _run_text(sys.stdin.read(), "<stdin>")


def run_module(name: str, args: list[str]) -> None:
    """``python -m name args``; a package runs its ``__main__`` module."""
    sys.argv[:] = ["-m", *args]
    _set_first_path(os.getcwd())
    spec, code = _module_to_run(name)
    sys.argv[0] = spec.origin or name
    _execute(
        code,
        __file__=spec.origin,
        __loader__=spec.loader,
        __spec__=spec,
        __package__=spec.parent,
    )


def _read(path: str) -> bytes:
    try:
        with io.open_code(path) as file:
            return file.read()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        sys.exit(f"python -m torchlike: can't open file {path!r}: {reason}")


def _module_to_run(name: str) -> tuple[ModuleSpec, CodeType]:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name += ".__main__"
            spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        sys.exit(f"{sys.executable}: Error while finding module {name!r}: {error}")
    code = spec.loader.get_code(spec.name) if spec and spec.loader else None
    if code is None:
        sys.exit(f"{sys.executable}: No module named {name}")
    return spec, code


def _run_text(source: str, filename: str) -> None:
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    _execute(compile(source, filename, "exec", dont_inherit=True))


def _set_first_path(first: str | None) -> None:
    """Replace the entry that ``python -m torchlike`` put first, as ``python`` would."""
    if getattr(sys.flags, "safe_path", False):
        return
    if first is None:
        del sys.path[0]
    else:
        sys.path[0] = first


def _execute(code: CodeType, **names) -> None:
    module = ModuleType("__main__")
    module.__dict__.update(__builtins__=__builtins__, __annotations__={}, **names)
    sys.modules["__main__"] = module
    exec(code, module.__dict__)
