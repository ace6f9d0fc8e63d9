"""What is wrong with a state, before anything of it is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor

Array = np.ndarray[Any, Any]


def problems(
    own: Mapping[str, Tensor], given: Mapping[str, Array], strict: bool
) -> list[str]:
    """Return a phrase for each thing that does not fit.

    Args:
        own: the Tensors of a module by name; a shared one has several names.
        given: the arrays of the state by name.
        strict: whether missing and unknown names count.
    """
    found: list[str] = []
    names: dict[int, list[str]] = {}  # of each Tensor
    for name, tensor in own.items():
        names.setdefault(id(tensor), []).append(name)
    if strict:
        present = {
            key for key, each in names.items() if not given.keys().isdisjoint(each)
        }
        found += [f"{n} is missing" for n, t in own.items() if id(t) not in present]
        found += [f"{name} is not known here" for name in given if name not in own]
    for name, tensor in own.items():
        if name in given:
            found += _misfits(name, tensor.data, given[name])
    for each in names.values():
        first, *others = [name for name in each if name in given] or [""]
        found += [
            f"{first} and {other} are one Tensor here, and differ in the state"
            for other in others
            if not np.array_equal(
                given[first], given[other], equal_nan=_has_nan(given[first])
            )
        ]
    return found


def _misfits(name: str, here: Array, array: Array) -> Iterator[str]:
    """Yield why an array cannot be copied into another without loss."""
    if array.shape != here.shape:
        yield f"{name} has shape {array.shape}, here {here.shape}"
    elif array.dtype.kind not in "iufb":
        yield f"{name} holds {array.dtype}, not real numbers"
    elif not here.flags.writeable:
        yield f"{name} cannot be written here"
    elif here.dtype.kind == "f":
        with np.errstate(over="ignore"):
            cast = array.astype(here.dtype)
        if np.isinf(cast).sum() > (
            np.isinf(array).sum() if array.dtype.kind == "f" else 0
        ):
            yield f"{name} holds numbers that are too large for {here.dtype}"
    elif array.dtype != here.dtype:
        with np.errstate(invalid="ignore"):
            cast = array.astype(here.dtype)
        if not np.array_equal(cast, array):
            yield f"{name} holds numbers that {here.dtype} does not have"


def _has_nan(array: Array) -> bool:
    return str(array.dtype.kind) == "f"
