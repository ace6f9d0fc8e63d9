"""What layers and losses compute, as functions without state.

Reading order: `linear`, `activations`, `losses`.
"""

from .activations import log_softmax, relu, sigmoid, softmax, tanh
from .linear import linear
from .losses import (
    bernoulli_cross_entropy,
    binary_cross_entropy,
    cross_entropy,
    mse_loss,
    softmax_cross_entropy,
)

__all__ = [
    "bernoulli_cross_entropy",
    "binary_cross_entropy",
    "cross_entropy",
    "linear",
    "log_softmax",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "tanh",
]
