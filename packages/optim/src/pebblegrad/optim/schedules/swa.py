"""The rate of the last epochs, in which weights are averaged."""

from collections.abc import Mapping
from typing import Any

from pebblegrad.optim._checks import check_integer

from ._anneal import STRATEGIES, anneal
from ._checks import check_choice, numbers
from ._groups import Rated
from ._schedule import LRScheduler
from ._state import check_rates


class SWALR(LRScheduler):
    """Leads from whatever rate there is to a fixed one, and stays there.

    Another schedule may go first, over the same optimizer: the rate at the first
    `step()` of this one is what it leads away from.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`.
        swa_lr: the rate to stay at, at least 0, or a list: one for each group.
        anneal_epochs: in how many steps it is reached; at 0, when the schedule is made.
        anneal_strategy: "cos" or "linear".

    Example:
        >>> SWALR(1.0, swa_lr=0.2, anneal_epochs=2, anneal_strategy="linear").rates(4)
        [1.0, 0.6, 0.2, 0.2]

    Reference:
        Izmailov, Podoprikhin, Garipov, Vetrov, Wilson 2018, "Averaging weights leads to
        wider optima and better generalization"; https://arxiv.org/abs/1803.05407
    """

    def __init__(
        self,
        optimizer: Rated,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
    ) -> None:
        self.swa_lr = numbers("SWALR", "swa_lr", swa_lr)
        self.anneal_epochs = check_integer(
            "SWALR", "anneal_epochs", anneal_epochs, low=0
        )
        check_choice("SWALR", "anneal_strategy", anneal_strategy, STRATEGIES)
        self.anneal_strategy = anneal_strategy
        self._starts: list[float] = []  # known at the first step
        super().__init__(optimizer)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        target = self._of("swa_lr", group)
        if t >= self.anneal_epochs:
            return float(target)
        if t == 0:
            return base  # to the bit, as there is nothing to change yet
        return anneal(self.anneal_strategy, base, target, t / self.anneal_epochs)

    def step(self) -> None:
        """Move on by a step: write the next rate into every group."""
        if self.t == 0:
            self._starts = self._written = self.get_last_lr()
        # Groups that were added since lead away from the rates that they came with.
        self._starts = self._starts + self.get_last_lr()[len(self._starts) :]
        self._look()
        self._move(self.t + 1)

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next rates depend on: plain numbers, strings and lists.

        Returns:
            "t", "base_lrs" and the options; "start_lrs", the rates that it leads away
            from.
        """
        starts = [self._base(i) for i in range(len(self._groups))]
        return {**super().state_dict(), "start_lrs": starts}

    def _base(self, group: int) -> float:
        """Return what it leads away from: at first, the present rate."""
        if group < len(self._starts):
            return self._starts[group]
        return float(self._groups[group]["lr"])

    def _check_base(self, *, fresh: bool) -> None:
        super()._check_base(fresh=False)  # it starts from any rate

    def _resume(self, state: Mapping[str, Any]) -> None:
        check_rates("SWALR", "start_lrs", state["start_lrs"], len(self._groups))
        self._starts = [float(lr) for lr in state["start_lrs"]]
        super()._resume(state)
