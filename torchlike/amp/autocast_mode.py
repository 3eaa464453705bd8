"""``torch.autocast``: inside, functions run in the precision that suits them."""

from __future__ import annotations

import functools
import threading
import warnings

from .. import _dtypes
from .._ops import _intercept, copies
from ..autograd.variable import TensorBase
from . import _lists

_KINDS = ("cpu", "cuda")
_LISTS = {"cpu": _lists.CPU, "cuda": _lists.CUDA}


class _State(threading.local):
    """Per kind of device: whether autocast is on, and its dtype."""

    def __init__(self) -> None:
        self.enabled = dict.fromkeys(_KINDS, False)
        self.dtype = {"cpu": _dtypes.bfloat16, "cuda": _dtypes.float16}
        self.cache = True
        self.nesting = 0


state = _State()


@functools.cache
def _rules(kind: str) -> dict:
    """The functions with a rule; they are guarded when autocast is first used."""
    found = _lists.rules(_LISTS[kind])
    _intercept.guard(found)
    return found


def is_autocast_available(device_type: str) -> bool:
    """Whether autocast knows the kind of device."""
    return device_type in _KINDS


# ---- casting -------------------------------------------------------------------------
def _cast_call(function, run, args, kwargs):
    """Call ``run`` with its tensors cast as the rule of ``function`` says."""
    kind = _kind(args, kwargs)
    rule = _rules(kind).get(function) if state.enabled.get(kind) else None
    if rule is None:
        return run(*args, **kwargs)
    target = _target(rule, kind, args, kwargs)
    saved, _intercept.state.cast = _intercept.state.cast, None
    try:
        args = [_cast(x, target) for x in args]
        kwargs = {name: _cast(x, target) for name, x in kwargs.items()}
        return run(*args, **kwargs)
    finally:
        _intercept.state.cast = saved


def _tensors(args, kwargs):
    for x in (*args, *kwargs.values()):
        if isinstance(x, TensorBase):
            yield x
        elif isinstance(x, (list, tuple)):
            yield from (item for item in x if isinstance(item, TensorBase))


def _kind(args, kwargs) -> str:
    for x in _tensors(args, kwargs):
        return x._value().device.type
    return ""


def _eligible(dtype: _dtypes.dtype) -> bool:
    return dtype.is_floating_point and dtype is not _dtypes.float64


def _target(rule: str, kind: str, args, kwargs) -> _dtypes.dtype:
    if rule == "lower":
        return state.dtype[kind]
    if rule == "float32":
        return _dtypes.float32
    target = state.dtype[kind]
    for x in _tensors(args, kwargs):
        if x.dtype is _dtypes.float32:
            target = _dtypes.float32
    return target


def _cast(x, target: _dtypes.dtype):
    if isinstance(x, TensorBase):
        same = not _eligible(x.dtype) or x.dtype is target
        return x if same else copies.cast(x, target)
    if isinstance(x, (list, tuple)) and type(x) in (list, tuple):
        return type(x)(_cast(item, target) for item in x)
    return x


# ---- the context ---------------------------------------------------------------------
class autocast:
    """``with torch.autocast("cuda"):`` (dtype float16) or ``"cpu"`` (bfloat16).

    Products and convolutions run in ``dtype``, losses and other sensitive functions
    in float32; the rest follows its inputs. Also a decorator.
    """

    def __init__(
        self,
        device_type: str,
        dtype: _dtypes.dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(
                f"Expected `device_type` of type `str`, got: `{type(device_type)}`"
            )
        if not is_autocast_available(device_type):
            raise RuntimeError(
                f"User specified an unsupported autocast device_type '{device_type}'"
            )
        self.device = self.device_type = device_type
        self.fast_dtype = state.dtype[device_type] if dtype is None else dtype
        self._enabled = self._allowed(enabled)
        self._cache_enabled = state.cache if cache_enabled is None else cache_enabled

    def _allowed(self, enabled: bool) -> bool:
        halves = (_dtypes.bfloat16, _dtypes.float16)
        if enabled and self.fast_dtype not in halves:
            warnings.warn(
                f"In {self.device.upper()} autocast, but the target dtype is not "
                "supported. Disabling autocast.",
                stacklevel=3,
            )
            return False
        return enabled

    def __enter__(self):
        kind = self.device
        self._saved = (state.enabled[kind], state.dtype[kind], state.cache)
        state.nesting += 1
        _set(kind, self._enabled, self.fast_dtype)
        state.cache = self._cache_enabled
        return self

    def __exit__(self, *exc) -> bool:
        enabled, dtype, state.cache = self._saved
        state.nesting -= 1
        _set(self.device, enabled, dtype)
        return False

    def __call__(self, func):
        @functools.wraps(func)
        def call(*args, **kwargs):
            fresh = type(self).__new__(type(self))
            fresh.__dict__.update(self.__dict__)
            with fresh:
                return func(*args, **kwargs)

        return call


def _set(kind: str, enabled: bool, dtype: _dtypes.dtype) -> None:
    state.enabled[kind], state.dtype[kind] = enabled, dtype
    if enabled:
        _rules(kind)
    _intercept.state.cast = _cast_call if any(state.enabled.values()) else None


def _enter_autocast(*args):
    mode = autocast(*args)
    return mode.__enter__()


def _exit_autocast(mode) -> None:
    mode.__exit__(None, None, None)


# ---- custom functions ----------------------------------------------------------------
def custom_fwd(fwd=None, *, device_type: str, cast_inputs=None):
    """Decorate ``forward``; with ``cast_inputs``, autocast is off inside."""
    if fwd is None:
        return functools.partial(
            custom_fwd, device_type=device_type, cast_inputs=cast_inputs
        )

    @functools.wraps(fwd)
    def forward(ctx, *args, **kwargs):
        ctx._dtype = state.dtype[device_type]
        ctx._fwd_used_autocast = state.enabled[device_type]
        if cast_inputs is None or not ctx._fwd_used_autocast:
            return fwd(ctx, *args, **kwargs)
        ctx._fwd_used_autocast = False
        with autocast(device_type, enabled=False):
            args = [_cast(x, cast_inputs) for x in args]
            kwargs = {name: _cast(x, cast_inputs) for name, x in kwargs.items()}
            return fwd(ctx, *args, **kwargs)

    return forward


def custom_bwd(bwd=None, *, device_type: str):
    """Decorate ``backward`` of a Function: it runs under the forward's autocast."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(ctx, *args, **kwargs):
        with autocast(device_type, ctx._dtype, ctx._fwd_used_autocast):
            return bwd(ctx, *args, **kwargs)

    return backward


# ---- the root's functions ------------------------------------------------------------
def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether autocast is on."""
    return state.enabled.get(device_type, False)


def set_autocast_enabled(device_type, enabled: bool | None = None) -> None:
    """Switch autocast."""
    if enabled is None:
        device_type, enabled = "cuda", device_type
    _set(device_type, enabled, state.dtype[device_type])


def get_autocast_dtype(device_type: str) -> _dtypes.dtype:
    """The dtype autocast casts to."""
    if device_type not in state.dtype:
        raise RuntimeError(f"unsupported scalarType for device type {device_type}")
    return state.dtype[device_type]


def set_autocast_dtype(device_type: str, dtype: _dtypes.dtype) -> None:
    """Set the dtype autocast casts to."""
    state.dtype[device_type] = dtype


is_autocast_cpu_enabled = functools.partial(is_autocast_enabled, "cpu")
get_autocast_cpu_dtype = functools.partial(get_autocast_dtype, "cpu")
get_autocast_gpu_dtype = functools.partial(get_autocast_dtype, "cuda")
set_autocast_cpu_enabled = functools.partial(set_autocast_enabled, "cpu")
set_autocast_cpu_dtype = functools.partial(set_autocast_dtype, "cpu")
set_autocast_gpu_dtype = functools.partial(set_autocast_dtype, "cuda")


def is_autocast_cache_enabled() -> bool:
    """What was asked for; a cast is recorded once for each use, and XLA shares it."""
    return state.cache


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Accepted."""
    state.cache = enabled


def autocast_increment_nesting() -> int:
    """Count a region."""
    state.nesting += 1
    return state.nesting


def autocast_decrement_nesting() -> int:
    """Count a region's end."""
    state.nesting -= 1
    return state.nesting


def clear_autocast_cache() -> None:
    """There is no cache to clear."""
