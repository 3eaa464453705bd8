"""The alias: `import torch` in a program that `python -m torchlike` runs."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*args, cwd, stdin=None) -> subprocess.CompletedProcess:
    """``python -m torchlike args``."""
    return python("-m", "torchlike", *args, cwd=cwd, stdin=stdin)


def python(*args, cwd, stdin=None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def script(tmp_path):
    def write(text: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write


def passes(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


ALIAS_FACTS = {
    "root": "import torch, torchlike; assert torch is torchlike",
    "submodule": (
        "import torch.version as a, torchlike.version as b; assert a is b\n"
        "import sys; assert sys.modules['torch.version'] is b"
    ),
    "own module first": (
        "import torchlike.version as b; import torch.version as a; assert a is b"
    ),
    "own spec kept": (
        "import torch.version; assert torch.version.__spec__.name=='torchlike.version'"
    ),
    "reload": "import importlib, torch.version as v; assert importlib.reload(v) is v",
    "probe": (
        "from importlib.util import find_spec as f; assert f('torch').loader\n"
        "assert f('torch.x') is None\n"
        "assert f('torch.serialization').name == 'torch.serialization'"
    ),
    "metadata": (
        "from importlib import metadata as m, util; import torch.version\n"
        "assert m.version('torch') == '2.13.0+torchlike' == torch.version.__version__\n"
        "assert m.metadata('torch')['Name'] == 'torch'\n"
        "assert 'torch' in [d.name for d in m.distributions()]"
    ),
    "missing module": (
        "try: import torch.nothing.here\n"
        "except ModuleNotFoundError as e:\n"
        "    assert e.name == 'torch.nothing' and \"named 'torch.nothing'\" in str(e)\n"
        "    assert 'docs/differences.md' in str(e)\n"
        "else: raise SystemExit('imported')"
    ),
    "missing name": (
        "import torch\n"
        "try: torch.nothing\n"
        "except AttributeError as e:\n"
        "    assert str(e).startswith(\"module 'torch' has no attribute 'nothing'\")\n"
        "    assert 'docs/differences.md' in str(e) and not hasattr(torch, 'nothing')\n"
        "else: raise SystemExit('found')"
    ),
    "similar names": (
        "try: import torchnothing\n"
        "except ModuleNotFoundError as e: assert 'differences' not in str(e)"
    ),
    "pickled class": (
        "import pickle; from torch.torch_version import TorchVersion as T\n"
        "assert type(pickle.loads(pickle.dumps(T('1')))) is T"
    ),
}


# One warm process, a fork for each fact: importing the package takes a second.
EACH_IN_A_FORK = """
import json, os, sys, traceback
for name, code in json.load(sys.stdin).items():
    child = os.fork()
    if child == 0:
        try:
            exec(code, {"__name__": "fact"})
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(name, os.waitpid(child, 0)[1], sep=": ")
"""


def test_alias_facts(script, tmp_path):
    script(EACH_IN_A_FORK)
    result = run("script.py", cwd=tmp_path, stdin=json.dumps(ALIAS_FACTS))
    wanted = [f"{name}: 0" for name in ALIAS_FACTS]
    assert passes(result).splitlines() == wanted, result.stderr


SHOW = """
import sys, json
spec = __spec__ and __spec__.name
first = sys.path[0]
me = sys.modules["__main__"].__dict__ is globals()
file = globals().get("__file__")
print([sys.argv, first, __name__, file, spec, __package__ or None, me])
"""


@pytest.mark.parametrize("args", [("script.py", "a", "-b"), ("./sub/main.py",)])
def test_script_sees_what_python_shows_it(args, script, tmp_path):
    script(SHOW), script(SHOW, "sub/main.py")
    assert passes(run(*args, cwd=tmp_path)) == passes(python(*args, cwd=tmp_path))


@pytest.mark.parametrize(
    "args",
    [("-m", "pack", "a"), ("-m", "pack.mod", "-c"), ("-m", "script"), ("-c", SHOW, 1)],
)
def test_module_and_code_see_what_python_shows_them(args, script, tmp_path):
    script(SHOW), script(SHOW, "pack/__main__.py"), script(SHOW, "pack/mod.py")
    script("", "pack/__init__.py")
    assert passes(run(*args, cwd=tmp_path)) == passes(python(*args, cwd=tmp_path))


def test_standard_input_and_folder(script, tmp_path):
    script("import torch, helper; print(torch.__version__)", "folder/__main__.py")
    script("", "folder/helper.py")
    assert passes(run("folder", cwd=tmp_path)) == "2.13.0+torchlike\n"
    shown = run("-", "a", cwd=tmp_path, stdin="import torch, sys; print(sys.argv)")
    assert passes(shown) == "['-', 'a']\n"


FAILING = {
    "error": "import torch\ndef f():\n    return 1 / 0\nf()\n",
    "chained": "try:\n    1 / 0\nexcept ArithmeticError:\n    raise KeyError(3)\n",
    "syntax": "def f(:\n    pass\n",
    "exit": "import sys\nsys.exit(7)\n",
    "exit with text": "raise SystemExit('gone')\n",
    "hook": "import sys\nsys.excepthook = lambda *a: print('mine', a[0])\n1 / 0\n",
    "at exit": "import atexit\natexit.register(print, 'bye')\n1 / 0\n",
}


@pytest.mark.parametrize("case", FAILING)
def test_errors_look_as_python_shows_them(case, script, tmp_path):
    text = FAILING[case].replace("import torch\n", "import json\n")
    script(text)
    mine, plain = run("script.py", cwd=tmp_path), python("script.py", cwd=tmp_path)
    assert mine.stderr == plain.stderr
    assert (mine.returncode, mine.stdout) == (plain.returncode, plain.stdout)


def test_errors_of_operations_end_on_the_users_line(script, tmp_path):
    pytest.importorskip("torch")
    script("""
        import torch

        def add(a, b):
            return a + b

        try:
            add(torch.tensor([1, 2, 3]), torch.tensor([1, 2]))
        except RuntimeError:
            pass
        add(torch.tensor([1, 2, 3]), torch.tensor([1, 2]))
    """)
    mine, theirs = run("script.py", cwd=tmp_path), python("script.py", cwd=tmp_path)
    assert mine.stderr == theirs.stderr and "must match the size" in mine.stderr


def test_errors_of_torchlike_and_of_jax_keep_their_frames(tmp_path):
    code = "import jax.numpy as n, torch\nn.zeros(2) + n.zeros(3)\n"
    assert "site-packages/jax" in run("-c", code, cwd=tmp_path).stderr
    code = "from torchlike._errors import wrap_dim; wrap_dim(None, 3)"
    inner = run("-c", code, cwd=tmp_path)
    assert "_errors.py" not in inner.stderr and "TypeError" in inner.stderr
    code = "from torchlike._dtypes import promote_types; promote_types(1, 2)"
    assert "_dtypes.py" in run("-c", code, cwd=tmp_path).stderr


def test_failing_imports_end_on_the_users_line(script, tmp_path):
    script("import torch\nimport torch.nothing\n")
    lines = run("script.py", cwd=tmp_path).stderr.splitlines()
    assert 'script.py", line 2, in <module>' in lines[1] and len(lines) == 4
    assert lines[2].strip() == "import torch.nothing"
    assert "docs/differences.md" in lines[-1]
    script("from torch import nothing\n")
    assert run("script.py", cwd=tmp_path).stderr.endswith("docs/differences.md\n")


@pytest.mark.parametrize("args", [("-m",), ("--what",), ()])
def test_wrong_calls_say_how_to_call(args, tmp_path):
    result = run(*args, cwd=tmp_path)
    assert result.returncode == 2 and "usage: python -m torchlike" in result.stderr


@pytest.mark.parametrize("args", [("none.py",), ("-m", "none"), ("-m", "none.at.all")])
def test_a_missing_program_is_named(args, tmp_path):
    result = run(*args, cwd=tmp_path)
    assert result.returncode != 0 and args[-1] in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_children_inherit_the_alias(method, script, tmp_path):
    script(
        f"""
        import multiprocessing, torch, torch.version

        def work(n):
            import torch.torch_version
            return n, torch.__name__, torch.version.__version__

        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                print(pool.map(work, [1, 2])[1])
        """
    )
    expected = "(2, 'torch', '2.13.0+torchlike')\n"
    assert passes(run("script.py", cwd=tmp_path)) == expected


def test_uninstall_puts_everything_back(tmp_path):
    code = """
        import multiprocessing.spawn as spawn, sys, warnings
        from types import ModuleType
        before = spawn.get_preparation_data, list(sys.meta_path)
        real = sys.modules["torch"] = ModuleType("torch")
        sub = sys.modules["torch.sub"] = ModuleType("torch.sub")
        from torchlike import _dropin
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _dropin.install(), _dropin.install()
        assert ["PyTorch itself" in str(w.message) for w in caught] == [True]
        assert caught[0].filename == "<string>"
        import torch, torchlike
        assert torch is torchlike and "torch.sub" not in sys.modules
        assert _dropin.installed()
        _dropin.uninstall(), _dropin.uninstall()
        assert sys.modules["torch"] is real and sys.modules["torch.sub"] is sub
        assert (spawn.get_preparation_data, list(sys.meta_path)) == before
        assert not _dropin.installed()
    """
    passes(python("-c", textwrap.dedent(code), cwd=tmp_path))
