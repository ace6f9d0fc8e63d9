"""Rates that go up and down, over and over."""

from collections.abc import Callable
from typing import Any

from pebblegrad.optim._checks import check_flags, check_integer, check_number

from ._checks import check_choice, functions, numbers
from ._groups import Rated
from ._schedule import LRScheduler

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(LRScheduler):
    """Moves the rate between two bounds, along lines up and down.

    ``rate = base_lr + (max_lr - base_lr) * height * scale``, where ``height`` rises
    from 0 to 1 in `step_size_up` steps and falls back in `step_size_down`. The
    ``scale`` is 1 ("triangular"), or halved with every cycle ("triangular2"), or
    ``gamma ** t`` ("exp_range"). Meanwhile the momentum goes the other way. To be
    stepped after every batch.

    Args:
        optimizer: an Optimizer, or a number, of any size, for a schedule without one;
            its rate does not matter here.
        base_lr: the lower bound, at least 0, or a list: one for each group.
        max_lr: the upper bound, at least 0, or a list.
        step_size_up: the number of steps up, at least 1.
        step_size_down: the number of steps down; None for as many.
        mode: "triangular", "triangular2" or "exp_range"; does not matter if there is a
            `scale_fn`.
        gamma: the base of "exp_range", at least 0.
        scale_fn: a scale of your own, as a function; not part of the state.
        scale_mode: what `scale_fn` is a function of: "cycle", of the number of the
            cycle, which is 1 at first, or "iterations", of the step.
        cycle_momentum: whether the momentum, or the first of the betas, moves too.
        base_momentum: the lower bound of the momentum, from 0 to below 1, or a list.
        max_momentum: the upper bound, from 0 to below 1, or a list.
        last_epoch: the step before the one to start at.

    Example:
        >>> CyclicLR(0.0, base_lr=1.0, max_lr=5.0, step_size_up=2).rates(6)
        [1.0, 3.0, 5.0, 3.0, 1.0, 3.0]

    Reference:
        Smith 2017, "Cyclical learning rates for training neural networks";
        https://arxiv.org/abs/1506.01186
    """

    def __init__(
        self,
        optimizer: Rated,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[Any], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        who = "CyclicLR"
        self.base_lr = numbers(who, "base_lr", base_lr)
        self.max_lr = numbers(who, "max_lr", max_lr)
        self.step_size_up = check_integer(who, "step_size_up", step_size_up)
        if step_size_down is not None:
            step_size_down = check_integer(who, "step_size_down", step_size_down)
        self.step_size_down = step_size_down
        check_choice(who, "mode", mode, MODES)
        self.mode = mode
        check_number(who, "gamma", gamma)
        self.gamma = float(gamma)
        if scale_fn is not None:
            functions(who, "scale_fn", scale_fn)
        self.scale_fn = scale_fn
        check_choice(who, "scale_mode", scale_mode, ("cycle", "iterations"))
        self.scale_mode = scale_mode
        check_flags(who, cycle_momentum=cycle_momentum)
        self.cycle_momentum = bool(cycle_momentum)
        self.base_momentum = numbers(who, "base_momentum", base_momentum, high=1.0)
        self.max_momentum = numbers(who, "max_momentum", max_momentum, high=1.0)
        super().__init__(optimizer, last_epoch)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step."""
        low, high = self._of("base_lr", group), self._of("max_lr", group)
        return float(low + (high - low) * self._height(t))

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step, if it is cycled."""
        if not self.cycle_momentum:
            return None
        low, high = self._of("base_momentum", group), self._of("max_momentum", group)
        return float(high - (high - low) * self._height(t))

    def _height(self, t: float) -> float:
        """Return how far from the lower bound to the upper one it is."""
        up, down = self.step_size_up, self.step_size_down or self.step_size_up
        cycle, passed = divmod(t, up + down)
        height = passed / up if passed <= up else (up + down - passed) / down
        return height * self._scale(t, int(cycle) + 1)

    def _scale(self, t: float, cycle: int) -> float:
        """Return what is left of the height at a step of a cycle."""
        if self.scale_fn is not None:
            argument = cycle if self.scale_mode == "cycle" else t
            return self._number(f"scale_fn({argument})", self.scale_fn(argument))
        if self.mode == "triangular":
            return 1.0
        if self.mode == "triangular2":
            return 0.5 ** (cycle - 1)
        return float(self.gamma**t)
