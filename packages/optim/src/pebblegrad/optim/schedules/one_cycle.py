"""One cycle over the whole training: up to a high rate, and down to almost nothing."""

from pebblegrad.optim._checks import check_flags, check_integer

from ._anneal import STRATEGIES, anneal
from ._checks import check_choice, check_fraction, check_positive, numbers
from ._groups import Rated
from ._schedule import LRScheduler


class OneCycleLR(LRScheduler):
    """Raises the rate to `max_lr`, and lowers it to far below where it began.

    It begins at ``max_lr / div_factor``, is at `max_lr` after about the part
    `pct_start` of all steps, and ends at ``max_lr / div_factor / final_div_factor``.
    Meanwhile the momentum goes the other way: down, and up again. To be stepped after
    every batch.

    Args:
        optimizer: an Optimizer, or a number, of any size, for a schedule without one;
            its rate does not matter here, as `max_lr` says all.
        max_lr: the highest rate, at least 0, or a list: one for each group.
        total_steps: the number of steps of the training; or None.
        epochs: the number of epochs, if `total_steps` is None.
        steps_per_epoch: the number of steps of each, if `total_steps` is None.
        pct_start: what part of the steps leads up, from 0 to 1.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether the momentum, or the first of the betas, moves too.
        base_momentum: the lowest momentum, from 0 to below 1, or a list.
        max_momentum: the highest momentum, from 0 to below 1, or a list.
        div_factor: the highest rate over the first one, above 0.
        final_div_factor: the first rate over the last one, above 0.
        three_phase: whether the way down to the first rate is as long as the way up,
            and what is left leads to the last rate; needs a `pct_start` of at most 0.5.
        last_epoch: the step before the one to start at.

    As in PyTorch, the last step is ``total_steps - 1``. A `step()` after it is allowed,
    as a loop makes one after its last batch, and stays at the last rate.

    Example:
        >>> schedule = OneCycleLR(
        ...     0.0,
        ...     max_lr=1.0,
        ...     total_steps=6,
        ...     pct_start=0.5,
        ...     anneal_strategy="linear",
        ...     div_factor=4,
        ...     final_div_factor=1e3,
        ... )
        >>> [round(rate, 4) for rate in schedule.rates(6)]
        [0.25, 0.625, 1.0, 0.6668, 0.3335, 0.0002]

    Reference:
        Smith and Topin 2018, "Super-convergence: very fast training of neural networks
        using large learning rates"; https://arxiv.org/abs/1708.07120. Its cycle is the
        one of `three_phase`; that of two phases, the default, is fast.ai's.
    """

    def __init__(
        self,
        optimizer: Rated,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        who = "OneCycleLR"
        self.max_lr = numbers(who, "max_lr", max_lr)
        self.total_steps = count_steps(total_steps, epochs, steps_per_epoch)
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        check_fraction(who, "pct_start", pct_start)
        check_choice(who, "anneal_strategy", anneal_strategy, STRATEGIES)
        check_flags(who, cycle_momentum=cycle_momentum, three_phase=three_phase)
        check_positive(who, "div_factor", div_factor)
        check_positive(who, "final_div_factor", final_div_factor)
        if three_phase and pct_start > 0.5:
            raise ValueError(
                f"{who}: pct_start is {pct_start} with three_phase; the way up and the "
                "way down take this part each: at most 0.5 is needed"
            )
        self.pct_start = float(pct_start)
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = bool(cycle_momentum)
        self.base_momentum = numbers(who, "base_momentum", base_momentum, high=1.0)
        self.max_momentum = numbers(who, "max_momentum", max_momentum, high=1.0)
        self.div_factor = float(div_factor)
        self.final_div_factor = float(final_div_factor)
        self.three_phase = bool(three_phase)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        highest = self._of("max_lr", group)
        first = highest / self.div_factor
        last = first / self.final_div_factor
        if self.three_phase:
            return self._along(t, [first, highest, first, last])
        return self._along(t, [first, highest, last])

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step, if it is cycled."""
        if not self.cycle_momentum:
            return None
        low, high = self._of("base_momentum", group), self._of("max_momentum", group)
        if self.three_phase:
            return self._along(t, [high, low, high, high])
        return self._along(t, [high, low, high])

    def _along(self, t: float, turns: list[float]) -> float:
        """Return the value at a step, on the way from each turn to the next."""
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {t} is asked for; total_steps is "
                f"{self.total_steps}: make it the number of batches times the "
                "number of epochs"
            )
        up = self.pct_start * self.total_steps
        ends = [up - 1, self.total_steps - 1.0]
        if self.three_phase:
            ends.insert(1, 2 * up - 2)
        start = 0.0
        for end, first, last in zip(ends, turns, turns[1:], strict=False):
            if t <= end:
                # A way without length is behind at once.
                part = (t - start) / (end - start) if end > start else 1.0
                return anneal(self.anneal_strategy, first, last, part)
            start = end
        return turns[-1]  # the step after the last batch


def count_steps(total: int | None, epochs: int | None, per_epoch: int | None) -> int:
    """Return the number of all steps.

    Raises:
        TypeError, ValueError: if it is not given, or given twice, and not as the same.
    """
    who = "OneCycleLR"
    for name, value in (("epochs", epochs), ("steps_per_epoch", per_epoch)):
        if value is not None:
            check_integer(who, name, value)
    product = None if epochs is None or per_epoch is None else epochs * per_epoch
    if total is None:
        if product is None:
            raise ValueError(
                f"{who}: total_steps is None, epochs is {epochs} and steps_per_epoch "
                f"is {per_epoch}; give total_steps, or both of the others"
            )
        return product
    total = check_integer(who, "total_steps", total)
    if product is not None and product != total:
        raise ValueError(
            f"{who}: total_steps is {total}, and epochs times steps_per_epoch is "
            f"{product}; give one of them"
        )
    return total
