"""A rate that is smaller for a while."""

from pebblegrad.optim._checks import check_integer

from ._checks import check_fraction
from ._groups import Rated
from ._schedule import LRScheduler


class ConstantLR(LRScheduler):
    """Multiplies the rate by a factor for the first steps, and by 1 after them.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        factor: from 0 to 1.
        total_iters: for how many steps, at least 0.
        last_epoch: the step before the one to start at.

    PyTorch divides by the factor to come back to the base rate, which it cannot do from
    0, and forgets to do after 0 steps.

    Example:
        >>> ConstantLR(8.0, factor=0.25, total_iters=2).rates(4)
        [2.0, 2.0, 8.0, 8.0]

    Reference:
        Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour",
        section 2.2, "constant warmup"; https://arxiv.org/abs/1706.02677
    """

    def __init__(
        self,
        optimizer: Rated,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        check_fraction("ConstantLR", "factor", factor)
        self.factor = float(factor)
        self.total_iters = check_integer(
            "ConstantLR", "total_iters", total_iters, low=0
        )
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        return base * self.factor if t < self.total_iters else base
