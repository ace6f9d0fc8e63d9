"""Several schedules as one: one after the other, or one on top of the other."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from pebblegrad.optim._optimizer import Optimizer

from ._checks import check_milestones
from ._groups import Rated
from ._schedule import LRScheduler
from .plateau import ReduceLROnPlateau


class SequentialLR(LRScheduler):
    """Follows one schedule after the other, each from its own step 0 on.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        schedulers: the schedules, in order, made over the same optimizer (over any
            number if there is none). Do not step them.
        milestones: the steps at which the next one begins, rising, at least 1; one
            fewer than there are schedules.
        last_epoch: the step before the one to start at.

    Each schedule starts from the base rate, not from where the one before it came to.

    Example:
        >>> from pebblegrad.optim.schedules import ExponentialLR, LinearLR
        >>> first = LinearLR(8.0, start_factor=0.25, total_iters=3)
        >>> SequentialLR(8.0, [first, ExponentialLR(8.0, 0.5)], [3]).rates(6)
        [2.0, 4.0, 6.0, 8.0, 4.0, 2.0]
    """

    def __init__(
        self,
        optimizer: Rated,
        schedulers: Sequence[LRScheduler],
        milestones: Iterable[int],
        last_epoch: int = -1,
    ) -> None:
        who = "SequentialLR"
        self.schedulers = members(who, schedulers, optimizer)
        self.milestones = check_milestones(who, milestones, low=1)
        if any(later <= earlier for earlier, later in pairwise(self.milestones)):
            raise ValueError(f"{who}: milestones is {self.milestones}; they must rise")
        if len(self.milestones) != len(self.schedulers) - 1:
            raise ValueError(
                f"{who}: there are {len(self.schedulers)} schedulers and "
                f"{len(self.milestones)} milestones; {len(self.schedulers) - 1} "
                "milestones are needed, the steps at which the next one begins"
            )
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        scheduler, t = self._current(t)
        return scheduler.rate(base, t, group)

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step, if the schedule of that step changes it."""
        scheduler, t = self._current(t)
        return scheduler.momentum(t, group)

    def _current(self, t: float) -> tuple[LRScheduler, float]:
        """Return the schedule of a step, and the step as it counts."""
        i = bisect_right(self.milestones, t)
        return self.schedulers[i], t - self.milestones[i - 1] if i else t


class ChainedScheduler(LRScheduler):
    """Applies each schedule to the rate that the one before it gives.

    Of schedules that multiply the base rate by a factor the factors are multiplied.

    Args:
        schedulers: the schedules, made over the same optimizer, or over numbers; the
            first one's number is the base rate then. Do not step them.
        optimizer: an Optimizer, or a base rate; the first schedule's if None.

    In PyTorch some schedules (`LambdaLR`, `CosineAnnealingWarmRestarts`, `CyclicLR`,
    `OneCycleLR`) forget the rate that they find, and those before them in the chain
    count for nothing. Here that is so for `CyclicLR` and `OneCycleLR` alone, whose
    rates do not depend on a base rate.

    Example:
        >>> from pebblegrad.optim.schedules import ConstantLR, ExponentialLR
        >>> first = ConstantLR(8.0, factor=0.25, total_iters=2)
        >>> ChainedScheduler([first, ExponentialLR(8.0, gamma=0.5)]).rates(4)
        [2.0, 1.0, 2.0, 1.0]
    """

    def __init__(
        self,
        schedulers: Sequence[LRScheduler],
        optimizer: Rated | None = None,
    ) -> None:
        who = "ChainedScheduler"
        if optimizer is None:
            first = members(who, schedulers, None)[0]
            optimizer = first.optimizer or first.base_lrs
        self.schedulers = members(who, schedulers, optimizer)
        super().__init__(optimizer)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        for scheduler in self.schedulers:
            base = scheduler.rate(base, t, group)
        return base

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step: that of the last schedule that has one."""
        found = None
        for scheduler in self.schedulers:
            momentum = scheduler.momentum(t, group)
            found = found if momentum is None else momentum
        return found

    def _like(self, bases: list[float], options: dict[str, Any]) -> LRScheduler:
        return ChainedScheduler(options["schedulers"], bases)


def members(who: str, schedulers: Any, optimizer: Any) -> list[LRScheduler]:
    """Return the schedules as a list, if they can be combined."""
    if not isinstance(schedulers, list | tuple):
        raise TypeError(
            f"{who}: schedulers is a {type(schedulers).__name__}; a list of schedules "
            "is needed"
        )
    if not schedulers:
        raise ValueError(f"{who}: schedulers is empty; at least one is needed")
    for i, scheduler in enumerate(schedulers):
        check_member(who, f"schedulers[{i}]", scheduler, optimizer)
    return list(schedulers)


def check_member(who: str, name: str, scheduler: Any, optimizer: Any) -> None:
    """Raise unless it is a schedule by formula, and over this optimizer if not None."""
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(
            f"{who}: {name} is a {type(scheduler).__name__}; a schedule is needed"
        )
    if isinstance(scheduler, ReduceLROnPlateau):
        raise TypeError(
            f"{who}: {name} is a ReduceLROnPlateau, whose rates depend on a metric and "
            "not on the step alone; step it beside a schedule of your own making"
        )
    if optimizer is None:
        return
    of = optimizer if isinstance(optimizer, Optimizer) else None
    if scheduler.optimizer is not of:
        has = "no optimizer" if scheduler.optimizer is None else "another optimizer"
        needed = "none" if of is None else f"the {type(of).__name__} that is given here"
        raise ValueError(
            f"{who}: {name}, a {type(scheduler).__name__}, was made over {has}; "
            f"needed is {needed}"
        )
