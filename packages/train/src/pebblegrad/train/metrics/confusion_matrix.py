"""Which class was taken for which.

The order is **output, target, as in a loss; scikit-learn takes the target first**. What
both may be is in `accuracy.py`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.train._checks import positive_integer

from ._classes import NO_CLASS, classes_of, threshold_of
from ._metric import Metric, no_samples, over_all


class ConfusionMatrix(Metric):
    """How many samples of each class were said to be of each: rows are true classes.

    Args:
        num_classes: K, how many classes there are.
        normalize: None for counts; "true" for fractions of each row, "pred" of each
            column, "all" of everything. What has no samples gives zeros.
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out.
        name: the key under which it is reported.

    Scores with a NaN belong into no column, and are an error.

    Raises:
        ValueError: if `num_classes` is no integer from 1 on, or `normalize` is none of
            these.

    Example:
        >>> metric = ConfusionMatrix(3)
        >>> metric.update([0, 1, 1, 1], [0, 1, 1, 0])
        >>> metric.update([2, 2], [2, 0])
        >>> metric.compute()
        array([[1, 1, 1],
               [0, 2, 0],
               [0, 0, 1]])
    """

    def __init__(
        self,
        num_classes: int,
        *,
        normalize: str | None = None,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str = "confusion_matrix",
    ) -> None:
        self.num_classes = positive_integer(
            "ConfusionMatrix", "num_classes", num_classes
        )
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(
                f'ConfusionMatrix: normalize is {normalize!r}; give "true", "pred", '
                '"all" or None'
            )
        self.normalize = normalize
        self.threshold = threshold_of("ConfusionMatrix", threshold)
        self.ignore_index = ignore_index
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._matrix = np.zeros((self.num_classes, self.num_classes), np.int64)

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes.
            target: classes, or one-hot rows.

        Raises:
            TypeError: if one is no array, or target is floats and should be classes.
            ValueError: if the shapes do not fit, a class is not below `num_classes`, or
                scores are NaN.
        """
        predicted, true, *_ = classes_of(
            self.name,
            output,
            target,
            threshold=self.threshold,
            ignore_index=self.ignore_index,
        )
        lost = int((predicted == NO_CLASS).sum())
        if lost:
            raise ValueError(
                f"{self.name}: the scores of {lost} of {predicted.size} samples have "
                "NaN, so that no class can be told; look for NaN in inputs and weights"
            )
        K = self.num_classes
        largest = max(predicted.max(initial=-1), true.max(initial=-1))
        if largest >= K:
            raise ValueError(
                f"{self.name}: there is the class {largest}; num_classes is {K}, so "
                f"classes are 0 to {K - 1}"
            )
        counts = np.bincount(true * K + predicted, minlength=K * K)
        self._matrix = self._matrix + counts.reshape(K, K)

    def compute(self) -> NDArray[Any]:
        """Return the matrix.

        Returns:
            (K, K), integers, or fractions if they are wanted: ``matrix[i, j]`` is about
            samples of class i that were said to be of class j.

        Raises:
            RuntimeError: if there are no samples.
        """
        if not self._matrix.any():
            raise no_samples(self.name)
        if self.normalize is None:
            return self._matrix.copy()
        axis = {"true": 1, "pred": 0, "all": None}[self.normalize]
        below = self._matrix.sum(axis=axis, keepdims=True)
        return np.asarray(self._matrix / np.maximum(below, 1))


def confusion_matrix(
    output: Any, target: Any, num_classes: int | None = None, **options: Any
) -> NDArray[Any]:
    """Counts of true against predicted classes, of whole arrays; see `ConfusionMatrix`.

    Args:
        output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes;
            **scikit-learn takes the target first**, and a swap transposes the matrix.
        target: classes, or one-hot rows.
        num_classes: how many classes there are; by default as many as `output` has
            scores, or one more than the largest class.
        **options: those of `ConfusionMatrix`, such as `normalize`.

    Returns:
        (K, K), rows are true classes.

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, a class is not below `num_classes`, or
            scores are NaN.
        RuntimeError: if there are no samples.

    Example:
        >>> confusion_matrix([0, 1, 1, 1, 2, 2], [0, 1, 1, 0, 2, 0])
        array([[1, 1, 1],
               [0, 2, 0],
               [0, 0, 1]])
    """
    if num_classes is None:
        predicted, true, num_classes, _ = classes_of(
            "confusion_matrix",
            output,
            target,
            ignore_index=options.get("ignore_index"),
        )
        if num_classes is None:
            num_classes = 1 + max(predicted.max(initial=0), true.max(initial=0))
    metric = ConfusionMatrix(num_classes, **options)
    return np.asarray(over_all(metric, output, target))
