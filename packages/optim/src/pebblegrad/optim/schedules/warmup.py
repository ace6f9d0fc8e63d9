"""A warm-up before any other schedule."""

from pebblegrad.optim._checks import check_integer

from ._groups import Rated
from ._schedule import LRScheduler
from .combined import check_member


class WarmupLR(LRScheduler):
    """Lets the rate grow to the base rate, by the same amount at each step.

    ``rate = base * (t + 1) / warmup_steps`` in the first `warmup_steps` steps. Then the
    base rate, or another schedule, whose steps are counted from the end of the warm-up.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        warmup_steps: how many, at least 0.
        after: the schedule to go on with, made over the same optimizer (over any number
            if there is none); None to stay at the base rate.
        last_epoch: the step before the one to start at.

    PyTorch has none; its ``SequentialLR(optimizer, [LinearLR(...), after], [n])`` is
    nearly the same.

    Example:
        >>> from pebblegrad.optim.schedules import ExponentialLR
        >>> WarmupLR(8.0, 4, after=ExponentialLR(8.0, gamma=0.5)).rates(7)
        [2.0, 4.0, 6.0, 8.0, 8.0, 4.0, 2.0]

    Reference:
        Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour",
        section 2.2, "gradual warmup"; https://arxiv.org/abs/1706.02677
    """

    def __init__(
        self,
        optimizer: Rated,
        warmup_steps: int,
        after: LRScheduler | None = None,
        last_epoch: int = -1,
    ) -> None:
        self.warmup_steps = check_integer(
            "WarmupLR", "warmup_steps", warmup_steps, low=0
        )
        if after is not None:
            check_member("WarmupLR", "after", after, optimizer)
        self.after = after
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        if t < self.warmup_steps:
            return base * min((t + 1) / self.warmup_steps, 1)
        if self.after is None:
            return base
        return self.after.rate(base, t - self.warmup_steps, group)

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step: in the warm-up, the first of `after`."""
        if self.after is None:
            return None
        return self.after.momentum(max(t - self.warmup_steps, 0), group)
