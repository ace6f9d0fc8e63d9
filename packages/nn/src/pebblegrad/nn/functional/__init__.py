"""What layers and losses compute, as functions without state.

Reading order: `linear`, `activations`, `losses`.
"""

from .activations import log_softmax, relu, sigmoid, softmax, tanh
from .linear import linear
from .losses import (
    bernoulli_cross_entropy,
    binary_cross_entropy,
    cross_entropy,
    mean_squared_error,
    mse_loss,
)

__all__ = [
    "bernoulli_cross_entropy",
    "binary_cross_entropy",
    "cross_entropy",
    "linear",
    "log_softmax",
    "mean_squared_error",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
