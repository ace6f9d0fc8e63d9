"""The same work in each framework, side by side: a file for each kind of work.

A file holds `WORKLOADS` (by name, what there is to do), `WORDS` (by name, the same for
people), `TIMING`, `inputs(work)` (the weights and data, as arrays of NumPy) and a
function `on_<framework>(work, inputs)` for each framework, which returns `step()`: it
does the work once and returns the loss.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Framework:
    """Something that does the work.

    Attributes:
        title: its name, for people.
        modules: what must be installed, and is imported before memory is counted.
        distribution: whose release is told.
        same_as: whose functions `on_<framework>` it runs, if they are not its own.
    """

    title: str
    modules: tuple[str, ...]
    distribution: str
    same_as: str = ""


OURS = "pebblegrad"
# In the order in which they are shown.
FRAMEWORKS = {
    "numpy": Framework("NumPy by hand", ("numpy",), "numpy"),
    OURS: Framework(
        "pebblegrad",
        ("numpy", "pebblegrad.nn", "pebblegrad.optim", "pebblegrad.data"),
        "pebblegrad-autograd-core",
    ),
    "kernels": Framework(
        "pebblegrad with kernels",
        (
            "numpy",
            "pebblegrad.nn",
            "pebblegrad.optim",
            "pebblegrad.data",
            "pebblegrad.kernels",
        ),
        "pebblegrad-kernels",
        same_as=OURS,
    ),
    "scalar": Framework(
        "pebblegrad.scalar", ("pebblegrad.scalar",), "pebblegrad-scalar"
    ),
    "torch": Framework("PyTorch", ("torch",), "torch"),
    "torch_channels_last": Framework("PyTorch, channels last", ("torch",), "torch"),
    "jax": Framework("JAX, jit", ("jax",), "jax"),
    "keras": Framework("Keras on TensorFlow", ("tensorflow", "keras"), "keras"),
    "autograd": Framework("HIPS/autograd", ("autograd",), "autograd"),
    "mygrad": Framework("MyGrad", ("mygrad",), "mygrad"),
    "tinygrad": Framework("tinygrad, TinyJit", ("tinygrad",), "tinygrad"),
    "micrograd": Framework("micrograd", ("micrograd",), "micrograd"),
}
# What the project is: without these there is nothing to compare.
NEEDED = ("numpy", OURS, "scalar")
MODULES = [
    "mlp",
    "inference",
    "epoch",
    "cnn",
    "cnn_inference",
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


def family(module: str) -> ModuleType:
    """Return one file of this folder."""
    return importlib.import_module(f"workloads.{module}")


def every_workload() -> dict[str, str]:
    """Return the file in which each workload is, in the order in which they run."""
    return {name: module for module in MODULES for name in family(module).WORKLOADS}


def frameworks_of(module: str) -> list[str]:
    """Return the frameworks in which one kind of work is written, NumPy first."""
    return [name for name in FRAMEWORKS if hasattr(family(module), function_of(name))]


def function_of(framework: str) -> str:
    """Return what the functions are called in which a framework does its work."""
    return f"on_{FRAMEWORKS[framework].same_as or framework}"


def available(framework: str) -> bool:
    """Say whether everything that a framework needs is installed."""
    return all(map(found, FRAMEWORKS[framework].modules))


def found(module: str) -> bool:
    """Say whether a module is installed, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is not
        return False
