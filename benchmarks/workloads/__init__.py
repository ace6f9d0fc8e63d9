"""The same work in each framework, side by side: a file for each kind of work.

A file holds `WORKLOADS` (by name, what there is to do), `TIMING`, `inputs(work)` (the
weights and data, as arrays of NumPy) and a function `on_<framework>(work, inputs)` for
each framework, which returns `step()`: it does the work once and returns the loss.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

# What each framework needs; the last names the release that is printed.
NEEDS = {
    "numpy": ["numpy"],
    "pebblegrad": ["numpy", "pebblegrad.nn", "pebblegrad.optim", "pebblegrad.data"],
    "scalar": ["pebblegrad.scalar"],
    "torch": ["torch"],
    "torch_channels_last": ["torch"],
    "jax": ["jax"],
    "keras": ["tensorflow", "keras"],
    "autograd": ["autograd"],
    "mygrad": ["mygrad"],
    "tinygrad": ["tinygrad"],
    "micrograd": ["micrograd"],
}
MODULES = [
    "mlp",
    "inference",
    "epoch",
    "cnn",
    "lstm",
    "transformer",
    "chain",
    "second_order",
    "moons",
]


@dataclass(frozen=True)
class Timing:
    """How a kind of work is timed.

    Attributes:
        rounds: how many times the frameworks take turns.
        seconds: how long each runs in a round; at least one step.
        tolerance: how far the losses may lie apart, in relation to their size.
        first_steps: how many losses are compared.
    """

    rounds: int = 15
    seconds: float = 0.3
    tolerance: float = 1e-3
    first_steps: int = 5


def frameworks_of(module: str) -> list[str]:
    """Return the frameworks in which one kind of work is written, NumPy first."""
    family = importlib.import_module(f"workloads.{module}")
    return [name for name in NEEDS if hasattr(family, f"on_{name}")]
