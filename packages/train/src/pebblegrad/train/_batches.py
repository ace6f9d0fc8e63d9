"""What may be given as data, and what a batch of it means."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.data import DataLoader
from pebblegrad.nn import Module


def as_loader(
    who: str,
    data: Any,
    batch_size: int,
    *,
    shuffle: bool,
    rng: Any,
    name: str = "data",
) -> Any:
    """Return what gives the batches: `data` itself, or a loader over arrays.

    Raises:
        TypeError: if it is neither arrays, a data set nor something to loop over again.
    """
    is_dataset = hasattr(data, "__getitem__") and not isinstance(
        data, list | str | dict
    )
    if isinstance(data, np.ndarray | tuple) or is_dataset:
        return DataLoader(data, batch_size, shuffle=shuffle, rng=rng)
    if isinstance(data, Iterator) or not hasattr(data, "__iter__"):
        raise TypeError(
            f"{who}: {name} is of type {type(data).__name__}; a DataLoader, arrays "
            "such as (X, y), or a list of batches is needed"
        )
    if not hasattr(data, "__len__") or isinstance(data, str | bytes | dict):
        raise TypeError(
            f"{who}: {name} is of type {type(data).__name__}; needed is something "
            "that has as many batches as its len() says: a DataLoader, arrays such as "
            "(X, y), or a list of batches"
        )
    if len(data) == 0:
        raise ValueError(f"{who}: {name} has 0 batches; at least 1 is needed")
    if isinstance(data, list) and all(isinstance(x, np.ndarray) for x in data):
        lengths = {x.shape[:1] for x in data}
        if len(data) > 1 and len(lengths) == 1:
            raise ValueError(
                f"{who}: {name} is a list of {len(data)} arrays of equal length, and a "
                "list is one of batches; give a tuple, (X, y), for arrays that belong "
                "together"
            )
    return data


def parted(who: str, batch: Any) -> tuple[tuple[Any, ...], Any]:
    """Return inputs and target of a batch: the last array is the target.

    A batch of one array is its own target, as an autoencoder wants it.

    Raises:
        TypeError: if the batch holds something else than arrays.
    """
    arrays = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
    for array in arrays:
        if not isinstance(array, np.ndarray | Tensor):
            raise TypeError(
                f"{who}: a batch holds a {type(array).__name__}; arrays are needed, "
                "inputs and then the target"
            )
    if not arrays:
        raise TypeError(f"{who}: a batch is empty; inputs and a target are needed")
    if arrays[-1].ndim == 0:
        raise ValueError(
            f"{who}: a batch's target is a single number; an axis of samples, "
            "(N, ...), is needed"
        )
    return (arrays[:-1] or arrays), arrays[-1]


def dtype_of(model: Module) -> np.dtype[Any]:
    """Return the dtype that the model computes in: that of its first parameter."""
    dtypes = [parameter.data.dtype for parameter in model.parameters()[:1]]
    return np.dtype(dtypes[0] if dtypes else np.float32)


def cast(array: Any, dtype: np.dtype[Any]) -> Any:
    """Return an array, floats in the dtype of the model and the others as they are.

    A float64 input would else make a float32 network compute in float64.
    """
    array = array.data if isinstance(array, Tensor) else array
    if array.dtype.kind == "f" and array.dtype != dtype:
        return array.astype(dtype)
    return array
