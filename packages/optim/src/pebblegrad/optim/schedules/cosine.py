"""Rates that fall along half a cosine: slowly, fast, slowly; once, or over and over."""

import math

from pebblegrad.optim._checks import check_integer, check_number

from ._groups import Rated
from ._schedule import LRScheduler


class CosineAnnealingLR(LRScheduler):
    """Lets the rate fall along half a cosine.

    ``rate = eta_min + (base - eta_min) * (1 + cos(pi * t / T_max)) / 2``. After `T_max`
    steps it is `eta_min`, and rises again along the cosine if stepped further.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        T_max: after how many steps the bottom is reached, at least 1.
        eta_min: the rate at the bottom, at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> CosineAnnealingLR(1.0, T_max=4).rates(5)
        [1.0, 0.8535533905932737, 0.5, 0.1464466094067262, 0.0]

    Reference:
        Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm
        restarts", equation 5, without the restarts; https://arxiv.org/abs/1608.03983
    """

    def __init__(
        self,
        optimizer: Rated,
        T_max: int,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_max = check_integer("CosineAnnealingLR", "T_max", T_max)
        check_number("CosineAnnealingLR", "eta_min", eta_min)
        self.eta_min = float(eta_min)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        return cosine(base, self.eta_min, t / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Lets the rate fall along half a cosine, and jump up to start again.

    ``rate = eta_min + (base - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2``, where
    ``T_cur`` is the number of steps since the last restart and ``T_i`` the number of
    steps from that restart to the next.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        T_0: the number of steps to the first restart, at least 1.
        T_mult: how many times as long each period is as the one before, at least 1.
        eta_min: the rate that it falls to, at least 0.
        last_epoch: the step before the one to start at.

    Example:
        >>> CosineAnnealingWarmRestarts(1.0, T_0=2, T_mult=2).rates(7)
        [1.0, 0.5, 1.0, 0.8535533905932737, 0.5, 0.1464466094067262, 1.0]

    Reference:
        Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm
        restarts", equation 5; https://arxiv.org/abs/1608.03983
    """

    def __init__(
        self,
        optimizer: Rated,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        who = "CosineAnnealingWarmRestarts"
        self.T_0 = check_integer(who, "T_0", T_0)
        self.T_mult = check_integer(who, "T_mult", T_mult)
        check_number(who, "eta_min", eta_min)
        self.eta_min = float(eta_min)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        T_cur, T_i = t, self.T_0
        if self.T_mult == 1:
            T_cur %= T_i
        while T_cur >= T_i:
            T_cur -= T_i
            T_i *= self.T_mult
        return cosine(base, self.eta_min, T_cur / T_i)

    def step(self, epoch: float | None = None) -> None:
        """Move on by a step, or to a point in time.

        Args:
            epoch: where to, at least 0; within an epoch, say, the epoch plus the part
                of its batches that is done. As a rule None: a step further.
        """
        self._look()
        if epoch is None:
            epoch = self.t + 1
        check_number(self._name, "epoch", epoch)
        self._move(epoch)


def cosine(base: float, eta_min: float, part: float) -> float:
    """Return the rate on the way from `base` to `eta_min`, of which `part` is behind.

    Example:
        >>> cosine(3.0, 1.0, 0.5)
        2.0
    """
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * part)) / 2
