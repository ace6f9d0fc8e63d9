"""Axes as users give them, made into positions from 0, or refused with a sentence."""

from __future__ import annotations

import operator
from typing import Any


def one_axis(who: str, x: Any, axis: Any) -> int:
    """Return the axis as a position from 0.

    Args:
        who: begins the message of an error.
        x: the array that has the axes.
        axis: an int; a negative one counts from the end.

    Raises:
        TypeError: if it is no int.
        ValueError: if `x` has no such axis.
    """
    return _position(who, tuple(x.shape), axis)


def all_axes(who: str, x: Any, axis: Any) -> tuple[int, ...]:
    """Return the axes as positions from 0, in the order given.

    Args:
        who: begins the message of an error.
        x: the array that has the axes.
        axis: an int, a tuple or list of them, or None for all axes.

    Raises:
        TypeError: if one is no int.
        ValueError: if `x` has no such axis, or one is named twice.
    """
    shape = tuple(x.shape)
    if axis is None:
        return tuple(range(len(shape)))
    given = axis if isinstance(axis, tuple | list) else (axis,)
    axes = tuple(_position(who, shape, a) for a in given)
    if len(set(axes)) < len(axes):
        raise ValueError(
            f"{who}: x has shape {shape}, axis={axis}; an axis is named twice"
        )
    return axes


def _position(who: str, shape: tuple[int, ...], axis: Any) -> int:
    try:
        position = operator.index(axis)
    except TypeError:
        raise TypeError(
            f"{who}: axis is {axis!r}, a {type(axis).__name__}; an int is needed"
        ) from None
    if not -len(shape) <= position < len(shape):
        raise ValueError(
            f"{who}: x has shape {shape}, axis={axis}; there is no axis {axis} among "
            f"{len(shape)}"
        )
    return position % len(shape)
