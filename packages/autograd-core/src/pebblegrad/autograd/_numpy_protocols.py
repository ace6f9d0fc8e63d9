"""What happens when NumPy's own functions meet a Tensor.

`np.exp(t)` calls `Tensor.__array_ufunc__`, `np.sum(t)` calls
`Tensor.__array_function__`. Both find the op of that name, so the graph is built as if
the op had been called. What has no op and would lose the graph is refused; a Tensor
without a graph is handed over as the array that it holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _tensor, ops

# NumPy's names for ops and parameters that the Array API calls otherwise.
_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "concatenate": "concat",
    "transpose": "permute_dims",
}
_PARAMETERS = {"a_min": "min", "a_max": "max", "newshape": "shape"}

# What to write where there is no op of NumPy's name.
_INSTEAD = {
    "square": "x * x",
    "dot": "x @ y",
    "ravel": "x.flatten()",
    "linalg.norm": "(x * x).sum().sqrt()",
}

# Functions whose results no gradient could flow through: masks, indices, shapes,
# answers.
_PLAIN_RESULTS = frozenset(
    "greater greater_equal less less_equal equal not_equal isnan isinf isfinite "
    "signbit logical_and logical_or logical_not logical_xor allclose array_equal "
    "array_equiv isclose argmax argmin argsort any all shape ndim size nonzero "
    "flatnonzero count_nonzero searchsorted result_type can_cast array2string "
    "array_repr array_str zeros_like ones_like "
    "full_like empty_like may_share_memory shares_memory".split()
)


def plain(value: Any) -> Any:
    """Return `value` with arrays in place of Tensors, also inside lists and dicts."""
    if isinstance(value, _tensor.Tensor):
        return value._array
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def array_ufunc(
    self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
) -> Any:
    """Serve `ufunc(...)` with a Tensor among its operands."""
    op = _op_named(ufunc.__name__)
    if op is not None and method == "__call__" and not kwargs:
        return op(*inputs)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    return _without_graph(name, getattr(ufunc, method), inputs, kwargs, op)


def array_function(
    self: Any, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
) -> Any:
    """Serve `np.function(...)` with a Tensor among its arguments."""
    name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
    op = _op_named(name)
    arguments = None if op is None else _translated(op, function, args, kwargs)
    if op is None or arguments is None:
        return _without_graph(name, function, args, kwargs, op)
    arrays, static = arguments
    if name == "transpose" and not static:
        return arrays[0].T
    return op(*arrays, **static)


def _translated(
    op: Any, function: Callable[..., Any], args: Any, kwargs: Any
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Return NumPy's arguments as the op's, or None if it cannot take them."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):  # not written in Python: no names to read
        return (args, kwargs) if kwargs.keys() <= set(op.static) else None
    defaults = bound.signature.parameters
    values = {
        name: value
        for name, value in bound.arguments.items()
        if value is not defaults[name].default
    }
    count = len(op.inputs)
    arrays = tuple(values.values())[:count]
    static = {_PARAMETERS.get(k, k): v for k, v in list(values.items())[count:]}
    return (arrays, static) if static.keys() <= set(op.static) else None


def _op_named(name: str) -> Any:
    found = getattr(ops, _NAMES.get(name, name), None)
    return found if isinstance(found, ops.Op) else None


def _without_graph(
    name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any], op: Any
) -> Any:
    """Call NumPy on the arrays, unless that would lose a graph."""
    if name not in _PLAIN_RESULTS and (_tracked(args) or _tracked(kwargs)):
        if op is not None:
            options = ", ".join(kwargs) or "this way of calling it"
            raise TypeError(
                f"np.{name}: {options} would lose the graph of a Tensor that requires "
                f"a gradient; call it as {op!r}, or on .detach()"
            )
        instead = _INSTEAD.get(name, "a composition of ops")
        raise TypeError(
            f"np.{name}: there is no differentiable op of that name, and the Tensor "
            f"requires a gradient; write {instead}, or detach() it if none is wanted"
        )
    return function(*plain(args), **plain(kwargs))


def _tracked(value: Any) -> bool:
    """Whether a Tensor that requires a gradient is anywhere in `value`."""
    if isinstance(value, tuple | list):
        return any(_tracked(item) for item in value)
    if isinstance(value, dict):
        return any(_tracked(item) for item in value.values())
    return getattr(value, "node", None) is not None
