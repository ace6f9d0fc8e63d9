"""Rates that fall in steps: every few epochs, or at chosen ones."""

from bisect import bisect_right
from collections.abc import Iterable

from pebblegrad.optim._checks import check_integer, check_number

from ._checks import check_milestones
from ._groups import Rated
from ._schedule import LRScheduler


class StepLR(LRScheduler):
    """Multiplies the rate every few steps: ``rate = base * gamma ** (t // step_size)``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        step_size: after how many steps, at least 1.
        gamma: the factor, at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> StepLR(8.0, step_size=2, gamma=0.5).rates(6)
        [8.0, 8.0, 4.0, 4.0, 2.0, 2.0]
    """

    def __init__(
        self,
        optimizer: Rated,
        step_size: int,
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.step_size = check_integer("StepLR", "step_size", step_size)
        check_number("StepLR", "gamma", gamma)
        self.gamma = float(gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        return float(base * self.gamma ** (t // self.step_size))


class MultiStepLR(LRScheduler):
    """Multiplies the rate at chosen steps: ``rate = base * gamma ** n``.

    Here ``n`` is the number of milestones that are reached at step ``t``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        milestones: the steps, each at least 0, in any order; one that comes twice
            counts twice.
        gamma: the factor, at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> MultiStepLR(8.0, milestones=[1, 4], gamma=0.5).rates(6)
        [8.0, 4.0, 4.0, 4.0, 2.0, 2.0]

    Reference:
        He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition",
        section 4.2, divide the rate by 10 after 32,000 and 48,000 steps;
        https://arxiv.org/abs/1512.03385
    """

    def __init__(
        self,
        optimizer: Rated,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(check_milestones("MultiStepLR", milestones, low=0))
        check_number("MultiStepLR", "gamma", gamma)
        self.gamma = float(gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        return base * self.gamma ** bisect_right(self.milestones, t)
