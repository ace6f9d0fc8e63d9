"""Switches that change how a Tensor is made: recording on or off, the default dtype.

Each switch is per thread, starts with the same value in every thread, and can be used
as a context manager and as a decorator. None of them changes a Tensor that exists.
"""

from __future__ import annotations

import inspect
import threading
from contextlib import ContextDecorator
from typing import Any

import numpy as np

from ._writes import forget_kept, guard_all


class _Modes(threading.local):
    """What this thread has switched; the class attributes are how threads start."""

    recording = True
    anomaly = ""  # what detect_anomaly looks for: "nan", "nan or infinity"
    default_dtype: np.dtype[Any] = np.dtype(np.float32)


modes = _Modes()


class _Before(threading.local):
    """What a switch will put back: of each thread the latest last."""

    def __init__(self) -> None:
        self.values: list[Any] = []


class _Switch(ContextDecorator):
    """Sets one of the modes inside a `with` block or a function, and puts it back.

    It can be entered again and again, also inside itself and by other threads.
    """

    def __init__(self, name: str, value: Any) -> None:
        self._name = name
        self._value = value
        self._before = _Before()

    def __enter__(self) -> None:
        self._before.values.append(getattr(modes, self._name))
        setattr(modes, self._name, self._value)

    def __exit__(self, *error: object) -> None:
        setattr(modes, self._name, self._before.values.pop())

    def _recreate_cm(self) -> _Switch:  # so that threads can share a decorated function
        return type(self)(self._name, self._value)

    def __call__(self, function: Any) -> Any:
        later = {
            "a generator function": inspect.isgeneratorfunction,
            "an async function": inspect.iscoroutinefunction,
            "an async generator function": inspect.isasyncgenfunction,
        }
        for what, is_such in later.items():
            if is_such(function):
                raise TypeError(
                    f"{function.__name__}: {what} runs after the decorator is done; "
                    "put the with statement inside it"
                )
        return super().__call__(function)


class _AnomalySwitch(_Switch):
    """Silences NumPy's warnings too: what they hint at, the error says in full."""

    def __enter__(self) -> None:
        super().__enter__()
        silence = np.errstate(invalid="ignore")
        if self._value != "nan":
            silence = np.errstate(invalid="ignore", divide="ignore", over="ignore")
        silence.__enter__()
        self._before.values.append(silence)
        guard_all()

    def __exit__(self, *error: object) -> None:
        forget_kept()
        self._before.values.pop().__exit__(*error)
        super().__exit__(*error)


def no_grad(function: Any = None) -> Any:
    """Record no graph inside: results do not require gradients and keep nothing alive.

    For inference and for updates written by hand. Context manager, ``with no_grad():``,
    and decorator, ``@no_grad()`` or ``@no_grad``.

    Args:
        function: the function to decorate, if it is used as a bare decorator.

    Example:
        >>> from pebblegrad.autograd import Tensor, no_grad
        >>> w = Tensor([1.0, 2.0], requires_grad=True)
        >>> with no_grad():
        ...     y = w * 2
        >>> y.requires_grad
        False
        >>> @no_grad
        ... def predict(x):
        ...     return x @ w
        >>> predict(Tensor([3.0, 4.0])).requires_grad
        False
    """
    return recording(False) if function is None else recording(False)(function)


def enable_grad(function: Any = None) -> Any:
    """Record the graph inside, also within a `no_grad` block.

    Context manager and decorator, as `no_grad` is.

    Args:
        function: the function to decorate, if it is used as a bare decorator.

    Example:
        >>> from pebblegrad.autograd import Tensor, enable_grad, no_grad
        >>> w = Tensor([1.0, 2.0], requires_grad=True)
        >>> with no_grad(), enable_grad():
        ...     y = w * 2
        >>> y.requires_grad
        True
    """
    return recording(True) if function is None else recording(True)(function)


def recording(value: bool) -> _Switch:
    """Return the switch for `no_grad` (False) and `enable_grad` (True)."""
    return _Switch("recording", value)


def detect_anomaly(infinity: bool = True) -> Any:
    """Raise where the first NaN or infinity appears, forward or backward.

    The error names the op, the line of your program that called it, and in a backward
    pass the formula. Inside, every array that a graph keeps is also guarded: writing
    into it by any way is noticed, where otherwise only ways through the Tensor are.
    This makes each op several times slower, so it is for finding a fault.

    Context manager and decorator, for this thread.

    Args:
        infinity: whether an infinity is a fault too; False where they are meant, such
            as for the masked scores of an attention.

    Example:
        >>> from pebblegrad.autograd import Tensor, detect_anomaly
        >>> x = Tensor([1.0, 0.0], requires_grad=True)
        >>> with detect_anomaly():
        ...     y = x.sqrt().sum()
        ...     y.backward()
        Traceback (most recent call last):
            ...
        FloatingPointError: detect_anomaly: the backward rule of sqrt for x gave inf ...
    """
    return _AnomalySwitch("anomaly", "nan or infinity" if infinity else "nan")


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


def default_dtype(dtype: Any) -> Any:
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
    return _Switch("default_dtype", _float_dtype("default_dtype", dtype))


def _float_dtype(who: str, dtype: Any) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(dtype)
    if dtype is None or found.kind != "f":
        given = None if dtype is None else found
        raise TypeError(f"{who}: dtype is {given}; a float dtype is needed")
    return found
