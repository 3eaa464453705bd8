"""After ``uninstall()`` nothing is patched, and ``import torch`` is PyTorch again."""

from __future__ import annotations

import importlib.util

import pytest

from .test_alias import passes, python

CODE = """
import abc, builtins, importlib.metadata, importlib.util, multiprocessing.spawn, sys
def state():  # absl, which Orbax imports, puts a finder of its own there
    finders = [f for f in sys.meta_path if "absl" not in type(f).__module__]
    return (builtins.__build_class__, finders, sys.excepthook,
            multiprocessing.spawn.get_preparation_data, list(sys.path_hooks))
import torchlike
before = state()
torchlike.install()
import torch, torch.nn.functional, torchvision.ops
assert torch is torchlike and state() != before
class Kind(type):
    pass
class Net(torch.nn.Module, metaclass=Kind):   # the hook joins the metaclasses
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
    def forward(self, x):
        return self.layer(x)
assert isinstance(Net, Kind)
torchlike.uninstall()
assert state() == before
assert not [n for n in sys.modules if n.partition(".")[0] in ("torch", "torchvision")]
assert torchlike.__name__ == "torchlike"
assert Net()(torchlike.ones(3, 2)).shape == (3, 1)    # what was made goes on
class Plain(torchlike.nn.Module):
    pass
try:
    class Other(torchlike.nn.Module, metaclass=Kind):
        pass
except TypeError as error:
    assert "metaclass conflict" in str(error)
else:
    raise SystemExit("classes are still watched")
"""
REAL = """
import torch
assert torch.__version__ != torchlike.__version__ and torch is not torchlike
assert importlib.metadata.version("torch") == torch.__version__
assert importlib.util.find_spec("torch").origin == torch.__file__
class Real(torch.nn.Module, metaclass=Kind):
    pass
assert type(Real) is Kind and torch.ones(2).sum().item() == 2
torchlike.install()
import torch
assert torch is torchlike
torchlike.uninstall()
import torch
assert isinstance(Real(), torch.nn.Module)
"""
NONE = """
assert importlib.util.find_spec("torch") is None
"""


def test_nothing_stays_patched(tmp_path):
    installed = importlib.util.find_spec("torch") is not None
    passes(
        python("-W", "ignore", "-c", CODE + (REAL if installed else NONE), cwd=tmp_path)
    )


NOTED = """
import copy, torch
class Noted(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs or {})
        if isinstance(result, Noted) and isinstance(args[0], Noted):
            result.__dict__ = copy.copy(args[0].__dict__)
        return result
x = torch.arange(6.0).reshape(2, 3).as_subclass(Noted)
x.note = "kept"
y = (x * 2).view(-1)
print(y.tolist(), y.note, y.shape, type(y).__name__, copy.copy(x).note)
y.__dict__ = {"other": 1}
print(y.tolist(), y.other, hasattr(y, "note"), x.note, vars(y).get("other"))
"""


def test_tensors_whose_attributes_are_replaced(tmp_path):
    pytest.importorskip("torch")
    theirs = passes(python("-c", NOTED, cwd=tmp_path))
    assert passes(python("-m", "torchlike", "-c", NOTED, cwd=tmp_path)) == theirs
