"""A rate that falls by the same factor at every step."""

from pebblegrad.optim._checks import check_number

from ._groups import Rated
from ._schedule import LRScheduler


class ExponentialLR(LRScheduler):
    """Multiplies the rate at every step: ``rate = base * gamma ** t``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        gamma: the factor, at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> ExponentialLR(8.0, gamma=0.5).rates(4)
        [8.0, 4.0, 2.0, 1.0]
    """

    def __init__(self, optimizer: Rated, gamma: float, last_epoch: int = -1) -> None:
        check_number("ExponentialLR", "gamma", gamma)
        self.gamma = float(gamma)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        return float(base * self.gamma**t)
