"""What L-BFGS remembers from one step to the next, and how that is saved.

All parameters are one vector of n elements here. While it is used, the history is
lists, from which the oldest entry falls out; saved, it is arrays.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np


def empty_memory() -> dict[str, Any]:
    """Return what is remembered before the first iteration."""
    return {
        "iterations": 0,
        "evaluations": 0,
        "t": 0.0,
        "gamma": 1.0,
        "d": np.zeros(0),
        "g": np.zeros(0),
        "s": [],
        "y": [],
        "rho": [],
    }


def saved_memory(memory: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a memory in which all is numbers and arrays."""
    d = memory["d"]
    return {
        **memory,
        "d": d.copy(),
        "g": memory["g"].copy(),
        # The shape is said, for there may be nothing in it yet.
        "s": np.array(memory["s"], d.dtype).reshape(len(memory["s"]), d.size),
        "y": np.array(memory["y"], d.dtype).reshape(len(memory["y"]), d.size),
        "rho": np.array(memory["rho"], np.float64),
    }


def loaded_memory(memory: Mapping[str, Any], n: int, dtype: Any) -> dict[str, Any]:
    """Return a memory as it is used, or raise if it is not one for n elements."""
    expected = empty_memory()
    if memory.keys() != expected.keys():
        raise ValueError(
            f"LBFGS: the state has {', '.join(sorted(memory)) or 'nothing'}; needed is "
            f"{', '.join(sorted(expected))}"
        )
    arrays = {name: np.asarray(value) for name, value in memory.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise TypeError(f"LBFGS: {name} is {array.dtype}; numbers are needed")
    # Before the first iteration there is no direction yet.
    n = n if arrays["iterations"].any() else 0
    count = arrays["rho"].size
    shapes = {"d": (n,), "g": (n,), "s": (count, n), "y": (count, n), "rho": (count,)}
    for name, array in arrays.items():
        if array.shape != (needed := shapes.get(name, ())):
            raise ValueError(
                f"LBFGS: {name} has shape {array.shape}; needed is {needed}, with "
                f"{n} elements in all parameters together"
            )
    found: dict[str, Any] = {
        name: type(value)(arrays[name].item())
        for name, value in expected.items()
        if isinstance(value, int | float)
    }
    found["rho"] = [float(number) for number in arrays["rho"]]
    for name in ("s", "y"):
        found[name] = [row.astype(dtype) for row in arrays[name]]
    return {**found, "d": arrays["d"].astype(dtype), "g": arrays["g"].astype(dtype)}
