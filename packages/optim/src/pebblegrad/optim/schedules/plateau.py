"""A rate that falls when nothing gets better any more."""

import math
from collections.abc import Mapping
from typing import Any

from pebblegrad.optim._checks import check_integer, check_number

from ._checks import check_choice, numbers
from ._groups import Rated
from ._schedule import LRScheduler
from ._state import check_rates


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by `factor` when a metric has stopped getting better.

    A step is bad if its metric is no better than the best one so far, by a threshold.
    After more than `patience` bad steps in a row the rate is reduced; then follow
    `cooldown` steps in which none counts as bad.

    Args:
        optimizer: an Optimizer, or a base rate; see `LRScheduler`. The rates are left
            as they are at first.
        mode: "min" if a smaller metric is better, as of a loss; "max" if a larger one
            is, as of an accuracy.
        factor: what the rate is multiplied by, from 0 to below 1.
        patience: how many bad steps in a row are put up with, at least 0.
        threshold: how much better a metric must be to count as better, at least 0.
        threshold_mode: "rel" if the threshold is a part of the best metric, "abs" if it
            is in the metric's unit.
        cooldown: how many steps to wait after a reduction, at least 0.
        min_lr: a rate that is not gone below, at least 0, or a list: one for each
            group.
        eps: a reduction by no more than this is left out, at least 0.

    Attributes:
        best: the best metric so far; infinite at first.
        num_bad_epochs: the number of bad steps in a row.
        cooldown_counter: the number of steps still to wait.

    In PyTorch a relative threshold moves the wrong way if the metric is negative: with
    a best loss of -10, -9.9995 counts as better.

    Example:
        >>> schedule = ReduceLROnPlateau(1.0, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.1, 2.2, 1.0):
        ...     schedule.step(loss)
        ...     print(schedule.get_last_lr()[0], end=" ")
        1.0 1.0 1.0 0.5 0.5 0.5

    Reference:
        Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep
        convolutional neural networks", section 5, did it by hand;
        https://papers.nips.cc/paper/4824
    """

    def __init__(
        self,
        optimizer: Rated,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        who = "ReduceLROnPlateau"
        check_choice(who, "mode", mode, ("min", "max"))
        check_number(who, "factor", factor, high=1.0)
        check_number(who, "threshold", threshold)
        check_choice(who, "threshold_mode", threshold_mode, ("rel", "abs"))
        check_number(who, "eps", eps)
        self.mode = mode
        self.factor = float(factor)
        self.patience = check_integer(who, "patience", patience, low=0)
        self.threshold = float(threshold)
        self.threshold_mode = threshold_mode
        self.cooldown = check_integer(who, "cooldown", cooldown, low=0)
        self.min_lr = numbers(who, "min_lr", min_lr)
        self.eps = float(eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self._attach(optimizer)
        self._of("min_lr", 0)  # one for each group?
        self._check_base(fresh=False)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Raise: there is no formula."""
        raise RuntimeError(
            "ReduceLROnPlateau: there is no rate of a step that is to come; it depends "
            "on the metrics: call step(metric) and then get_last_lr()"
        )

    def step(self, metrics: Any = None) -> None:
        """Look at a metric, and reduce the rate if that has to be.

        Args:
            metrics: a single number, such as the loss on the validation set.

        Raises:
            TypeError: if it is no number.
            ValueError: if it is NaN; nothing is changed then.
        """
        current = self._metric(metrics)
        bad, cooldown = self.num_bad_epochs + 1, self.cooldown_counter
        if better := self._is_better(current):
            bad = 0
        if cooldown > 0:
            bad, cooldown = 0, cooldown - 1
        if bad > self.patience:
            self._reduce()
            bad, cooldown = 0, self.cooldown
        self.best = current if better else self.best
        self.num_bad_epochs, self.cooldown_counter = bad, cooldown
        self.t += 1

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next rates depend on: plain numbers, strings and lists.

        Returns:
            "t", "base_lrs" and the options; "lrs", the present rates; "best",
            "num_bad_epochs" and "cooldown_counter".
        """
        return {
            **super().state_dict(),
            "lrs": self.get_last_lr(),
            "best": self.best,
            "num_bad_epochs": self.num_bad_epochs,
            "cooldown_counter": self.cooldown_counter,
        }

    def _metric(self, metrics: Any) -> float:
        """Return the metric as a float."""
        try:
            if metrics is None or isinstance(metrics, str):
                raise TypeError
            current = float(metrics)
        except (TypeError, ValueError):
            raise TypeError(
                f"ReduceLROnPlateau.step: metrics is {metrics!r}; a single number is "
                "needed, such as step(validation_loss)"
            ) from None
        if math.isnan(current):
            raise ValueError(
                "ReduceLROnPlateau.step: metrics is nan; it is neither better nor "
                "worse than the others: stop the training, or leave this step out"
            )
        return current

    def _is_better(self, current: float) -> bool:
        """Whether a metric is better than the best one so far."""
        margin = self.threshold
        if self.threshold_mode == "rel":
            margin *= abs(self.best) if math.isfinite(self.best) else 1.0
        if self.mode == "min":
            return current < self.best - margin
        return current > self.best + margin

    def _reduce(self) -> None:
        """Multiply the rates, down to the least ones."""
        rates = []
        for i, rate in enumerate(self.get_last_lr()):
            reduced = max(rate * self.factor, self._of("min_lr", i))
            rates.append(reduced if rate - reduced > self.eps else rate)
        self._write(rates, [None] * len(rates))

    def _resume(self, state: Mapping[str, Any]) -> None:
        who = "ReduceLROnPlateau"
        check_rates(who, "lrs", state["lrs"], len(self._groups))
        if not isinstance(state["best"], int | float) or math.isnan(state["best"]):
            raise TypeError(f"{who}: best is {state['best']!r}; a number is needed")
        self.best = float(state["best"])
        for name in ("num_bad_epochs", "cooldown_counter"):
            setattr(self, name, check_integer(who, name, state[name], low=0))
        self._write([float(lr) for lr in state["lrs"]], [None] * len(self._groups))
        self.t = state["t"]
