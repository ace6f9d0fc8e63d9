"""One epoch of a loader: the integer that it follows from, and its batches' samples."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._checks import is_integer


class Epoch:
    """An epoch that was begun: `seed` is all of its randomness, `given` the progress.

    Args:
        seed: None when nothing in the epoch is random.
        given: batches that the loop has got.
    """

    def __init__(self, seed: int | None, given: int = 0) -> None:
        self.seed = seed
        self.given = given

    def rng(self, number: int) -> np.random.Generator:
        """One of the independent generators of this epoch."""
        assert self.seed is not None
        return np.random.default_rng([self.seed, number])

    def state(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        return {"seed": self.seed, "given": self.given}


def rows_in_batches(
    epoch: Epoch, samples: int, batch_size: int, shuffle: bool, sampler: Any
) -> Callable[[int], Any]:
    """The function that says which samples are in batch b: a slice or indices."""
    if hasattr(sampler, "batches"):
        return _drawn_batches(sampler, epoch.rng(0), samples).__getitem__
    order = None
    if sampler is not None:
        order = _drawn_order(sampler, epoch.rng(0), samples)
        samples = len(order)
    elif shuffle:
        order = epoch.rng(0).permutation(samples)

    def rows(number: int) -> Any:
        start = number * batch_size
        part = slice(start, min(start + batch_size, samples))
        return part if order is None else order[part]

    return rows


def check_sampler(sampler: Any, samples: int) -> None:
    """Whether it is one, and one for a data set of so many samples."""
    if isinstance(sampler, type) or not (
        hasattr(sampler, "__len__")
        and (hasattr(sampler, "order") or hasattr(sampler, "batches"))
    ):
        kind = (
            f"the class {sampler.__name__}"
            if isinstance(sampler, type)
            else f"of type {type(sampler).__name__}"
        )
        raise TypeError(
            f"DataLoader: sampler is {kind}; needed is an object with a length and a "
            "method order(rng) or batches(rng), such as WeightedRandomSampler(weights)"
        )
    if len(sampler) == 0:
        raise ValueError("DataLoader: the sampler has 0 samples; needed is at least 1")
    drawn_from = getattr(sampler, "population", samples)
    if drawn_from != samples:
        raise ValueError(
            f"DataLoader: {sampler!r} is for {drawn_from} samples; needed is one for "
            f"the {samples} of the data set"
        )


def checked_epoch(who: str, state: Any, batches: int, *, draws: bool) -> Epoch:
    """The epoch in a state; `draws` tells whether it needs a seed."""
    given = state.get("given") if isinstance(state, Mapping) else None
    if not is_integer(given) or not 0 <= operator.index(given) <= batches:
        raise ValueError(
            f"{who}: the state has the epoch {state!r}; needed is one with given "
            f"between 0 and {batches}, the batches of an epoch"
        )
    seed = state.get("seed")
    if draws and (not is_integer(seed) or operator.index(seed) < 0):
        raise ValueError(
            f"{who}: the state has an epoch with seed={seed!r}; this loader draws "
            "at random and needs an integer of at least 0: was the transform another "
            "one?"
        )
    return Epoch(operator.index(seed) if draws else None, operator.index(given))


def _drawn_order(sampler: Any, rng: np.random.Generator, samples: int) -> NDArray[Any]:
    # A copy: a sampler may shuffle one array of its own in place for each epoch, and
    # two epochs can be under way at once.
    order = np.array(sampler.order(rng))
    name = f"DataLoader: {type(sampler).__name__}.order"
    _check_indices(name, order, samples)
    if len(order) != len(sampler):
        raise ValueError(
            f"{name} gave {len(order)} indices; needed are as many as its len() says, "
            f"{len(sampler)}"
        )
    return order


def _drawn_batches(
    sampler: Any, rng: np.random.Generator, samples: int
) -> list[NDArray[Any]]:
    batches = [np.array(batch) for batch in sampler.batches(rng)]  # copies, as above
    name = f"DataLoader: {type(sampler).__name__}.batches"
    if len(batches) != len(sampler):
        raise ValueError(
            f"{name} gave {len(batches)} batches; needed are as many as its len() "
            f"says, {len(sampler)}"
        )
    for batch in batches:
        _check_indices(name, batch, samples)
    return batches


def _check_indices(who: str, indices: NDArray[Any], samples: int) -> None:
    if indices.ndim != 1 or indices.dtype.kind not in "iu" or len(indices) == 0:
        raise TypeError(
            f"{who} gave an array of shape {indices.shape} and dtype {indices.dtype}; "
            "needed are integers, the indices of samples, (M,) with M >= 1"
        )
    low, high = indices.min(), indices.max()
    if low < 0 or high >= samples:
        raise ValueError(
            f"{who} gave the index {low if low < 0 else high}; needed is 0 <= index < "
            f"{samples}, the samples of the data set"
        )
