"""Parts of a data set for training, validation and testing: each sample in exactly one.

A part is a `Subset`: nothing is copied, and ``part[:]`` gives its arrays. Within a part
the samples keep their order in the data set; the loader of the training part shuffles.

That each class is spread over the parts in proportion needs no arithmetic per class:
put the samples in the order of their classes and deal them out evenly along that line.
Any stretch of the line, and so any class, is then divided as the whole is.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pebblegrad.data._checks import at_least, is_integer
from pebblegrad.data._rng import as_generator
from pebblegrad.data.dataset import as_dataset
from pebblegrad.data.sampling import checked_labels
from pebblegrad.data.subset import Subset

Indices = NDArray[np.intp]


def random_split(
    dataset: Any,
    lengths: Sequence[float],
    *,
    rng: int | np.random.Generator | None = None,
) -> list[Subset]:
    """Divide a data set at random.

    Args:
        dataset: N samples: whatever a `DataLoader` takes.
        lengths: of the parts: integers >= 0 that add up to N, or fractions in [0, 1]
            that add up to 1. Of a fraction, N times it are taken, rounded down; the
            samples that are left over go to the first parts, one each.
        rng: a seed, a Generator, or None for another division each time.

    Returns:
        A `Subset` per length. **Unlike PyTorch's**, their samples are in the order of
        the data set, which is also the order of a file.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: `lengths` do not add up, or there are none, or one is negative.

    Example:
        >>> X, y = np.zeros((10, 3)), np.arange(10)
        >>> train, test = random_split((X, y), [0.8, 0.2], rng=0)
        >>> len(train), len(test)
        (8, 2)
        >>> X_test, y_test = test[:]
        >>> X_test.shape
        (2, 3)
    """
    data = as_dataset("random_split", dataset)
    counts = _checked_lengths("random_split", lengths, len(data))
    order = as_generator("random_split", rng).permutation(len(data))
    pieces = np.split(order, np.cumsum(counts)[:-1])
    return [Subset(data, np.sort(piece)) for piece in pieces]


def stratified_split(
    dataset: Any,
    lengths: Sequence[float],
    labels: ArrayLike,
    *,
    rng: int | np.random.Generator | None = None,
) -> list[Subset]:
    """Divide a data set at random, each class in the same proportions.

    Args:
        dataset: N samples: whatever a `DataLoader` takes.
        lengths: of the parts, as for `random_split`.
        labels: shape (N,), the class of each sample: integers, booleans or strings.
        rng: a seed, a Generator, or None for another division each time.

    Returns:
        A `Subset` per length. With two parts, each holds its proportion of each class,
        rounded up or down; with more, every further one may differ by one more.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: `lengths` do not add up, or there are none, or one is negative; or
            there is not one label per sample.

    Example:
        >>> y = np.array([0] * 80 + [1] * 20)
        >>> train, test = stratified_split(y, [0.9, 0.1], labels=y, rng=0)
        >>> np.bincount(train[:]), np.bincount(test[:])
        (array([72, 18]), array([8, 2]))
    """
    data = as_dataset("stratified_split", dataset)
    counts = _checked_lengths("stratified_split", lengths, len(data))
    classes = _labels_of_all("stratified_split", labels, len(data))
    generator = as_generator("stratified_split", rng)
    line = _by_class(classes, generator)
    parts = []
    for count in counts:
        # Of the line that is left, this part takes `count` places, evenly spaced, from
        # a random start: else the only sample of a class would never change places.
        places = max(len(line), 1)
        reached = np.arange(len(line) + 1) * count + generator.integers(places)
        taken = np.diff(reached // places) > 0
        parts.append(Subset(data, np.sort(line[taken])))
        line = line[~taken]
    return parts


@overload
def k_fold(
    dataset: int,
    k: int = ...,
    *,
    shuffle: bool = ...,
    rng: int | np.random.Generator | None = ...,
    stratify: ArrayLike | None = ...,
) -> list[tuple[Indices, Indices]]: ...


@overload
def k_fold(
    dataset: Any,
    k: int = ...,
    *,
    shuffle: bool = ...,
    rng: int | np.random.Generator | None = ...,
    stratify: ArrayLike | None = ...,
) -> list[tuple[Subset, Subset]]: ...


def k_fold(
    dataset: Any,
    k: int = 5,
    *,
    shuffle: bool = False,
    rng: int | np.random.Generator | None = None,
    stratify: ArrayLike | None = None,
) -> Any:
    """Divide a data set k times into a large and a small part, for cross-validation.

    Each sample is in the small part of exactly one of the k divisions. The sizes of the
    small parts differ by one at most, and with `stratify` so do the numbers of samples
    of each class in them; a class of fewer than k samples is not in all of them. With
    `stratify` and `shuffle`, each sample is as likely in any of the small parts.

    Args:
        dataset: N samples, whatever a `DataLoader` takes; or the number N.
        k: divisions, 2 <= k <= N.
        shuffle: whether the small parts are drawn at random. If not, each is a stretch
            of neighbors, or with `stratify` every k-th sample of each class.
        rng: with `shuffle`, a seed, a Generator, or None for other divisions each time.
        stratify: shape (N,), the class of each sample: integers, booleans or strings.

    Returns:
        k pairs ``(train, test)`` of `Subset`, or of index arrays if `dataset` is a
        number, each in the order of the data set.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: k is less than 2 or more than N, there is not one label per sample,
            or `rng` is given without `shuffle`.

    Example:
        >>> for train, test in k_fold(5, k=2):
        ...     print(train, test)
        [3 4] [0 1 2]
        [0 1 2] [3 4]
        >>> y = np.array([0, 0, 0, 0, 1, 1])
        >>> [test[:].tolist() for train, test in k_fold(y, 2, stratify=y)]
        [[0, 0, 1], [0, 0, 1]]
    """
    is_number = isinstance(dataset, int | np.integer) and is_integer(dataset)
    data = None if is_number else as_dataset("k_fold", dataset)
    samples = operator.index(dataset) if data is None else len(data)
    folds = _checked_k(k, samples)
    if rng is not None and not shuffle:
        raise ValueError(
            "k_fold: rng is given and shuffle is False; needed is shuffle=True for "
            "random divisions"
        )
    generator = as_generator("k_fold", rng) if shuffle else None

    fold_of = np.empty(samples, dtype=np.intp)
    if stratify is not None:
        line = _by_class(_labels_of_all("k_fold", stratify, samples), generator)
        # From a random start: else the first class of the line, and with it the only
        # sample of a rare one, would always begin with the first part.
        start = 0 if generator is None else generator.integers(folds)
        fold_of[line] = (start + np.arange(samples)) % folds
    else:
        # The first N % k parts have one sample more.
        sizes = (samples + np.arange(folds)[::-1]) // folds
        line = (
            np.arange(samples) if generator is None else generator.permutation(samples)
        )
        fold_of[line] = np.repeat(np.arange(folds), sizes)
    pairs = [
        (np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))
        for fold in range(folds)
    ]
    if data is None:
        return pairs
    return [(Subset(data, train), Subset(data, test)) for train, test in pairs]


def _by_class(classes: NDArray[Any], rng: np.random.Generator | None) -> Indices:
    """All samples class by class; with `rng`, both classes and samples are shuffled.

    In one order of the classes, those that are neighbors in it would always share a
    round of the dealing, and two samples alone in theirs would always be parted.
    """
    if rng is None:
        return np.argsort(classes, kind="stable")
    names, number = np.unique(classes, return_inverse=True)
    place = rng.permutation(len(names))[number]
    order = rng.permutation(len(classes))
    line: Indices = order[np.argsort(place[order], kind="stable")]
    return line


def _labels_of_all(who: str, labels: ArrayLike, samples: int) -> NDArray[Any]:
    classes = checked_labels(who, labels)
    if len(classes) != samples:
        raise ValueError(
            f"{who}: there are {len(classes)} labels and {samples} samples; needed is "
            "one label per sample"
        )
    return classes


def _checked_k(k: Any, samples: int) -> int:
    folds = at_least("k_fold", "k", k, 2)
    if folds > samples:
        raise ValueError(
            f"k_fold: k is {folds} and there are {samples} samples; needed is 2 <= k "
            "<= samples"
        )
    return folds


def _checked_lengths(who: str, lengths: Any, samples: int) -> list[int]:
    """How many samples each part gets."""
    given = np.asarray(lengths)
    if given.ndim != 1 or given.size == 0 or given.dtype.kind not in "iuf":
        raise TypeError(
            f"{who}: lengths are {lengths!r}; needed is a list of integers, or of "
            "fractions, such as [0.8, 0.2]"
        )
    if not (given >= 0).all():
        raise ValueError(
            f"{who}: lengths are {lengths!r}; needed is at least 0 of each"
        )
    if given.dtype.kind in "iu":
        counts = [int(count) for count in given]
        if sum(counts) != samples:
            raise ValueError(
                f"{who}: lengths {lengths!r} add up to {sum(counts)}; needed are the "
                f"{samples} samples of the data set, or fractions that add up to 1"
            )
        return counts
    fractions = given.astype(np.float64)
    total = fractions.sum()
    if not abs(total - 1) <= len(given) * max(float(np.finfo(given.dtype).eps), 1e-9):
        raise ValueError(
            f"{who}: lengths {lengths!r} add up to {total:g}; needed are fractions "
            f"that add up to 1, or integers that add up to {samples}, the samples of "
            "the data set"
        )
    # 100 * 0.29 is 28.999999999999996 and means 29.
    shares = np.round(samples * (fractions / total), 6)
    counts = [int(share) for share in shares]
    left = samples - sum(counts)
    return [
        count + (left + len(counts) - 1 - i) // len(counts)
        for i, count in enumerate(counts)
    ]
