"""Batches for a training loop.

One pass over a loader is an epoch. A shuffled epoch draws one permutation of all sample
numbers and cuts it into batches; each batch is then gathered by a single call, which is
as fast as copying the rows can be. An epoch in order copies nothing at all.

All that is random in an epoch follows from one integer, drawn when the epoch begins:
the order from ``default_rng([seed, 0])``, the transform of batch b from
``default_rng([seed, b + 1])``. So a thread may prepare batches ahead without changing
them, and an epoch can be taken up in the middle without going through its first half.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._calls import takes_rng, transformed
from pebblegrad.data._checks import at_least
from pebblegrad.data._epoch import Epoch, check_sampler, checked_epoch, rows_in_batches
from pebblegrad.data._prefetch import prefetched
from pebblegrad.data._rng import as_generator, checked_state, plain_state
from pebblegrad.data.dataset import Dataset, as_dataset
from pebblegrad.data.sampling import (
    BatchSampler,
    BucketSampler,
    Sampler,
    WeightedRandomSampler,
)

Batch = TypeVar("Batch")

_BATCH_SIZE = 32


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
        rng: where all that is random comes from: a seed (the same seed gives the same
            run, epoch for epoch, to the bit), a Generator (which then advances by one
            integer per epoch), or None for a different run each time.
        sampler: which samples an epoch visits and in what order, instead of `shuffle`:
            a `WeightedRandomSampler`, a `BucketSampler`, or another `Sampler` or
            `BatchSampler`.
        transform: changes each batch: called with its arrays,
            ``transform(X_batch, y_batch, rng=...)``, and returns the new batch. It gets
            `rng`, a Generator, if it has a parameter of that name (``**keywords`` is
            none). See `transforms`.
        prefetch: batches that a thread prepares ahead, at least 0. That helps when
            preparing one takes long and waits for a file, or for NumPy, which lets
            other threads run; the batches stay the same. An exception in the thread is
            raised in the loop, at its batch. The thread ends with the loop.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: there are no samples, `batch_size` is less than 1, the arrays differ
            in length, `drop_last` would leave no batch, `prefetch` is negative, or the
            sampler leaves no use for another argument.

    Example:
        >>> X = np.arange(10.0).reshape(5, 2)
        >>> y = np.array([0, 1, 0, 1, 0])
        >>> for X_batch, y_batch in DataLoader((X, y), batch_size=2):
        ...     print(X_batch.shape, y_batch)
        (2, 2) [0 1]
        (2, 2) [0 1]
        (1, 2) [0]
        >>> loader = DataLoader(y, batch_size=2, shuffle=True, drop_last=True, rng=0)
        >>> len(loader), [len(batch) for batch in loader]
        (2, [2, 2])

        To go on in the middle of an epoch:

        >>> numbers = np.arange(6)
        >>> loader = DataLoader(numbers, batch_size=2, shuffle=True, rng=0)
        >>> for batch in loader:
        ...     state = loader.state_dict()  # after the first batch
        ...     break
        >>> other = DataLoader(numbers, batch_size=2, shuffle=True, rng=1)
        >>> other.load_state_dict(state)
        >>> rest = list(other)
        >>> len(rest), sorted(np.concatenate([batch, *rest]).tolist())
        (2, [0, 1, 2, 3, 4, 5])
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
        sampler: Sampler | BatchSampler | None = ...,
        transform: Callable[..., Any] | None = ...,
        prefetch: int = ...,
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
        sampler: Sampler | BatchSampler | None = ...,
        transform: Callable[..., Any] | None = ...,
        prefetch: int = ...,
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
        sampler: Sampler | BatchSampler | None = ...,
        transform: Callable[..., Any] | None = ...,
        prefetch: int = ...,
    ) -> None: ...

    def __init__(
        self,
        dataset: Any,
        batch_size: int = _BATCH_SIZE,
        *,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: int | np.random.Generator | None = None,
        sampler: Sampler | BatchSampler | None = None,
        transform: Callable[..., Any] | None = None,
        prefetch: int = 0,
    ) -> None:
        self.dataset: Dataset[Batch] = as_dataset("DataLoader", dataset)
        self.batch_size = _checked_batch_size(batch_size)
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.rng = as_generator("DataLoader", rng)
        self.sampler = sampler
        self.transform = transform
        self.prefetch = at_least("DataLoader", "prefetch", prefetch, 0)
        samples = len(self.dataset)
        if samples == 0:
            raise ValueError(
                "DataLoader: the dataset has 0 samples; needed is at least 1"
            )
        if sampler is not None:
            check_sampler(sampler, samples)
            self._check_use_of_sampler(sampler)
            samples = len(sampler)
        if drop_last and samples < self.batch_size:
            raise ValueError(
                f"DataLoader: the {'dataset' if sampler is None else 'sampler'} has "
                f"{samples} samples and batch_size is {self.batch_size}; with "
                "drop_last=True no batch is left; lower batch_size or keep the last "
                "batch"
            )
        self._transform_draws = transform is not None and takes_rng(
            "DataLoader", transform
        )
        # The one that gave a batch last or was begun since, until it is complete.
        self._epoch: Epoch | None = None
        self._continues = False  # whether the next loop takes up `_epoch`

    def _check_use_of_sampler(self, sampler: Any) -> None:
        """Whether an argument says something that the sampler decides."""
        if self.shuffle:
            raise ValueError(
                "DataLoader: shuffle is True and there is a sampler, which decides the "
                "order; leave one of them out"
            )
        if not hasattr(sampler, "batches"):
            return
        if self.drop_last:
            raise ValueError(
                "DataLoader: drop_last is True and the sampler makes the batches; say "
                f"it to the sampler: {type(sampler).__name__}(..., drop_last=True)"
            )
        size = getattr(sampler, "batch_size", None)
        if self.batch_size not in (size, _BATCH_SIZE):
            raise ValueError(
                f"DataLoader: batch_size is {self.batch_size} and the sampler makes "
                "batches of its own; leave batch_size out"
            )
        self.batch_size = size if isinstance(size, int) else self.batch_size

    def __len__(self) -> int:
        """Batches per epoch, also while a part of one is left to do."""
        if self.sampler is not None and hasattr(self.sampler, "batches"):
            return len(self.sampler)
        samples = len(self.dataset if self.sampler is None else self.sampler)
        if self.drop_last:
            return samples // self.batch_size
        return -(-samples // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        # The order is drawn here and not at the first batch, so that two epochs that
        # are walked side by side are the same two as one after the other.
        if self._epoch is None or not self._continues:
            seed = int(self.rng.integers(2**63)) if self._draws else None
            self._epoch = Epoch(seed)
        self._continues = False
        rows = rows_in_batches(
            self._epoch,
            len(self.dataset),
            self.batch_size,
            self.shuffle,
            self.sampler,
        )
        return self._batches(self._epoch, rows)

    @property
    def _draws(self) -> bool:
        """Whether anything in an epoch is random."""
        return self.shuffle or self.sampler is not None or self._transform_draws

    def _batches(
        self, epoch: Epoch, rows: Callable[[int], Any]
    ) -> Generator[Batch, None, None]:
        dataset, transform = self.dataset, self.transform
        draws = self._transform_draws

        def make(number: int) -> Any:
            batch = dataset[rows(number)]
            if transform is None:
                return batch
            arrays = batch if isinstance(batch, tuple) else (batch,)
            rng = epoch.rng(number + 1) if draws else None
            out = transformed(transform, arrays, rng)
            # A transform of one array returns an array. Where the batch was a tuple of
            # one it stays that: a loop that unpacks it should not see a difference.
            one_of_a_tuple = isinstance(batch, tuple) and len(arrays) == 1
            return (out,) if one_of_a_tuple and isinstance(out, np.ndarray) else out

        numbers = range(epoch.given, len(self))
        batches: Generator[Batch, None, None] = (
            prefetched(make, numbers, self.prefetch)
            if self.prefetch
            else (make(number) for number in numbers)
        )
        with contextlib.closing(batches):
            for batch in batches:
                epoch.given += 1
                # A loop over this loader in the body of another has an epoch of its
                # own; with its next batch, the outer one is the current one again. But
                # a state that was loaded waits for the loop that takes it up.
                if not self._continues:
                    self._epoch = epoch
                yield batch
        if self._epoch is epoch:
            self._epoch = None

    def state_dict(self) -> dict[str, Any]:
        """Where the loader is: small, and of numbers and strings that JSON can hold.

        A batch counts as given from the moment that the loop gets it: called in the
        body of the loop, the state is that after the batch in hand. Batches that were
        only prefetched do not count.

        Of several loops at a time, it is the place of the one that got a batch last, or
        began since. So inside a loop, after another one over this loader (to evaluate
        on the training data, say), it is that one's place until the outer loop gets its
        next batch; take the state before, or give the inner loop a loader of its own.

        An epoch that was given up, by ``break`` or a peek at one batch, counts as the
        one to continue until another one begins: after ``break`` the state is still
        that place, although the next loop over this loader begins a new epoch.

        Returns:
            What `load_state_dict` takes.
        """
        epoch = self._epoch
        return {
            **self._fingerprint(),
            "generator": plain_state(self.rng),
            "epoch": None if epoch is None else epoch.state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another loader was, to the bit.

        The next loop gives what was left of that loader's epoch (nothing, if its last
        batch was in hand), and the loops after it give its later epochs. It is the next
        ``iter()`` that takes the place up, also that of a peek such as
        ``next(iter(loader))``, or of an epoch that the other loader had given up.

        The generator takes the state that the other one had, also when it was given as
        `rng` and is in use elsewhere. What the arrays, the transform and the sampler's
        weights or lengths hold is not compared, and `prefetch` may differ.

        Args:
            state: what `state_dict` returned.

        Raises:
            TypeError: `state` is no mapping.
            ValueError: it is that of a loader of another length, batch size, shuffle,
                drop_last, sampler or kind of generator, or with a transform where this
                one has none; or it is damaged. Nothing is changed then.
        """
        who = "DataLoader.load_state_dict"
        if not isinstance(state, Mapping):
            raise TypeError(
                f"{who}: state is of type {type(state).__name__}; needed is what "
                "state_dict() returned"
            )
        here = self._fingerprint()
        if missing := {*here, "generator", "epoch"} - set(state):
            raise ValueError(
                f"{who}: the state lacks {', '.join(sorted(missing))}; needed is what "
                "state_dict() returned"
            )
        for name, value in here.items():
            if state[name] != value:
                raise ValueError(
                    f"{who}: the state is of a loader with {name}={state[name]!r}; "
                    f"this one has {name}={value!r}"
                )
        generator = checked_state(who, self.rng, state["generator"])
        epoch = None
        if state["epoch"] is not None:
            epoch = checked_epoch(who, state["epoch"], len(self), draws=self._draws)

        self.rng.bit_generator.state = generator
        self._epoch = epoch
        self._continues = epoch is not None

    def _fingerprint(self) -> dict[str, Any]:
        """What two loaders must have in common to give the same batches."""
        sampler = self.sampler
        return {
            "samples": len(self.dataset),
            "batch_size": self.batch_size,
            "sampler": None if sampler is None else _name_of(sampler),
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
            "transform": self.transform is not None,
        }

    def __repr__(self) -> str:
        more = "" if self.sampler is None else f", sampler={self.sampler!r}"
        more += "" if self.transform is None else f", transform={self.transform!r}"
        more += "" if self.prefetch == 0 else f", prefetch={self.prefetch}"
        return (
            f"DataLoader({len(self.dataset)} samples, batch_size={self.batch_size}, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last}{more})"
        )


def _checked_batch_size(batch_size: Any) -> int:
    if isinstance(batch_size, np.ndarray) and batch_size.ndim > 0:
        raise TypeError(
            f"DataLoader: batch_size is an array of shape {batch_size.shape}; needed "
            "is an integer; arrays that belong together go in as a tuple: "
            "DataLoader((X, y), batch_size=32)"
        )
    return at_least("DataLoader", "batch_size", batch_size, 1)


def _name_of(sampler: Any) -> str:
    """What is compared of a sampler: of this package's own, all settings."""
    # Of another class, the repr may hold an address and differ in each process.
    if type(sampler) in (BucketSampler, WeightedRandomSampler):
        return repr(sampler)
    return f"{type(sampler).__name__} of {len(sampler)}"
