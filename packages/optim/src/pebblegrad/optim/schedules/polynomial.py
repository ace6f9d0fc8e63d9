"""A rate that falls to zero along a line, or along a power of it."""

from pebblegrad.optim._checks import check_integer, check_number

from ._groups import Rated
from ._schedule import LRScheduler


class PolynomialLR(LRScheduler):
    """Lets the rate fall to zero: ``rate = base * (1 - t / total_iters) ** power``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        total_iters: after how many steps it is zero, and stays so; at least 1.
        power: 1 for a line, more to fall faster at first, less to fall faster at last;
            at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> PolynomialLR(8.0, total_iters=4, power=2).rates(6)
        [8.0, 4.5, 2.0, 0.5, 0.0, 0.0]

    Reference:
        Chen et al. 2018, "DeepLab: semantic image segmentation with deep convolutional
        nets, atrous convolution, and fully connected CRFs", whose "poly" policy has the
        power 0.9; https://arxiv.org/abs/1606.00915
    """

    def __init__(
        self,
        optimizer: Rated,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters = check_integer("PolynomialLR", "total_iters", total_iters)
        check_number("PolynomialLR", "power", power)
        self.power = float(power)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        left = 1 - min(t, self.total_iters) / self.total_iters
        return float(base * left**self.power)
