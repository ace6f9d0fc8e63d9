"""Yes or no: losses of a probability, of a logit, and of a score."""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._lint import look_for_probabilities

from ._checks import both, reduce


@op
def _bernoulli(xp, p, target, /):
    """Elementwise ``-(target * log(p) + (1 - target) * log(1 - p))``, of one shape.

    The logarithms are not let below -100, and the gradient's denominator ``p * (1 -
    p)`` not below 1e-12, as in PyTorch, so that a probability of exactly 0 or 1 gives a
    finite loss and gradient.
    """
    return -(target * bounded_log(xp, p) + (1 - target) * bounded_log(xp, 1 - p))


_bernoulli.__name__ = "binary_cross_entropy"


def bounded_log(xp, p):
    """Logarithm, but not below -100."""
    # The smallest number of the dtype, or of float32: its logarithm is -103.
    least = xp.full_like(p, 2.0**-24 if str(p.dtype) == "float16" else 2.0**-149)
    bottom = xp.full_like(p, -100.0)
    log = xp.maximum(xp.log(xp.where(p < least, least, p)), bottom)
    return xp.where(p == 0, bottom, log)


@_bernoulli.backward("p")
def _(xp, g, p, target):
    variance = p * (1 - p)
    # float16 has no 1e-12, and cannot hold what a division by less would give.
    least = xp.full_like(variance, 2.0**-14 if str(p.dtype) == "float16" else 1e-12)
    return g * (p - target) / xp.where(variance < least, least, variance)


@_bernoulli.backward("target")
def _(xp, g, p):
    return g * (bounded_log(xp, 1 - p) - bounded_log(xp, p))


def binary_cross_entropy(
    p: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy of the probability `p` that something is so.

    It is ``-log(p)`` where it is so (`target` 1) and ``-log(1 - p)`` where not (0). Of
    a logit, `binary_cross_entropy_with_logits` is more accurate.

    Args:
        p: any shape: probabilities, such as a sigmoid gives.
        target: the same shape: 1 for what is, 0 for what is not, or anything between.
        weight: of each element; broadcasts to the shape.
        reduction: "mean" over all elements, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ, or `p` is not between 0 and 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> round(binary_cross_entropy(Tensor([0.5, 0.9]), [0.0, 1.0]).item(), 4)
        0.3993
    """
    who = "binary_cross_entropy"
    p, target = both(who, p, target, ("p", "target"))
    values = p.detach().data
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f"{who}: p goes from {values.min():.4g} to {values.max():.4g}; "
            "probabilities between 0 and 1 are needed: put a sigmoid before it"
        )
    return reduce(who, _weighted(who, _bernoulli(p, target), weight), reduction)


def binary_cross_entropy_with_logits(
    logits: Any,
    target: Any,
    weight: Any = None,
    pos_weight: Any = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of the probability ``sigmoid(logits)`` that something is so.

    ``pos_weight * target * softplus(-x) + (1 - target) * softplus(x)`` of a logit x: no
    logit is too large.

    Args:
        logits: any shape.
        target: the same shape: 1 for what is, 0 for what is not, or anything between.
        weight: of each element; broadcasts to the shape.
        pos_weight: how much more what is counts than what is not; broadcasts to the
            shape, so that one for each class stands in the last axis.
        reduction: "mean" over all elements, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> losses = binary_cross_entropy_with_logits(
        ...     Tensor([0.0, 1e4]), [1.0, 1.0], reduction="none"
        ... )
        >>> losses.data.round(4)
        array([0.6931, 0.    ], dtype=float32)
    """
    who = "binary_cross_entropy_with_logits"
    logits, target = both(who, logits, target, ("logits", "target"))
    look_for_probabilities(who, logits, ops.sigmoid, "binary_cross_entropy")
    yes = target * ops.softplus(-logits)
    if pos_weight is not None:
        yes = _weighted(who, yes, pos_weight, "pos_weight")
    losses = yes + (1 - target) * ops.softplus(logits)
    return reduce(who, _weighted(who, losses, weight), reduction)


def hinge_loss(score: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """How far a score is short of 1 on the right side: ``max(0, 1 - target * score)``.

    Args:
        score: any shape.
        target: the same shape: 1 or -1.
        reduction: "mean" over all elements, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ, or a target is neither 1 nor -1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> hinge_loss(Tensor([2.0, 0.5, 0.5]), [1.0, 1.0, -1.0], reduction="none").data
        array([0. , 0.5, 1.5], dtype=float32)

    Reference:
        Cortes and Vapnik 1995, "Support-vector networks".
    """
    score, target = both("hinge_loss", score, target, ("score", "target"))
    signs("hinge_loss", target)
    return reduce("hinge_loss", ops.relu(1 - target * score), reduction)


def signs(who: str, target: Tensor) -> None:
    """Refuse targets that are neither 1 nor -1."""
    values = target.detach().data
    wrong = values[(values != 1) & (values != -1)]
    if wrong.size:
        hint = ": write 2 * target - 1" if (wrong == 0).all() else ""
        raise ValueError(
            f"{who}: the target holds {wrong.flat[0]:g}; 1 and -1 are needed{hint}"
        )


def _weighted(who, losses, weight, name="weight"):
    """Return the losses times their weights, which broadcast to them."""
    if weight is None:
        return losses
    if isinstance(weight, str):
        raise TypeError(
            f"{who}: {name} is {weight!r}; numbers are needed (a reduction is given by "
            "name: reduction=...)"
        )
    is_plain = not hasattr(weight, "dtype")
    given = Tensor(weight, dtype=losses.dtype) if is_plain else Tensor(weight)
    try:
        broadcasts = np.broadcast_shapes(given.shape, losses.shape) == losses.shape
    except ValueError:
        broadcasts = False
    if not broadcasts:
        raise ValueError(
            f"{who}: {name} has shape {given.shape}, the losses {losses.shape}; a "
            "shape that broadcasts to theirs is needed"
        )
    return losses * given.astype(losses.dtype)
