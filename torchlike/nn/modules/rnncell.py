"""One step of a recurrent layer."""

from __future__ import annotations

import math

from .. import _torch as torch
from .. import init
from ..module import Module
from ..parameter import Parameter


class RNNCellBase(Module):
    """What the cells share. Shape: input (N, input_size) or (input_size)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device=None,
        dtype=None,
    ):
        factory = {"device": device, "dtype": dtype}
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty((gates, input_size), **factory))
        self.weight_hh = Parameter(torch.empty((gates, hidden_size), **factory))
        for name in ("bias_ih", "bias_hh"):
            param = Parameter(torch.empty(gates, **factory)) if bias else None
            self.register_parameter(name, param)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter uniformly within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def _check(self, tensor, what: str) -> None:
        if tensor.dim() not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected {what} to be 1D or 2D, got "
                f"{tensor.dim()}D instead"
            )

    def _zeros(self, input):
        size = (input.size(0), self.hidden_size)
        return torch.zeros(size, dtype=input.dtype, device=input.device)

    def _weights(self) -> tuple:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _step(self, run, input, hx):
        self._check(input, "input")
        if hx is not None:
            self._check(hx, "hidden")
        is_batched = input.dim() == 2
        if not is_batched:
            input = input.unsqueeze(0)
            hx = None if hx is None else hx.unsqueeze(0)
        hx = self._zeros(input) if hx is None else hx
        state = run(input, hx, *self._weights())
        return state if is_batched else state.squeeze(0)


class RNNCell(RNNCellBase):
    """One step of RNN."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device=None,
        dtype=None,
    ):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        run = getattr(torch, f"rnn_{self.nonlinearity}_cell")
        return self._step(run, input, hx)


class GRUCell(RNNCellBase):
    """One step of GRU."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device=None,
        dtype=None,
    ):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        return self._step(torch.gru_cell, input, hx)


class LSTMCell(RNNCellBase):
    """One step of LSTM; the state is (h, c)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device=None,
        dtype=None,
    ):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        self._check(input, "input")
        for i, part in enumerate(hx or ()):
            self._check(part, f"hx[{i}]")
        is_batched = input.dim() == 2
        if not is_batched:
            input = input.unsqueeze(0)
            hx = None if hx is None else tuple(part.unsqueeze(0) for part in hx)
        hx = (self._zeros(input),) * 2 if hx is None else hx
        state = torch.lstm_cell(input, hx, *self._weights())
        return state if is_batched else tuple(part.squeeze(0) for part in state)
