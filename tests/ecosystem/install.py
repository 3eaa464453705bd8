"""The environment without PyTorch, and the packages in it.

A package with a case is installed without what it requires; NEEDS are the
requirements of all of them that have nothing to do with PyTorch.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("TORCHLIKE_ECOSYSTEM", ROOT / "build" / "ecosystem"))
PYTHON = HOME / "bin" / "python"

NEEDS = """
jax jaxlib flax optax orbax-checkpoint numpy scipy scikit-learn pandas matplotlib tqdm
pyyaml requests networkx jinja2 sympy filelock packaging pillow psutil
typing_extensions fsspec regex tokenizers huggingface-hub opt_einsum tabulate termcolor
aiohttp xxhash pyparsing rich loguru frozendict trampoline boltons typeguard<3
yacs portalocker iopath colorama beartype lightning-utilities pyre-extensions
typing-inspect multipledispatch ftfy pyvers orjson importlib-metadata cloudpickle
fastprogress<1.1 fastdownload scikit-base
""".split()


def pip(*arguments: str) -> None:
    """Run pip of the environment."""
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*command, *arguments], check=True)


def prepare(cases) -> None:
    """Make the environment and install what the cases need."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        pip("install", *NEEDS)
    wanted = {name for case in cases for name in case.packages}
    missing = sorted(name for name in wanted if version(name) is None)
    for name in missing:
        pip("install", "--no-deps", name)


def site_packages() -> Path:
    """Where the packages are."""
    (found,) = HOME.glob("lib/python3*/site-packages")
    return found


def version(name: str) -> str | None:
    """The installed version of a package."""
    text = name.lower().replace("-", "_").replace(".", "_")
    for folder in site_packages().glob("*.dist-info"):
        own, _, number = folder.name.removesuffix(".dist-info").rpartition("-")
        if own.lower().replace("-", "_").replace(".", "_") == text:
            return number
    return None
