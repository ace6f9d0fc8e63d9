"""Functions of one number: activations, given by name or as anything to call.

A function is evaluated at float64, on a Tensor, so that autograd can give its
derivative; NumPy's functions take a Tensor, too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, enable_grad, ops
from pebblegrad.viz._arrays import Floats, read_floats
from pebblegrad.viz._models import evaluation

Function = Callable[[Any], Any]

NAMED: dict[str, Function] = {
    "linear": lambda x: x,
    "log_sigmoid": ops.log_sigmoid,
    "relu": ops.relu,
    "sigmoid": ops.sigmoid,
    "softplus": ops.softplus,
    "tanh": ops.tanh,
}


def read_function(function: Any, who: str, name: str) -> tuple[str, Function]:
    """Return what a function is called in the picture, and the function.

    Raises:
        TypeError: if it is neither a name nor something to call.
        ValueError: if there is no function of that name.
    """
    known = ", ".join(NAMED)
    if isinstance(function, str):
        if function.lower() not in NAMED:
            raise ValueError(
                f"{who}: {name} is {function!r}; one of {known} was needed, or the "
                "function itself, such as pebblegrad.nn.gelu"
            )
        return function.lower(), NAMED[function.lower()]
    if not callable(function):
        raise TypeError(
            f"{who}: {name} is of type {type(function).__name__}; a function of a "
            f"Tensor was needed, or a name: {known}"
        )
    called = getattr(function, "__name__", None) or type(function).__name__
    return ("function" if called == "<lambda>" else str(called)), function


def values_of(function: Function, x: Floats, who: str, name: str) -> Floats:
    """Return the function's values at `x`, (N,).

    Raises:
        TypeError: if it gives no numbers.
        ValueError: if it gives another number of them.
    """
    with evaluation(function):
        out = function(Tensor(x))
    return _checked(out, x, who, name)


def slopes_of(function: Function, x: Floats, who: str, name: str) -> Floats:
    """Return the function's derivative at `x`, (N,), by autograd.

    Raises:
        TypeError: if the function does not compute on Tensors.
        ValueError: if it gives another number of values.
    """
    # In evaluation but recording, for the derivative is what is asked for.
    point = Tensor(x, requires_grad=True)
    with evaluation(function), enable_grad():
        out = function(point)
    if not hasattr(out, "backward"):
        raise TypeError(
            f"{who}: {name} returned {type(out).__name__} for a Tensor; a Tensor was "
            "needed, so that autograd can give the derivative"
        )
    _checked(out, x, who, name)
    if not out.requires_grad:
        return np.zeros_like(x)  # such as a sign: it does not depend on x smoothly
    out.sum().backward()
    assert point.grad is not None
    return read_floats(point.grad, who, name, "a gradient was needed")


def _checked(out: Any, x: Floats, who: str, name: str) -> Floats:
    needed = f"an array of shape {x.shape}, one number for each, was needed"
    values = read_floats(out, who, f"what {name} returned", needed)
    if values.shape != x.shape:
        raise ValueError(
            f"{who}: {name} returned shape {values.shape} for shape {x.shape}; a "
            "function that treats every element alike was needed"
        )
    return values
