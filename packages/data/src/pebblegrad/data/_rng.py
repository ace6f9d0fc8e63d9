"""What may be given as `rng`: a seed, a Generator, or None. Never a global state.

And the state of a Generator as plain numbers and lists, which JSON can hold.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np


def as_generator(who: str, rng: Any) -> np.random.Generator:
    """The Generator itself, or a new one from a seed or (None) from the system."""
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    if isinstance(rng, bool | np.bool) or not hasattr(rng, "__index__"):
        raise TypeError(
            f"{who}: rng is {rng!r}; needed is an integer seed, a "
            "numpy.random.Generator, or None"
        )
    if operator.index(rng) < 0:
        raise ValueError(f"{who}: rng is {rng}; needed is a seed of at least 0")
    return np.random.default_rng(operator.index(rng))


def plain_state(rng: np.random.Generator) -> dict[str, Any]:
    """The state of `rng`, its arrays as lists."""
    state: dict[str, Any] = _with(
        rng.bit_generator.state, lambda v: v.tolist() if hasattr(v, "tolist") else v
    )
    return state


def checked_state(who: str, rng: np.random.Generator, state: Any) -> dict[str, Any]:
    """What ``rng.bit_generator.state`` can be set to: `state` with its lists as arrays.

    Raises:
        ValueError: it is the state of another kind of generator, or of none.
    """
    kind = rng.bit_generator.state["bit_generator"]
    given = state.get("bit_generator") if isinstance(state, Mapping) else None
    if given != kind:
        raise ValueError(
            f"{who}: the state is of a generator of kind {given}; this one is of kind "
            f"{kind}"
        )
    wanted: dict[str, Any] = _with(
        state, lambda v: np.array(v, np.uint64) if isinstance(v, list) else v
    )
    try:
        type(rng.bit_generator)(0).state = wanted  # on trial
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"{who}: the state of the generator is damaged: {error!r}"
        ) from error
    return wanted


def _with(state: Any, change: Any) -> Any:
    if isinstance(state, Mapping):
        return {name: _with(value, change) for name, value in state.items()}
    return change(state)
