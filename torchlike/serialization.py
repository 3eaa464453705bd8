"""``torch.save`` and ``torch.load``.

A path gets an Orbax checkpoint, a directory; a file object, or ``format="pytorch"``,
gets the file PyTorch's own ``torch.save`` would write. Loading looks what is there.
"""

from __future__ import annotations

import errno
import os
import pickle
from typing import IO, Any

from . import _gaps
from ._formats import orbax, pytorch_read, pytorch_write
from ._formats.foreign import kind_of
from ._formats.placing import placer
from ._formats.replace import recover, staged
from ._formats.safe_globals import add_safe_globals as add_safe_globals
from ._formats.safe_globals import clear_safe_globals as clear_safe_globals
from ._formats.safe_globals import get_safe_globals as get_safe_globals
from ._formats.safe_globals import safe_globals as safe_globals
from ._formats.safe_globals import trusted_names
from ._formats.tensors import Describer, TensorMaker
from ._formats.unpickle import Passing
from ._size import Size

DEFAULT_PROTOCOL = 2
MAP_LOCATION = Any  # what annotations call the argument `map_location`
FILE_LIKE = str | os.PathLike | IO[bytes]
_FORMATS = ("orbax", "pytorch")


# ----- save -----


def save(
    obj: Any,
    f: str | os.PathLike | IO[bytes],
    pickle_module: Any = pickle,
    pickle_protocol: int = DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
    *,
    format: str | None = None,
) -> None:
    """Save an object to a path or a file object.

    At a path, a process killed while saving leaves the old checkpoint or the new one.
    ``format`` is ``"orbax"`` (a directory, read by Orbax too; it holds tensors,
    numbers, strings, bytes and None in any nesting of lists, tuples, dicts and sets) or
    ``"pytorch"`` (a file that PyTorch loads, in which other objects are pickled). By
    default a path gets the first if it can hold the object. The arguments about pickles
    are for the second.

    **Differs**: PyTorch always writes its own format.
    """
    is_path = isinstance(f, str | os.PathLike)
    if not is_path and not hasattr(f, "write"):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' "
            "attribute"
        )
    if format is None and (not is_path or not _use_new_zipfile_serialization):
        format = "pytorch"
    _check_format(format, is_path)
    options = {
        "pickler": _pickler_class(pickle_module),
        "protocol": pickle_protocol,
        "zipped": _use_new_zipfile_serialization,
    }
    if not is_path:
        _write_pytorch(obj, f, "archive", options)
    else:
        _save_at(obj, os.fspath(f), format, options)


def _check_format(format: str | None, is_path: bool) -> None:
    if format is not None and format not in _FORMATS:
        raise ValueError(f"format must be one of {_FORMATS}, but got {format!r}")
    if format == "orbax" and not is_path:
        raise ValueError("format='orbax' writes a directory, so it needs a path")


def _save_at(obj: Any, path: str, format: str | None, options: dict) -> None:
    parent = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(parent):
        raise RuntimeError(f"Parent directory {parent} does not exist.")
    if os.path.exists(path) and not os.path.isdir(path) and not os.path.isfile(path):
        with open(path, "wb") as file:  # a pipe or /dev/null: never replaced
            _write_pytorch(obj, file, "archive", options)
        return
    if format != "pytorch" and _save_orbax(obj, path, must=format == "orbax"):
        return
    orbax.check_replaceable(path)
    with staged(path) as new, open(new, "wb") as file:
        _write_pytorch(obj, file, _stem(path), options)


def _save_orbax(obj: Any, path: str, must: bool) -> bool:
    """Whether Orbax could hold the object; if it must, its error is raised."""
    try:
        orbax.save(obj, path, Describer(), _is_size)
    except orbax.Unstorable:
        if must:
            raise
        return False
    return True


def _stem(path: str) -> str:
    name = os.path.splitext(os.path.basename(path))[0]
    return name if name and name.isascii() else "archive"


def _write_pytorch(obj: Any, file: IO[bytes], name: str, options: dict) -> None:
    pytorch_write.write(
        obj, file, name=name, describe=Describer(), is_size=_is_size, **options
    )


def _is_size(obj: Any) -> bool:
    return isinstance(obj, Size)


def _pickler_class(module: Any) -> type:
    """A pickler written in Python; dill's is, for example."""
    if module is pickle:
        return pickle._Pickler
    found = getattr(module, "Pickler", None)
    if isinstance(found, type) and issubclass(found, pickle._Pickler):
        return found
    raise NotImplementedError(
        f"torch.save cannot use the pickler of {getattr(module, '__name__', module)}; "
        "pickle and modules like dill, whose pickler is written in Python, work"
    )


# ----- load -----


def load(
    f: str | os.PathLike | IO[bytes],
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Load what :func:`save` or PyTorch's own ``torch.save`` wrote.

    ``map_location`` is a device, its name, a dict from saved to wanted names, or a
    function of (storage, name). By default nothing in a file is run;
    ``weights_only=False`` unpickles ordinarily, which runs whatever the file says.
    ``mmap=True`` maps the tensors of a PyTorch file from disk.
    """
    if weights_only and pickle_module is not None:
        raise RuntimeError(
            "Can not safely load weights when explicit pickle_module is specified"
        )
    full = weights_only is False or pickle_module is not None
    options = {
        "maker": TensorMaker(),
        "place": placer(map_location),
        "trusted": trusted_names(),
        "full": full,
        "pickle_module": pickle_module or pickle,
        "encoding": pickle_load_args.pop("encoding", "utf-8"),
    }
    if pickle_load_args:
        raise TypeError(f"load() got unknown arguments: {', '.join(pickle_load_args)}")
    try:
        if isinstance(f, str | os.PathLike):
            return _load_path(os.fspath(f), options, bool(mmap))
        return _load_file(f, options, bool(mmap))
    except Passing as passing:
        raise passing.error from None


def _load_path(path: str, options: dict, mmap: bool) -> Any:
    recover(path)
    if not os.path.isdir(path):
        with open(path, "rb") as file:
            return _read(file, options, path if mmap else None)
    if not orbax.is_checkpoint(path):
        raise IsADirectoryError(
            errno.EISDIR, "Is a directory, and not a checkpoint of torch.save", path
        )
    return orbax.load(path, options["maker"], options["place"])


def _load_file(file: IO[bytes], options: dict, mmap: bool) -> Any:
    if mmap:
        raise ValueError("f must be a file path in order to use the mmap argument")
    for name in ("seek", "tell", "read", "readline"):
        if not hasattr(file, name):
            raise AttributeError(
                f"'{type(file).__name__}' object has no attribute '{name}'. You can "
                "only torch.load from a file that is seekable. Please pre-load the "
                "data into a buffer like io.BytesIO and try to load from it instead."
            )
    return _read(file, options, None)


def _read(file: IO[bytes], options: dict, mmap: str | None) -> Any:
    start = file.tell()
    kind = kind_of(file.read(300))
    file.seek(start)
    if kind is not None:
        raise pickle.UnpicklingError(f"This is no checkpoint of torch.save but {kind}")
    try:
        return pytorch_read.read(file, mmap=mmap, **options)
    except pickle.UnpicklingError as error:
        if options["full"]:
            raise
        raise pickle.UnpicklingError(_refusal(error)) from None


def _refusal(error: Exception) -> str:
    return (
        "Weights only load failed. `weights_only=False` may load this file, but can "
        "result in arbitrary code execution. Do it only if you got the file from a "
        f"trusted source.\n\tWeightsUnpickler error: {error}\n\nCheck the "
        "documentation of torch.load to learn more about types accepted by default "
        "with weights_only "
        "https://pytorch.org/docs/stable/generated/torch.load.html."
    )


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.serialization")
