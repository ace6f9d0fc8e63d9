"""What a schedule writes its rates into: an optimizer's groups, or stand-ins for them.

A schedule without an optimizer has groups too, so that nothing else has to ask whether
there is one.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from pebblegrad.optim._checks import check_number
from pebblegrad.optim._optimizer import Optimizer

Rated: TypeAlias = Optimizer | float | Sequence[float]


def check_optimizer(who: str, optimizer: Optimizer) -> None:
    """Raise unless the optimizer's groups have a rate."""
    if "initial_lr" not in optimizer.param_groups[0]:
        raise ValueError(
            f"{who}: {type(optimizer).__name__} has no option lr; there is no rate to "
            "change"
        )


def check_momentum(who: str, optimizer: Optimizer) -> None:
    """Raise unless the optimizer's groups have a momentum, or betas."""
    if not {"betas", "momentum"} & optimizer.param_groups[0].keys():
        raise ValueError(
            f"{who}: cycle_momentum is True and {type(optimizer).__name__} has neither "
            "momentum nor betas; give cycle_momentum=False"
        )


def stand_ins(who: str, given: Any) -> list[dict[str, Any]]:
    """Return groups with the base rates that are given: a number, or a list of them.

    Raises:
        TypeError: if something else is given.
        ValueError: if a rate is out of its range, or there is none.
    """
    listed = isinstance(given, list | tuple) or (
        isinstance(given, np.ndarray) and given.ndim > 0
    )
    if listed and len(given) == 0:
        raise ValueError(f"{who}: the list of base rates is empty")
    for i, base in enumerate(given if listed else [given]):
        try:
            check_number(who, f"base rate {i}" if listed else "the base rate", base)
        except TypeError:
            raise TypeError(
                f"{who}: optimizer is a {type(given).__name__}; an Optimizer is "
                "needed, or a number: the base rate of a schedule without an optimizer"
            ) from None
    bases = [float(base) for base in (given if listed else [given])]
    return [{"lr": base, "initial_lr": base} for base in bases]
