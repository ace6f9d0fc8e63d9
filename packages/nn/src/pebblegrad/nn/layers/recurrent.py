"""Recurrent layers: whole sequences through layers upon layers, in both directions.

The arithmetic is in `functional/recurrent.py`, for one layer in one direction. What is
here puts layers on top of each other and two directions side by side. One step alone
is what the cells do, see `recurrent_cells.py`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator, ops
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, number, one_of, shape_of_floats
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.recurrent import pair_of_states

from ._parameters import uniform


class _Layers(Module):
    """What `RNN`, `LSTM` and `GRU` share: layers upon layers, in one or two directions.

    A subclass says how many parts its weights have, one behind the other, and what one
    layer computes in one direction.
    """

    parts: int

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        who = type(self).__name__
        random = generator(rng)  # one for all, also when `rng` is a seed
        self.input_size = integer(who, "input_size", input_size)
        self.hidden_size = integer(who, "hidden_size", hidden_size)
        self.num_layers = integer(who, "num_layers", num_layers)
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = number(who, "dropout", dropout, 0, 1)
        self.bidirectional = bidirectional
        if self.dropout and self.num_layers == 1:
            warnings.warn(
                f"{who}: dropout is {dropout} and num_layers is 1; it acts between "
                "layers only, so nothing will be dropped",
                stacklevel=2,
            )
        # None stays None: the default generator may be seeded anew after this.
        self._rng = None if rng is None else random
        bound = 1 / math.sqrt(self.hidden_size)
        for layer in range(self.num_layers):
            for suffix in self._suffixes(layer):
                for name, shape in self._shapes(layer).items():
                    setattr(self, name + suffix, uniform(shape, bound, random))

    def forward(self, x: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """Return the states after each step, and those after the last."""
        single = self._is_single(x)
        time_first = single or not self.batch_first
        states = self._take_apart(hx, x, single)
        if single:
            x = ops.expand_dims(x, axis=1)  # (T, 1, D)
        out = x if time_first else ops.swapaxes(x, 0, 1)
        last: list[Any] = []
        for layer in range(self.num_layers):
            if layer and self.training and self.dropout:
                out = functional.dropout(out, self.dropout, rng=self._rng)
            directions = []
            for suffix in self._suffixes(layer):
                steps, state = self._one(out, states[len(last)], suffix)
                directions.append(steps)
                last.append(state)
            out = ops.concat(directions, axis=-1) if self.bidirectional else steps
        out = out if time_first else ops.swapaxes(out, 0, 1)
        return (out[:, 0] if single else out), self._put_together(last, single)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each weight, and each step of each sequence."""
        steps = math.prod(inputs[0].shape[:-1])
        matrices = [p.size for p in self.parameters() if p.ndim == 2]
        return int(steps * sum(matrices))

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        defaults: dict[str, Any] = {
            "num_layers": 1,
            "nonlinearity": "tanh",
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        others = [
            f", {name}={getattr(self, name)!r}"
            for name, default in defaults.items()
            if getattr(self, name, default) != default
        ]
        return f"{self.input_size}, {self.hidden_size}{''.join(others)}"

    def _run(self, x: Any, state: Any, weights: list[Any], reverse: bool) -> Any:
        """Return the states after each step, and the last one."""
        raise NotImplementedError

    def _one(self, x: Any, state: Any, suffix: str) -> Any:
        """Run one layer in one direction, with the weights of that suffix."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(self, name + suffix, None) for name in names]
        return self._run(x, state, weights, suffix.endswith("_reverse"))

    def _suffixes(self, layer: int) -> list[str]:
        """Return how the names of the weights of a layer end, for each direction."""
        there = f"_l{layer}"
        return [there, f"{there}_reverse"] if self.bidirectional else [there]

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """Return names and shapes of the weights of a layer in one direction."""
        below = self.hidden_size * (2 if self.bidirectional else 1)
        return weights_of(
            below if layer else self.input_size, self.hidden_size, self.parts, self.bias
        )

    def _is_single(self, x: Tensor) -> bool:
        """Whether the input is one sequence alone, without an axis of sequences."""
        shape, size = shape_of_floats("forward", "x", x), self.input_size
        if len(shape) not in (2, 3) or shape[-1] != size:
            axes = "(N, T, " if self.batch_first else "(T, N, "
            raise ValueError(
                f"x has shape {shape}; {axes}{size}) is needed, or (T, {size}) for one "
                "sequence alone"
            )
        return len(shape) == 2

    def _take_apart(self, hx: Any, x: Tensor, single: bool) -> list[Any]:
        """Return the initial state of each layer and direction."""
        count = self.num_layers * (2 if self.bidirectional else 1)
        if hx is None:
            return [None] * count
        needed: tuple[int, ...] = (count, self.hidden_size)
        if not single:
            needed = (count, x.shape[0 if self.batch_first else 1], self.hidden_size)
        return self._states(hx, needed, single)

    def _states(self, hx: Any, needed: tuple[int, ...], single: bool) -> list[Any]:
        """Return the states that are stacked in `hx`; each of shape (N, H)."""
        return _unstacked("hx", hx, needed, single)

    def _put_together(self, states: list[Any], single: bool) -> Any:
        """Return the states of all layers and directions in the form of `hx`."""
        stacked = ops.stack(states)
        return stacked[:, 0] if single else stacked


class RNN(_Layers):
    """A plain recurrent network: the state is a function of the input and the last one.

    Every step is ``h = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)``.

    Args:
        input_size: D, number of features of a step.
        hidden_size: H, size of the state.
        num_layers: L, how many are on top of each other, each reading the states of the
            one below.
        nonlinearity: "tanh" or "relu".
        bias: whether to add learned offsets.
        batch_first: whether the axes of input and output are (N, T, ...) rather than
            (T, N, ...). Those of the states stay as they are.
        dropout: probability, from 0 to 1, with which in training each element that goes
            from one layer to the next is set to 0.
        bidirectional: whether every layer also has weights of its own that run from the
            last step to the first; its output is both, side by side.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        (T, N, D) and the state before the first step, (L, N, H), zeros if it is left
        out -> (T, N, H), the states of the highest layer, and (L, N, H), those of all
        layers after the last step. Of one sequence alone: (T, D) and (L, H) -> (T, H)
        and (L, H). With `bidirectional` it is 2 * H in the first output, and 2 * L in
        the states: both directions of the first layer, then of the next.

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive, `dropout` is not a probability, or
            `nonlinearity` is not known.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = RNN(2, 3, num_layers=2, rng=0)
        >>> out, h = layer(Tensor([[[1.0, 2.0]], [[3.0, 4.0]]]))
        >>> out.shape, h.shape
        ((2, 1, 3), (2, 1, 3))

    Reference:
        Elman 1990, "Finding structure in time"; Schuster and Paliwal 1997,
        "Bidirectional recurrent neural networks".
    """

    parts = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.nonlinearity = known("RNN", nonlinearity)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            rng=rng,
        )

    def _run(self, x: Any, state: Any, weights: list[Any], reverse: bool) -> Any:
        return functional.rnn(
            x, state, *weights, nonlinearity=self.nonlinearity, reverse=reverse
        )


class LSTM(_Layers):
    """Long short-term memory: gates decide what is kept, written and shown.

    Every step is as in `functional.lstm`.

    Args:
        input_size: D, number of features of a step.
        hidden_size: H, size of each of the two states.
        num_layers: L, how many are on top of each other, each reading the states ``h``
            of the one below.
        bias: whether to add learned offsets.
        batch_first: whether the axes of input and output are (N, T, ...) rather than
            (T, N, ...). Those of the states stay as they are.
        dropout: probability, from 0 to 1, with which in training each element that goes
            from one layer to the next is set to 0.
        bidirectional: whether every layer also has weights of its own that run from the
            last step to the first; its output is both, side by side.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        (T, N, D) and the pair ``(h, c)`` before the first step, (L, N, H) each, zeros
        if it is left out -> (T, N, H), the states ``h`` of the highest layer, and
        ``(h, c)`` of all layers after the last step. Of one sequence alone: without N
        everywhere. With `bidirectional` it is 2 * H in the first output, and 2 * L in
        the states: both directions of the first layer, then of the next.

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive, or `dropout` is not a probability.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = LSTM(2, 3, bidirectional=True, rng=0)
        >>> out, (h, c) = layer(Tensor([[[1.0, 2.0]], [[3.0, 4.0]]]))
        >>> out.shape, h.shape, c.shape
        ((2, 1, 6), (2, 1, 3), (2, 1, 3))

    Reference:
        Hochreiter and Schmidhuber 1997, "Long short-term memory"; Gers et al. 2000,
        "Learning to forget", for the forget gate.
    """

    parts = 4

    def _run(self, x: Any, state: Any, weights: list[Any], reverse: bool) -> Any:
        return functional.lstm(x, state, *weights, reverse=reverse)

    def _states(self, hx: Any, needed: tuple[int, ...], single: bool) -> list[Any]:
        h, c = pair_of_states("forward", hx)
        h = _unstacked("h", h, needed, single)
        return list(zip(h, _unstacked("c", c, needed, single), strict=True))

    def _put_together(self, states: list[Any], single: bool) -> Any:
        h, c = zip(*states, strict=True)
        together = super()._put_together
        return together(list(h), single), together(list(c), single)


class GRU(_Layers):
    """Gated recurrent units: one gate mixes the old state with what is new.

    Every step is as in `functional.gru`.

    Args:
        input_size: D, number of features of a step.
        hidden_size: H, size of the state.
        num_layers: L, how many are on top of each other, each reading the states of the
            one below.
        bias: whether to add learned offsets.
        batch_first: whether the axes of input and output are (N, T, ...) rather than
            (T, N, ...). Those of the states stay as they are.
        dropout: probability, from 0 to 1, with which in training each element that goes
            from one layer to the next is set to 0.
        bidirectional: whether every layer also has weights of its own that run from the
            last step to the first; its output is both, side by side.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        As for `RNN`: (T, N, D) and (L, N, H) -> (T, N, H) and (L, N, H).

    Initial values: uniform in ±1/sqrt(H), all of them; PyTorch's default.

    Raises:
        ValueError: if a size is not positive, or `dropout` is not a probability.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = GRU(2, 3, batch_first=True, rng=0)
        >>> layer
        GRU(2, 3, batch_first=True)
        >>> out, h = layer(Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        >>> out.shape, h.shape
        ((1, 2, 3), (1, 1, 3))

    Reference:
        Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
        statistical machine translation", section 2.3; the place of the reset gate is
        PyTorch's, see `functional.gru`.
    """

    parts = 3

    def _run(self, x: Any, state: Any, weights: list[Any], reverse: bool) -> Any:
        return functional.gru(x, state, *weights, reverse=reverse)


def weights_of(
    below: int, hidden: int, parts: int, bias: bool
) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the weights of one layer, in PyTorch's order."""
    rows = parts * hidden
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (rows, below),
        "weight_hh": (rows, hidden),
    }
    return {**shapes, "bias_ih": (rows,), "bias_hh": (rows,)} if bias else shapes


def known(who: str, nonlinearity: Any) -> str:
    """Return the nonlinearity, if it is one of the two."""
    return str(one_of(who, "nonlinearity", nonlinearity, ("tanh", "relu")))


def _unstacked(
    name: str, state: Any, needed: tuple[int, ...], single: bool
) -> list[Any]:
    """Return the states along the first axis, each of shape (N, H)."""
    shape = shape_of_floats("forward", name, state)
    if shape != needed:
        letters = "(L, H)" if single else "(L, N, H)"
        raise ValueError(
            f"{name} has shape {shape}; {letters} = {needed} is needed, where L counts "
            "layers times directions"
        )
    if single:
        state = ops.expand_dims(state, axis=1)
    return [state[i] for i in range(needed[0])]
