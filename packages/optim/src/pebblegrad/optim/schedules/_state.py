"""States of schedules: options taken apart into plain values, and put together again.

An option is a number, a string, a list, None, a function, another schedule, or a list
of schedules. Functions cannot be saved; of another schedule its own state is.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from pebblegrad.optim._checks import check_number

NOT_OPTIONS = ("self", "optimizer", "last_epoch")


def option_names(kind: type) -> list[str]:
    """Return the names of the options that a class of schedules takes."""
    parameters = inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    return [name for name in parameters if name not in NOT_OPTIONS]


def saved(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as plain values of their own, without the functions."""
    return {k: _saved(v) for k, v in options.items() if not _is_function(v)}


def loaded(
    who: str, options: Mapping[str, Any], state: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the options that a state holds; functions are those of `options`.

    Raises:
        TypeError, ValueError: if what is held of other schedules does not fit them.
    """
    return {
        name: value if _is_function(value) else _loaded(who, name, value, state[name])
        for name, value in options.items()
    }


def check_state(who: str, state: Any, expected: Mapping[str, Any]) -> None:
    """Raise unless `state` has the entries of the `expected` one, for as many groups.

    Raises:
        TypeError: if it is no dict, or the base rates are no numbers.
        ValueError: if entries are missing or not known, or there are other groups.
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{who}: the state is a {type(state).__name__}; a dict is needed: give "
            "what state_dict() returned"
        )
    if state.keys() != expected.keys():
        raise ValueError(
            f"{who}: the state has {_listed(state)}; here it has {_listed(expected)}: "
            "it is of another schedule, or of another version"
        )
    check_rates(who, "base_lrs", state["base_lrs"], len(expected["base_lrs"]))


def check_rates(who: str, name: str, rates: Any, count: int) -> None:
    """Raise unless `rates` is a list of numbers, one for each of `count` groups."""
    if not isinstance(rates, list | tuple):
        raise TypeError(f"{who}: {name} is {rates!r}; a list of numbers is needed")
    for i, rate in enumerate(rates):
        check_number(who, f"{name}[{i}]", rate)
    if len(rates) != count:
        raise ValueError(
            f"{who}: {name} of the state is of {len(rates)} groups; here are {count}"
        )


def _is_function(value: Any) -> bool:
    """Whether an option is a function, or a list in which there are some."""
    if isinstance(value, list):
        return any(callable(entry) for entry in value)
    return callable(value)


def _saved(value: Any) -> Any:
    if isinstance(value, list):
        return [_saved(entry) for entry in value]
    return value.state_dict() if hasattr(value, "state_dict") else value


def _loaded(who: str, name: str, present: Any, given: Any) -> Any:
    if hasattr(present, "state_dict"):
        return present._loaded(given)
    if isinstance(present, list) and any(hasattr(p, "state_dict") for p in present):
        if not isinstance(given, list) or len(given) != len(present):
            raise ValueError(
                f"{who}: {name} of the state is {given!r}; a list of {len(present)} "
                "states is needed"
            )
        return [p._loaded(g) for p, g in zip(present, given, strict=True)]
    return list(given) if isinstance(given, list) else given


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, names))) or "nothing"
