"""A learning rate that warms up, and then falls along a cosine."""

import math

from pebblegrad.optim import LRScheduler


class WarmupCosine(LRScheduler):
    """Grows in ``warmup`` steps to the base rate, and falls to 0 at step ``total``."""

    def __init__(self, optimizer, warmup, total):
        self.warmup = warmup
        self.total = total
        super().__init__(optimizer)

    def rate(self, base, t, group=0):
        """Return the rate at step ``t``, which is 0 for the first."""
        if t < self.warmup:
            return base * (t + 1) / self.warmup
        part = min((t - self.warmup) / (self.total - self.warmup), 1)
        return base * (1 + math.cos(math.pi * part)) / 2
