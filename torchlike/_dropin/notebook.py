"""``%load_ext torchlike``: the alias in IPython and Jupyter.

Errors end on the user's line there too: without it IPython would show every line of
torchlike's, with its text, below the one of the cell.
"""

from __future__ import annotations

from torchlike._dropin.alias import install, uninstall
from torchlike._dropin.traceback import user_part


def load(shell) -> None:
    """Put the alias in place and have the shell cut tracebacks."""
    install()
    if hasattr(shell, "set_custom_exc") and not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _show)


def unload(shell) -> None:
    """Undo it."""
    uninstall()
    if getattr(shell, "custom_exceptions", ()) == (Exception,):
        shell.set_custom_exc((), None)


def _show(shell, kind, error, traceback, tb_offset=None) -> None:
    traceback = user_part(error, traceback)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
