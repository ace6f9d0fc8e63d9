"""The options of a group of parameters, as `update` gets them.

They lie in a dict that anyone may write into. So each step looks whether they changed,
in one comparison; they are checked, and made into plain numbers, only if so.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np


def unchanged(group: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether a group is as it was when `before` was copied from it.

    Only the list of its parameters must be the same one: to compare Tensors would give
    arrays.
    """
    return group.get("params") is before["params"] and group == before


def options_of(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `update` gets of a group."""
    return {k: v for k, v in group.items() if k not in ("params", "initial_lr")}


def plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options that nobody else can change, with Python's numbers.

    NumPy's float64, from a schedule say, would widen float32 arrays.
    """
    return {name: _plainly(value) for name, value in options.items()}


def _plainly(value: Any) -> Any:
    if isinstance(value, np.floating | np.integer):
        return value.item()
    if isinstance(value, tuple | list) and not any(hasattr(v, "grad") for v in value):
        return tuple(map(_plainly, value))
    return value
