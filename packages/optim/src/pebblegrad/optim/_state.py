"""States of optimizers: copied out, and looked at before they are taken over."""

from collections.abc import Mapping
from typing import Any

import numpy as np

NUMBERS = (int, float, np.integer, np.floating)


def copied(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one parameter's state holds, with arrays of its own."""
    return {k: v.copy() if hasattr(v, "copy") else v for k, v in state.items()}


def check_state(who: str, state: Any, groups: list[dict[str, Any]]) -> None:
    """Raise unless `state` has the form of `state_dict()` for these groups.

    Raises:
        TypeError: if it is no dict.
        ValueError: if it lacks a part, has groups of other sizes or options, or is of a
            parameter that is not there.
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{who}: the state is a {type(state).__name__}; a dict is needed: give "
            "what state_dict() returned"
        )
    if missing := {"state", "param_groups"} - state.keys():
        raise ValueError(
            f"{who}: the state lacks {' and '.join(sorted(missing))}; give what "
            "state_dict() returned"
        )
    for part, kind in (("state", Mapping), ("param_groups", list | tuple)):
        if not isinstance(state[part], kind):
            raise TypeError(
                f"{who}: {part} of the state is a {type(state[part]).__name__}; give "
                "what state_dict() returned"
            )
    for group in state["param_groups"]:
        if not isinstance(group, Mapping):
            raise TypeError(
                f"{who}: a group of the state is a {type(group).__name__}; a dict is "
                "needed: give what state_dict() returned"
            )
    here = [len(group["params"]) for group in groups]
    given = [len(group.get("params", ())) for group in state["param_groups"]]
    if here != given:
        raise ValueError(
            f"{who}: the state has groups of {_numbers(given)} parameters; here they "
            f"are of {_numbers(here)}"
        )
    for ours, theirs in zip(groups, state["param_groups"], strict=True):
        if ours.keys() != theirs.keys():
            raise ValueError(
                f"{who}: the state has the options {_options(theirs)}; here they are "
                f"{_options(ours)}: it is of another optimizer, or of another version"
            )
    count = sum(here)
    for place, entries in state["state"].items():
        if isinstance(place, bool) or place not in range(count):
            raise ValueError(
                f"{who}: the state is of a parameter {place!r}; here the parameters "
                f"are numbered from 0 to {count - 1}"
            )
        if not isinstance(entries, Mapping):
            raise TypeError(
                f"{who}: the state of parameter {place} is a "
                f"{type(entries).__name__}; a dict is needed"
            )


def like(
    who: str, place: int, expected: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the state that is `given`, in the kinds and dtypes of the `expected` one.

    Raises:
        TypeError: if an entry is no number, or no array of floats.
        ValueError: if an entry is missing or not known, or has another shape.
    """
    if given.keys() != expected.keys():
        raise ValueError(
            f"{who}: the state of parameter {place} has {_listed(given)}; needed is "
            f"{_listed(expected)}"
        )
    found: dict[str, Any] = {}
    for name, value in expected.items():
        array = np.asarray(given[name])
        what = f"{who}: {name} of parameter {place}"
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{what} is {array.dtype}; numbers are needed")
        if array.shape != np.shape(value):
            raise ValueError(
                f"{what} has shape {array.shape}; needed is {np.shape(value)}"
            )
        if isinstance(value, NUMBERS):
            found[name] = type(value)(array.item())
        else:
            found[name] = array.astype(value.dtype)  # a copy, whatever the dtype
    return found


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _numbers(sizes: list[int]) -> str:
    return ", ".join(map(str, sizes)) or "no"


def _options(group: Mapping[str, Any]) -> str:
    return ", ".join(sorted(group.keys() - {"params", "initial_lr"}))
