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
    rotary_embedding,
    sigmoid,
    softmax,
    tanh,
)
from .layers import (
    Flatten,
    Identity,
    LearnedPositionalEncoding,
    Linear,
    MLP,
    ModuleDict,
    ModuleList,
    Network,
    ReLU,
    Residual,
    RotaryEmbedding,
    Sequential,
    Sigmoid,
    SinusoidalPositionalEncoding,
    Tanh,
)
from .losses import BCELoss, CrossEntropyLoss, MSELoss

__all__ = [
    "BCELoss",
    "CrossEntropyLoss",
    "Flatten",
    "Identity",
    "LearnedPositionalEncoding",
    "Linear",
    "MLP",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Network",
    "ReLU",
    "Residual",
    "RotaryEmbedding",
    "Sequential",
    "Sigmoid",
    "SinusoidalPositionalEncoding",
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
    "rotary_embedding",
    "save",
    "sigmoid",
    "softmax",
    "tanh",
]
