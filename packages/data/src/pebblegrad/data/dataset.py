"""Arrays that belong together: row i of each is sample i.

The loader asks little of a data set: a length, and a *batch* for a slice or an array of
indices. Whole batches, never sample by sample: one call into NumPy gathers them.

The arrays may be larger than memory: of one mapped from a file (``np.memmap``,
``np.load(path, mmap_mode="r")``) only the rows of a batch are ever copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Batch = TypeVar("Batch", covariant=True)


class Dataset(Protocol[Batch]):
    """What `DataLoader` needs of a data set; any class with these two methods is one.

    ``len(dataset)`` is the number of samples. ``dataset[indices]`` is the batch of the
    samples at `indices`: a slice, or a one-dimensional integer array.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, indices: Any, /) -> Batch: ...


class ArrayDataset:
    """Arrays of equal length, indexed together.

    Args:
        arrays: one or more arrays of shape (N, ...): inputs, targets, weights... They
            are kept, not copied, also when they are mapped from a file.

    Raises:
        TypeError: an argument is not a NumPy array, or there is none.
        ValueError: the arrays differ in length, or one has no axis.

    Example:
        >>> X = np.arange(6.0).reshape(3, 2)
        >>> y = np.array([0, 1, 1])
        >>> dataset = ArrayDataset(X, y)
        >>> len(dataset)
        3
        >>> dataset[[2, 0]]
        (array([[4., 5.],
               [0., 1.]]), array([1, 0]))
    """

    def __init__(self, *arrays: NDArray[Any]) -> None:
        if not arrays:
            raise TypeError("ArrayDataset: no arrays were given; needed is at least 1")
        for position, array in enumerate(arrays):
            if not isinstance(array, np.ndarray):
                raise TypeError(
                    f"ArrayDataset: argument {position} is of type "
                    f"{type(array).__name__}; needed are NumPy arrays; convert it with "
                    "np.asarray"
                )
            if array.ndim == 0:
                raise ValueError(
                    f"ArrayDataset: argument {position} has shape (); needed is an "
                    "axis of samples, (N, ...)"
                )
        if len({len(array) for array in arrays}) > 1:
            shapes = " and ".join(str(array.shape) for array in arrays)
            raise ValueError(
                f"ArrayDataset: the arrays have shapes {shapes}; needed is the same "
                "first axis, the number of samples, in all"
            )
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(
        self, indices: int | slice | Sequence[int] | NDArray[Any], /
    ) -> tuple[Any, ...]:
        """One entry per array: samples at `indices`.

        A slice gives read-only views, with nothing copied; indices or a boolean mask
        give new arrays, which are yours to write into; an integer gives one sample.
        """
        return tuple(take(array, indices) for array in self.arrays)

    def __repr__(self) -> str:
        arrays = ", ".join(f"{array.shape} {array.dtype}" for array in self.arrays)
        return f"ArrayDataset({arrays})"


def take(array: NDArray[Any], indices: Any) -> Any:
    """`array` at `indices` along its first axis: views of a slice are read-only.

    A write into such a view would change the data set itself, and only when it is not
    shuffled. Better an error than that.
    """
    indices = checked_index(indices)
    if isinstance(array, np.memmap):
        array = array.view(np.ndarray)  # batches are ordinary arrays
    if isinstance(indices, np.ndarray) and indices.dtype.kind in "iu":
        _check_unsigned(indices, len(array))
        # `take` is up to 3 times faster than array[indices]. But of an array that is
        # not contiguous and aligned it first copies all of it, for each batch anew.
        # (Rows in ascending order were not faster, from memory or from a cold disk.)
        if array.flags.c_contiguous and array.flags.aligned:
            return array.take(indices.astype(np.intp, copy=False), axis=0)
        return array[indices]
    found = array[indices]
    if isinstance(found, np.ndarray) and not isinstance(indices, np.ndarray):
        found.flags.writeable = False
    return found


def _check_unsigned(indices: NDArray[Any], samples: int) -> None:
    """Whether NumPy would take a huge index for a negative one: 2**64 - 1 for -1."""
    if indices.dtype == np.uint64 and (indices >= samples).any():
        raise IndexError(  # in NumPy's words
            f"index {indices.max()} is out of bounds for axis 0 with size {samples}"
        )


def checked_index(indices: Any) -> Any:
    """What may stand in ``dataset[...]``; a list becomes an array."""
    if indices is None or isinstance(indices, bool | np.bool | tuple):
        raise TypeError(
            f"dataset[...]: the index is {indices!r}; needed is an integer, a slice, "
            "or a list or array of indices: the samples"
        )
    if isinstance(indices, list):
        return np.array(indices, dtype=None if indices else np.intp)
    return indices


def as_dataset(who: str, dataset: Any) -> Any:
    """A data set as it is; one around an array or around a tuple of arrays."""
    if isinstance(dataset, tuple):
        return ArrayDataset(*dataset)
    if isinstance(dataset, np.ndarray):
        return _OneArray(dataset)
    # A list has a length and takes slices, but no array of indices.
    if isinstance(dataset, list | str | bytes | dict) or not (
        hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    ):
        raise TypeError(
            f"{who}: dataset is of type {type(dataset).__name__}; needed is an "
            "ArrayDataset, a NumPy array, or a tuple of arrays such as (X, y)"
        )
    return dataset


class _OneArray:
    """A single array as a data set whose batches are arrays, not tuples of one."""

    def __init__(self, array: NDArray[Any]) -> None:
        (self.array,) = ArrayDataset(array).arrays

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, indices: Any, /) -> Any:
        return take(self.array, indices)
