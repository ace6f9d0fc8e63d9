"""What the engine aims at: how many times as fast as what, workload by workload.

A goal of `at_least` 4 against PyTorch is met when PyTorch takes four times as long. A
goal of 1/3 against NumPy by hand allows three times its time.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Goal:
    """One aim: on `workload`, `ours` is `at_least` so many times as fast as another."""

    workload: str
    framework: str
    at_least: float
    ours: str = "pebblegrad"


# With kernels and without.
SMALL = [
    Goal("tiny", "torch", 4),
    Goal("tiny", "jax", 1.5),
    Goal("tiny", "mygrad", 1.3),
    Goal("tiny", "numpy", 1 / 3),
    Goal("mlp_sgd", "torch", 1.2),
    Goal("mlp_sgd", "numpy", 1 / 1.2),
    Goal("mlp_adam", "torch", 1.5),
    Goal("mlp_b1", "torch", 4),
    Goal("epoch", "torch", 2.5),
    Goal("inference_1", "torch", 1),
    Goal("inference_1000", "torch", 1),
]
GOALS = [
    *SMALL,
    Goal("mlp_adam", "numpy", 1 / 1.2),
    Goal("cnn", "torch", 0.5),
    Goal("cnn", "torch_channels_last", 0.5),
    Goal("lstm", "torch", 0.6),
    Goal("transformer", "torch", 0.7),
    Goal("chain", "torch", 1),
    Goal("chain", "autograd", 4),
    Goal("scalar", "micrograd", 2, ours="scalar"),
    Goal("scalar", "micrograd", 500),
    *(replace(goal, ours="kernels") for goal in SMALL),
    Goal("mlp_adam", "numpy", 1 / 1.05, ours="kernels"),
    Goal("cnn", "torch", 2, ours="kernels"),
    Goal("cnn", "torch_channels_last", 1.5, ours="kernels"),
    Goal("cnn", "keras", 1.5, ours="kernels"),
    Goal("cnn_inference", "torch", 1, ours="kernels"),
    Goal("cnn_inference", "torch_channels_last", 1, ours="kernels"),
    Goal("lstm", "torch", 1, ours="kernels"),
    Goal("transformer", "torch", 1, ours="kernels"),
]
# Beside a program that keeps one core busy, a step takes at most so many times as long.
BUSY_AT_MOST = 1.5
# The import of the engine, beside that of NumPy, which it needs.
IMPORTED = "pebblegrad.autograd"
IMPORT_AT_MOST = 1.3
SIZE_AT_MOST = 1_000_000  # bytes more than NumPy alone
# Ten times the work takes ten times the time and memory: a power of 1, and what caches
# and the first reading of more memory make of it.
POWER_AT_MOST = 1.1
