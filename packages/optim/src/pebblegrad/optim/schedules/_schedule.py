"""What all schedules share: a formula, the step that it stands at, and where to write.

A schedule is a function of time. A subclass writes it down as `rate`: the rate at step
`t`, in closed form from the base rate. All else follows from that: `at` evaluates it,
`step` moves on and writes the rate into the optimizer's groups, and a state is little
more than `t`. PyTorch computes most rates from the ones before, so its rates carry
rounding errors along, and depend on who else wrote into the groups; these do not.
"""

import warnings
import weakref
from collections.abc import Mapping
from typing import Any

from pebblegrad.optim._checks import check_integer, check_number
from pebblegrad.optim._optimizer import Optimizer

from ._groups import Rated, check_momentum, check_optimizer, stand_ins
from ._state import check_state, loaded, option_names, saved

# The optimizers that had a schedule: it is no surprise that their rates are not the
# ones that they were made with.
_SCHEDULED: weakref.WeakSet[Optimizer] = weakref.WeakSet()


class LRScheduler:
    """Base of the schedules: write `rate`, and `__init__` if there are options.

    Args:
        optimizer: an Optimizer, whose groups get the rate of step 0 at once; or a
            number, the base rate of a schedule without an optimizer; or a list of
            numbers, as if there were several groups.
        last_epoch: the step before the one to start at; the first step is 0.

    Attributes:
        t: the step that the schedule stands at, 0 before the first `step()`.
        optimizer: the Optimizer, or None.

    Each option must be kept under its own name, as an attribute, so that it is part of
    the state.

    The base rate of a group is its "initial_lr": the rate that it was made with,
    whatever schedules made of its "lr" since. To start from another one, set
    "initial_lr".

    Call `step()` after the optimizer's: once per epoch or once per batch, as the
    numbers of steps in the options are meant. Two schedules over one optimizer
    overwrite each other's rates; `ChainedScheduler` and `SequentialLR` combine them.

    Raises:
        TypeError: if `optimizer` is none, and no number.
        ValueError: if an option is out of its range.

    Example:
        >>> class InverseRootLR(LRScheduler):
        ...     def rate(self, base, t, group=0):
        ...         return base / (t + 1) ** 0.5
        >>> InverseRootLR(0.6).rates(4)
        [0.6, 0.4242640687119285, 0.34641016151377546, 0.3]
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad.optim import SGD
        >>> optimizer = SGD([Tensor([1.0], requires_grad=True)], lr=0.6)
        >>> schedule = InverseRootLR(optimizer)
        >>> for batch in range(3):
        ...     optimizer.step()
        ...     schedule.step()
        >>> optimizer.param_groups[0]["lr"]
        0.3
    """

    def __init__(self, optimizer: Rated, last_epoch: int = -1) -> None:
        t = check_integer(self._name, "last_epoch", last_epoch, low=-1) + 1
        self._attach(optimizer)
        self._check_base(fresh=t == 0)
        self._move(t)

    def rate(self, base: float, t: float, group: int = 0) -> float:
        """Return the learning rate at a step: the formula.

        Args:
            base: the rate to start from.
            t: the step, from 0 on.
            group: the place of the group, for options that each group has its own of.
        """
        raise NotImplementedError(f"{self._name}: rate is not written")

    def momentum(self, t: float, group: int = 0) -> float | None:
        """Return the momentum at a step, or None if it is left alone.

        Args:
            t: the step, from 0 on.
            group: the place of the group.
        """
        return None

    def at(self, t: float, group: int = 0) -> float:
        """Return the learning rate at any step; nothing is changed.

        Args:
            t: the step, at least 0; a fraction is a point between two steps.
            group: the place of the group.

        Raises:
            ValueError: if there is no such step, or no such group.
        """
        check_number(self._name, "t", t)
        if check_integer(self._name, "group", group, low=0) >= len(self._groups):
            raise ValueError(
                f"{self._name}: group is {group}; the groups are numbered from 0 to "
                f"{len(self._groups) - 1}"
            )
        return self._rate_at(t, group)

    def rates(self, steps: int) -> list[float]:
        """Return the rates of the first group at the steps 0 to ``steps - 1``.

        Args:
            steps: how many.
        """
        count = check_integer(self._name, "steps", steps, low=0)
        return [self.at(t) for t in range(count)]

    def step(self) -> None:
        """Move on by a step: write the next rate into every group.

        Raises:
            ValueError, TypeError: if there is no next rate; nothing is changed then.
        """
        self._look()
        self._move(self.t + 1)

    def get_last_lr(self) -> list[float]:
        """Return the rate that each group has at present."""
        return [float(group["lr"]) for group in self._groups]

    @property
    def base_lrs(self) -> list[float]:
        """The base rate of each group."""
        return [float(group["initial_lr"]) for group in self._groups]

    @property
    def last_epoch(self) -> int:
        """The step that the schedule stands at, under PyTorch's name."""
        return int(self.t)

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next rates depend on: plain numbers, strings and lists.

        Returns:
            "t", "base_lrs" and the options; functions among them are left out, and have
            to be given again when the schedule is made that loads this.
        """
        return {"t": self.t, "base_lrs": self.base_lrs, **saved(self._options())}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, and set the rates of its step.

        Args:
            state: as returned by `state_dict` of a schedule of the same class.

        Raises:
            TypeError, ValueError: if the state is not one of such a schedule, with as
                many groups; nothing is changed then.
        """
        self._take(self._loaded(state))

    def __repr__(self) -> str:
        groups = self.base_lrs
        if self.optimizer is not None:
            source = f"<{type(self.optimizer).__name__}>"
        else:
            source = repr(groups[0] if len(groups) == 1 else groups)
        shown = [f"{name}={value!r}" for name, value in self._options().items()]
        return f"{self._name}({', '.join([source, *shown])})"

    # What subclasses use

    def _of(self, name: str, group: int) -> Any:
        """Return a group's own value of an option, if it has one for each."""
        value = getattr(self, name)
        if not isinstance(value, list):
            return value
        if len(value) != len(self._groups):
            raise ValueError(
                f"{self._name}: {name} has {len(value)} values, and there are "
                f"{len(self._groups)} groups; give one value, or one for each group"
            )
        return value[group]

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def _groups(self) -> list[dict[str, Any]]:
        """The groups that are written to; without an optimizer, stand-ins."""
        if self.optimizer is None:
            return self._stand_ins
        return self.optimizer.param_groups

    def _attach(self, optimizer: Rated) -> None:
        """Find the groups; change nothing yet."""
        self.t: float = 0
        self.optimizer: Optimizer | None = None
        self._stand_ins: list[dict[str, Any]] = []
        self._written: list[float] = []  # what the rates were after the last step
        self._told = False  # whether it was said that others write rates too
        if isinstance(optimizer, Optimizer):
            check_optimizer(self._name, optimizer)
            self.optimizer = optimizer
        else:
            self._stand_ins = stand_ins(self._name, optimizer)

    def _check_base(self, *, fresh: bool) -> None:
        """Warn if a rate was set by hand, and would be lost without a word."""
        if self.optimizer is None:
            return
        for i, group in enumerate(self._groups):
            lr, base = group["lr"], group["initial_lr"]
            if fresh and lr != base and self.optimizer not in _SCHEDULED:
                warnings.warn(
                    f"{self._name}: group {i} has lr {lr} and initial_lr {base}; a "
                    f"schedule starts from initial_lr, and {lr} is lost: set "
                    "initial_lr too if the schedule is to start from there (and make "
                    "schedules before the optimizer's load_state_dict)",
                    stacklevel=_depth(self),
                )
                break
        _SCHEDULED.add(self.optimizer)

    def _base(self, group: int) -> float:
        """Return what the formula of a group starts from."""
        return float(self._groups[group]["initial_lr"])

    def _number(self, what: str, value: Any) -> float:
        """Return a number that a function of the user gave, or raise."""
        check_number(self._name, what, value)
        return float(value)

    def _rate_at(self, t: float, group: int) -> float:
        """Return a group's rate, checked."""
        try:
            value = self.rate(self._base(group), t, group)
        except OverflowError as error:
            raise ValueError(
                f"{self._name}: the rate at step {t} is too large for a float"
            ) from error
        return self._number(f"the rate at step {t}", value)

    def _momentum_at(self, t: float, group: int) -> float | None:
        """Return a group's momentum, checked."""
        value = self.momentum(t, group)
        if value is None:
            return None
        check_number(self._name, f"the momentum at step {t}", value, high=1.0)
        if self.optimizer is not None:
            check_momentum(self._name, self.optimizer)
        return float(value)

    def _move(self, t: float) -> None:
        """Go to a step: compute everything, and write then."""
        places = range(len(self._groups))
        rates = [self._rate_at(t, i) for i in places]
        self._write(rates, [self._momentum_at(t, i) for i in places])
        self.t = t

    def _write(self, rates: list[float], momenta: list[float | None]) -> None:
        """Give each group its rate, and its momentum if there is one."""
        for group, rate, momentum in zip(self._groups, rates, momenta, strict=True):
            group["lr"] = rate
            if momentum is None:
                continue
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum
        self._written = rates

    def _look(self) -> None:
        """Warn about steps in the wrong order, and about rates of other writers."""
        if self.optimizer is None:
            return
        # An optimizer with a `step` of its own may not keep account of its steps.
        counted = type(self.optimizer).step is Optimizer.step
        if self.t == 0 and counted and not self.optimizer._used:
            warnings.warn(
                f"{self._name}.step: the optimizer made no step yet, so the first rate "
                "is skipped; call optimizer.step() first, and schedule.step() then",
                stacklevel=3,
            )
        present = self.get_last_lr()[: len(self._written)]
        if present != self._written and not self._told:
            self._told = True
            warnings.warn(
                f"{self._name}.step: the rates are {present} and were {self._written} "
                "after the last step of this schedule; they are overwritten, as its "
                "rates depend on initial_lr and the step alone: combine schedules by "
                "ChainedScheduler or SequentialLR, and change initial_lr to change "
                "the rates by hand",
                stacklevel=3,
            )

    # State

    def _options(self) -> dict[str, Any]:
        """Return the options by name."""
        names = option_names(type(self))
        if missing := [name for name in names if not hasattr(self, name)]:
            raise AttributeError(
                f"{self._name}: there is no attribute {', '.join(missing)}; each "
                "option of __init__ must be kept under its own name"
            )
        return {name: getattr(self, name) for name in names}

    def _loaded(self, state: Mapping[str, Any]) -> "LRScheduler":
        """Return a schedule without an optimizer that is in the given state, or raise.

        Nothing is changed before this one could be made whole.
        """
        check_state(self._name, state, self.state_dict())
        options = loaded(self._name, self._options(), state)
        clone = self._like(list(state["base_lrs"]), options)
        check_number(self._name, "t", state["t"])
        clone._resume(state)
        if self.optimizer is not None and "momentum" in clone._stand_ins[0]:
            check_momentum(self._name, self.optimizer)
        return clone

    def _like(self, bases: list[float], options: dict[str, Any]) -> "LRScheduler":
        """Return a schedule of this class without an optimizer."""
        return type(self)(bases, **options)

    def _resume(self, state: Mapping[str, Any]) -> None:
        """Go to where a checked state is, of a schedule with these options."""
        self._move(state["t"])

    def _take(self, clone: "LRScheduler", *, outermost: bool = True) -> None:
        """Become what a schedule without an optimizer is.

        Only the outermost of combined schedules writes: what its members would give
        the groups is not what it gives them.
        """
        for group, other in zip(self._groups, clone._stand_ins, strict=True):
            group["initial_lr"] = other["initial_lr"]
        own = {"optimizer", "_stand_ins", "_written", "_told"}
        for name, value in vars(clone).items():
            if name not in own:
                setattr(self, name, taken(getattr(self, name), value))
        if outermost:
            momenta = [clone._momentum_at(clone.t, i) for i in range(len(self._groups))]
            self._write(clone.get_last_lr(), momenta)
        else:
            self._written = clone.get_last_lr()


def taken(present: Any, value: Any) -> Any:
    """Return what replaces an attribute; schedules stay, and take the state over."""
    if isinstance(present, LRScheduler):
        present._take(value, outermost=False)
        return present
    if isinstance(present, list) and any(isinstance(p, LRScheduler) for p in present):
        return [taken(p, v) for p, v in zip(present, value, strict=True)]
    return value


def _depth(schedule: LRScheduler) -> int:
    """Return the stack level of the line that made the schedule, seen from a method.

    The constructors of a class and of its bases lie in between.
    """
    constructors = [c for c in type(schedule).__mro__ if "__init__" in vars(c)]
    return 2 + len(constructors) - 1
