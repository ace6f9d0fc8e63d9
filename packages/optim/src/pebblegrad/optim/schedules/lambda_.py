"""Rates that a function of the user gives."""

from collections.abc import Callable
from typing import TypeAlias

from ._checks import functions
from ._groups import Rated
from ._schedule import LRScheduler

Factor: TypeAlias = Callable[[int], float]


class LambdaLR(LRScheduler):
    """Multiplies the rate by what a function gives: ``rate = base * lr_lambda(t)``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        lr_lambda: the factor, at least 0, as a function of the step; or a list of
            functions, one for each group.
        last_epoch: the step before the one to start at.

    A function is not part of the state.

    Example:
        >>> LambdaLR(8.0, lambda t: 1 / (1 + t)).rates(4)
        [8.0, 4.0, 2.6666666666666665, 2.0]
    """

    def __init__(
        self,
        optimizer: Rated,
        lr_lambda: Factor | list[Factor],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambda = functions("LambdaLR", "lr_lambda", lr_lambda)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        factor = self._of("lr_lambda", group)(t)
        return base * self._number(f"lr_lambda({t})", factor)


class MultiplicativeLR(LRScheduler):
    """Multiplies the rate at each step by what a function gives for that step.

    ``rate = base * lr_lambda(1) * ... * lr_lambda(t)``.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        lr_lambda: the factor of a step, at least 0, as a function of the step, which is
            1 at first; or a list of functions, one for each group.
        last_epoch: the step before the one to start at.

    A function is not part of the state. It must give the same factor whenever it is
    asked for the same step: `at` asks it again for all of them from 1 on.

    Example:
        >>> MultiplicativeLR(8.0, lambda t: 0.5 if t % 2 else 1.0).rates(5)
        [8.0, 4.0, 4.0, 2.0, 2.0]
    """

    def __init__(
        self,
        optimizer: Rated,
        lr_lambda: Factor | list[Factor],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambda = functions("MultiplicativeLR", "lr_lambda", lr_lambda)
        # By group, the last step that was asked for and the product up to it: to step
        # on is a single factor then.
        self._products: dict[int, tuple[int, float]] = {}
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        done, product = self._products.get(group, (0, 1.0))
        if t < done:
            done, product = 0, 1.0
        for step in range(done + 1, int(t) + 1):
            factor = self._of("lr_lambda", group)(step)
            product *= self._number(f"lr_lambda({step})", factor)
        self._products[group] = int(t), product
        return base * product
