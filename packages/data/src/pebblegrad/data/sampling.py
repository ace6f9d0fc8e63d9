"""Samplers: which samples an epoch visits, and in what order.

A sampler draws the order of a whole epoch at once, as one array of indices, from the
Generator that the loader gives it. It remembers nothing, so an epoch can be drawn again
from the same seed: that is how a loader continues in the middle of one.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pebblegrad.data._checks import at_least


class Sampler(Protocol):
    """What `DataLoader` needs of a sampler; any class with these two methods is one.

    ``len(sampler)`` is the number of samples in an epoch, which need not be that of the
    data set. ``sampler.order(rng)`` draws their indices: an integer array of shape
    (len(sampler),) that depends on nothing but `rng`.

    Example:
        >>> class Backwards:
        ...     def __init__(self, samples):
        ...         self.samples = samples
        ...
        ...     def __len__(self):
        ...         return self.samples
        ...
        ...     def order(self, rng):
        ...         return np.arange(self.samples)[::-1]
        >>> from pebblegrad.data import DataLoader
        >>> y = np.array([10, 20, 30])
        >>> [batch.tolist() for batch in DataLoader(y, 2, sampler=Backwards(3))]
        [[30, 20], [10]]
    """

    def __len__(self) -> int: ...

    def order(self, rng: np.random.Generator, /) -> NDArray[Any]:
        """Draw the indices of an epoch."""
        ...


class BatchSampler(Protocol):
    """A sampler that also says where each batch ends.

    ``len(sampler)`` is the number of batches in an epoch, always the same.
    ``sampler.batches(rng)`` draws them: a sequence of len(sampler) integer arrays, the
    indices of a batch each. A loader with such a sampler has no use for `batch_size`
    and `drop_last`.
    """

    def __len__(self) -> int: ...

    def batches(self, rng: np.random.Generator, /) -> Any:
        """Draw the batches of an epoch."""
        ...


class WeightedRandomSampler:
    """Draws samples with given probabilities: rare classes as often as common ones.

    With replacement, each draw is sample i with probability
    ``weights[i] / sum(weights)``, and some samples come twice. Without replacement, the
    same holds for what is left after each draw.

    Args:
        weights: shape (N,), finite and >= 0, not all 0: one per sample of the data set.
            They need not add up to 1. `balanced_weights` makes them from labels.
        num_samples: draws per epoch, at least 1; by default N (**in PyTorch it has to
            be given**).
        replacement: whether a sample may be drawn again.

    Raises:
        TypeError: `weights` are no numbers, or `num_samples` is not an integer.
        ValueError: `weights` have another number of axes than one, or one of them is
            negative or not finite, or all are 0; or `num_samples` is less than 1 or,
            without replacement, more than there are weights above 0.

    Example:
        >>> from pebblegrad.data import DataLoader
        >>> labels = np.array([0] * 95 + [1] * 5)
        >>> sampler = WeightedRandomSampler(balanced_weights(labels), num_samples=1000)
        >>> drawn = list(DataLoader(labels, 1000, sampler=sampler, rng=0))[0]
        >>> bool(450 < drawn.sum() < 550)
        True

    Reference:
        Without replacement: Efraimidis and Spirakis 2006, "Weighted random sampling
        with a reservoir", https://doi.org/10.1016/j.ipl.2005.11.003
    """

    def __init__(
        self,
        weights: ArrayLike,
        num_samples: int | None = None,
        replacement: bool = True,
    ) -> None:
        who = "WeightedRandomSampler"
        self.weights = _checked_weights(who, weights)
        samples = len(self.weights)
        self.num_samples = (
            samples
            if num_samples is None
            else at_least(who, "num_samples", num_samples, 1)
        )
        self.replacement = replacement
        possible = np.count_nonzero(self.weights)
        if not replacement and self.num_samples > possible:
            raise ValueError(
                f"{who}: num_samples is {self.num_samples} and {possible} weights are "
                "above 0; without replacement, needed is at most as many"
            )

    @property
    def population(self) -> int:
        """The number of samples that there are to draw from."""
        return len(self.weights)

    def __len__(self) -> int:
        return self.num_samples

    def order(self, rng: np.random.Generator, /) -> NDArray[np.intp]:
        """Draw the indices of an epoch, (num_samples,)."""
        if self.replacement:
            # Divided, so that the sum of the largest floats does not overflow.
            reached = np.cumsum(self.weights / self.weights.max())
            draws = rng.random(self.num_samples) * reached[-1]
            # A draw may be rounded up to the total itself; the last sample that has a
            # weight is then meant.
            last = np.flatnonzero(self.weights)[-1]
            found: NDArray[np.intp] = np.searchsorted(reached, draws, side="right")
            order: NDArray[np.intp] = np.minimum(found, last)
            return order
        # The paper's key, u ** (1 / weight), as -log(-log(key)), which cannot overflow:
        # log(weight) plus a draw from Gumbel's distribution. The largest keys win.
        possible = np.flatnonzero(self.weights)
        keys = np.log(self.weights[possible]) + rng.gumbel(size=len(possible))
        return possible[np.argsort(-keys)[: self.num_samples]]

    def __repr__(self) -> str:
        return (
            f"WeightedRandomSampler({len(self.weights)} weights, "
            f"num_samples={self.num_samples}, replacement={self.replacement})"
        )


class BucketSampler:
    """Batches of samples of similar length, so that little of a batch is padding.

    An epoch is shuffled and cut into pools of `pool` batches; each pool is sorted by
    length and cut into batches, and the batches come in random order. Every sample is
    visited once. A larger pool pads less, a smaller one mixes more.

    With a pool as large as the data, so also by default up to N = 100 * batch_size,
    each epoch sorts all samples: they then meet nearly the same others in each (where
    lengths differ, the very same if `batch_size` divides N), and only the order of the
    batches is new. If that matters, take a `pool` of a few batches.

    Args:
        lengths: shape (N,), one number per sample of the data set: of tokens, say.
        batch_size: samples per batch, at least 1. When it does not divide N, one batch
            of an epoch is smaller, now one of short samples and now one of long ones.
        pool: batches per pool, at least 1. With 1, batches are plain random ones.
        drop_last: whether the smaller batch, which has the samples that happen to be
            left, is left out.

    Raises:
        TypeError: `lengths` are no numbers, or `batch_size` or `pool` no integer.
        ValueError: `lengths` have another number of axes than one, hold NaN or are
            none; `batch_size` or `pool` is less than 1; or `drop_last` would leave no
            batch.

    Example:
        >>> from pebblegrad.data import DataLoader
        >>> lengths = np.array([3, 9, 4, 8, 3, 9])
        >>> loader = DataLoader(lengths, sampler=BucketSampler(lengths, 2), rng=0)
        >>> sorted(batch.tolist() for batch in loader)
        [[3, 3], [4, 8], [9, 9]]
    """

    def __init__(
        self,
        lengths: ArrayLike,
        batch_size: int,
        *,
        pool: int = 100,
        drop_last: bool = False,
    ) -> None:
        who = "BucketSampler"
        self.lengths = _checked_numbers(who, "lengths", lengths)
        if np.isnan(self.lengths).any():
            raise ValueError(f"{who}: lengths hold NaN; needed are numbers")
        self.batch_size = at_least(who, "batch_size", batch_size, 1)
        self.pool = at_least(who, "pool", pool, 1)
        self.drop_last = drop_last
        if len(self) == 0:
            raise ValueError(
                f"{who}: there are {len(self.lengths)} lengths and batch_size is "
                f"{self.batch_size}; with drop_last=True no batch is left; lower "
                "batch_size or keep the last batch"
            )

    @property
    def population(self) -> int:
        """The number of samples that there are to draw from."""
        return len(self.lengths)

    def __len__(self) -> int:
        whole, rest = divmod(len(self.lengths), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def batches(self, rng: np.random.Generator, /) -> list[NDArray[np.intp]]:
        """Draw the batches of an epoch: their indices, in random order."""
        order = rng.permutation(len(self.lengths))
        if self.drop_last:  # those are left out that the shuffle put last
            order = order[: len(self) * self.batch_size]
        size = self.pool * self.batch_size
        for last in range(0, len(order), size):
            pool = order[last : last + size]
            # Stable, so that equal lengths stay in the order of the shuffle.
            pool[:] = pool[np.argsort(self.lengths[pool], kind="stable")]
        ends = np.arange(len(self) + 1) * self.batch_size
        if rest := len(order) % self.batch_size:
            # The smaller batch is cut out of the last pool at a random place. At its
            # end, it would always hold the longest samples, which would then weigh more
            # than the others, or less, in every epoch.
            whole = (len(order) - last) // self.batch_size
            smaller = last + rng.integers(whole + 1) * self.batch_size
            ends[ends > smaller] -= self.batch_size - rest
        return [order[ends[i] : ends[i + 1]] for i in rng.permutation(len(self))]

    def __repr__(self) -> str:
        return (
            f"BucketSampler({len(self.lengths)} lengths, batch_size={self.batch_size}, "
            f"pool={self.pool}, drop_last={self.drop_last})"
        )


def balanced_weights(labels: ArrayLike) -> NDArray[np.float64]:
    """Weights with which each class is drawn equally often: ``1 / (K * count)``.

    Args:
        labels: shape (N,), the class of each sample: integers, booleans or strings.

    Returns:
        Shape (N,), adding up to 1: each of the K classes has 1 / K, in equal parts.

    Raises:
        TypeError: `labels` are no classes.
        ValueError: `labels` have another number of axes than one, or there are none.

    Example:
        >>> balanced_weights([0, 0, 0, 0, 1])
        array([0.125, 0.125, 0.125, 0.125, 0.5  ])
    """
    classes = checked_labels("balanced_weights", labels)
    if len(classes) == 0:
        raise ValueError("balanced_weights: there are 0 labels; needed is at least 1")
    _, of_sample, counts = np.unique(classes, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = 1 / (len(counts) * counts[of_sample])
    return weights


def checked_labels(who: str, labels: ArrayLike) -> NDArray[Any]:
    """One class per sample."""
    classes = np.asarray(labels)
    if classes.size == 0 and classes.ndim == 1:
        classes = classes.astype(np.intp)  # an empty list has no dtype of its own
    words = classes.dtype.kind == "O" and all(isinstance(c, str) for c in classes.flat)
    if words:  # as pandas keeps a column of them
        classes = classes.astype(np.str_)
    if classes.ndim != 1:
        advice = "; of one-hot rows take labels.argmax(axis=1)"
        raise ValueError(
            f"{who}: labels have shape {classes.shape}; needed is the class of each "
            f"sample, (N,){advice if classes.ndim == 2 else ''}"
        )
    if classes.dtype.kind not in "iubSUT":
        raise TypeError(
            f"{who}: labels have dtype {classes.dtype}; needed are classes: integers, "
            "booleans or strings"
        )
    return classes


def _checked_numbers(who: str, name: str, given: ArrayLike) -> NDArray[np.float64]:
    """A copy of its own, one number per sample."""
    numbers = np.asarray(given)
    if numbers.dtype.kind not in "iuf":
        raise TypeError(
            f"{who}: {name} have dtype {numbers.dtype}; needed are numbers, one per "
            "sample"
        )
    if numbers.ndim != 1 or len(numbers) == 0:
        raise ValueError(
            f"{who}: {name} have shape {numbers.shape}; needed is a number for each "
            "sample, (N,) with N >= 1"
        )
    return numbers.astype(np.float64)


def _checked_weights(who: str, given: ArrayLike) -> NDArray[np.float64]:
    weights = _checked_numbers(who, "weights", given)
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        where = int(wrong.argmax())
        raise ValueError(
            f"{who}: weights[{where}] is {weights[where]}; needed is a finite number, "
            "at least 0"
        )
    if not weights.any():
        raise ValueError(f"{who}: all weights are 0; needed is one above 0 at least")
    return weights
