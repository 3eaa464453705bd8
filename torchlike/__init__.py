"""torchlike: PyTorch scripts on JAX. ``import torchlike as torch``."""

from __future__ import annotations

import importlib
import sys
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi

from . import _collector, _dtypes, _gaps
from . import _config as _config
from . import _typed_storage as _typed_storage
from ._devices import device as device
from ._devices import get_default_device as get_default_device
from ._devices import set_default_device as set_default_device
from ._dtypes import dtype as dtype
from ._dtypes import get_default_dtype as get_default_dtype
from ._dtypes import layout as layout
from ._dtypes import promote_types as promote_types
from ._dtypes import strided as strided
from ._limits import finfo as finfo
from ._limits import iinfo as iinfo
from ._ops import _registry
from ._settings import *  # noqa: F403
from ._size import Size as Size
from ._tensor import Tensor as Tensor
from .autograd import enable_grad as enable_grad
from .autograd import inference_mode as inference_mode
from .autograd import no_grad as no_grad
from .autograd import set_grad_enabled as set_grad_enabled
from .autograd.grad_mode import is_grad_enabled as is_grad_enabled
from .autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from .version import __version__ as __version__

newaxis = None


memory_format = _dtypes.memory_format
contiguous_format = _dtypes.memory_format("contiguous_format")
channels_last = _dtypes.memory_format("channels_last")
channels_last_3d = _dtypes.memory_format("channels_last_3d")
legacy_contiguous_format = contiguous_format
preserve_format = _dtypes.memory_format("preserve_format")

# The dtypes, under both names, and the functions of the ops.
globals().update({d.name: d for d in _dtypes.ALL})
globals().update(_dtypes.ALIASES)
for _layout in ("coo", "csr", "csc", "bsr", "bsc"):
    globals()[f"sparse_{_layout}"] = getattr(_dtypes, f"sparse_{_layout}")
jagged = _dtypes.jagged
globals().update(_registry.functions["torch"])

# Modules that load when first used: Flax, Optax and Orbax come with them.
_LAZY = _gaps.submodules(__spec__.submodule_search_locations)
_HOMES = {
    "serialization": "save load",
    "random": "manual_seed seed initial_seed get_rng_state set_rng_state "
    "default_generator Generator thread_safe_generator",
    "_printing": "set_printoptions get_printoptions printoptions",
    "_dropin": "install uninstall installed",
    "_legacy_types": "set_default_tensor_type",
    "_typed_storage": "BoolStorage ByteStorage CharStorage ShortStorage IntStorage "
    "LongStorage HalfStorage BFloat16Storage FloatStorage DoubleStorage "
    "ComplexFloatStorage ComplexDoubleStorage",
    "storage": "UntypedStorage TypedStorage PyTorchFileReader PyTorchFileWriter",
    "amp": "autocast GradScaler",
    "amp.autocast_mode": "is_autocast_enabled set_autocast_enabled get_autocast_dtype "
    "set_autocast_dtype is_autocast_cpu_enabled get_autocast_cpu_dtype "
    "get_autocast_gpu_dtype set_autocast_cpu_enabled set_autocast_cpu_dtype "
    "set_autocast_gpu_dtype is_autocast_cache_enabled set_autocast_cache_enabled "
    "autocast_increment_nesting autocast_decrement_nesting clear_autocast_cache",
    "utils.dlpack": "from_dlpack to_dlpack",
    "autograd.saved": "is_anomaly_enabled set_anomaly_enabled "
    "is_anomaly_check_nan_enabled",
    "func": "vmap",
    "jit": "ScriptModule fork wait",
    "_C": "ScriptFunction Graph Value TensorType DisableTorchFunction "
    "DisableTorchFunctionSubclass DeviceObjType AnyType BoolType DictType FloatType "
    "IntType ListType NoneType NumberType OptionalType StringType TupleType",
    "futures": "Future",
    "cuda": "Stream Event",
    "_root_names": "_assert OutOfMemoryError AcceleratorError FatalError JITException "
    "has_mkl has_openmp has_lapack has_spectral compiled_with_cxx11_abi "
    "is_vulkan_available init_num_threads SymInt SymFloat SymBool sym_sum sym_ite "
    "sym_sqrt sym_fresh_size sym_constrain_range sym_constrain_range_for_size qscheme "
    "per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric "
    "per_channel_affine_float_qparams",
}
_ABSENT_DTYPES = frozenset(
    "complex32 chalf float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu qint8 qint32 "
    "quint8 quint4x2 quint2x4 float4_e2m1fn_x2 bits16 bits1x8 bits2x4 bits4x2 bits8 "
    "int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 "
    "uint7".split()
)
_FROM = {name: home for home, names in _HOMES.items() for name in names.split()}
_FROM |= dict.fromkeys(
    "FloatTensor DoubleTensor HalfTensor BFloat16Tensor ByteTensor CharTensor "
    "ShortTensor IntTensor LongTensor BoolTensor".split(),
    "_legacy_types",
)
# Modules with a leading underscore that packages import all the same.
_PRIVATE = frozenset(
    "_C _utils _tensor_str _jit_internal _dynamo _VF _ops _custom_ops _subclasses "
    "__config__".split()
)


def load_ipython_extension(shell) -> None:
    """``%load_ext torchlike``: make ``import torch`` mean torchlike in the notebook."""
    importlib.import_module(f"{__package__}._dropin.notebook").load(shell)


def unload_ipython_extension(shell) -> None:
    """``%unload_ext torchlike``: undo it."""
    importlib.import_module(f"{__package__}._dropin.notebook").unload(shell)


def __getattr__(name: str):
    if name in _LAZY or name in _PRIVATE:
        return importlib.import_module(f"{__package__}.{name}")
    if name in _FROM:
        value = getattr(importlib.import_module(f"{__package__}.{_FROM[name]}"), name)
        globals()[name] = value
        return value
    if name in _ABSENT_DTYPES:
        return importlib.import_module(f"{__package__}._absent_dtypes").names[name]
    if name.startswith("_foreach_"):
        table = importlib.import_module(f"{__package__}._foreach").functions
        if name in table:
            return table[name]
    if name == "torch":  # PyTorch's root has itself as an attribute
        return sys.modules[__name__]
    raise _gaps.missing(name)


_collector.pass_over()
