"""From what a model gives, and what a data set holds, to the numbers of classes.

Three forms of output are told apart by dtype and shape. Floats (N, K, ...) with K >= 2
are scores: the largest wins, the first of equals. Floats (N,) or (N, 1, ...) are scores
of class 1 against class 0: those above a threshold are class 1. Integers are classes
already. Logits and probabilities have the same largest one, so that it does not matter
which they are, except for the threshold.

A score of NaN is in no order with others. Such a sample counts as a prediction of
`NO_CLASS`, which is always wrong.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._metric import arrays_of

NO_CLASS = -1


class Classes(NamedTuple):
    """The classes of a batch.

    Attributes:
        predicted: (M,), from 0 on, or `NO_CLASS`.
        true: (M,), from 0 on.
        num_classes: K, or None if the output was classes already.
        one_score: whether the output had one score for each sample.
    """

    predicted: NDArray[Any]
    true: NDArray[Any]
    num_classes: int | None
    one_score: bool


def classes_of(
    who: str,
    output: Any,
    target: Any,
    *,
    threshold: float = 0.0,
    ignore_index: int | None = None,
) -> Classes:
    """Return the predicted classes, and the true ones.

    Args:
        who: begins the message of an error.
        output: as above.
        target: classes (N, ...), or one-hot rows or probabilities, (N, K, ...).
        threshold: of scores without an axis of classes.
        ignore_index: samples with this target are left out.

    Raises:
        TypeError: if target is floats and should be classes.
        ValueError: if the shapes do not fit, or a target is none of the classes.
    """
    out, y = arrays_of(who, output, target)
    num_classes: int | None = None
    one_score = out.dtype.kind == "f" and (out.ndim == 1 or out.shape[1] == 1)
    if out.dtype.kind in "biu":
        if out.shape != y.shape:
            raise _unequal(who, out, y)
        y, predicted = _integers(who, y), out.astype(np.int64)
        if predicted.size and predicted.min() < 0:
            raise ValueError(
                f"{who}: output has the class {predicted.min()}; classes are counted "
                "from 0"
            )
    elif one_score:
        num_classes = 2
        scores = out if out.ndim == 1 else out[:, 0]
        if y.ndim == scores.ndim + 1 and y.shape[1] == 1:
            y = y[:, 0]
        if scores.shape != y.shape:
            raise _unequal(who, out, y)
        y = _zero_or_one(who, y, ignore_index)
        predicted = np.where(np.isnan(scores), NO_CLASS, scores > threshold)
    else:
        num_classes = out.shape[1]
        y = _true_classes(who, out, y)
        best = out.argmax(axis=1, keepdims=True)  # of a NaN, if there is one
        is_nan = np.isnan(np.take_along_axis(out, best, axis=1))
        predicted = np.where(is_nan, NO_CLASS, best)[:, 0]
    predicted, true = predicted.reshape(-1), y.reshape(-1)
    if ignore_index is not None:
        kept = true != ignore_index
        predicted, true = predicted[kept], true[kept]
    _check_range(who, true, num_classes, out.shape)
    return Classes(predicted, true, num_classes, one_score)


def scores_of(
    who: str, output: Any, target: Any, *, ignore_index: int | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the scores as rows (M, K), and the true classes (M,).

    Raises:
        TypeError: if output is not floats, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or a target is none of the classes.
    """
    out, y = arrays_of(who, output, target)
    if out.dtype.kind != "f":
        raise TypeError(
            f"{who}: output has dtype {out.dtype}; needed are the scores of all "
            "classes, floats (N, K), not the class that won"
        )
    if out.ndim == 1 or out.shape[1] == 1:
        raise ValueError(
            f"{who}: output has shape {out.shape}; scores (N, K) of at least 2 classes "
            "are needed"
        )
    true = _true_classes(who, out, y).reshape(-1)
    num_classes = out.shape[1]
    rows = np.moveaxis(out, 1, -1).reshape(-1, num_classes)
    if ignore_index is not None:
        kept = true != ignore_index
        rows, true = rows[kept], true[kept]
    _check_range(who, true, num_classes, out.shape)
    return rows, true


def threshold_of(who: str, value: Any) -> float:
    """Return a number that scores are compared with.

    Raises:
        ValueError: if it is none.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, float | int | np.floating | np.integer)
        or math.isnan(value)
    ):
        raise ValueError(
            f"{who}: threshold is {value!r}; a number is needed, 0 for logits and 0.5 "
            "for probabilities"
        )
    return float(value)


def _true_classes(who: str, out: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Return the classes that a target names, or that its rows give most to."""
    if out.shape[1] == 0:
        raise ValueError(f"{who}: output has shape {out.shape}, which is 0 classes")
    if y.shape == out.shape:
        if y.dtype.kind == "f" and np.isnan(y).any():
            raise ValueError(f"{who}: target has NaN; probabilities are needed")
        return np.asarray(y.argmax(axis=1))
    without = (out.shape[0], *out.shape[2:])
    if y.shape != without:
        raise ValueError(
            f"{who}: output has shape {out.shape} and target has shape {y.shape}; "
            f"needed are classes {without}, or a row for each sample, {out.shape}"
        )
    return _integers(who, y)


def _integers(who: str, y: NDArray[Any]) -> NDArray[Any]:
    if y.dtype.kind == "f" and y.size:
        raise TypeError(
            f"{who}: target has dtype {y.dtype}; classes are integers: give "
            "target.astype(int)"
        )
    return y.astype(np.int64, copy=False)


def _zero_or_one(who: str, y: NDArray[Any], ignore_index: int | None) -> NDArray[Any]:
    """Return the classes of targets that may be floats, as a binary loss takes them."""
    if y.dtype.kind != "f":
        return _integers(who, y)
    ignored = np.zeros(y.shape, bool) if ignore_index is None else y == ignore_index
    wrong = ~((y >= 0) & (y <= 1) | ignored)
    if wrong.any():
        raise ValueError(
            f"{who}: target has the value {y[wrong][0]:g}; with one score for a sample "
            "targets are 0, 1, or a probability between (for more classes give scores "
            "(N, K))"
        )
    return np.where(
        ignored, NO_CLASS if ignore_index is None else ignore_index, y > 0.5
    )


def _unequal(who: str, out: NDArray[Any], y: NDArray[Any]) -> ValueError:
    return ValueError(
        f"{who}: output has shape {out.shape} and target has shape {y.shape}; a class "
        "for each sample needs equal shapes"
    )


def _check_range(
    who: str, true: NDArray[Any], num_classes: int | None, shape: tuple[int, ...]
) -> None:
    wrong = true < 0
    if num_classes is not None:
        wrong = wrong | (true >= num_classes)
    if wrong.any():
        there_are = (
            "classes are counted from 0"
            if num_classes is None
            else f"an output of shape {shape} has the classes 0 to {num_classes - 1}"
        )
        raise ValueError(
            f"{who}: target has the class {true[wrong][0]}; {there_are} "
            "(ignore_index leaves out samples of one number)"
        )
