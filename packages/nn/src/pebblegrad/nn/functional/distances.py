"""How near two vectors are: by their angle, and by their difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import ops
from pebblegrad.nn._arguments import number, shape_of

from ._half import narrowed, widened


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Cosine of the angle: ``sum(x1 * x2) / (norm(x1) * norm(x2))``.

    A length below `eps` is taken for `eps`. **Its gradient is 0 there**, as the formula
    says; PyTorch's goes on as if the length did count.

    Args:
        x1: any shape.
        x2: a shape that broadcasts with it.
        dim: the axis of the vectors, among those of the shape that the two broadcast
            to.
        eps: the least length that is divided by.

    Returns:
        The shape that the two broadcast to, without the axis; from -1 to 1.

    Raises:
        ValueError: if the two do not broadcast, or there is no such axis.
        TypeError: if they hold no floats.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> cosine_similarity(Tensor([[1.0, 0.0]]), Tensor([[0.0, 2.0], [3.0, 0.0]]))
        Tensor([0., 1.], dtype=float32)
    """
    shape = _common_shape("cosine_similarity", x1, x2)
    eps = number("cosine_similarity", "eps", eps, 0)
    if not -len(shape) <= dim < len(shape):
        raise ValueError(
            f"cosine_similarity: x1 and x2 broadcast to shape {shape}, dim={dim}; "
            f"there is no axis {dim} among {len(shape)}"
        )
    one, two = (
        ops.divide(x, ops.clip(ops.norm(x, axis=dim, keepdims=True), eps))
        for x in ops.broadcast_arrays(widened(x1), widened(x2))
    )
    return narrowed(ops.sum(ops.multiply(one, two), axis=dim), x1)


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """Length of the difference: ``norm(x1 - x2 + eps, p)`` over the last axis.

    Args:
        x1: shape (N, D) or (D,); further axes in front are kept.
        x2: a shape that broadcasts with it.
        p: the order of the norm.
        eps: added to each difference, so that the slope at 0 is finite.
        keepdim: whether the last axis stays, with size 1.

    Returns:
        Shape (N,) or (); with `keepdim` (N, 1) or (1,).

    Raises:
        ValueError: if the two do not broadcast, or have no axis.
        TypeError: if they hold no floats, or `p` is no number.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> pairwise_distance(Tensor([[0.0, 0.0]]), Tensor([[3.0, 4.0]]), eps=0)
        Tensor([5.], dtype=float32)
    """
    if not _common_shape("pairwise_distance", x1, x2):
        raise ValueError(
            "pairwise_distance: x1 and x2 have shape (); the last axis must be that of "
            "the vectors: (N, D) or (D,)"
        )
    eps = number("pairwise_distance", "eps", eps)
    difference = ops.add(ops.subtract(widened(x1), widened(x2)), eps)
    return narrowed(ops.norm(difference, p, axis=-1, keepdims=keepdim), x1)


def _common_shape(who: str, x1: Any, x2: Any) -> tuple[int, ...]:
    """Return the shape that two arrays of floats broadcast to."""
    for name, x in (("x1", x1), ("x2", x2)):
        shape_of(who, name, x)
        if x.dtype.kind != "f":
            raise TypeError(
                f"{who}: {name} holds {x.dtype}; floats are needed: {name}.astype(...)"
            )
    try:
        return np.broadcast_shapes(x1.shape, x2.shape)
    except ValueError:
        raise ValueError(
            f"{who}: x1 has shape {x1.shape} and x2 has shape {x2.shape}; matched from "
            "the last axis backwards, two sizes must be equal or one of them 1"
        ) from None
