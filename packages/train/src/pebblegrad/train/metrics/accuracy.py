"""How often classes are right: accuracy, and top-k.

What `output` and `target` may be, here and in `precision_recall.py` and
`confusion_matrix.py`, is told apart in `_classes.py`:

- scores (N, K), logits or probabilities; or (N, K, ...), such as one for each pixel
- scores (N,) or (N, 1) of class 1 against class 0, **above 0 is class 1**, as is right
  for logits; give ``threshold=0.5`` for probabilities
- classes (N, ...), integers
- as target: classes, integers (N, ...), or one-hot rows or probabilities, (N, K, ...);
  for binary scores also floats, where above 0.5 is class 1

Scores with a NaN count as a prediction of no class, which is wrong. The order is
**output, target, as in a loss; scikit-learn takes the target first**.
"""

from typing import Any

import numpy as np

from pebblegrad.train._checks import positive_integer

from ._classes import classes_of, scores_of, threshold_of
from ._metric import Metric, no_samples, over_all


class Accuracy(Metric):
    """How many of the samples are right: ``right / all``.

    Args:
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out, as in `cross_entropy`.
        name: the key under which it is reported.

    Example:
        >>> metric = Accuracy()
        >>> metric.update([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [0, 1, 1])
        >>> metric.update([[0.0, 1.0]], [1])
        >>> metric.compute()
        0.75
    """

    def __init__(
        self,
        *,
        threshold: float = 0.0,
        ignore_index: int | None = None,
        name: str = "accuracy",
    ) -> None:
        self.threshold = threshold_of("Accuracy", threshold)
        self.ignore_index = ignore_index
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._right = 0
        self._count = 0

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes.
            target: classes, or one-hot rows.

        Raises:
            TypeError: if one is no array, or target is floats and should be classes.
            ValueError: if the shapes do not fit, or a target is none of the classes.
        """
        batch = classes_of(
            self.name,
            output,
            target,
            threshold=self.threshold,
            ignore_index=self.ignore_index,
        )
        self._right += int((batch.predicted == batch.true).sum())
        self._count += batch.true.size

    def compute(self) -> float:
        """Return the fraction of all samples that is right.

        Raises:
            RuntimeError: if there are none.
        """
        if self._count == 0:
            raise no_samples(self.name)
        return self._right / self._count


class TopK(Metric):
    """How often the true class is among the `k` with the largest scores.

    Among equal scores the class with the smaller number comes first, so that
    ``TopK(1)`` is `Accuracy`, and a network that gives the same to all classes is not
    right for all.

    Args:
        k: how many classes may be named, at most as many as there are.
        ignore_index: samples with this target are left out.
        name: the key under which it is reported; by default "top5" for a `k` of 5.

    Raises:
        ValueError: if `k` is no integer from 1 on.

    Example:
        >>> metric = TopK(2)
        >>> metric.update([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], [1, 2])
        >>> metric.name, metric.compute()
        ('top2', 0.5)
    """

    def __init__(
        self, k: int = 5, *, ignore_index: int | None = None, name: str | None = None
    ) -> None:
        self.k = positive_integer("TopK", "k", k)
        self.ignore_index = ignore_index
        self.name = f"top{self.k}" if name is None else name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._right = 0
        self._count = 0

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: scores (N, K, ...).
            target: classes (N, ...), or one-hot rows.

        Raises:
            TypeError: if one is no array, or target is floats and should be classes.
            ValueError: if the shapes do not fit, a target is none of the classes, or
                there are fewer than `k`.
        """
        scores, true = scores_of(
            self.name, output, target, ignore_index=self.ignore_index
        )
        num_classes = scores.shape[1]
        if num_classes < self.k:
            raise ValueError(
                f"{self.name}: there are {num_classes} classes; among the largest "
                f"{self.k} all would be right: give a smaller k"
            )
        own = np.take_along_axis(scores, true[:, None], axis=1)
        earlier = np.arange(num_classes) < true[:, None]
        before = (scores > own) | ((scores == own) & earlier)
        right = (before.sum(axis=1) < self.k) & ~np.isnan(scores).any(axis=1)
        self._right += int(right.sum())
        self._count += true.size

    def compute(self) -> float:
        """Return the fraction of all samples that is right.

        Raises:
            RuntimeError: if there are none.
        """
        if self._count == 0:
            raise no_samples(self.name)
        return self._right / self._count


def accuracy(
    output: Any,
    target: Any,
    *,
    threshold: float = 0.0,
    ignore_index: int | None = None,
) -> float:
    """How many of the samples are right, for whole arrays; see `Accuracy`.

    Args:
        output: scores (N, K, ...), binary scores (N,) or (N, 1), or classes.
        target: classes, or one-hot rows.
        threshold: of binary scores; those above it are class 1.
        ignore_index: samples with this target are left out.

    Returns:
        The fraction that is right.

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or a target is none of the classes.
        RuntimeError: if there are no samples.

    Example:
        >>> accuracy([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [0.0, 1.0]], [0, 1, 1, 1])
        0.75
        >>> accuracy([0.9, 0.2], [1, 0], threshold=0.5)
        1.0
    """
    metric = Accuracy(threshold=threshold, ignore_index=ignore_index)
    return float(over_all(metric, output, target))


def top_k(
    output: Any, target: Any, k: int = 5, *, ignore_index: int | None = None
) -> float:
    """How often the true class is among the `k` largest, for whole arrays; see `TopK`.

    Args:
        output: scores (N, K, ...).
        target: classes (N, ...), or one-hot rows.
        k: how many classes may be named, at most as many as there are.
        ignore_index: samples with this target are left out.

    Returns:
        The fraction that is right.

    Raises:
        TypeError: if one is no array, or target is floats and should be classes.
        ValueError: if the shapes do not fit, or `k` is out of its range.
        RuntimeError: if there are no samples.

    Example:
        >>> top_k([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], [1, 2], k=2)
        0.5
    """
    return float(over_all(TopK(k, ignore_index=ignore_index), output, target))
