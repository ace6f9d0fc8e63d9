"""Some samples of a data set, and several data sets one after the other.

Neither copies a sample before it is asked for: a `Subset` holds indices into what it is
a part of, and a `ConcatDataset` knows where each of its parts begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data.dataset import Dataset, as_dataset, checked_index


class Subset:
    """The samples of a data set at `indices`, in that order.

    Args:
        dataset: N samples: whatever a `DataLoader` takes.
        indices: shape (M,), integers in [-N, N), or a mask of N booleans. An index may
            occur more than once.

    Raises:
        TypeError: `dataset` or `indices` is of a wrong kind.
        ValueError: `indices` have another number of axes than one, or a mask has
            another length than the data set.
        IndexError: an index is outside the data set.

    Example:
        >>> X = np.arange(10.0).reshape(5, 2)
        >>> y = np.array([0, 1, 0, 1, 0])
        >>> ones = Subset((X, y), np.flatnonzero(y == 1))
        >>> len(ones), ones[:]
        (2, (array([[2., 3.],
               [6., 7.]]), array([1, 1])))
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset: Dataset[Any] = as_dataset("Subset", dataset)
        self.indices = _checked_indices("Subset", indices, len(self.dataset))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, indices: Any, /) -> Any:
        """The batch of the samples at `indices` of this subset, always copied."""
        chosen = self.indices[checked_index(indices)]
        return self.dataset[chosen if chosen.ndim else int(chosen)]

    def __repr__(self) -> str:
        return f"Subset({len(self)} of {len(self.dataset)} samples)"


class ConcatDataset:
    """Data sets one after the other, as one.

    Args:
        datasets: at least one; each is whatever a `DataLoader` takes. All must give
            batches of one form: as many arrays, with samples of one shape and dtype
            (one batch of each is looked at).

    Raises:
        TypeError: there is none, or one is of a wrong kind, or gives something else
            than arrays.
        ValueError: their batches differ in form.

    Example:
        >>> both = ConcatDataset([np.array([1, 2, 3]), np.array([40, 50])])
        >>> len(both), both[1:4], both[[4, 0]]
        (5, array([ 2,  3, 40]), array([50,  1]))
    """

    def __init__(self, datasets: Sequence[Any]) -> None:
        if not isinstance(datasets, list | tuple):
            raise TypeError(
                f"ConcatDataset: datasets is of type {type(datasets).__name__}; needed "
                "is a list of data sets; concat(a, b) takes them one by one"
            )
        if not datasets:
            raise TypeError("ConcatDataset: there are 0 datasets; needed is at least 1")
        self.datasets = [as_dataset("ConcatDataset", part) for part in datasets]
        self._ends = np.cumsum([len(part) for part in self.datasets])
        forms = [_form(part) for part in self.datasets]
        for number, form in enumerate(forms):
            if form != forms[0]:
                raise ValueError(
                    f"ConcatDataset: a sample of dataset 0 is {forms[0]}, and one of "
                    f"dataset {number} is {form}; needed is the same form in all"
                )

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, indices: Any, /) -> Any:
        """The batch of the samples at `indices`, from whichever parts they are in.

        A slice that stays inside one part gives what that part gives for a slice.
        """
        indices = checked_index(indices)
        if isinstance(indices, slice):
            start, stop, step = indices.indices(len(self))
            part = int(np.searchsorted(self._ends, start, side="right"))
            if step == 1 and start < stop <= self._ends[part]:
                begin = self._begin(part)
                return self.datasets[part][start - begin : stop - begin]
            return self._gather(np.arange(start, stop, step))
        samples = _checked_indices("dataset[...]", np.atleast_1d(indices), len(self))
        if np.ndim(indices) == 0:
            part = int(np.searchsorted(self._ends, samples[0], side="right"))
            return self.datasets[part][int(samples[0]) - self._begin(part)]
        return self._gather(samples)

    def _begin(self, part: int) -> int:
        return int(self._ends[part - 1]) if part else 0

    def _gather(self, samples: NDArray[np.intp]) -> Any:
        """One call for each part that is touched; its rows go where they belong."""
        of_part = np.searchsorted(self._ends, samples, side="right")
        touched = np.unique(of_part).tolist() or [0]
        rows = [np.flatnonzero(of_part == part) for part in touched]
        batches = [
            self.datasets[part][samples[where] - self._begin(part)]
            for part, where in zip(touched, rows, strict=True)
        ]
        if len(batches) == 1:
            return batches[0]
        parts = [_arrays(batch) for batch in batches]
        joined = tuple(_interleave(arrays, rows) for arrays in zip(*parts, strict=True))
        return joined if isinstance(batches[0], tuple) else joined[0]

    def __repr__(self) -> str:
        lengths = " + ".join(str(len(part)) for part in self.datasets)
        return f"ConcatDataset({lengths} samples)"


def concat(*datasets: Any) -> ConcatDataset:
    """The data sets one after the other: ``ConcatDataset(datasets)``.

    Args:
        datasets: at least one; each is whatever a `DataLoader` takes.

    Returns:
        As many samples as all together.

    Raises:
        TypeError: there is none, or one is of a wrong kind.

    Example:
        >>> concat(np.zeros((3, 2)), np.ones((4, 2)))
        ConcatDataset(3 + 4 samples)
    """
    return ConcatDataset(datasets)


def _arrays(batch: Any) -> tuple[NDArray[Any], ...]:
    """The arrays of a batch, also when it is a single one."""
    arrays = batch if isinstance(batch, tuple) else (batch,)
    for array in arrays:
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"ConcatDataset: a batch holds a {type(array).__name__}; needed are "
                "arrays, or tuples of arrays"
            )
    return arrays


def _form(dataset: Any) -> str:
    """Shape and dtype of each array of a sample, for comparing and for the error."""
    batch = dataset[:1]
    form = ", ".join(f"{array.shape[1:]} {array.dtype}" for array in _arrays(batch))
    return f"a tuple of {form}" if isinstance(batch, tuple) else form


def _interleave(
    arrays: Sequence[NDArray[Any]], rows: Sequence[NDArray[np.intp]]
) -> NDArray[Any]:
    """Rows of several arrays, those of array i at the places ``rows[i]``."""
    out = np.empty((sum(map(len, rows)), *arrays[0].shape[1:]), arrays[0].dtype)
    for array, where in zip(arrays, rows, strict=True):
        out[where] = array
    return out


def _checked_indices(who: str, indices: Any, samples: int) -> NDArray[np.intp]:
    """Indices from 0 on, as an array of their own that nobody can write into."""
    given = np.asarray(indices)
    if given.size == 0 and given.dtype.kind != "b":
        given = given.astype(np.intp)  # an empty list has no dtype of its own
    if given.dtype.kind not in "iub":
        raise TypeError(
            f"{who}: indices have dtype {given.dtype}; needed are integers, or a mask "
            "of booleans"
        )
    if given.ndim != 1:
        raise ValueError(
            f"{who}: indices have shape {given.shape}; needed is one axis, (M,)"
        )
    if given.dtype.kind == "b":
        if len(given) != samples:
            raise ValueError(
                f"{who}: indices are a mask of {len(given)} booleans; needed is one "
                f"for each of the {samples} samples"
            )
        given = np.flatnonzero(given)
    outside = (given < -samples) | (given >= samples)
    if outside.any():
        raise IndexError(
            f"{who}: index {given[outside.argmax()]} is out of bounds for a data set "
            f"with {samples} samples"
        )
    checked = given.astype(np.intp)
    checked[checked < 0] += samples
    checked.flags.writeable = False
    return checked
