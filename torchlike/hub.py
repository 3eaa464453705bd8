"""``torch.hub``: models from local repositories, and files kept after a download."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import urllib.request
import zipfile
from urllib.parse import urlparse as urlparse

from .serialization import load as _load_file

__all__ = [
    "download_url_to_file",
    "get_dir",
    "help",
    "list",
    "load",
    "load_state_dict_from_url",
    "set_dir",
]

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")
_CONFIG = "hubconf.py"
_dir: str | None = None


class _Silent:
    """Stands for a progress bar where the package tqdm is not installed."""

    def __init__(self, iterable=(), *args, **kwargs) -> None:
        self._iterable = iterable

    def __iter__(self):
        return iter(self._iterable)

    def __enter__(self):
        return self

    def __exit__(self, *exc) -> None:
        pass

    def update(self, n: int = 1) -> None:
        """Shows nothing."""


def _get_torch_home() -> str:
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch")))


def get_dir() -> str:
    """Where downloads are kept: ``$TORCH_HOME/hub``."""
    return os.path.join(_get_torch_home(), "hub") if _dir is None else _dir


def set_dir(d) -> None:
    """Set where downloads are kept."""
    global _dir
    _dir = os.path.expanduser(d)


def _entries(repo_or_dir: str, source: str):
    """The ``hubconf`` module of a local repository."""
    source = source.lower()
    if source not in ("github", "local"):
        raise ValueError(
            f'Unknown source: "{source}". Allowed values: "github" | "local".'
        )
    if source == "github":
        raise NotImplementedError(
            "torch.hub: repositories are not fetched from GitHub (docs/differences.md);"
            ' clone the repository and pass its folder with source="local"'
        )
    path = os.path.join(repo_or_dir, _CONFIG)
    sys.path.insert(0, repo_or_dir)
    try:
        spec = importlib.util.spec_from_file_location(_CONFIG, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(repo_or_dir)
    _check_dependencies(module)
    return module


def _check_dependencies(module) -> None:
    wanted = getattr(module, "dependencies", ())
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")


def _entry(module, model: str):
    if not isinstance(model, str):
        raise ValueError("Invalid input: model should be a string of function name")
    found = getattr(module, model, None)
    if not callable(found):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return found


def list(
    github: str, force_reload=False, skip_validation=False, trust_repo=None,
    verbose=True,
):  # fmt: skip
    """The names of the entry points of a repository: the path of its folder."""
    module = _entries(github, "local" if os.path.isdir(github) else "github")
    return [
        name
        for name in dir(module)
        if callable(getattr(module, name)) and not name.startswith("_")
    ]


def help(
    github: str, model: str, force_reload=False, skip_validation=False,
    trust_repo=None,
):  # fmt: skip
    """The docstring of an entry point of the repository in a folder."""
    module = _entries(github, "local" if os.path.isdir(github) else "github")
    return _entry(module, model).__doc__


def load(
    repo_or_dir: str, model: str, *args, source="github", trust_repo=None,
    force_reload=False, verbose=True, skip_validation=False, **kwargs,
):  # fmt: skip
    """Call the entry point ``model`` of a local repository."""
    return _entry(_entries(repo_or_dir, source), model)(*args, **kwargs)


def download_url_to_file(url: str, dst: str, hash_prefix=None, progress=True) -> None:
    """Fetch ``url`` into ``dst``, whole or not at all; check its SHA-256's start."""
    dst = os.path.expanduser(dst)
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "torch.hub"})
    partial = tempfile.NamedTemporaryFile(
        dir=os.path.dirname(os.path.abspath(dst)), suffix=".partial", delete=False
    )
    try:
        with urllib.request.urlopen(request) as source, partial:
            while block := source.read(1 << 20):
                partial.write(block)
                digest.update(block)
        found = digest.hexdigest()
        if hash_prefix and not found.startswith(hash_prefix):
            raise RuntimeError(
                f'invalid hash value (expected "{hash_prefix}", got "{found}")'
            )
        shutil.move(partial.name, dst)
    finally:
        if os.path.exists(partial.name):
            os.remove(partial.name)


def load_state_dict_from_url(
    url: str, model_dir=None, map_location=None, progress=True, check_hash=False,
    file_name=None, weights_only=False,
):  # fmt: skip
    """Load a file of weights, fetched once and kept in ``model_dir``."""
    model_dir = model_dir or os.path.join(get_dir(), "checkpoints")
    os.makedirs(model_dir, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(model_dir, name)
    if not os.path.exists(path):
        found = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, path, found.group(1) if found else None, progress)
    return _load_file(_unpacked(path, model_dir), map_location=map_location)


def _unpacked(path: str, model_dir: str) -> str:
    """The one file inside an old zip archive of weights; other files as they are."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) != 1:
            return path
        return archive.extract(members[0], model_dir)
