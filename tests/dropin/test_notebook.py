"""``%load_ext torchlike``, in a stand-in for the shell and in IPython where it is."""

from __future__ import annotations

import importlib.util

import pytest

from .test_alias import passes, python

STAND_IN = """
import builtins, sys, traceback
import torchlike

class Shell:
    custom_exceptions = ()
    def set_custom_exc(self, kinds, handler):
        self.custom_exceptions, self.handler = kinds, handler
    def showtraceback(self, details, tb_offset=None):
        self.shown = traceback.format_exception(*details)
    def run(self, text):
        try:
            exec(compile(text, "<cell>", "exec"), {"__name__": "__main__"})
        except self.custom_exceptions:
            self.handler(self, *sys.exc_info())
            return self.shown

shell = Shell()
before = builtins.__build_class__, list(sys.meta_path)
torchlike.load_ipython_extension(shell)
assert shell.run("import torch; assert torch.__version__.endswith('torchlike')") is None
shown = shell.run("import torch\\nx = torch.ones(2, 3)\\nx @ x")
assert shown[-1].startswith("RuntimeError: mat1 and mat2 shapes"), shown
assert '<cell>", line 3' in shown[-2] and "torchlike" not in "".join(shown), shown
torchlike.unload_ipython_extension(shell)
assert shell.custom_exceptions == ()
assert (builtins.__build_class__, list(sys.meta_path)) == before
assert "torch" not in sys.modules
"""

CELLS = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
for cell in (
    "%load_ext torchlike",
    "import torch; print(torch.__version__)\\nx = torch.ones(2, 3)",
    "x @ x",
    "torch.sofmax(x, 0)",
    "%unload_ext torchlike",
    "import importlib.metadata as m, torchlike\\ntorchlike.installed()",
):
    shell.run_cell(cell)
"""


def test_a_stand_in(tmp_path):
    passes(python("-c", STAND_IN, cwd=tmp_path))


@pytest.mark.skipif(
    importlib.util.find_spec("IPython") is None, reason="IPython is not installed"
)
def test_ipython(tmp_path):
    shown = passes(python("-c", CELLS, cwd=tmp_path))
    assert "2.13.0+torchlike\n" in shown and shown.endswith(": False\n")
    assert "----> 1 x @ x" in shown and "RuntimeError: mat1 and mat2" in shown
    assert "infer.py" not in shown
    assert "module 'torch' has no attribute 'sofmax'" in shown
