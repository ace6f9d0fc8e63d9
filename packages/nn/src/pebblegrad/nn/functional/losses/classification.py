"""Which of several classes: losses of logits, of logarithms, and of scores."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="no-any-return"
# Forwards and rules take arrays of any library: there is no type to name.

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._arguments import number, one_of
from pebblegrad.nn._lint import look_for_probabilities
from pebblegrad.nn.functional.activations import (
    log_softmax,
    softmax,
    softmax_gradient,
)

from ._checks import REDUCTIONS, like, prediction, reduce, weights


@op
def mean_cost(xp, logits, indices, /, dim):
    """Mean of ``-log(softmax(logits)[index])`` over the samples.

    Where all count alike this stands for five ops, `log_softmax` and what chooses,
    negates and averages, and takes half of their time. Faster for NumPy's arrays in
    `_numpy_forwards.py`.

    Args:
        logits: (N, K, ...).
        indices: (N, ...): a class for each sample, at least one.
        dim: the axis of the classes.
    """
    at_index = xp.expand_dims(indices, axis=dim)
    return -xp.mean(xp.take_along_axis(log_softmax(logits, dim), at_index, axis=dim))


mean_cost.__name__ = "cross_entropy"


@mean_cost.backward("logits")
def _(g, logits, indices, dim):
    # Times the share: float16 has that of 70,000 samples, but not their number.
    return g * (1 / indices.size) * softmax_minus_one_hot(logits, indices, dim)


@op
def softmax_minus_one_hot(xp, logits, indices, /, dim):
    """How much too likely each class is."""
    numbers = xp.arange(logits.shape[dim])
    numbers = xp.reshape(numbers, _along(len(numbers), dim, logits.ndim))
    wanted = xp.expand_dims(indices, axis=dim) == numbers
    return softmax(logits, dim) - xp.astype(wanted, logits.dtype)


softmax_minus_one_hot.backward(
    "logits", lambda g, logits, dim: softmax_gradient(g, softmax(logits, dim), dim)
)


@op
def _expected_cost(xp, log_p, target, /, dim):
    """``-sum(target * log_p)`` along `dim`, where 0 times infinity is 0.

    So a class that cannot be, of logit minus infinity, costs nothing if none is wanted
    of it. In three ops with a mask between them a step at (128, 10) took 1.3 times as
    long.

    Args:
        log_p: any shape: logarithms.
        target: the same shape: how much each class counts.
        dim: the axis of the classes.
    """
    if not xp.all(xp.isfinite(log_p)):
        impossible = (log_p == -xp.inf) & (target == 0)
        log_p = xp.where(impossible, xp.zeros_like(log_p), log_p)
    return -xp.sum(target * log_p, axis=dim)


_expected_cost.__name__ = "cross_entropy"


@_expected_cost.backward("log_p")
def _(xp, g, target, dim):
    return -xp.expand_dims(g, axis=dim) * target


@_expected_cost.backward("target")
def _(xp, g, log_p, dim):
    return -xp.expand_dims(g, axis=dim) * log_p


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
    targets = _as_targets(who, targets)
    if targets.shape == logits.shape:
        target = _probabilities(who, logits, targets, dim)
        each = ignored = None
    else:
        indices, ignored = _indices(who, logits, targets, dim, ignore_index)
        each = _weight_of_each(indices, ignored, of_class, logits.dtype)
        if each is None and not smoothing and reduction == "mean" and indices.size:
            return mean_cost(logits, indices, dim)
        if not smoothing:
            losses: Tensor = -_chosen(log_softmax(logits, dim), indices, dim)
            return _reduce_weighted(who, losses, each, ignored, reduction)
        target = Tensor(_one_hot(indices, classes, dim, logits.dtype))
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    if of_class is not None:
        target = target * of_class.reshape(_along(classes, dim, logits.ndim))
    losses = _expected_cost(log_softmax(logits, dim), target, dim)
    if ignored is not None:
        losses = ops.where(ignored, 0.0, losses)
    if each is None or reduction != "mean":
        return reduce(who, losses, reduction)
    return _mean_by(losses, each)


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
    classes = found.shape[dim]
    of_class = None if weight is None else weights(who, weight, classes, found.dtype)
    indices, ignored = _indices(
        who, found, _as_targets(who, targets), dim, ignore_index
    )
    each = _weight_of_each(indices, ignored, of_class, found.dtype)
    losses = -_chosen(found, indices, dim)
    return _reduce_weighted(who, losses, each, ignored, reduction)


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
        ValueError: if the shapes differ, or a target that is no logarithm is negative.

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
    values = target.detach().data
    # What is impossible adds nothing, whatever its logarithm.
    if log_target:
        possible = values != -np.inf
        log = ops.where(possible, target, 0.0)
        losses = ops.exp(target) * (log - ops.where(possible, found, 0.0))
    else:
        if (values < 0).any():
            raise ValueError(
                f"{who}: the target goes down to {values.min():.4g}; probabilities are "
                "needed, or log_target=True for their logarithms"
            )
        possible = values != 0
        log = ops.log(ops.where(possible, target, 1.0))
        losses = target * (log - ops.where(possible, found, 0.0))
    if reduction == "batchmean":
        count = found.shape[0] if found.ndim else 1
        return (losses / float(count)).sum() if count else losses.mean()
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
    margin = number(who, "margin", margin)
    indices, _ = _indices(who, score, _as_targets(who, targets), dim, None)
    classes = score.shape[dim]
    right = ops.expand_dims(_chosen(score, indices, dim), axis=-1)
    short = ops.relu(margin - right + score)
    short = ops.where(_one_hot(indices, classes, dim, bool), 0.0, short)
    losses = ops.sum(short if p == 1 else ops.square(short), axis=-1) / float(classes)
    if weight is not None:
        losses = losses * weights(who, weight, classes, score.dtype)[indices]
    return reduce(who, losses, reduction)


def _axis_of_classes(who: str, name: str, found: Tensor) -> int:
    if found.ndim == 0:
        raise ValueError(f"{who}: {name} has shape (); it needs an axis of classes")
    dim = min(1, found.ndim - 1)
    if not found.shape[dim]:
        raise ValueError(
            f"{who}: {name} has shape {found.shape}, no class in axis {dim}; one is "
            "needed"
        )
    return dim


def _as_targets(who: str, targets: Any) -> Any:
    """Return targets as a Tensor or an array."""
    if isinstance(targets, Tensor):
        return targets
    try:
        return np.asarray(targets)
    except ValueError:
        raise ValueError(
            f"{who}: the rows of targets have different lengths; give an array"
        ) from None


def _chosen(found: Tensor, indices: Any, dim: int) -> Tensor:
    """Return what stands at the index of each sample."""
    places = list(np.indices(indices.shape, sparse=True))
    return found[(*places[:dim], indices, *places[dim:])]


def _weight_of_each(indices: Any, ignored: Any, of_class: Any, dtype: Any) -> Any:
    """Return how much each sample counts, or None for all alike."""
    if ignored is None and of_class is None:
        return None
    each = np.ones(indices.shape, dtype) if of_class is None else of_class[indices]
    return each if ignored is None else np.where(ignored, 0, each).astype(dtype)


def _reduce_weighted(
    who: str, losses: Tensor, each: Any, ignored: Any, reduction: str
) -> Tensor:
    """Multiply losses by what each counts, and reduce them."""
    if ignored is not None:  # also what is NaN there
        losses = ops.where(ignored, 0.0, losses)
    if each is None:
        return reduce(who, losses, reduction)
    losses = losses * each
    return (
        _mean_by(losses, each)
        if reduction == "mean"
        else reduce(who, losses, reduction)
    )


def _mean_by(losses: Tensor, each: Any) -> Tensor:
    """Return the sum of the losses divided by that of their weights; of none, NaN."""
    total = float(np.sum(each, dtype=np.float64))
    # Divided first: in float16 the sum may be more than it holds.
    return (losses * (1 / total)).sum() if total else losses.sum() * math.nan


def _probabilities(who: str, logits: Tensor, targets: Any, dim: int) -> Tensor:
    """Return targets of the logits' shape; integers only if they are one-hot."""
    if targets.dtype.kind in "iub":
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
    """Return the class indices, 0 where ignored, and where they are, if any is."""
    expected = found.shape[:dim] + found.shape[dim + 1 :]
    classes = found.shape[dim]
    takes_both = who == "cross_entropy"
    if targets.shape != expected:
        names = {"cross_entropy": "logits", "nll_loss": "log_probabilities"}
        or_else = f" or probabilities of shape {found.shape}" if takes_both else ""
        raise ValueError(
            f"{who}: {names.get(who, 'score')} has shape {found.shape} and targets has "
            f"shape {targets.shape}; class indices of shape {expected}{or_else} are "
            "needed"
        )
    indices = targets.data if isinstance(targets, Tensor) else targets
    if indices.dtype.kind not in "iu":
        or_else = f", or probabilities of shape {found.shape}" if takes_both else ""
        raise TypeError(
            f"{who}: targets has the shape of class indices, {expected}, but is "
            f"{indices.dtype}; give integers{or_else}"
        )
    if ignore_index is not None:
        if not hasattr(ignore_index, "__index__"):
            raise TypeError(
                f"{who}: ignore_index is {ignore_index!r}; an integer is needed"
            )
        ignore_index = operator.index(ignore_index)
    ignored = None
    are_classes = _are_classes(indices, classes)
    if ignore_index is not None and (not are_classes or 0 <= ignore_index < classes):
        ignored = indices == ignore_index
        if ignored.any():
            indices = np.where(ignored, 0, indices)
            are_classes = _are_classes(indices, classes)
        else:
            ignored = None
    if not are_classes:
        raise ValueError(
            f"{who}: targets go from {indices.min()} to {indices.max()}; with "
            f"{classes} classes an index must be between 0 and {classes - 1}"
        )
    return indices, ignored


def _are_classes(indices: Any, classes: int) -> bool:
    return not indices.size or (indices.min() >= 0 and indices.max() < classes)


def _one_hot(indices: Any, classes: int, dim: int, dtype: Any) -> Any:
    """Return 1 at each index and 0 elsewhere, along a new axis."""
    numbers = np.arange(classes).reshape(_along(classes, dim, indices.ndim + 1))
    return (np.expand_dims(indices, dim) == numbers).astype(dtype)


def _along(size: int, dim: int, ndim: int) -> tuple[int, ...]:
    """Return a shape of ones, with `size` at `dim`."""
    return tuple(size if axis == dim else 1 for axis in range(ndim))
