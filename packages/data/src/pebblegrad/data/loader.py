"""Batches for a training loop.

One pass over a loader is an epoch. A shuffled epoch draws one permutation of all sample
numbers and cuts it into batches; each batch is then gathered by a single call, which is
as fast as copying the rows can be. An epoch in order copies nothing at all.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._rng import as_generator
from pebblegrad.data.dataset import ArrayDataset, Dataset, take

Batch = TypeVar("Batch")


class DataLoader(Generic[Batch]):
    """Iterates over a data set in batches, in order or shuffled anew for each epoch.

    What comes out has the form of what went in: a tuple of arrays gives tuples
    ``(X_batch, y_batch)``, a single array gives arrays, a data set gives what it gives.

    In order (``shuffle=False``), batches are **read-only views** of your arrays:
    nothing is copied, and a write raises instead of changing the data set. Shuffled
    batches are new arrays, and yours.

    Args:
        dataset: N >= 1 samples: a tuple of arrays, each (N, ...); one array (N, ...);
            an `ArrayDataset`; or anything else with a length that takes a slice or an
            array of indices (see `Dataset`).
        batch_size: samples per batch, at least 1. The last batch is smaller when
            `batch_size` does not divide N.
        shuffle: whether each epoch visits the samples in a new random order.
        drop_last: whether a smaller last batch is left out.
        rng: where the orders come from: a seed (the same seed gives the same batches in
            each epoch, to the bit), a Generator (which then advances by one permutation
            per epoch), or None for a different run each time.

    Raises:
        TypeError: `dataset` or `batch_size` is of a wrong kind.
        ValueError: there are no samples, `batch_size` is less than 1, the arrays differ
            in length, or `drop_last` would leave no batch.

    Example:
        >>> X = np.arange(10.0).reshape(5, 2)
        >>> y = np.array([0, 1, 0, 1, 0])
        >>> for X_batch, y_batch in DataLoader((X, y), batch_size=2):
        ...     print(X_batch.shape, y_batch)
        (2, 2) [0 1]
        (2, 2) [0 1]
        (1, 2) [0]
        >>> loader = DataLoader(y, batch_size=2, shuffle=True, drop_last=True, rng=0)
        >>> len(loader), [batch.tolist() for batch in loader]
        (2, [[0, 0], [1, 0]])
    """

    @overload
    def __init__(
        self: DataLoader[tuple[Any, ...]],
        dataset: tuple[NDArray[Any], ...],
        batch_size: int = ...,
        *,
        shuffle: bool = ...,
        drop_last: bool = ...,
        rng: int | np.random.Generator | None = ...,
    ) -> None: ...

    @overload
    def __init__(
        self: DataLoader[NDArray[Any]],
        dataset: NDArray[Any],
        batch_size: int = ...,
        *,
        shuffle: bool = ...,
        drop_last: bool = ...,
        rng: int | np.random.Generator | None = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        dataset: Dataset[Batch],
        batch_size: int = ...,
        *,
        shuffle: bool = ...,
        drop_last: bool = ...,
        rng: int | np.random.Generator | None = ...,
    ) -> None: ...

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 32,
        *,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        self.dataset: Dataset[Batch] = _as_dataset(dataset)
        self.batch_size = _checked_batch_size(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.rng = as_generator("DataLoader", rng)
        samples = len(self.dataset)
        if samples == 0:
            raise ValueError(
                "DataLoader: the dataset has 0 samples; needed is at least 1"
            )
        if drop_last and samples < self.batch_size:
            raise ValueError(
                f"DataLoader: the dataset has {samples} samples and batch_size is "
                f"{self.batch_size}; with drop_last=True no batch is left; lower "
                "batch_size or keep the last batch"
            )

    def __len__(self) -> int:
        """Batches per epoch."""
        samples = len(self.dataset)
        if self.drop_last:
            return samples // self.batch_size
        return -(-samples // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        # The order is drawn here and not at the first batch, so that two epochs that
        # are walked side by side are the same two as one after the other.
        if self.shuffle:
            return self._batches(self.rng.permutation(len(self.dataset)))
        return self._batches(None)

    def _batches(self, order: NDArray[np.int64] | None) -> Iterator[Batch]:
        samples = len(self.dataset)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            rows = slice(start, min(start + self.batch_size, samples))
            yield self.dataset[rows if order is None else order[rows]]

    def __repr__(self) -> str:
        return (
            f"DataLoader({len(self.dataset)} samples, batch_size={self.batch_size}, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last})"
        )


class _OneArray:
    """A single array as a data set whose batches are arrays, not tuples of one."""

    def __init__(self, array: NDArray[Any]) -> None:
        (self.array,) = ArrayDataset(array).arrays

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, indices: Any, /) -> Any:
        return take(self.array, indices)


def _as_dataset(dataset: Any) -> Any:
    if isinstance(dataset, tuple):
        return ArrayDataset(*dataset)
    if isinstance(dataset, np.ndarray):
        return _OneArray(dataset)
    # A list has a length and takes slices, but no array of indices.
    if isinstance(dataset, list | str | bytes | dict) or not (
        hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    ):
        raise TypeError(
            f"DataLoader: dataset is of type {type(dataset).__name__}; needed is an "
            "ArrayDataset, a NumPy array, or a tuple of arrays such as (X, y)"
        )
    return dataset


def _checked_batch_size(batch_size: Any) -> int:
    if isinstance(batch_size, np.ndarray) and batch_size.ndim > 0:
        raise TypeError(
            f"DataLoader: batch_size is an array of shape {batch_size.shape}; needed "
            "is an integer; arrays that belong together go in as a tuple: "
            "DataLoader((X, y), batch_size=32)"
        )
    if isinstance(batch_size, bool | np.bool) or not hasattr(batch_size, "__index__"):
        raise TypeError(
            f"DataLoader: batch_size is {batch_size!r}; needed is an integer, at least "
            "1"
        )
    size = operator.index(batch_size)
    if size < 1:
        raise ValueError(f"DataLoader: batch_size is {size}; needed is at least 1")
    return size
