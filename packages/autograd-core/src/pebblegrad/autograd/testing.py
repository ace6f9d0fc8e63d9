"""Checking gradients against finite differences, to any order.

The check never compares whole Jacobians. It takes a random direction `u` in the space
of an input and a random vector `v` in the space of the output, and compares the slope
of ``v . f(x + t u)`` at ``t = 0`` with ``(gradient of v . f) . u``: two numbers,
however large the arrays, which a wrong gradient makes differ for all but a few
directions. For order 2 the gradient is the function to check: what it computed must
itself have the right gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _engine
from ._random import generator
from ._tensor import Tensor

__all__ = ["check_gradients"]


def check_gradients(
    function: Callable[..., Tensor],
    *inputs: Any,
    order: int = 2,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    step: float = 1e-4,
    rng: np.random.Generator | int | None = 0,
) -> None:
    """Raise unless the gradients of `function` agree with finite differences.

    Args:
        function: takes as many Tensors as there are `inputs`, returns a Tensor. It must
            be smooth (`order` times) within a few `step` of the inputs, and must give
            the same result each time.
        *inputs: float64 arrays or Tensors, any shapes: where to check.
        order: 1 checks gradients, 2 also the gradients of gradients, and so on; at
            least 1.
        rtol: allowed difference, relative to the slope.
        atol: allowed difference, absolute.
        step: of the differences, which are of fourth order: their error is about
            step**4.
        rng: source of the directions.

    Raises:
        AssertionError: if a gradient is wrong; says for which input, at which order,
            and the two slopes.
        TypeError: if an input is not float64, or `function` does not return a Tensor.

    Example:
        >>> from pebblegrad.autograd.testing import check_gradients
        >>> check_gradients(lambda x, y: (x * y).tanh(), [0.5, -1.0], [2.0, 0.1])
        >>> check_gradients(lambda x: x * x.detach(), [3.0])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        AssertionError: check_gradients: input 0, order 1: slope ... by gradient, ...
    """
    if order < 1:
        raise ValueError(f"check_gradients: order is {order}; it must be at least 1")
    arrays = [_float64(i, value) for i, value in enumerate(inputs)]
    random = generator(rng)
    for level in range(1, order + 1):
        _check_slopes(function, arrays, level, rtol, atol, step, random)
        function = _projected_gradient(function, arrays, random)


def _check_slopes(
    function: Callable[..., Tensor],
    arrays: list[Any],
    level: int,
    rtol: float,
    atol: float,
    step: float,
    random: np.random.Generator,
) -> None:
    out = _call(function, arrays)[1]
    v = random.standard_normal(out.shape)
    gradients = _gradients(function, arrays, v)

    for i, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
        u = random.standard_normal(array.shape)

        def along(t: float, i: int = i, u: Any = u) -> float:
            moved = [a + t * u if j == i else a for j, a in enumerate(arrays)]
            return float(np.sum(v * _call(function, moved)[1].data))

        inner, outer = along(step) - along(-step), along(2 * step) - along(-2 * step)
        by_differences = (8 * inner - outer) / (12 * step)
        by_gradient = float(np.sum(u * gradient.data))
        if not np.isclose(by_gradient, by_differences, rtol=rtol, atol=atol):
            raise AssertionError(
                f"check_gradients: input {i}, order {level}: slope {by_gradient:.9g} "
                f"by gradient, {by_differences:.9g} by differences"
            )


def _projected_gradient(
    function: Callable[..., Tensor], arrays: list[Any], random: np.random.Generator
) -> Callable[..., Tensor]:
    """Return the gradient as a function, as one number: a random projection of it."""
    v = random.standard_normal(_call(function, arrays)[1].shape)
    projections = [random.standard_normal(array.shape) for array in arrays]

    def projected(*tensors: Tensor) -> Tensor:
        total = Tensor(0.0, dtype=np.float64)
        pairs = zip(
            _pull_back(function(*tensors), tensors, v), projections, strict=True
        )
        for gradient, projection in pairs:
            total = total + (gradient * projection).sum()
        return total

    return projected


def _call(
    function: Callable[..., Tensor], arrays: list[Any]
) -> tuple[list[Tensor], Tensor]:
    tensors = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(*tensors)
    if not isinstance(out, Tensor):
        raise TypeError(
            f"check_gradients: the function returned {type(out).__name__}; it must "
            "return a Tensor"
        )
    return tensors, out


def _gradients(
    function: Callable[..., Tensor], arrays: list[Any], v: Any
) -> list[Tensor]:
    """Return the gradients of ``v . f`` as `backward` computes them, on arrays."""
    tensors, out = _call(function, arrays)
    if out.node is not None:
        out.backward(v)
    return [
        Tensor(np.zeros_like(t.data)) if t.grad is None else t.grad for t in tensors
    ]


def _pull_back(out: Tensor, tensors: tuple[Tensor, ...], v: Any) -> list[Tensor]:
    """Return the gradients of ``v . out`` as Tensors with a graph of their own."""
    results = {}
    if out.node is not None:
        start = Tensor(v, dtype=out.dtype)
        results = _engine.gradients(
            out.node, start, create_graph=True, retain_graph=True
        )
    zeros = [Tensor(np.zeros_like(t.data)) for t in tensors]
    return [
        zero if t.node is None else results.get(t.node, zero)
        for t, zero in zip(tensors, zeros, strict=True)
    ]


def _float64(i: int, value: Any) -> Any:
    array = value.data if isinstance(value, Tensor) else np.asarray(value)
    if array.dtype != np.float64:
        raise TypeError(
            f"check_gradients: input {i} is {array.dtype}; float64 is needed, "
            "differences of "
            "less precise numbers tell nothing: use astype(numpy.float64)"
        )
    return array
