"""What the numbers of a classifier mean: shares of classes, and which one it says.

A classifier gives scores of K classes, one score for the second of two, or labels. From
any of them come the probabilities of all classes: softmax makes them of several logits,
the logistic function of one; of a label it is 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pebblegrad.viz._arrays import Array, Floats, read_array

WHO = "plot_decision_boundary"
LARGEST_LABEL = 2.0**53  # above it every float is a whole number


@dataclass(frozen=True)
class Verdict:
    """What a classifier says of some points.

    Attributes:
        shares: (M, K) probabilities; NaN where it gives no finite number.
        classes: K labels, sorted.
        said: (M,) the label that it says; where it says none, a number that is none.
    """

    shares: Floats
    classes: list[int]
    said: Array


def read_labels(y: Any, count: int) -> Array:
    """Return the true classes as whole numbers, (N,)."""
    needed = f"({count:,},) whole numbers were needed, a class for each row of X"
    labels = read_array(y, WHO, "y", f"{needed}; number the classes from 0")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and len(labels) == count:
        if not ((labels == 1).sum(axis=1) == 1).all() or (labels != 0).sum() != count:
            raise ValueError(
                f"{WHO}: y has shape {labels.shape} and is not one-hot; {needed}"
            )
        labels = labels.argmax(axis=1)
    if labels.shape != (count,):
        raise ValueError(f"{WHO}: y has shape {labels.shape}; {needed}")
    if labels.dtype.kind == "f" and not (labels == np.rint(labels)).all():
        wrong = float(labels[labels != np.rint(labels)][0])
        raise ValueError(f"{WHO}: y holds {wrong:g}; {needed}")
    return labels.astype(np.int64)


def judge(out: Array, labels: Array, output: str) -> Verdict:
    """Return what the model's numbers say.

    Args:
        out: (M,) or (M, K), as the model gave them.
        labels: (N,), all the true classes.
        output: "auto", "logits", "probabilities" or "labels".

    Raises:
        ValueError: if they cannot be that, or `labels` has classes that the model does
            not know.
    """
    if out.ndim == 2 and out.shape[1] == 1:
        out = out[:, 0]
    values = out.astype(np.float64)
    finite = np.isfinite(values)
    if out.ndim == 1:
        whole = bool((values[finite] == np.rint(values[finite])).all())
        whole = whole and bool((np.abs(values[finite]) < LARGEST_LABEL).all())
        if output == "labels" and not whole:
            raise ValueError(
                f"{WHO}: output is 'labels' and the model gives "
                f"{values[finite][values[finite] != np.rint(values[finite])][0]:g}; "
                "whole numbers were needed"
            )
        if output == "labels" or (output == "auto" and whole):
            return _labels(values, labels)
        return _verdict(_of_two(values, output), _two_classes(labels))
    if output == "labels":
        raise ValueError(
            f"{WHO}: output is 'labels' and the model gives {out.shape[1]} numbers for "
            "each point; one was needed; leave output out for scores"
        )
    count = out.shape[1]
    if labels.min() < 0 or labels.max() >= count:
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(
            f"{WHO}: y holds the class {wrong} and the model gives scores of {count} "
            f"classes; classes from 0 to {count - 1} were needed"
        )
    return _verdict(_of_many(values, output), list(range(count)))


def _labels(values: Floats, labels: Array) -> Verdict:
    known = np.isfinite(values)
    classes = np.union1d(values[known].astype(np.int64), labels)
    if len(classes) > 1000:
        raise ValueError(
            f"{WHO}: the model gives {len(classes):,} different whole numbers; labels "
            "of a few classes were needed; for scores say output='logits'"
        )
    shares = (values[:, None] == classes).astype(np.float64)
    shares[~known] = np.nan
    return _verdict(shares, classes.tolist())


def _of_two(values: Floats, output: str) -> Floats:
    """Return the shares of two classes, of which the second has a score."""
    finite = values[np.isfinite(values)]
    if output == "auto":
        inside = finite.size and finite.min() >= 0 and finite.max() <= 1
        output = "probabilities" if inside else "logits"
    if output == "probabilities":
        if finite.size and (finite.min() < 0 or finite.max() > 1):
            wrong = finite.min() if finite.min() < 0 else finite.max()
            raise ValueError(
                f"{WHO}: output is 'probabilities' and the model gives {wrong:g}; "
                "numbers from 0 to 1 were needed; of other scores say output='logits'"
            )
        second = values
    else:
        # tanh does not overflow; an infinite logit is as sure as can be.
        second = 0.5 + 0.5 * np.tanh(values / 2)
    return np.stack([1 - second, second], axis=1)


def _of_many(values: Floats, output: str) -> Floats:
    # Minus infinity is a class that is ruled out.
    wrong_rows = (np.isnan(values) | np.isposinf(values)).any(axis=1)
    known: Array = np.asarray(~wrong_rows & np.isfinite(values).any(axis=1))
    clean = np.where(known[:, None], values, 0.0)
    if output == "auto":
        # Of float16 the sum of a few classes is right to about a thousandth.
        sums = np.abs(clean.sum(axis=1) - 1) < 4e-3
        inside = (clean >= 0).all() and sums[known].all() and known.any()
        output = "probabilities" if inside else "logits"
    if output == "probabilities":
        if (clean < 0).any() or (clean > 1.004).any():
            wrong = float(clean[(clean < 0) | (clean > 1.004)][0])
            raise ValueError(
                f"{WHO}: output is 'probabilities' and the model gives {wrong:g}; "
                "numbers from 0 to 1 were needed; of other scores say output='logits'"
            )
        shares = clean
    else:
        with np.errstate(over="ignore"):  # a difference of minus infinity is no share
            powers = np.exp(clean - clean.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
    return np.where(known[:, None], shares, np.nan)


def _two_classes(labels: Array) -> list[int]:
    """Return the labels of the two classes that one score tells apart."""
    found: list[int] = np.unique(labels).tolist()
    for pair in ([0, 1], [-1, 1]):
        if set(found) <= set(pair):
            return pair
    if len(found) != 2:
        raise ValueError(
            f"{WHO}: the model gives one score for each point, which tells two classes "
            f"apart, and y holds {', '.join(map(str, found[:8]))}; scores of shape "
            "(B, K) were needed, or labels"
        )
    return found


def _verdict(shares: Floats, classes: list[int]) -> Verdict:
    known: Array = np.asarray(np.isfinite(shares).all(axis=1))
    nobody = min(classes) - 1
    winners = np.where(known[:, None], shares, 0.0).argmax(axis=1)
    return Verdict(shares, classes, np.where(known, np.array(classes)[winners], nobody))
