"""Flax modules, NNX or Linen, as ``nn.Module``s that a PyTorch loop trains.

``from_flax`` turns the variables of a Flax module into parameters and buffers. A call
is recorded as one op: its operands are the variables and the tensors among the
arguments, its static part says which Flax module runs and how the arguments nest.
"""

from __future__ import annotations

import inspect

import flax.errors
import flax.linen
import jax
import jax.numpy as jnp
from flax import nnx

from .._ops._op import Array, Arrays, op
from .._tensor import Tensor, from_array
from ..autograd.grad_mode import no_grad
from .module import Module
from .parameter import Parameter

# Linen modules are told whether they train by an argument: its name, and its sense.
_TRAIN_ARGUMENTS = {
    "train": True,
    "training": True,
    "is_training": True,
    "deterministic": False,
    "use_running_average": False,
}


def from_flax(module, *sample_inputs, rngs=None, variables=None, **sample_kwargs):
    """An ``nn.Module`` around a Flax module.

    An NNX module brings its variables. A Linen module is initialised with the sample
    inputs and ``rngs`` (a key, or a dict of keys; by default key 0), unless its
    ``variables`` are given. Entries of ``params`` and ``nnx.Param``s become
    parameters, all others (batch statistics, random streams) buffers.
    """
    if isinstance(module, flax.linen.Module):
        if variables is None:
            keys = jax.random.key(0) if rngs is None else rngs
            args, kwargs = jax.tree.map(_to_jax, (sample_inputs, sample_kwargs))
            variables = module.init(keys, *args, **kwargs)
        return FlaxModule(*_linen_parts(module, variables, sample_inputs))
    if isinstance(module, nnx.Module) and not isinstance(module, Module):
        return FlaxModule(*_nnx_parts(module))
    raise TypeError(f"from_flax needs an NNX or Linen module, got {type(module)}")


class Scope(Module):
    """A named part of a Flax module: holds parameters and buffers, runs nothing."""


class FlaxModule(Module):
    """A Flax module seen from PyTorch; made by ``from_flax``."""

    def __init__(self, runners, entries):
        super().__init__()
        self._runners = runners  # by training mode
        self._places = []
        for path, array, is_param in entries:
            self._places.append(_register(self, path, array, is_param))
        self._calls: dict = {}

    def forward(self, *args, **kwargs):
        leaves, tree = jax.tree.flatten((args, kwargs), is_leaf=_is_tensor)
        leaves = [from_array(x) if isinstance(x, jax.Array) else x for x in leaves]
        tensors = [x for x in leaves if isinstance(x, Tensor)]
        fixed = tuple(None if isinstance(x, Tensor) else (x,) for x in leaves)
        key = (self.training, tree, fixed)
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = Call(self._runners[self.training], tree, fixed)
        variables = [getattr(scope, name) for scope, name in self._places]
        results = apply_flax([*variables, *tensors], call, len(variables))
        return self._finish(variables, *call.known(results))

    def _finish(self, variables, results, out_tree, changed):
        count = len(results) - len(changed)
        with no_grad():
            for i, new in zip(changed, results[count:], strict=True):
                variables[i].copy_(new)
        return jax.tree.unflatten(out_tree, results[:count])

    def __getstate__(self):
        return {**super().__getstate__(), "_calls": {}}

    def extra_repr(self) -> str:
        return self._runners[True].describe()


def _register(root, path, array, is_param: bool):
    """Put an array at a path of scopes; return where it is."""
    *scopes, name = map(str, path)
    for part in scopes:
        if part not in root._modules:
            root.add_module(part, Scope())
        root = root._modules[part]
    tensor = from_array(array)
    if is_param:
        root.register_parameter(name, Parameter(tensor, tensor.is_floating_point()))
    else:
        root.register_buffer(name, tensor)
    return root, name


# ---- the op --------------------------------------------------------------------------
@op(name="flax_module", scope=None, method=False, returns=())
def apply_flax(arrays: Arrays, call: object, variables: int) -> Array:
    """Run the Flax module on its variables and the tensors of the call."""
    return call.run(arrays[:variables], arrays[variables:])


class Call:
    """How the arguments of a call nest, and what it turned out to return."""

    def __init__(self, runner, tree, fixed):
        self.runner, self.tree, self.fixed = runner, tree, fixed
        self._key = (runner, tree, fixed)
        self._hash = hash(self._key)
        self._known = None

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return isinstance(other, Call) and self._key == other._key

    def run(self, variables, tensors) -> list:
        tensors = iter(tensors)
        leaves = [next(tensors) if f is None else f[0] for f in self.fixed]
        args, kwargs = jax.tree.unflatten(self.tree, leaves)
        out, new = self.runner.run(list(variables), args, kwargs)
        changed = [i for i, v in enumerate(variables) if new[i] is not v]
        results, out_tree = jax.tree.flatten(out)
        _returned[self] = (out_tree, changed)
        return [jnp.asarray(x) for x in (*results, *(new[i] for i in changed))]

    def known(self, results):
        """The results, how they nest, and which variables changed."""
        if self._known is None:
            self._known = _returned[self]
        return results, *self._known


# Filled while a call is traced; equal calls of other modules are not traced again.
_returned: dict[Call, tuple] = {}


def _is_tensor(x) -> bool:
    return isinstance(x, Tensor)


def _to_jax(x):
    return x.__jax_array__() if isinstance(x, Tensor) else x


# ---- NNX -----------------------------------------------------------------------------
class _NnxRunner:
    """Merges an NNX module from its variables, runs it, reads the variables again."""

    def __init__(self, graphdef, paths, frames, name):
        self.graphdef, self.paths, self.frames = graphdef, paths, frames
        self.name = name
        self._key = (graphdef, paths)

    def __hash__(self):
        return hash(self._key)

    def __eq__(self, other):
        return isinstance(other, _NnxRunner) and self._key == other._key

    def describe(self) -> str:
        return self.name

    def run(self, arrays, args, kwargs):
        frames = self.frames
        values = [f.decode(a) for f, a in zip(frames, arrays, strict=True)]
        leaves = [f.variable(v) for f, v in zip(frames, values, strict=True)]
        flat = list(zip(self.paths, leaves, strict=True))
        module = nnx.merge(self.graphdef, nnx.from_flat_state(flat))
        out = module(*args, **kwargs)
        after = dict(nnx.to_flat_state(nnx.state(module)))
        new = [after[path].get_raw_value() for path in self.paths]
        unchanged = [n is v for n, v in zip(new, values, strict=True)]
        encoded = [f.encode(n) for f, n in zip(frames, new, strict=True)]
        return out, [
            a if same else e
            for a, e, same in zip(arrays, encoded, unchanged, strict=True)
        ]


class _Frame:
    """An NNX Variable without its value; random keys travel as their words."""

    def __init__(self, variable):
        value = variable.get_raw_value()
        self.kind, self.metadata = type(variable), variable.get_metadata()
        dtype = getattr(value, "dtype", None)
        is_key = dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)
        self.impl = jax.random.key_impl(value) if is_key else None

    def encode(self, value):
        return jnp.asarray(value) if self.impl is None else jax.random.key_data(value)

    def decode(self, array):
        if self.impl is None:
            return array
        return jax.random.wrap_key_data(array, impl=self.impl)

    def variable(self, value):
        return self.kind.from_metadata(value, dict(self.metadata))


def _nnx_parts(module):
    copied = nnx.clone(module)
    runners, name = {}, type(module).__name__
    flat = list(nnx.to_flat_state(nnx.state(copied)))
    paths = tuple(path for path, _ in flat)
    frames = tuple(_Frame(variable) for _, variable in flat)
    for mode in (False, True):
        copied.train() if mode else copied.eval()
        runners[mode] = _NnxRunner(nnx.graphdef(copied), paths, frames, name)
    entries = [
        (path, frame.encode(variable.get_raw_value()), isinstance(variable, nnx.Param))
        for (path, variable), frame in zip(flat, frames, strict=True)
    ]
    return runners, entries


# ---- Linen ---------------------------------------------------------------------------
class _LinenRunner:
    """Applies a Linen module; in training its other collections may change."""

    def __init__(self, module, paths, mode: tuple, mutable: tuple, random: bool):
        self.module, self.paths, self.mode = module, paths, mode
        self.mutable, self.random = mutable, random
        self._key = (module, paths, mode, mutable, random)

    def __hash__(self):
        return hash(self._key)

    def __eq__(self, other):
        return isinstance(other, _LinenRunner) and self._key == other._key

    def describe(self) -> str:
        return type(self.module).__name__

    def run(self, arrays, args, kwargs):
        kwargs = {**dict(self.mode), **kwargs}
        options = {}
        if self.random:
            *arrays, words = arrays
            carried, key = jax.random.split(jax.random.wrap_key_data(words))
            options["rngs"] = {"dropout": key, "params": key}
        variables = nest(zip(self.paths, arrays, strict=False))
        if not self.mutable:
            out = self.module.apply(variables, *args, **kwargs, **options)
            new = arrays
        else:
            options["mutable"] = list(self.mutable)
            out, state = self.module.apply(variables, *args, **kwargs, **options)
            after = _flat({**variables, **state})
            new = [after.get(p, a) for p, a in zip(self.paths, arrays, strict=False)]
        return out, [*new, jax.random.key_data(carried)] if self.random else list(new)


def _flat(tree, path=()) -> dict:
    """A nested mapping as {path: array}."""
    if not hasattr(tree, "items"):
        return {path: tree}
    found = {}
    for name, part in tree.items():
        found.update(_flat(part, (*path, name)))
    return found


def nest(pairs) -> dict:
    """The opposite of ``_flat``."""
    tree: dict = {}
    for (*scopes, name), array in pairs:
        part = tree
        for scope in scopes:
            part = part.setdefault(scope, {})
        part[name] = array
    return tree


def _linen_parts(module, variables, sample_inputs):
    flat = _flat(variables)
    paths = tuple(flat)
    mutable = tuple(sorted({p[0] for p in paths} - {"params"}))
    names = inspect.signature(type(module).__call__).parameters
    modes = {
        mode: tuple((n, mode is s) for n, s in _TRAIN_ARGUMENTS.items() if n in names)
        for mode in (False, True)
    }
    train = _LinenRunner(module, paths, modes[True], mutable, False)
    random = _needs_randomness(train, flat, sample_inputs)
    runners = {
        True: _LinenRunner(module, paths, modes[True], mutable, random),
        False: _LinenRunner(module, paths, modes[False], (), random),
    }
    seen = {p[1:] for p in paths if p[0] == "params"}
    entries = []
    for path, array in flat.items():
        is_param = path[0] == "params"
        place = path[1:] if is_param or path[1:] not in seen else path
        entries.append((place, jnp.asarray(array), is_param))
    if random:
        entries.append((("rng",), jax.random.key_data(jax.random.key(0)), False))
    return runners, entries


def _needs_randomness(runner, flat, sample_inputs) -> bool:
    """Whether the module asks for random keys in training (tried without running)."""
    if not sample_inputs:
        return False
    args = jax.tree.map(_to_jax, sample_inputs)
    try:
        jax.eval_shape(lambda a: runner.run(list(flat.values()), a, {})[0], args)
    except flax.errors.InvalidRngError:
        return True
    return False
