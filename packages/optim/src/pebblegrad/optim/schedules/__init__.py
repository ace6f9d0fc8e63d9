"""Schedules: learning rates that change during the training.

Each is a formula of the step, which can be looked at without an optimizer:
``CosineAnnealingLR(0.1, T_max=50).rates(50)`` is a list of 50 rates.

Reading order: `_schedule.py` (what all share), `step.py`, `cosine.py`; then
`combined.py` (several as one), `one_cycle.py`, and `plateau.py`, which has no formula.
"""

from ._schedule import LRScheduler
from .combined import ChainedScheduler, SequentialLR
from .constant import ConstantLR
from .cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from .cyclic import CyclicLR
from .exponential import ExponentialLR
from .lambda_ import LambdaLR, MultiplicativeLR
from .linear import LinearLR
from .one_cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .polynomial import PolynomialLR
from .step import MultiStepLR, StepLR
from .swa import SWALR
from .warmup import WarmupLR

__all__ = [
    "SWALR",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "WarmupLR",
]
