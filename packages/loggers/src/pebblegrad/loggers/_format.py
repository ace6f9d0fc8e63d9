"""How a value becomes text: first a plain array, then digits.

A value is a number, a list, an array or a Tensor. Tensors are recognised by their
``detach()`` and by nothing else, so this package needs neither pebblegrad's engine nor
PyTorch. Every number is printed with six decimals; what would make a line endless is
counted, not printed.
"""

import operator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

# From here on neighbouring doubles are 2 apart: decimals would be invented.
EXPONENT_FROM = 1e16


def as_array(value: object, who: str) -> NDArray[Any]:
    """Read `value` as an array of numbers or booleans, without its graph.

    Args:
        value: any shape; a number, a (nested) list, an array, or a Tensor with
            ``detach()``.
        who: how an error message begins, such as ``"log_epoch: output"``.

    Returns:
        The array, any shape; it may share memory with `value`.

    Raises:
        TypeError: when `value` cannot be read as an array, or holds no numbers.

    Example:
        >>> as_array([[1, 2], [3, 4]], "log_epoch: output").shape
        (2, 2)
    """
    needed = "a number, an array of numbers or a Tensor was needed"
    try:
        array = np.asarray(without_graph(value))
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"{who} is of type {type(value).__name__} and cannot be read as an array "
            f"({error}); {needed}"
        ) from error
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"{who} is of type {type(value).__name__} and holds no numbers; {needed}"
        )
    return array


def without_graph(value: object) -> object:
    """Detach a Tensor; hand back anything else as it is."""
    detach = getattr(value, "detach", None)
    return value if detach is None else detach()


def one_number(value: object, who: str) -> float:
    """Read `value` as a single real number; nan and the infinities are numbers here.

    Args:
        value: shape () or any shape with one element; as in `as_array`.
        who: how an error message begins, such as ``"log_epoch: loss"``.

    Raises:
        TypeError: when `value` holds no numbers, or complex ones.
        ValueError: when it holds none or several.

    Example:
        >>> one_number([[0.25]], "log_epoch: loss")
        0.25
    """
    return float(one_element(value, who).item())


def one_element(value: object, who: str) -> NDArray[Any]:
    """Read `value` as an array of one real number, as `one_number` does."""
    array = as_array(value, who)
    if array.size != 1:
        raise ValueError(
            f"{who} has shape {array.shape}; one number was needed; "
            "take its mean or its sum first"
        )
    if array.dtype.kind == "c":
        raise TypeError(
            f"{who} is complex ({array.item()}); one real number was needed"
        )
    return array


def whole_number(
    value: object, who: str, needed: str = "a whole number was needed"
) -> int:
    """Read a Python or NumPy integer; a bool is none here.

    Args:
        value: an integer, or an array of shape () that holds one.
        who: how an error message begins, such as ``"log_epoch: epoch"``.
        needed: what the message asks for.

    Raises:
        TypeError: when `value` is anything else.

    Example:
        >>> whole_number(np.int64(3), "log_epoch: epoch")
        3
    """
    if not isinstance(value, bool | np.bool):
        try:
            return operator.index(value)  # type: ignore[arg-type]  # this is the check
        except TypeError:
            pass  # what is said below holds for this too
    raise TypeError(f"{who} is {value!r} of type {type(value).__name__}; {needed}")


def timestamp(time: datetime) -> str:
    """Date and time of day with milliseconds, cut rather than rounded.

    Example:
        >>> timestamp(datetime(2026, 2, 1, 23, 37, 39, 500_999))
        '2026-02-01 23:37:39.500'
    """
    return f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d}"


@dataclass(frozen=True)
class ValueStyle:
    """How arrays are printed in a log.

    Args:
        max_values: at least 1; how many values of an array are printed before the rest
            is only counted. None prints all.
        number_format: a format specification for floats, such as ``".6f"``.

    Raises:
        TypeError: when `max_values` is not a whole number, or `number_format` not a
            string.
        ValueError: when `max_values` is below 1, or `number_format` does not format
            floats.

    Example:
        >>> style = ValueStyle(max_values=3, number_format=".6f")
        >>> style.values(np.arange(1000.0))
        '[0.000000, 1.000000, 2.000000, ... 997 more]'
        >>> style.number(-1e-9), style.number(1e20), style.number(True)
        ('-0.000000', '1.000000e+20', 'True')
    """

    max_values: int | None
    number_format: str

    def __post_init__(self) -> None:
        limit = self.max_values
        if limit is not None:
            limit = whole_number(
                limit, "max_values", "a whole number was needed, or None for all values"
            )
            object.__setattr__(self, "max_values", limit)  # it is frozen
        if limit is not None and limit < 1:
            raise ValueError(
                f"max_values: {limit} was given; at least 1 was needed, or None "
                "to print all values"
            )
        needed = "a format specification for floats was needed, such as '.6f' or '.3e'"
        if not isinstance(self.number_format, str):
            raise TypeError(
                f"number_format: {self.number_format!r} was given; {needed}"
            )
        try:
            format(0.5, self.number_format)
        except ValueError as error:
            raise ValueError(
                f"number_format: {self.number_format!r} was given; {needed}"
            ) from error

    def number(self, value: complex) -> str:
        """Text of one number; signs are kept, ``-0.000000`` is zero or just below."""
        if isinstance(value, bool):
            return str(value)
        spec = self.number_format
        if spec.endswith("f") and EXPONENT_FROM <= abs(value) < float("inf"):
            spec = spec[:-1] + "e"
        return format(value, spec)

    def values(self, array: NDArray[Any]) -> str:
        """Text of an array of any shape, flattened in row-major order, in brackets."""
        texts = [self.number(value) for value in array.flat[: self.max_values].tolist()]
        text = ", ".join(texts)
        if left_out := array.size - len(texts):
            text += f", ... {left_out} more"
        return f"[{text}]"
