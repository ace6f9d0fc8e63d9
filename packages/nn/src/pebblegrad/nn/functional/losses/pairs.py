"""Losses of two or three things that shall be near each other, or far, or in order."""

# mypy: allow-untyped-calls

from __future__ import annotations

from typing import Any

from pebblegrad.autograd import Tensor, ops
from pebblegrad.nn._arguments import number
from pebblegrad.nn.functional.distances import cosine_similarity, pairwise_distance

from ._checks import both, like, prediction, reduce
from .binary import signs


def cosine_embedding_loss(
    x1: Any, x2: Any, target: Any, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """How far the angle between two is from what it should be.

    ``1 - cosine`` where they belong together (`target` 1), ``max(0, cosine - margin)``
    where they do not (-1).

    Args:
        x1: shape (N, D) or (D,).
        x2: the same shape.
        target: shape (N,) or (): 1 or -1.
        margin: the cosine from which on strangers are too near; from -1 to 1.
        reduction: "mean" over the pairs, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes do not match, or a target is neither 1 nor -1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([[1.0, 0.0], [1.0, 0.0]])
        >>> cosine_embedding_loss(x, [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]).item()
        1.0
    """
    who = "cosine_embedding_loss"
    x1, x2 = both(who, x1, x2, ("x1", "x2"))
    number(who, "margin", margin, -1, 1)
    if x1.ndim not in (1, 2):
        raise ValueError(f"{who}: x1 has shape {x1.shape}; (N, D) or (D,) is needed")
    cosine = cosine_similarity(x1, x2, dim=-1)
    target = like(who, "the cosine", cosine, "the target", target)
    signs(who, target)
    together = target.detach().data == 1
    losses = ops.where(together, 1 - cosine, _short(cosine - margin))
    return reduce(who, losses, reduction)


def hinge_embedding_loss(
    distance: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """A distance as it is for what belongs together, what it lacks for what does not.

    ``distance`` where `target` is 1, ``max(0, margin - distance)`` where it is -1.

    Args:
        distance: any shape.
        target: the same shape: 1 or -1.
        margin: how far apart strangers are to be.
        reduction: "mean" over all elements, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ, or a target is neither 1 nor -1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> hinge_embedding_loss(Tensor([0.5, 0.25]), [1.0, -1.0]).item()
        0.625

    Reference:
        Hadsell, Chopra and LeCun 2006, "Dimensionality reduction by learning an
        invariant mapping".
    """
    who = "hinge_embedding_loss"
    distance, target = both(who, distance, target, ("distance", "target"))
    signs(who, target)
    together = target.detach().data == 1
    losses = ops.where(together, distance, _short(margin - distance))
    return reduce(who, losses, reduction)


def margin_ranking_loss(
    x1: Any, x2: Any, target: Any, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """How far two are short of being in order: ``max(0, margin - target * (x1 - x2))``.

    Args:
        x1: any shape.
        x2: the same shape.
        target: the same shape: 1 if `x1` shall be larger, -1 if `x2` shall.
        margin: by how much.
        reduction: "mean" over all elements, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ, or a target is neither 1 nor -1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> margin_ranking_loss(Tensor([1.0, 1.0]), [3.0, 3.0], [1.0, -1.0]).item()
        1.0
    """
    who = "margin_ranking_loss"
    x1, x2 = both(who, x1, x2, ("x1", "x2"))
    target = like(who, "x1", x1, "the target", target)
    signs(who, target)
    return reduce(who, _short(margin - target * (x1 - x2)), reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """How much nearer than a stranger, less a margin, what belongs together is not.

    ``max(0, d(anchor, positive) - d(anchor, negative) + margin)`` of the distances of
    `pairwise_distance`.

    Args:
        anchor: shape (N, D) or (D,).
        positive: the same shape: what belongs to the anchor.
        negative: the same shape: what does not.
        margin: by how much the stranger is to be farther; above 0.
        p: the order of the norm.
        eps: added to each difference.
        swap: whether the stranger's distance is that to the anchor or to the positive,
            whichever is less.
        reduction: "mean" over the triplets, their "sum", or "none" for each one's.

    Raises:
        ValueError: if the shapes differ, or the margin is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> triplet_margin_loss(Tensor([[0.0]]), [[3.0]], [[2.0]], eps=0).item()
        2.0

    Reference:
        Balntas et al. 2016, "Learning shallow convolutional feature descriptors with
        triplet losses", section 3, also for the swap.
    """
    who = "triplet_margin_loss"
    anchor = prediction(who, "anchor", anchor)
    positive = like(who, "anchor", anchor, "positive", positive)
    negative = like(who, "anchor", anchor, "negative", negative)
    if not number(who, "margin", margin) > 0:
        raise ValueError(f"{who}: margin is {margin}; a number above 0 is needed")
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduce(who, _short(near - far + margin), reduction)


def _short(x: Tensor) -> Tensor:
    """Return ``max(0, x)`` with slope 1 at 0.

    With the slope of `relu`, 0, two equal scores would never part if the margin is 0.
    """
    out: Tensor = ops.clip(x, 0.0)
    return out
