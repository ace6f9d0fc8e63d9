"""New values in the likeness of others: constants, through which no gradient flows."""

from typing import Any

from pebblegrad.autograd import _tensor  # the module: its class does not exist yet
from pebblegrad.autograd._namespace import Array, namespace


def zeros_like(x: Any) -> Any:
    """Return zeros like `x`: a Tensor for a Tensor, an array for an array."""
    return _like(x, "zeros_like")


def ones_like(x: Any) -> Any:
    """Return ones like `x`: a Tensor for a Tensor, an array for an array."""
    return _like(x, "ones_like")


def full_like(x: Any, fill_value: float) -> Any:
    """Return `fill_value` in the shape and dtype of `x`: a Tensor for a Tensor."""
    return _like(x, "full_like", fill_value)


def _like(x: Any, name: str, *args: Any) -> Any:
    is_tensor = isinstance(x, _tensor.Tensor)
    array: Array = x.data if is_tensor else x
    new = getattr(namespace([array]), name)(array, *args)
    return _tensor.wrap(new, None) if is_tensor else new
