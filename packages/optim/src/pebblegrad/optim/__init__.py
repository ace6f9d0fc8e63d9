"""Optimizers: what turns gradients into better parameters.

Reading order: `_optimizer.py` (the loop that all share), `sgd.py`, `adam.py`.
"""

from ._optimizer import Optimizer
from .adam import Adam
from .sgd import SGD, sgd_step

__all__ = ["SGD", "Adam", "Optimizer", "sgd_step"]
