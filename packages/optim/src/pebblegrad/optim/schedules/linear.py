"""A rate that goes along a line from one factor to another."""

from pebblegrad.optim._checks import check_integer

from ._checks import check_fraction
from ._groups import Rated
from ._schedule import LRScheduler


class LinearLR(LRScheduler):
    """Multiplies the rate by a factor that changes by the same amount at each step.

    ``rate = base * (start_factor + (end_factor - start_factor) * t / total_iters)``,
    and ``base * end_factor`` after `total_iters` steps.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        start_factor: the factor at step 0, from 0 to 1. (PyTorch has none of 0.)
        end_factor: the factor at the end, from 0 to 1.
        total_iters: after how many steps the end is reached, at least 1.
        last_epoch: the step before the one to start at.

    The default is a warm-up. So is `WarmupLR`, and starts at no factor to choose.

    Example:
        >>> LinearLR(8.0, start_factor=0.25, total_iters=3).rates(5)
        [2.0, 4.0, 6.0, 8.0, 8.0]
    """

    def __init__(
        self,
        optimizer: Rated,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        check_fraction("LinearLR", "start_factor", start_factor)
        check_fraction("LinearLR", "end_factor", end_factor)
        self.start_factor = float(start_factor)
        self.end_factor = float(end_factor)
        self.total_iters = check_integer("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        if t >= self.total_iters:
            return base * self.end_factor
        part = t / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * part)
