"""Right for each class: precision, recall and F1.

All three are quotients of three counts that are kept for each class: samples that are
right, that were said to be of it, and that are of it. They are not means over samples,
so the counts are summed over the batches and divided at the end.

The order is **output, target, as in a loss; scikit-learn takes the target first**. What
both may be is in `accuracy.py`.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._classes import NO_CLASS, classes_of, threshold_of
from ._metric import Metric, no_samples, over_all

AVERAGES = ("auto", "macro", "micro", "weighted", "binary", None)


class _PerClass(Metric):
    """A number for each class, from three counts, and an average of these."""

    def __init__(
        self,
        average: str | None = "auto",
        *,
        zero_division: float = 0.0,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str,
    ) -> None:
        who = type(self).__name__
        if average not in AVERAGES:
            raise ValueError(
                f'{who}: average is {average!r}; give "auto", "macro", "micro", '
                '"weighted", "binary" or None'
            )
        self.average = average
        self.zero_division = _zero_division(who, zero_division)
        self.threshold = threshold_of(who, threshold)
        self.ignore_index = ignore_index
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        none = np.zeros(0, np.int64)
        self._one_score = True  # whether every batch had one score for a sample
        self._right = none  # of each class: samples that are right,
        self._predicted = none  # that were said to be of it,
        self._true = none  # and that are of it

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes.
            target: classes, or one-hot rows.

        Raises:
            TypeError: if one is no array, or target is floats and should be classes.
            ValueError: if the shapes do not fit, a target is none of the classes, or
                there are more than two and the average is "binary".
        """
        predicted, true, known, one_score = classes_of(
            self.name,
            output,
            target,
            threshold=self.threshold,
            ignore_index=self.ignore_index,
        )
        said = predicted[predicted != NO_CLASS]
        largest = max(said.max(initial=-1), true.max(initial=-1))
        size = max(self._true.size, int(largest) + 1, known or 0)
        if self.average == "binary" and size > 2:
            raise ValueError(
                f'{self.name}: there are {size} classes; average="binary" is for 2, '
                'give "macro", "micro", "weighted" or None'
            )
        right = true[predicted == true]
        self._one_score = self._one_score and one_score
        self._right = _counts(right, size, self._right)
        self._predicted = _counts(said, size, self._predicted)
        self._true = _counts(true, size, self._true)

    def compute(self) -> Any:
        """Return the average over the classes, or the numbers of all classes.

        Returns:
            A float; with ``average=None`` an array (K,).

        Raises:
            RuntimeError: if there are no samples.
        """
        if self._true.sum() == 0:
            raise no_samples(self.name)
        average = self.average
        if average == "auto":
            average = "binary" if self._one_score else "macro"
        if average == "micro":
            sums = (self._right.sum(), self._predicted.sum(), self._true.sum())
            return float(self._divided(*(np.array([s]) for s in sums))[0])
        each = self._divided(self._right, self._predicted, self._true)
        if average is None:
            return each
        if average == "binary":
            return float(each[1]) if each.size > 1 else self.zero_division
        # Classes that nobody saw and nobody named say nothing about the predictions.
        counted = (self._true + self._predicted > 0) & ~np.isnan(each)
        if not counted.any():
            return math.nan
        weights = self._true[counted] if average == "weighted" else None
        if weights is not None and weights.sum() == 0:
            weights = None
        return float(np.average(each[counted], weights=weights))

    def _divided(
        self, right: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]
    ) -> NDArray[Any]:
        """Return the number of each class, `zero_division` where it is 0 / 0."""
        above, below = self._ratio(right, predicted, true)
        each = np.full(right.shape, self.zero_division)
        return np.asarray(np.divide(above, below, out=each, where=below > 0))

    def _ratio(
        self, right: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        raise NotImplementedError


class Precision(_PerClass):
    """Of the samples said to be of a class, those that are: ``right / predicted``.

    Args:
        average: "binary", that of class 1 of two; "macro", the mean over the classes;
            "weighted", that mean weighted by how many samples each class has; "micro",
            over all samples at once, which is the accuracy where each sample has a
            prediction; None, an array of all. "auto" is "binary" for outputs of one
            score for each sample and "macro" for others; **scikit-learn's default is
            "binary"**.
        zero_division: what a class has that was never predicted, from 0 to 1, or NaN to
            leave it out of the average. There is no warning, as there is in
            scikit-learn.
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out.
        name: the key under which it is reported.

    Classes that are neither targets nor predicted are not averaged.

    Raises:
        ValueError: if an argument is none of these.

    Example:
        >>> metric = Precision(average=None)
        >>> metric.update([0, 1, 1, 1], [0, 1, 1, 0])
        >>> metric.update([2, 2], [2, 0])
        >>> metric.compute()
        array([1.        , 0.66666667, 0.5       ])
    """

    def __init__(
        self,
        average: str | None = "auto",
        *,
        zero_division: float = 0.0,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str = "precision",
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            threshold=threshold,
            ignore_index=ignore_index,
            name=name,
        )

    def _ratio(
        self, right: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        return right, predicted


class Recall(_PerClass):
    """Of the samples of a class, those that were found: ``right / true``.

    Args:
        average: as for `Precision`.
        zero_division: what a class has that is never a target; see `Precision`.
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out.
        name: the key under which it is reported.

    Raises:
        ValueError: if an argument is none of these.

    Example:
        >>> metric = Recall(average=None)
        >>> metric.update([0, 1, 1, 1], [0, 1, 1, 0])
        >>> metric.update([2, 2], [2, 0])
        >>> metric.compute()
        array([0.33333333, 1.        , 1.        ])
    """

    def __init__(
        self,
        average: str | None = "auto",
        *,
        zero_division: float = 0.0,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str = "recall",
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            threshold=threshold,
            ignore_index=ignore_index,
            name=name,
        )

    def _ratio(
        self, right: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        return right, true


class F1(_PerClass):
    """Harmonic mean of precision and recall: ``2 right / (predicted + true)``.

    It is counted over all samples; the mean of the batches' F1 is something else.

    Args:
        average: as for `Precision`; the mean is that of the classes' F1.
        zero_division: what a class has that is neither predicted nor a target.
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out.
        name: the key under which it is reported.

    Raises:
        ValueError: if an argument is none of these.

    Example:
        >>> metric = F1(average=None)
        >>> metric.update([0, 1, 1, 1], [0, 1, 1, 0])
        >>> metric.update([2, 2], [2, 0])
        >>> metric.compute()
        array([0.5       , 0.8       , 0.66666667])
    """

    def __init__(
        self,
        average: str | None = "auto",
        *,
        zero_division: float = 0.0,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str = "f1",
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            threshold=threshold,
            ignore_index=ignore_index,
            name=name,
        )

    def _ratio(
        self, right: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        return 2 * right, predicted + true


def precision(output: Any, target: Any, **options: Any) -> Any:
    """Precision of whole arrays; see `Precision`.

    Args:
        output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes;
            **scikit-learn takes the target first**.
        target: classes, or one-hot rows.
        **options: those of `Precision`, such as `average`.

    Returns:
        A float; with ``average=None`` an array (K,).

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or an option is out of its range.
        RuntimeError: if there are no samples.

    Example:
        >>> precision([0, 1, 1, 1], [0, 1, 1, 0], average="binary")
        0.6666666666666666
    """
    return over_all(Precision(**options), output, target)


def recall(output: Any, target: Any, **options: Any) -> Any:
    """Recall of whole arrays; see `Recall`.

    Args:
        output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes;
            **scikit-learn takes the target first**.
        target: classes, or one-hot rows.
        **options: those of `Recall`, such as `average`.

    Returns:
        A float; with ``average=None`` an array (K,).

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or an option is out of its range.
        RuntimeError: if there are no samples.

    Example:
        >>> recall([0, 1, 1, 1], [0, 1, 1, 0])
        0.75
    """
    return over_all(Recall(**options), output, target)


def f1(output: Any, target: Any, **options: Any) -> Any:
    """F1 of whole arrays; see `F1`.

    Args:
        output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes.
        target: classes, or one-hot rows.
        **options: those of `F1`, such as `average`.

    Returns:
        A float; with ``average=None`` an array (K,).

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or an option is out of its range.
        RuntimeError: if there are no samples.

    Example:
        >>> f1([0, 1, 1, 1], [0, 1, 1, 0], average="binary")
        0.8
    """
    return over_all(F1(**options), output, target)


def _counts(classes: NDArray[Any], size: int, before: NDArray[Any]) -> NDArray[Any]:
    """Return how many samples each of `size` classes has, with those before."""
    counts = np.bincount(classes, minlength=size)
    counts[: before.size] += before
    return counts


def _zero_division(who: str, value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, float | int | np.floating | np.integer)
        or not (0 <= value <= 1 or math.isnan(value))
    ):
        raise ValueError(
            f"{who}: zero_division is {value!r}; a number from 0 to 1, or NaN, is "
            "needed"
        )
    return float(value)
