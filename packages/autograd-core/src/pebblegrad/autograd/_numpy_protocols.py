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
from .ops import creation

# NumPy's names for ops and parameters that we call otherwise.
_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concatenate": "concat",
    "linalg.norm": "norm",
    "rint": "round",
}
_PARAMETERS = {
    "a_max": "max",
    "a_min": "min",
    "constant_values": "value",
    "ddof": "correction",
    "newshape": "shape",
    "reps": "repetitions",
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


# Functions that write into their first argument, and ufuncs' method that does.
_WRITING = frozenset("copyto put place putmask put_along_axis fill_diagonal at".split())


def without_tensors(value: Any) -> Any:
    """Return `value` with arrays in place of Tensors, also inside lists and dicts."""
    if isinstance(value, _tensor.Tensor):
        return value._array
    if isinstance(value, list):
        return [without_tensors(item) for item in value]
    if isinstance(value, tuple):
        return tuple(without_tensors(item) for item in value)
    if isinstance(value, dict):
        return {key: without_tensors(item) for key, item in value.items()}
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
    if op is None or name in _PLAIN_RESULTS:
        return _without_graph(name, function, args, kwargs, None)
    translate = _SPECIAL.get(name, _translated)
    arguments = translate(op, function, args, kwargs)
    if arguments is None:
        return _without_graph(name, function, args, kwargs, op)
    op, positional, named = arguments
    return op(*positional, **named)


Call = tuple[Callable[..., Any], list[Any], dict[str, Any]]


def _translated(
    op: Any, function: Callable[..., Any], args: Any, kwargs: Any
) -> Call | None:
    """Return the call of our op that NumPy's call means, or None if there is none."""
    ours = inspect.signature(op).parameters
    try:
        theirs = inspect.signature(function)
        bound = theirs.bind(*args, **kwargs)
    except (TypeError, ValueError):  # not written in Python: no names to read
        return (op, list(args), kwargs) if kwargs.keys() <= ours.keys() else None
    arrays = {p.name for p in ours.values() if p.kind is p.POSITIONAL_ONLY}
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in theirs.parameters.values():
        default = parameter.default
        value = bound.arguments.get(parameter.name, default)
        name = _PARAMETERS.get(parameter.name, parameter.name)
        given = value is not default and value is not np._NoValue
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += bound.arguments.get(name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            options = bound.arguments.get(name, {})
            named |= {_PARAMETERS.get(key, key): v for key, v in options.items()}
        elif name in ours and name not in arrays:
            if given or not _same(default, ours[name].default):
                named[name] = value
        elif name in arrays or default is parameter.empty:
            if given:
                positional.append(value)
        elif given:
            return None  # an option that the op has not
    return (op, positional, named) if named.keys() <= ours.keys() else None


def _same(default: Any, ours: Any) -> bool:
    """Whether NumPy's default means what ours does."""
    return default is np._NoValue or (type(default) is type(ours) and default == ours)


def _norm(op: Any, function: Callable[..., Any], args: Any, kwargs: Any) -> Call | None:
    """Tell NumPy's norms of vectors and of matrices apart, which are one function."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    x, order = bound.arguments["x"], bound.arguments.get("ord")
    axis, keepdims = bound.arguments.get("axis"), bound.arguments.get("keepdims", False)
    matrix = order is not None and (
        len(axis) == 2 if isinstance(axis, tuple) else axis is None and x.ndim == 2
    )
    if not matrix:
        named = {"ord": 2 if order is None else order, "axis": axis}
        return op, [x], {**named, "keepdims": keepdims}
    if axis not in (None, (-2, -1)):
        return None
    return ops.matrix_norm, [x], {"ord": order, "keepdims": keepdims}


_SPECIAL = {"linalg.norm": _norm}


def _op_named(name: str) -> Any:
    """Return the op, or the function composed of ops, that NumPy calls `name`."""
    found = _NAMES.get(name, name).removeprefix("linalg.")
    if found not in ops.__all__ or found in creation.__all__:
        return None
    value = getattr(ops, found)
    return value if callable(value) and value is not ops.Op else None


def _without_graph(
    name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any], op: Any
) -> Any:
    """Call NumPy on the arrays, unless that would lose a graph.

    It must not write into one either, for a graph may have kept it.
    """
    targets = kwargs.get("out", ())
    targets = targets if isinstance(targets, tuple) else (targets,)
    if name.rpartition(".")[2] in _WRITING:
        targets = (*targets, args[0] if args else kwargs.get("dst"))
    if any(isinstance(target, _tensor.Tensor) for target in targets):
        raise TypeError(
            f"np.{name}: it would write into a Tensor, and a graph would not know of "
            "it; give x.data, if no gradient is wanted of what it was"
        )
    if name not in _PLAIN_RESULTS and (_tracked(args) or _tracked(kwargs)):
        if op is not None:
            options = ", ".join(kwargs) or "this way of calling it"
            call = f"{op.__name__}{inspect.signature(op)}"
            raise TypeError(
                f"np.{name}: {options} would lose the graph of a Tensor that requires "
                f"a gradient; call it as ops.{call}, or on .detach()"
            )
        raise TypeError(
            f"np.{name}: there is no differentiable op of that name, and the Tensor "
            "requires a gradient; compose it of ops, or detach() it if none is wanted"
        )
    return function(*without_tensors(args), **without_tensors(kwargs))


def _tracked(value: Any) -> bool:
    """Whether a Tensor that requires a gradient is anywhere in `value`."""
    if isinstance(value, tuple | list):
        return any(_tracked(item) for item in value)
    if isinstance(value, dict):
        return any(_tracked(item) for item in value.values())
    return getattr(value, "node", None) is not None
