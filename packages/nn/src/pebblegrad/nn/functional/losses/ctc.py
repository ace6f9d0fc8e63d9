"""Connectionist temporal classification: sequences of labels, without their places."""

# mypy: allow-untyped-calls, disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, ops
from pebblegrad.nn._arguments import integer, one_of

from ._checks import REDUCTIONS, prediction, reduce

IMPOSSIBLE = -1e30  # a logarithm of 0 that can be subtracted from itself


def ctc_loss(
    log_probabilities: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    *,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the logarithm of the probability of all paths that spell the target.

    A path has a label or a blank at each step; it spells what is left when repeated
    labels are merged and blanks dropped. The sum over all paths is computed step by
    step, in logarithms, over the target with blanks between, before and behind its
    labels. The loop over the steps is made of ops, so gradients of every order are
    right.

    Args:
        log_probabilities: shape (T, N, K), or (T, K) for one sequence: logarithms, such
            as `log_softmax` gives.
        targets: labels, integers of shape (N, S), of which the first of each row count,
            or (S,) for one sequence; or those of all sequences in one row, (sum of
            lengths,). None of them is the blank.
        input_lengths: how many steps of each sequence count: (N,) or an int.
        target_lengths: how many labels each target has: (N,) or an int.
        blank: the class that stands for no label.
        reduction: "mean" divides each loss by the length of its target, and by N;
            "sum", or "none" for each one's.
        zero_infinity: whether a target that no path can spell, being too long, counts
            0, with no gradient; otherwise its loss is infinite.

    Raises:
        TypeError: if targets or lengths are no integers.
        ValueError: if the shapes do not match, a length is too long, or a label is not
            a class or the blank.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> p = ops.log(Tensor([[0.4, 0.6], [0.5, 0.5]]))  # blank or "a", twice
        >>> loss = ctc_loss(p, [1], 2, 1)  # spelt by aa, a-, -a
        >>> round(float(ops.exp(-loss).item()), 4)
        0.8

    Reference:
        Graves et al. 2006, "Connectionist temporal classification", section 4.1.
    """
    who = "ctc_loss"
    found = prediction(who, "log_probabilities", log_probabilities)
    one_of(who, "reduction", reduction, REDUCTIONS)
    if found.ndim not in (2, 3):
        raise ValueError(
            f"{who}: log_probabilities has shape {found.shape}; (T, N, K) or (T, K) is "
            "needed"
        )
    single = found.ndim == 2
    if single:
        found = ops.expand_dims(found, axis=1)
    steps, count, classes = found.shape
    if not steps:
        raise ValueError(
            f"{who}: log_probabilities has shape {found.shape}, no step; one is needed"
        )
    if integer(who, "blank", blank, 0) >= classes:
        raise ValueError(f"{who}: blank is {blank}; there are {classes} classes")
    inputs = _lengths(who, "input_lengths", input_lengths, count, steps)
    lengths = _lengths(who, "target_lengths", target_lengths, count, None)
    labels = _labels(who, targets, lengths, count, single)
    if ((labels < 0) | (labels >= classes) | (labels == blank)).any():
        raise ValueError(
            f"{who}: targets go from {labels.min()} to {labels.max()}; classes from 0 "
            f"to {classes - 1}, and not the blank, {blank}, are needed"
        )
    # float16 has no number as small as `IMPOSSIBLE`.
    exact = found.astype(np.float32) if found.dtype == np.float16 else found
    # A logarithm that is minus infinity cannot be subtracted from itself.
    exact = ops.clip(exact, IMPOSSIBLE)
    losses = _losses(exact, labels, inputs, lengths, blank).astype(found.dtype)
    if zero_infinity:
        losses = ops.where(np.isinf(losses.detach().data), 0.0, losses)
    if reduction == "mean":
        losses = losses / np.maximum(lengths, 1).astype(found.dtype)
    losses = reduce(who, losses, reduction)
    return losses[0] if single and reduction == "none" else losses


def _losses(
    found: Tensor, labels: Any, inputs: Any, lengths: Any, blank: int
) -> Tensor:
    """Return the loss of each sequence, (N,)."""
    steps, count, _ = found.shape
    # The states of a path: blank, first label, blank, second label, ..., blank.
    states = np.full((count, 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    places = np.arange(states.shape[1])
    # A label may follow the last but one state directly, if it is another label.
    skips = np.zeros(states.shape, bool)
    skips[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    samples = np.arange(count)[:, None]
    impossible = Tensor(np.full((count, 1), IMPOSSIBLE, found.dtype))

    log_p = found[0][samples, states]  # (N, 2 * S + 1)
    alpha = ops.where(places < 2, log_p, IMPOSSIBLE)
    for t in range(1, steps):
        before = ops.concat([impossible, alpha[:, :-1]], axis=1)
        ways = ops.logaddexp(alpha, before)
        if states.shape[1] > 2:
            last = ops.concat([impossible, impossible, alpha[:, :-2]], axis=1)
            ways = ops.where(skips, ops.logaddexp(ways, last), ways)
        moved = ways + found[t][samples, states]
        alpha = ops.where((t < inputs)[:, None], moved, alpha)  # beyond its end: stay
    ends = np.stack([2 * lengths, np.maximum(2 * lengths - 1, 0)], axis=1)
    at_end = alpha[samples, ends]
    total = ops.logaddexp(at_end[:, 0], at_end[:, 1])
    total = ops.where(lengths == 0, at_end[:, 0], total)  # nothing but blanks
    is_impossible = (total.detach().data < IMPOSSIBLE / 2) | (inputs == 0) & (
        lengths > 0
    )
    total = ops.where(inputs == 0, 0.0, total)  # no step spells the empty target
    return ops.where(is_impossible, np.inf, -total)


def _lengths(who: str, name: str, given: Any, count: int, most: int | None) -> Any:
    """Return one length for each sequence."""
    array = np.asarray(given.data if isinstance(given, Tensor) else given)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{who}: {name} are {array.dtype}; integers are needed")
    if array.shape not in ((), (count,)):
        raise ValueError(
            f"{who}: {name} has shape {array.shape}; an int or ({count},), one for "
            "each sequence, are needed"
        )
    lengths = np.broadcast_to(array, (count,))
    if lengths.size and (
        lengths.min() < 0 or (most is not None and lengths.max() > most)
    ):
        up_to = "" if most is None else f" to {most}, the number of steps"
        raise ValueError(
            f"{who}: {name} go from {lengths.min()} to {lengths.max()}; they must be "
            f"from 0{up_to}"
        )
    return lengths


def _labels(who: str, targets: Any, lengths: Any, count: int, single: bool) -> Any:
    """Return the labels in rows, (N, S), filled up with the first label there is."""
    array = np.asarray(targets.data if isinstance(targets, Tensor) else targets)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{who}: targets are {array.dtype}; integers are needed")
    longest = int(lengths.max()) if lengths.size else 0
    if array.ndim == 2 and array.shape[0] == count and array.shape[1] >= longest:
        rows = [row[:length] for row, length in zip(array, lengths, strict=True)]
    elif array.ndim == 1 and array.size == lengths.sum():
        rows = np.split(array, np.cumsum(lengths)[:-1])
    elif array.ndim == 1 and single and array.size >= longest:
        rows = [array[:longest]]
    else:
        raise ValueError(
            f"{who}: targets has shape {array.shape}; with {count} sequences of up to "
            f"{longest} labels, ({count}, {longest}) or ({lengths.sum()},) is needed"
        )
    filler = next((int(row[0]) for row in rows if len(row)), None)
    if filler is None:
        return np.zeros((count, 0), int)
    labels = np.full((count, longest), filler)
    for label, row in zip(labels, rows, strict=True):
        label[: len(row)] = row
    return labels
