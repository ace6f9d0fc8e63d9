"""Neural networks on pebblegrad.autograd, with PyTorch's names and weights that travel.

Reading order: `_module.py` (how parameters are found), `layers/linear.py` (what a layer
looks like), `functional/linear.py` and `functional/losses.py` (what they compute),
`_saving.py`.
"""

from . import functional, init
from ._module import Module
from ._saving import load, save
from .functional import (
    binary_cross_entropy,
    cross_entropy,
    linear,
    log_softmax,
    mse_loss,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from .layers import Flatten, Linear, ReLU, Sequential, Sigmoid, Tanh
from .losses import BCELoss, CrossEntropyLoss, MSELoss

__all__ = [
    "BCELoss",
    "CrossEntropyLoss",
    "Flatten",
    "Linear",
    "MSELoss",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "binary_cross_entropy",
    "cross_entropy",
    "functional",
    "init",
    "linear",
    "load",
    "log_softmax",
    "mse_loss",
    "relu",
    "save",
    "sigmoid",
    "softmax",
    "tanh",
]
