"""A learning rate that warms up, and then falls along a cosine.

A schedule is a formula of the step. Write `rate`; the base class does the rest.
"""

# ruff: noqa: F401  the imports are for what you will write

import math

from pebblegrad.optim import LRScheduler


class WarmupCosine(LRScheduler):
    """Grows in ``warmup`` steps to the base rate, and falls to 0 at step ``total``.

    Args:
        optimizer: an optimizer, or a number, the base rate.
        warmup: how many steps it grows.
        total: the step at which it is 0, and from which on it stays there.
    """

    def __init__(self, optimizer, warmup, total):
        self.warmup = warmup
        self.total = total
        super().__init__(optimizer)

    def rate(self, base, t, group=0):
        """Return the rate at step ``t``, which is 0 for the first.

        Before ``warmup``: ``base * (t + 1) / warmup``. From there to ``total`` half a
        cosine, from ``base`` down to 0: ``base * (1 + cos(pi * part)) / 2``, where
        ``part`` goes from 0 to 1.
        """
        raise NotImplementedError("rate(base, t) returns a number")
