"""Optimizers: what turns gradients into better parameters.

Reading order: `_optimizer.py` (the loop that all share), `sgd.py`, `adam.py`, and then
any other, each in the file of its name; `_packing.py` (how small parameters share an
update); `schedules/` (rates that change); `clipping.py`, `accumulation.py`,
`averaging.py`.
"""

from ._optimizer import Optimizer
from .accumulation import GradientAccumulator
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .averaging import ExponentialMovingAverage, StochasticWeightAverage
from .clipping import clip_grad_norm_, clip_grad_value_, total_grad_norm
from .lamb import LAMB
from .lbfgs import LBFGS
from .lion import Lion
from .muon import Muon
from .nadam import NAdam
from .radam import RAdam
from .rmsprop import RMSprop
from .schedules import (
    SWALR,
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
    WarmupLR,
)
from .sgd import SGD, sgd_step

__all__ = [
    "LAMB",
    "LBFGS",
    "SGD",
    "SWALR",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "ExponentialMovingAverage",
    "GradientAccumulator",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "Lion",
    "MultiStepLR",
    "MultiplicativeLR",
    "Muon",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "StochasticWeightAverage",
    "WarmupLR",
    "clip_grad_norm_",
    "clip_grad_value_",
    "sgd_step",
    "total_grad_norm",
]
