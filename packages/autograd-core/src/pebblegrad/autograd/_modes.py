"""Switches that change how a Tensor is made: recording on or off, the default dtype.

Each switch is per thread, starts with the same value in every thread, and can be used
as a context manager and as a decorator. None of them changes a Tensor that exists.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class _Modes(threading.local):
    """What this thread has switched; the class attributes are how threads start."""

    recording = True
    default_dtype: np.dtype[Any] = np.dtype(np.float32)


modes = _Modes()


@contextmanager
def _recording(value: bool) -> Iterator[None]:
    before, modes.recording = modes.recording, value
    try:
        yield
    finally:
        modes.recording = before


def no_grad() -> Any:
    """Record no graph inside: results do not require gradients and keep nothing alive.

    For inference and for updates written by hand. Context manager and decorator.

    Example:
        >>> from pebblegrad.autograd import Tensor, no_grad
        >>> w = Tensor([1.0, 2.0], requires_grad=True)
        >>> with no_grad():
        ...     y = w * 2
        >>> y.requires_grad
        False
        >>> @no_grad()
        ... def predict(x):
        ...     return x @ w
        >>> predict(Tensor([3.0, 4.0])).requires_grad
        False
    """
    return _recording(False)


def enable_grad() -> Any:
    """Record the graph inside, also within a `no_grad` block.

    Context manager and decorator.

    Example:
        >>> from pebblegrad.autograd import Tensor, enable_grad, no_grad
        >>> w = Tensor([1.0, 2.0], requires_grad=True)
        >>> with no_grad(), enable_grad():
        ...     y = w * 2
        >>> y.requires_grad
        True
    """
    return _recording(True)


def is_grad_enabled() -> bool:
    """Return whether this thread records a graph now."""
    return modes.recording


def get_default_dtype() -> np.dtype[Any]:
    """Return the dtype that Python numbers and lists get in `Tensor(...)`."""
    return modes.default_dtype


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype that Python numbers and lists get in `Tensor(...)`, in this thread.

    Args:
        dtype: a float dtype, such as `numpy.float64` or `"float64"`.

    Raises:
        TypeError: if `dtype` is not a float dtype.
    """
    modes.default_dtype = _float_dtype("set_default_dtype", dtype)


@contextmanager
def default_dtype(dtype: Any) -> Iterator[None]:
    """Set the default dtype inside, and put the former one back at the end.

    Context manager and decorator.

    Args:
        dtype: a float dtype, such as `numpy.float64` or `"float64"`.

    Raises:
        TypeError: if `dtype` is not a float dtype.

    Example:
        >>> from pebblegrad.autograd import Tensor, default_dtype
        >>> with default_dtype("float64"):
        ...     x = Tensor([1.0])
        >>> x.dtype
        dtype('float64')
    """
    before, modes.default_dtype = (
        modes.default_dtype,
        _float_dtype("default_dtype", dtype),
    )
    try:
        yield
    finally:
        modes.default_dtype = before


def _float_dtype(who: str, dtype: Any) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(dtype)
    if found.kind != "f":
        raise TypeError(f"{who}: dtype is {found}; a float dtype is needed")
    return found
