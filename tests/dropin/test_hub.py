"""``torch.hub`` with local repositories, beside PyTorch."""

from __future__ import annotations

import sys
import textwrap

import pytest

import torchlike

from . import both

REPOSITORY = {
    "hubconf.py": '''
        dependencies = ["math"]
        import torch
        from parts import Doubled

        def doubled(width=2, **kwargs):
            """A layer that doubles."""
            return Doubled(width, **kwargs)

        def _hidden():
            pass
    ''',
    "parts.py": """
        import torch

        class Doubled(torch.nn.Module):
            def __init__(self, width, bias=0.0):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.full((width,), 2.0))
                self.bias = bias

            def forward(self, x):
                return x * self.weight + self.bias
    """,
}
SNIPPETS = {
    "load": "m = hub.load(where, 'doubled', 3, source='local', bias=1.0)\n"
    "print(m(torch.ones(3)).tolist(), list(m.state_dict()))",
    "no such entry": "fails(lambda: hub.load(where, 'tripled', source='local'))",
    "not a name": "fails(lambda: hub.load(where, 3, source='local'))",
    "no such source": "fails(lambda: hub.load(where, 'doubled', source='gitlab'))",
    "no such folder": "fails(lambda: hub.load(where + 'x', 'doubled', source='local'))",
    "a requirement": "fails(lambda: hub.load(lacking, 'f', source='local'))",
    "path restored": "import sys\nhub.load(where, 'doubled', source='local')\n"
    "print(where in sys.path)",
}
START = """
import importlib, sys
hub = importlib.import_module(torch.__name__ + ".hub")
def fails(call):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, str(error).replace(torch.__name__, "torch"))
"""


@pytest.fixture
def repositories(tmp_path, request):
    def write(name: str) -> str:
        for file, text in REPOSITORY.items():
            path = tmp_path / name / file
            path.parent.mkdir(exist_ok=True)
            text = text.replace("import torch\n", f"import {name} as torch\n")
            path.write_text(textwrap.dedent(text))
        lacking = tmp_path / "lacking"
        lacking.mkdir(exist_ok=True)
        (lacking / "hubconf.py").write_text("dependencies = ['no_such_thing']\n")
        sys.modules.pop("parts", None)
        return f"where = {str(tmp_path / name)!r}\nlacking = {str(lacking)!r}\n"

    yield write
    sys.modules.pop("parts", None)


@pytest.mark.parametrize("name", SNIPPETS)
def test_local_repository(name, repositories):
    shown = [
        both.output(repositories(side) + START + SNIPPETS[name], side).replace(
            f"/{side}", "/torch"
        )
        for side in ("torch", "torchlike")
    ]
    assert shown[0] == shown[1] and shown[0].strip()


def test_a_folder_lists_and_explains_its_entries(repositories):
    names: dict = {}
    exec(repositories("torchlike"), names)
    assert torchlike.hub.list(names["where"]) == ["Doubled", "doubled"]
    assert torchlike.hub.help(names["where"], "doubled") == "A layer that doubles."


def test_repositories_are_not_fetched():
    with pytest.raises(NotImplementedError, match='source="local"'):
        torchlike.hub.load("pytorch/vision", "resnet18")
