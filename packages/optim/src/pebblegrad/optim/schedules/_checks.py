"""Checks of options that only schedules have."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pebblegrad.optim._checks import check_integer, check_number


def check_fraction(who: str, name: str, value: Any) -> None:
    """Raise unless `value` is a number from 0 to 1, both included."""
    check_number(who, name, value)
    if value > 1:
        raise ValueError(f"{who}: {name} is {value!r}; it must be from 0 to 1")


def check_positive(who: str, name: str, value: Any) -> None:
    """Raise unless `value` is a number above 0."""
    check_number(who, name, value)
    if value == 0:
        raise ValueError(f"{who}: {name} is {value!r}; it must be above 0")


def check_choice(who: str, name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise unless `value` is one of the `choices`."""
    if value not in choices:
        listed = " or ".join(repr(choice) for choice in choices)
        raise ValueError(f"{who}: {name} is {value!r}; it must be {listed}")


def check_milestones(who: str, milestones: Any, low: int) -> list[int]:
    """Return `milestones` as a list of ints, if they are ints from `low` on."""
    if not isinstance(milestones, Iterable) or isinstance(milestones, str):
        raise TypeError(
            f"{who}: milestones is {milestones!r}; a list of integers is needed"
        )
    return [
        check_integer(who, f"milestones[{i}]", milestone, low)
        for i, milestone in enumerate(milestones)
    ]


def numbers(
    who: str, name: str, value: Any, high: float = float("inf")
) -> float | list[float]:
    """Return a number from 0 to below `high`, or a list of them: one for each group."""
    listed = isinstance(value, list | tuple)
    if not listed and not (isinstance(value, np.ndarray) and value.ndim > 0):
        check_number(who, name, value, high=high)
        return float(value)
    for i, entry in enumerate(value):
        check_number(who, f"{name}[{i}]", entry, high=high)
    return [float(entry) for entry in value]


def functions(
    who: str, name: str, value: Any
) -> Callable[[float], float] | list[Callable[[float], float]]:
    """Return a function, or a list of them: one for each group."""
    listed = isinstance(value, list | tuple)
    for i, entry in enumerate(value if listed else [value]):
        if not callable(entry):
            what = f"{name}[{i}]" if listed else name
            raise TypeError(f"{who}: {what} is {entry!r}; a function is needed")
    found: Any = list(value) if listed else value
    return found  # type: ignore[no-any-return]
