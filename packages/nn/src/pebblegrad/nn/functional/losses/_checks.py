"""What all losses ask of a prediction and a target, and how they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.nn._arguments import one_of

REDUCTIONS = ("mean", "sum", "none")


def prediction(who: str, name: str, value: Any) -> Tensor:
    """Return what was predicted as a Tensor of floats.

    Raises:
        TypeError: if it holds anything else.
    """
    tensor = value if isinstance(value, Tensor) else Tensor(value)
    if tensor.dtype.kind != "f":
        raise TypeError(f"{who}: {name} is {tensor.dtype}; floats are needed")
    return tensor


def like(who: str, name: str, prediction: Tensor, what: str, value: Any) -> Tensor:
    """Return a target as a Tensor of the shape and dtype of the prediction.

    Args:
        who: begins the message of an error.
        name: of the prediction.
        prediction: to be compared with.
        what: what the target is called.
        value: the target.

    Raises:
        ValueError: if the shapes differ.
    """
    if isinstance(value, Tensor):
        tensor = value
    else:
        tensor = Tensor(value, dtype=prediction.dtype)
    if tensor.shape != prediction.shape:
        raise ValueError(
            f"{who}: {name} has shape {prediction.shape} and {what} has shape "
            f"{tensor.shape}; the two must be equal (reshape one: broadcasting would "
            "compare every element with every other)"
        )
    if tensor.dtype == prediction.dtype:
        return tensor
    return tensor.astype(prediction.dtype)


def both(
    who: str, first: Any, second: Any, names: tuple[str, str] = ("prediction", "target")
) -> tuple[Tensor, Tensor]:
    """Return a prediction and a target of one shape and dtype, as Tensors."""
    predicted = prediction(who, names[0], first)
    target = "the target" if names[1] == "target" else names[1]
    return predicted, like(who, names[0], predicted, target, second)


def weights(who: str, value: Any, count: int, dtype: Any) -> Any:
    """Return one weight for each class as an array.

    Raises:
        TypeError: if they are no numbers.
        ValueError: if there are more or fewer.
    """
    given = value.detach().data if isinstance(value, Tensor) else value
    try:
        array = np.asarray(given, dtype)
    except (TypeError, ValueError):
        raise TypeError(
            f"{who}: weight is {value!r}; {count} numbers, one for each class, are "
            "needed"
        ) from None
    if array.shape != (count,):
        raise ValueError(
            f"{who}: weight has shape {array.shape}; with {count} classes shape "
            f"({count},) is needed"
        )
    return array


def reduce(who: str, losses: Tensor, reduction: str) -> Tensor:
    """Return the mean or the sum of the losses, or the losses.

    Raises:
        ValueError: if the reduction is another.
    """
    one_of(who, "reduction", reduction, REDUCTIONS)
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
