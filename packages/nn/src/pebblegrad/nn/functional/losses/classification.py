"""Which of several classes: losses of logits, of logarithms, and of scores."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="no-any-return"
# Forwards and rules take arrays of any library: there is no type to name.

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._arguments import number, one_of
from pebblegrad.nn._lint import look_for_probabilities
from pebblegrad.nn.functional.activations import log_softmax, softmax

from ._checks import REDUCTIONS, like, prediction, reduce, weights


@op
def _softmax_cross_entropy(xp, logits, target, /, dim):
    """``-sum(target * log_softmax(logits))`` along `dim`, of two of one shape.

    As one op whose formula is ``softmax - target``: FIGURE. A class that cannot be, of
    logit minus infinity, costs nothing where its target is 0.

    Args:
        logits: any shape.
        target: the same shape: how much each class counts.
        dim: the axis of the classes.
    """
    x = logits - xp.max(logits, axis=dim, keepdims=True)
    chosen = target * xp.where(target == 0, xp.zeros_like(x), x)
    log_sum = xp.log(xp.sum(xp.exp(x), axis=dim))
    return log_sum * xp.sum(target, axis=dim) - xp.sum(chosen, axis=dim)


_softmax_cross_entropy.__name__ = "cross_entropy"


@_softmax_cross_entropy.backward("logits")
def _(xp, g, logits, target, dim):
    total = xp.sum(target, axis=dim, keepdims=True)
    return xp.expand_dims(g, axis=dim) * (softmax(logits, dim) * total - target)


@_softmax_cross_entropy.backward("target")
def _(xp, g, logits, dim):
    return xp.expand_dims(-g, axis=dim) * log_softmax(logits, dim)


def cross_entropy(
    logits: Any,
    targets: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy between the softmax of `logits` and `targets`.

    Takes logits, not probabilities: the softmax is inside.

    Args:
        logits: shape (N, K), or (K,) for one sample; (N, K, ...) has the classes in
            axis 1.
        targets: class indices, integers of shape (N,) (or (N, ...), or () for one
            sample); or probabilities of the classes, one-hot for instance, of the shape
            of `logits`.
        weight: shape (K,): how much each class counts, or None for all alike.
        ignore_index: the class index that stands for "does not count".
        reduction: "mean" over the samples that count, each as much as its class does;
            their "sum"; or "none" for each one's loss.
        label_smoothing: share, from 0 to 1, of the target that goes to all classes
            alike.

    Returns:
        A single element, or with "none" the shape of the class indices. The mean of no
        sample is NaN, as in PyTorch.

    Raises:
        TypeError: if `targets` are floats of the shape of class indices.
        ValueError: if the shapes do not match, an index is not a class, or integers of
            the shape of the logits are not one-hot.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> logits = Tensor([[2.0, 0.0], [0.0, 0.0]])
        >>> round(cross_entropy(logits, [0, 1]).item(), 4)
        0.41
        >>> round(cross_entropy(logits, [[1.0, 0.0], [0.0, 1.0]]).item(), 4)
        0.41

    Reference:
        Szegedy et al. 2016, "Rethinking the inception architecture for computer
        vision", section 7, for the smoothing.
    """
    who = "cross_entropy"
    logits = prediction(who, "logits", logits)
    dim = _axis_of_classes(who, "logits", logits)
    one_of(who, "reduction", reduction, REDUCTIONS)
    smoothing = number(who, "label_smoothing", label_smoothing, 0, 1)
    look_for_probabilities(who, logits, softmax, "nll_loss of its logarithm")
    classes = logits.shape[dim]
    of_class = None if weight is None else weights(who, weight, classes, logits.dtype)
    if not isinstance(targets, Tensor):
        targets = np.asarray(targets)
    if targets.shape == logits.shape:
        target = _probabilities(who, logits, targets, dim)
        count: Any = logits.size // classes if classes else 0
        ignored = None
    else:
        indices, ignored = _indices(who, logits, targets, dim, ignore_index)
        target = Tensor(_one_hot(indices, classes, dim, logits.dtype))
        each = 1.0 if of_class is None else of_class[indices]
        count = np.sum(np.where(ignored, 0, each), dtype=logits.dtype)
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    if of_class is not None:
        target = target * of_class.reshape(_along(classes, dim, logits.ndim))
    if ignored is not None and ignored.any():
        target = ops.where(np.expand_dims(ignored, dim), 0.0, target)
    losses: Tensor = _softmax_cross_entropy(logits, target, dim)
    if reduction == "mean":
        return losses.sum() / float(count)
    return reduce(who, losses, reduction)


def nll_loss(
    log_probabilities: Any,
    targets: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Minus the logarithm of the probability of the right class.

    Of logarithms, such as `log_softmax` gives: the two together are `cross_entropy`.

    Args:
        log_probabilities: shape (N, K), or (K,) for one sample; (N, K, ...) has the
            classes in axis 1.
        targets: class indices, integers of shape (N,), (N, ...) or ().
        weight: shape (K,): how much each class counts, or None for all alike.
        ignore_index: the class index that stands for "does not count".
        reduction: "mean" over the samples that count, each as much as its class does;
            their "sum"; or "none" for each one's loss.

    Raises:
        TypeError: if `targets` are no integers.
        ValueError: if the shapes do not match, or an index is not a class.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> round(nll_loss(ops.log(Tensor([[0.2, 0.8]])), [1]).item(), 4)
        0.2231
    """
    who = "nll_loss"
    found = prediction(who, "log_probabilities", log_probabilities)
    dim = _axis_of_classes(who, "log_probabilities", found)
    one_of(who, "reduction", reduction, REDUCTIONS)
    if not isinstance(targets, Tensor):
        targets = np.asarray(targets)
    classes = found.shape[dim]
    indices, ignored = _indices(who, found, targets, dim, ignore_index)
    each = np.ones(indices.shape, found.dtype)
    if weight is not None:
        each = weights(who, weight, classes, found.dtype)[indices]
    each = np.where(ignored, 0, each).astype(found.dtype)
    places = list(np.indices(indices.shape, sparse=True))
    chosen = found[(*places[:dim], indices, *places[dim:])]
    losses = -ops.where(ignored, 0.0, chosen) * each
    if reduction == "mean":
        return losses.sum() / float(each.sum())
    return reduce(who, losses, reduction)


def kl_div(
    log_probabilities: Any,
    target: Any,
    *,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence: ``target * (log(target) - log_probabilities)``.

    Args:
        log_probabilities: any shape: logarithms, such as `log_softmax` gives.
        target: the same shape: probabilities, or their logarithms.
        reduction: "batchmean", the sum divided by the size of axis 0, is the divergence
            of the samples; "mean" is over all elements, as in PyTorch; "sum"; "none".
        log_target: whether the target holds logarithms.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> p = ops.log(Tensor([[0.5, 0.5]]))
        >>> round(kl_div(p, [[0.75, 0.25]], reduction="batchmean").item(), 4)
        0.1308

    Reference:
        Kullback and Leibler 1951, "On information and sufficiency".
    """
    who = "kl_div"
    found = prediction(who, "log_probabilities", log_probabilities)
    target = like(who, "log_probabilities", found, "the target", target)
    one_of(who, "reduction", reduction, (*REDUCTIONS, "batchmean"))
    if log_target:
        losses = ops.exp(target) * (target - found)
    else:
        # What is impossible adds nothing, whatever its logarithm.
        positive = target.detach().data > 0
        log = ops.log(ops.where(positive, target, 1.0))
        losses = target * ops.where(positive, log - found, 0.0)
    if reduction == "batchmean":
        return losses.sum() / float(found.shape[0] if found.ndim else 1)
    return reduce(who, losses, reduction)


def multi_margin_loss(
    score: Any,
    targets: Any,
    *,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """How far other classes come within a margin of the right one.

    ``sum(max(0, margin - score[right] + score[other]) ** p) / K`` over the others.

    Args:
        score: shape (N, K), or (K,) for one sample.
        targets: class indices, integers of shape (N,) or ().
        p: 1 or 2.
        margin: how far the right class is to be ahead.
        weight: shape (K,): how much each class counts, or None for all alike.
        reduction: "mean" over the samples, their "sum", or "none" for each one's.

    Raises:
        TypeError: if `targets` are no integers.
        ValueError: if the shapes do not match, or an index is not a class.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> multi_margin_loss(Tensor([[2.0, 1.5, 0.0]]), [0]).item()
        0.1666666716337204

    Reference:
        Crammer and Singer 2001, "On the algorithmic implementation of multiclass
        kernel-based vector machines", for p = 1 and the largest of the others only.
    """
    who = "multi_margin_loss"
    score = prediction(who, "score", score)
    dim = _axis_of_classes(who, "score", score)
    if score.ndim > 2:
        raise ValueError(
            f"{who}: score has shape {score.shape}; (N, K) or (K,) is needed"
        )
    one_of(who, "p", p, (1, 2))
    if not isinstance(targets, Tensor):
        targets = np.asarray(targets)
    indices, _ = _indices(who, score, targets, dim, None)
    classes = score.shape[dim]
    right = _one_hot(indices, classes, dim, score.dtype)
    ahead = ops.sum(score * right, axis=dim, keepdims=True)
    short = ops.relu(margin - ahead + score) ** p * (1 - right)
    losses = ops.sum(short, axis=dim) / float(classes)
    if weight is not None:
        losses = losses * weights(who, weight, classes, score.dtype)[indices]
    return reduce(who, losses, reduction)


def _axis_of_classes(who: str, name: str, found: Tensor) -> int:
    if found.ndim == 0:
        raise ValueError(f"{who}: {name} has shape (); it needs an axis of classes")
    return min(1, found.ndim - 1)


def _probabilities(who: str, logits: Tensor, targets: Any, dim: int) -> Tensor:
    """Return targets of the logits' shape; integers only if they are one-hot."""
    if targets.dtype.kind in "iu":
        values = targets.data if isinstance(targets, Tensor) else targets
        of_each = values.sum(axis=dim)
        if values.size and not (
            ((values == 0) | (values == 1)).all() and (of_each == 1).all()
        ):
            expected = logits.shape[:dim] + logits.shape[dim + 1 :]
            raise ValueError(
                f"{who}: targets are {targets.dtype} of the shape of the logits, "
                f"{logits.shape}, and not one-hot; class indices have shape "
                f"{expected}, and probabilities are floats"
            )
    return like(who, "logits", logits, "the target", targets)


def _indices(
    who: str, found: Tensor, targets: Any, dim: int, ignore_index: int | None
) -> tuple[Any, Any]:
    """Return the class indices, 0 where ignored, and where they are ignored."""
    expected = found.shape[:dim] + found.shape[dim + 1 :]
    classes = found.shape[dim]
    name = {"cross_entropy": "logits", "nll_loss": "log_probabilities"}.get(
        who, "score"
    )
    or_else = (
        f" or probabilities of shape {found.shape}" if who == "cross_entropy" else ""
    )
    if targets.shape != expected:
        raise ValueError(
            f"{who}: {name} has shape {found.shape} and targets has shape "
            f"{targets.shape}; class indices of shape {expected}{or_else} are needed"
        )
    indices = targets.data if isinstance(targets, Tensor) else targets
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"{who}: targets has the shape of class indices, {expected}, but is "
            f"{indices.dtype}; give integers"
            + (f", or probabilities of shape {found.shape}" if or_else else "")
        )
    ignored = (
        np.zeros(expected, bool) if ignore_index is None else indices == ignore_index
    )
    kept = np.where(ignored, 0, indices)
    if kept.size and not (kept.min() >= 0 and kept.max() < classes):
        raise ValueError(
            f"{who}: targets go from {kept.min()} to {kept.max()}; with {classes} "
            f"classes an index must be between 0 and {classes - 1}"
        )
    return kept, ignored


def _one_hot(indices, classes, dim, dtype):
    """Return 1 at each index and 0 elsewhere, along a new axis."""
    shape = _along(classes, dim, indices.ndim + 1)
    numbers = np.arange(classes).reshape(shape)
    return (np.expand_dims(indices, dim) == numbers).astype(dtype)


def _along(size, dim, ndim):
    """Return a shape of ones, with `size` at `dim`."""
    return tuple(size if axis == dim else 1 for axis in range(ndim))
