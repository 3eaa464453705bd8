"""``torch._jit_internal``: annotations that packages import from there."""

from __future__ import annotations

from typing import Any, Final, Optional, Union

from .jit import _overload as _overload
from .jit import _overload_method as _overload_method
from .jit import export as export
from .jit import ignore as ignore
from .jit import is_scripting as is_scripting
from .jit import unused as unused
from .jit.annotations import BroadcastingList1 as BroadcastingList1
from .jit.annotations import BroadcastingList2 as BroadcastingList2
from .jit.annotations import BroadcastingList3 as BroadcastingList3

__all__ = ["Any", "Final", "Optional", "Union"]


_copy_to_script_wrapper = _overload


def weak_script(fn):
    """``fn`` as it is."""
    return fn


weak_script_method = weak_module = weak_script


def boolean_dispatch(arg_name, arg_index, default, if_true, if_false, **about):
    """A function that calls one of two, as the flag ``arg_name`` says."""

    def choose(*args, **kwargs):
        flag = args[arg_index] if arg_index < len(args) else default
        return (if_true if kwargs.get(arg_name, flag) else if_false)(*args, **kwargs)

    return choose
