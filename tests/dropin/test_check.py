"""``--check``: names are found without running the program."""

from __future__ import annotations

import pytest

from torchlike._dropin import check

CASES = {
    "import torch\ntorch.relu(torch.nothing)": ["torch.nothing"],
    "import torch.nn as nn\nnn.Linear(1, 1); nn.Nothing()": ["torch.nn.Nothing"],
    "import torch.nn.functional as F\nF.relu\nF.no": ["torch.nn.functional.no"],
    "from torch import nn, nothing": ["torch.nothing"],
    "from torch.optim import SGD, Nothing as N": ["torch.optim.Nothing"],
    "import torch.nothing.deep": ["torch.nothing"],
    "from torch.nothing import x": ["torch.nothing"],
    "import torch\nx = torch.ones(1)\nx.whatever": [],
    "import torch\ntorch.Tensor.whatever": [],
    "import torchvision, numpy\nnumpy.nothing": [],
    "def f():\n    import torch as t\n    return t.nothing": ["torch.nothing"],
    "raise SystemExit": [],
}


@pytest.mark.parametrize("source", CASES, ids=range(len(CASES)))
def test_what_is_missing(source):
    found = {check.lacks(name) for name, _ in check.names_in(source)} - {None}
    assert sorted(found) == CASES[source]


def test_a_script(tmp_path, capsys):
    path = tmp_path / "script.py"
    path.write_text("import torch\n\ntorch.nothing()\n")
    assert check.check(str(path)) == 1
    printed = capsys.readouterr().out
    assert "missing torch.nothing" in printed and "script.py:3" in printed
    path.write_text("import torch\ntorch.ones(1)\n")
    assert check.check(str(path)) == 0
    assert check.check("no.such.thing") == 2


def test_a_package():
    assert check.files_of("torchlike.optim")
