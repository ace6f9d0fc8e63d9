"""Recurrent cells: one step of a recurrent layer, for loops that the user writes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator, ops
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, shape_of_floats
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.recurrent import pair_of_states

from ._parameters import uniform
from .recurrent import known, weights_of


class _Cell(Module):
    """What the cells share: one step, which is a sequence of length one."""

    parts: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        who = type(self).__name__
        random = generator(rng)  # one for all, also when `rng` is a seed
        self.input_size = integer(who, "input_size", input_size)
        self.hidden_size = integer(who, "hidden_size", hidden_size)
        shapes = weights_of(self.input_size, self.hidden_size, self.parts, True)
        bound = 1 / math.sqrt(self.hidden_size)
        self.weight_ih = uniform(shapes["weight_ih"], bound, random)
        self.weight_hh = uniform(shapes["weight_hh"], bound, random)
        self.bias_ih = uniform(shapes["bias_ih"], bound, random) if bias else None
        self.bias_hh = uniform(shapes["bias_hh"], bound, random) if bias else None

    def forward(self, x: Tensor, hx: Any = None) -> Any:
        """Return the state after the step."""
        shape, size = shape_of_floats("forward", "x", x), self.input_size
        if len(shape) not in (1, 2) or shape[-1] != size:
            raise ValueError(
                f"x has shape {shape}; (N, {size}) is needed, or ({size},) for one "
                "step of one sequence"
            )
        single = len(shape) == 1
        needed = (*shape[:-1], self.hidden_size)
        state = None if hx is None else self._state(hx, needed, single)
        weights = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh
        steps = ops.reshape(x, (1, 1 if single else shape[0], size))
        return self._alone(self._step(steps, state, weights), single)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each weight and each sequence."""
        count = math.prod(inputs[0].shape[:-1])
        matrices = [p.size for p in self.parameters() if p.ndim == 2]
        return int(count * sum(matrices))

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        bias = "" if self.bias_ih is not None else ", bias=False"
        return f"{self.input_size}, {self.hidden_size}{bias}"

    def _step(self, steps: Any, state: Any, weights: tuple[Any, ...]) -> Any:
        """Return the state after the one step."""
        raise NotImplementedError

    def _state(self, hx: Any, needed: tuple[int, ...], single: bool) -> Any:
        """Return the state before the step, of shape (N, H)."""
        return _rows("hx", hx, needed, single)

    def _alone(self, state: Any, single: bool) -> Any:
        """Return the state as it is, or without the axis of sequences."""
        return state[0] if single else state


class RNNCell(_Cell):
    """One step of `RNN`: ``tanh`` of an affine map of the input and of the state.

    Args:
        input_size: D, number of features of the input.
        hidden_size: H, size of the state.
        bias: whether to add learned offsets.
        nonlinearity: "tanh" or "relu".
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (N, D) and the state (N, H), zeros if it is left out -> (N, H). Or (D,) and (H,)
        -> (H,).

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive, or `nonlinearity` is not known.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> RNNCell(2, 3, rng=0)(Tensor([[1.0, 2.0]])).shape
        (1, 3)

    Reference:
        Elman 1990, "Finding structure in time".
    """

    parts = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.nonlinearity = known("RNNCell", nonlinearity)
        super().__init__(input_size, hidden_size, bias, rng=rng)

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        is_default = self.nonlinearity == "tanh"
        last = "" if is_default else f", nonlinearity={self.nonlinearity!r}"
        return super().extra_repr() + last

    def _step(self, steps: Any, state: Any, weights: tuple[Any, ...]) -> Any:
        return functional.rnn(steps, state, *weights, nonlinearity=self.nonlinearity)[1]


class LSTMCell(_Cell):
    """One step of `LSTM`.

    Args:
        input_size: D, number of features of the input.
        hidden_size: H, size of each of the two states.
        bias: whether to add learned offsets.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (N, D) and the pair ``(h, c)``, (N, H) each, zeros if it is left out -> the pair
        ``(h, c)``. Or (D,) and twice (H,) -> twice (H,).

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> h, c = LSTMCell(2, 3, rng=0)(Tensor([[1.0, 2.0]]))
        >>> h.shape, c.shape
        ((1, 3), (1, 3))

    Reference:
        Gers et al. 2000, "Learning to forget", section 3.
    """

    parts = 4

    def _step(self, steps: Any, state: Any, weights: tuple[Any, ...]) -> Any:
        return functional.lstm(steps, state, *weights)[1]

    def _state(self, hx: Any, needed: tuple[int, ...], single: bool) -> Any:
        h, c = pair_of_states("forward", hx)
        return _rows("h", h, needed, single), _rows("c", c, needed, single)

    def _alone(self, state: Any, single: bool) -> Any:
        return (state[0][0], state[1][0]) if single else state


class GRUCell(_Cell):
    """One step of `GRU`.

    Args:
        input_size: D, number of features of the input.
        hidden_size: H, size of the state.
        bias: whether to add learned offsets.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (N, D) and the state (N, H), zeros if it is left out -> (N, H). Or (D,) and (H,)
        -> (H,).

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> GRUCell(2, 3, rng=0)(Tensor([[1.0, 2.0]])).shape
        (1, 3)

    Reference:
        Cho et al. 2014, section 2.3; see `GRU`.
    """

    parts = 3

    def _step(self, steps: Any, state: Any, weights: tuple[Any, ...]) -> Any:
        return functional.gru(steps, state, *weights)[1]


def _rows(name: str, state: Any, needed: tuple[int, ...], single: bool) -> Any:
    """Return the state of a cell with an axis of sequences."""
    shape = shape_of_floats("forward", name, state)
    if shape != needed:
        raise ValueError(f"{name} has shape {shape}; {needed} is needed")
    return ops.expand_dims(state, axis=0) if single else state
