"""Recurrent layers over whole sequences."""

from __future__ import annotations

import math
import numbers
import warnings

from ..._ops import _intercept
from .. import _torch as torch
from .. import init
from ..module import Module
from ..parameter import Parameter
from ..utils.rnn import PackedSequence

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What RNN, LSTM and GRU share.

    Shape: input (L, N, input_size), (N, L, input_size) with ``batch_first``, or
    (L, input_size); states (layers * directions, N, hidden_size).
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check(dropout)
        self._flat_weights_names: list[str] = []
        self._all_weights: list[list[str]] = []
        factory = {"device": device, "dtype": dtype}
        for layer in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                self._add_layer(layer, suffix, factory)
        self.reset_parameters()

    def _check(self, dropout) -> None:
        number = isinstance(dropout, numbers.Number) and not isinstance(dropout, bool)
        if not number or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the "
                "probability of an element being zeroed"
            )
        if dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so "
                "non-zero dropout expects num_layers greater than 1, but got "
                f"dropout={dropout} and num_layers={self.num_layers}",
                stacklevel=4,
            )
        kinds = {"bias": bool, "batch_first": bool, "input_size": int}
        for name, kind in {**kinds, "hidden_size": int}.items():
            given = getattr(self, name)
            if not isinstance(given, kind):
                raise TypeError(
                    f"{name} should be of type {kind.__name__}, got: "
                    f"{type(given).__name__}"
                )
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero")
        self._check_projection()
        if self.mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + self.mode)

    def _check_projection(self) -> None:
        if self.proj_size < 0:
            raise ValueError(
                "proj_size should be a positive integer or zero to disable projections"
            )
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _add_layer(self, layer: int, suffix: str, factory: dict) -> None:
        hidden, output = self.hidden_size, self._output_size
        directions = 2 if self.bidirectional else 1
        input_size = output * directions if layer else self.input_size
        gates = _GATES[self.mode] * hidden
        shapes = {"weight_ih": (gates, input_size), "weight_hh": (gates, output)}
        if self.bias:
            shapes.update(bias_ih=(gates,), bias_hh=(gates,))
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, hidden)
        names = [f"{name}_l{layer}{suffix}" for name in shapes]
        for name, shape in zip(names, shapes.values(), strict=True):
            setattr(self, name, Parameter(torch.empty(shape, **factory)))
        self._flat_weights_names += names
        self._all_weights.append(names)

    @property
    def _flat_weights(self) -> list:
        return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list]:
        """The parameters, one list per layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Nothing to do: XLA lays the weights out itself."""

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, default in usual.items():
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text

    # ---- checks
    def check_input(self, input, batch_sizes) -> None:
        """Dtype, rank and last size of the input."""
        self._check_input(input, input.dim(), 3 if batch_sizes is None else 2)

    def _check_input(self, input, rank: int, wanted: int) -> None:
        dtype = getattr(self, self._flat_weights_names[0]).dtype
        if input.dtype != dtype and _intercept.state.cast is None:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype "
                f"({dtype}). Convert input: input.to({dtype}), or convert model: "
                f"model.to({input.dtype})"
            )
        if rank != wanted:
            raise RuntimeError(f"input must have {wanted} dimensions, got {rank}")
        if self.input_size != input.size(-1):
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. Expected "
                f"{self.input_size}, got {input.size(-1)}"
            )

    def _state_sizes(self, batch: int) -> tuple[int, int, int]:
        directions = 2 if self.bidirectional else 1
        return (self.num_layers * directions, batch, self._output_size)

    def check_hidden_size(
        self, hx, expected_hidden_size, msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """The size of a state."""
        if tuple(hx.size()) != tuple(expected_hidden_size):
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.size())))

    # ---- running
    def _batch_size(self, input, batch_sizes) -> int:
        if batch_sizes is not None:
            return int(batch_sizes[0])
        return input.size(0 if self.batch_first else 1)

    def _check_rank(self, input) -> bool:
        """Whether the input has a batch dimension."""
        if input.dim() not in (2, 3):
            tensor = "tensor " if self.mode.startswith("RNN") else ""
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got "
                f"{input.dim()}D {tensor}instead"
            )
        return input.dim() == 3

    def forward(self, input, hx=None):
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        is_batched = self._check_rank(input)
        batch_dim = 0 if self.batch_first else 1
        if not is_batched:
            input = input.unsqueeze(batch_dim)
        if hx is None:
            hx = self._zero_state(input, self._batch_size(input, None))
        else:
            hx = self._batched_state(hx, is_batched)
        self.check_forward_args(input, hx, None)
        output, state = self._run(input, hx, None)
        if is_batched:
            return output, state
        return output.squeeze(batch_dim), self._map(lambda t: t.squeeze(1), state)

    def _forward_packed(self, packed, hx):
        steps, lengths = packed._padded()
        if hx is None:
            hx = self._zero_state(steps, len(lengths))
        self._check_input(steps, steps.dim() - 1, 2)
        self._check_states(hx, len(lengths))
        output, state = self._run(steps, hx, lengths)
        return packed._with_steps(output), state

    def permute_hidden(self, hx, permutation):
        """The state with its batch reordered."""
        if permutation is None:
            return hx
        return self._map(lambda t: t.index_select(1, permutation), hx)

    def _options(self, packed: bool) -> tuple:
        layers = (self.bias, self.num_layers, self.dropout, self.training)
        tail = (
            (self.bidirectional,) if packed else (self.bidirectional, self.batch_first)
        )
        return (*layers, *tail)

    # ---- one state tensor; LSTM has two
    def _map(self, fn, state):
        return fn(state)

    def _zero_state(self, input, batch: int):
        sizes = self._state_sizes(batch)
        return torch.zeros(sizes, dtype=input.dtype, device=input.device)

    def _batched_state(self, hx, is_batched: bool):
        if hx.dim() != (3 if is_batched else 2):
            which = "batched 3-D" if is_batched else "unbatched 2-D"
            raise RuntimeError(
                f"For {which} input, hx should also be {which[-3:]} but got "
                f"{hx.dim()}-D tensor"
            )
        return hx if is_batched else hx.unsqueeze(1)

    def check_forward_args(self, input, hidden, batch_sizes) -> None:
        """Input and states fit each other and the layer."""
        self.check_input(input, batch_sizes)
        self._check_states(hidden, self._batch_size(input, batch_sizes))

    def _check_states(self, hidden, batch: int) -> None:
        self.check_hidden_size(hidden, self._state_sizes(batch))

    def _run(self, input, hx, lengths):
        run, weights = getattr(torch, self.mode.lower()), self._flat_weights
        if lengths is None:
            return run(input, hx, weights, *self._options(False))
        return run(input, lengths, hx, weights, *self._options(True))


def _no_projection(kwargs) -> None:
    if "proj_size" in kwargs:
        raise ValueError(
            "proj_size argument is only supported for LSTM, not RNN or GRU"
        )


class RNN(RNNBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu by ``nonlinearity``."""

    def __init__(self, *args, **kwargs):
        _no_projection(kwargs)
        if len(args) > 3:
            nonlinearity, args = args[3], (*args[:3], *args[4:])
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    """Gated recurrent units (Cho et al. 2014)."""

    def __init__(self, *args, **kwargs):
        _no_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)


class LSTM(RNNBase):
    """Long short-term memory; the state is (h, c)."""

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def _map(self, fn, state):
        return tuple(fn(part) for part in state)

    def _cell_sizes(self, batch: int) -> tuple[int, int, int]:
        return (*self._state_sizes(batch)[:2], self.hidden_size)

    def _zero_state(self, input, batch: int):
        options = {"dtype": input.dtype, "device": input.device}
        hidden, cell = self._state_sizes(batch), self._cell_sizes(batch)
        return torch.zeros(hidden, **options), torch.zeros(cell, **options)

    def _batched_state(self, hx, is_batched: bool):
        rank = 3 if is_batched else 2
        if hx[0].dim() != rank or hx[1].dim() != rank:
            which = "batched 3-D" if is_batched else "unbatched 2-D"
            raise RuntimeError(
                f"For {which} input, hx and cx should also be {rank}-D but got "
                f"({hx[0].dim()}-D, {hx[1].dim()}-D) tensors"
            )
        return tuple(hx) if is_batched else (hx[0].unsqueeze(1), hx[1].unsqueeze(1))

    def _check_states(self, hidden, batch: int) -> None:
        sizes = (self._state_sizes(batch), self._cell_sizes(batch))
        for i in range(2):
            msg = f"Expected hidden[{i}] size {{}}, got {{}}"
            self.check_hidden_size(hidden[i], sizes[i], msg)

    def _run(self, input, hx, lengths):
        output, hidden, cell = super()._run(input, hx, lengths)
        return output, (hidden, cell)
