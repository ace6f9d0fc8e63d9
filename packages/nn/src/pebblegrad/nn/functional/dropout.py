"""Dropout: in training, what goes on is drawn by lot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator, ops
from pebblegrad.nn._arguments import number, shape_of


def dropout(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Any:
    """Set each element to 0 with probability `p`, and divide the others by ``1 - p``.

    So the expected value stays what it was. What is dropped becomes 0 also where it was
    NaN or infinite.

    Args:
        x: any shape.
        p: from 0 to 1.
        training: False to return ``x`` as it is.
        rng: draws what is dropped: a Generator, a seed, or None for the default one.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if `p` is no probability.
        TypeError: if ``x`` holds no floats.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> dropout(Tensor([1.0, 2.0, 3.0, 4.0]), 0.5, rng=1)
        Tensor([0., 4., 6., 8.], dtype=float32)

    Reference:
        Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """
    shape_of("dropout", "x", x)
    return _drop("dropout", x, p, training, tuple(x.shape), rng)


def dropout1d(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Any:
    """Set whole channels of sequences to 0 with probability `p`, as `dropout2d` does.

    Args:
        x: shape (N, C, L) or (C, L).
        p: from 0 to 1.
        training: False to return ``x`` as it is.
        rng: draws what is dropped: a Generator, a seed, or None for the default one.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if `p` is no probability, or the shape another.
        TypeError: if ``x`` holds no floats.
    """
    return _drop("dropout1d", x, p, training, _channels("dropout1d", x, 1), rng)


def dropout2d(
    x: Any,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Any:
    """Set whole channels to 0 with probability `p`, and divide the others by ``1 - p``.

    The pixels of a channel are much alike: to drop single ones would hide little.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        p: from 0 to 1.
        training: False to return ``x`` as it is.
        rng: draws what is dropped: a Generator, a seed, or None for the default one.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if `p` is no probability, or the shape another.
        TypeError: if ``x`` holds no floats.

    Reference:
        Tompson et al. 2015, "Efficient object localization using convolutional
        networks", section 3.2.
    """
    return _drop("dropout2d", x, p, training, _channels("dropout2d", x, 2), rng)


def alpha_dropout(
    x: Any,
    p: float = 0.5,
    training: bool = False,
    *,
    rng: np.random.Generator | int | None = None,
) -> Any:
    """Set each element to the least value of `selu` with probability `p`.

    Then all are scaled and shifted so that mean 0 and variance 1, which `selu` is made
    for, are kept.

    Args:
        x: any shape.
        p: from 0 to 1; at 1 all become 0.
        training: False, the default here as in PyTorch, to return ``x`` as it is.
        rng: draws what is dropped: a Generator, a seed, or None for the default one.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if `p` is no probability.
        TypeError: if ``x`` holds no floats.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> alpha_dropout(Tensor([0.0, 0.0]), 0.5, True, rng=1).data.round(4)
        array([-0.7792,  0.7792], dtype=float32)

    Reference:
        Klambauer et al. 2017, "Self-normalizing neural networks", section 2, "New
        dropout technique".
    """
    shape_of("alpha_dropout", "x", x)
    p = _checked("alpha_dropout", x, p)
    if not training or p in (0, 1):
        return _drop("alpha_dropout", x, p, training, tuple(x.shape), rng)
    stays = generator(rng).random(tuple(x.shape), np.float32) >= p
    scale = 1 / math.sqrt((1 - p) * (1 + p * LEAST_OF_SELU**2))
    shift = -scale * p * LEAST_OF_SELU
    kept = ops.add(ops.multiply(x, scale), shift)
    return ops.where(stays, kept, LEAST_OF_SELU * scale + shift)


# What `selu` tends to where its input goes to minus infinity.
LEAST_OF_SELU = -1.0507009873554805 * 1.6732632423543772


def _drop(
    who: str, x: Any, p: float, training: bool, shape: tuple[int, ...], rng: Any
) -> Any:
    """Drop by lots of `shape`, which broadcasts to that of `x`."""
    p = _checked(who, x, p)
    if not training or p == 0:
        return x
    if p == 1:
        return ops.where(np.zeros(shape, bool), x, 0.0)
    kept = generator(rng).random(shape, np.float32) >= p
    # Dropped elements are chosen, not multiplied by 0: that would leave a NaN.
    return ops.where(kept, ops.multiply(x, 1 / (1 - p)), 0.0)


def _checked(who: str, x: Any, p: float) -> float:
    """Return `p`, if it is a probability and `x` holds floats."""
    if x.dtype.kind != "f":
        raise TypeError(f"{who}: x holds {x.dtype}; floats are needed: x.astype(...)")
    return number(who, "p", p, 0, 1)


def _channels(who: str, x: Tensor, axes: int) -> tuple[int, ...]:
    """Return the shape of one lot for each channel."""
    shape_of(who, "x", x)
    shape = tuple(x.shape)
    if len(shape) not in (axes + 1, axes + 2):
        letters = "L" if axes == 1 else "H, W"
        raise ValueError(
            f"{who}: x has shape {shape}; (N, C, {letters}) or (C, {letters}) is needed"
        )
    return shape[:-axes] + (1,) * axes
