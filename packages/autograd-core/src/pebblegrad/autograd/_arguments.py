"""The arguments of a call: static parameters by name, unusual operands, errors.

`Op.call` binds simple calls itself and comes here for the others. Errors say
*who: what was given; what was needed; what to do*.
"""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from . import _tensor  # the module: it imports this one before its class exists
from ._namespace import NUMBERS, Array, kind

if TYPE_CHECKING:
    from ._op import Op


def bind(
    op: Op, args: tuple[Any, ...], static: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arrays and the static parameters of a call, in the forward's order."""
    count = len(op.inputs)
    arrays = args[:count]
    positional = dict(zip(op.static, args[count:], strict=False))
    bound = {**op.defaults, **positional, **static}
    if (
        not count <= len(args) <= count + len(op.static)
        or len(bound) > len(op.defaults)
        or not static.keys().isdisjoint(positional)
        or any(value is inspect.Parameter.empty for value in bound.values())
    ):  # an input was left out, or the call is wrong: this is slow and has the words
        try:
            found = op.__signature__.bind(*args, **static)
        except TypeError as error:
            raise TypeError(f"{op.__name__}: {error}; call it as {op!r}") from None
        found.apply_defaults()
        arrays = tuple(found.arguments[name] for name in op.inputs)
        bound = {name: found.arguments[name] for name in op.static}
    for name, value in bound.items():
        if isinstance(value, _tensor.Tensor):
            raise TypeError(
                f"{op.__name__}: {name} is a Tensor; {name} is a static parameter that "
                f"no gradient goes through: give {name}.item() or {name}.data"
            )
    if not op.variadic:
        return arrays, bound
    if not isinstance(arrays[0], list | tuple) or not arrays[0]:
        raise TypeError(
            f"{op.__name__}: {op.inputs[0]} is {_kind(arrays[0])}; a list of one or "
            "more Tensors or arrays is needed"
        )
    for i, value in enumerate(arrays[0]):
        if isinstance(value, NUMBERS):
            raise TypeError(
                f"{op.__name__}: {op.name_of(i)} is {value!r}, a number; a Tensor or "
                "an array is needed, with a dtype of its own: Tensor(...) makes one"
            )
    return tuple(arrays[0]), bound


def usable(op: Op, i: int, value: Any, args: tuple[Any, ...]) -> Any:
    """Return the operand at place `i`, which is no Tensor and no usual array."""
    if value is None and not op.variadic and op.optional[i] is None:
        return None
    if isinstance(value, np.float64 | np.integer | np.bool) and _any_tensor(args):
        return value.item()  # weak, like Python's numbers: float32 stays float32
    if isinstance(value, np.generic | np.ndarray):
        if value.dtype.kind in "fiub":
            return np.asarray(value)
    elif hasattr(value, "__array_namespace__") and kind(value) in "fiub":
        return value
    raise TypeError(
        f"{op.__name__}: {op.name_of(i)} is {_kind(value)}; a Tensor, a real array or "
        "a number is needed (a list becomes one by Tensor(...))"
    )


def refuse(
    op: Op, error: Exception, arrays: Sequence[Array], static: dict[str, Any]
) -> NoReturn:
    """Raise the forward's error again, saying which op failed and on what."""
    parts = [
        f"{op.name_of(i)} has shape {tuple(array.shape)}"
        if hasattr(array, "shape")
        else f"{op.name_of(i)} is {array!r}"
        for i, array in enumerate(arrays)
    ]
    given = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    shown = {k: " ".join(reprlib.repr(v).split()) for k, v in static.items()}
    given += "".join(f", {k}={v}" for k, v in shown.items())
    shapes = [getattr(array, "shape", ()) for array in arrays]
    reason = op.explanation(*shapes, **static) or str(error)
    if isinstance(error, AttributeError):  # a forward that a number was given to
        raise TypeError(
            f"{op.__name__}: {given}; an array or a Tensor is needed: Tensor(...) "
            "makes one"
        ) from error
    kinds = (ValueError, TypeError, IndexError)
    usual = next(kind for kind in kinds if isinstance(error, kind))
    raise usual(f"{op.__name__}: {given}; {reason}") from error


def is_float(op: Op, out: Any) -> bool:
    """Whether a result can require a gradient; integers and booleans cannot.

    Raises:
        TypeError: if it is no array of real numbers.
    """
    if not hasattr(out, "dtype"):
        raise TypeError(
            f"{op.__name__}: its forward returned {type(out).__name__}; "
            "one array is needed"
        )
    found = kind(out)
    if found not in "fiub":
        raise TypeError(
            f"{op.__name__}: the result is {out.dtype}, and an operand requires a "
            "gradient; only real numbers can be differentiated here"
        )
    return found == "f"


def _any_tensor(args: tuple[Any, ...]) -> bool:
    return any(isinstance(value, _tensor.Tensor) for value in args)


def _kind(value: Any) -> str:
    """Return what a wrong argument is, for a message."""
    if isinstance(value, list | tuple) and not value:
        return f"an empty {type(value).__name__}"
    dtype = getattr(value, "dtype", None)
    return type(value).__name__ + (f" of dtype {dtype}" if dtype is not None else "")
