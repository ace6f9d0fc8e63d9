"""The table of optimizers: every way of making every one that the tests go through.

Adding an optimizer is: its file and a row here, with options that change its algorithm
in a row each. The options must be such that 200 steps minimise a small quadratic; a
weight decay, if it is not 0 by default, is switched off for that.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pebblegrad.optim import (
    LAMB,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Muon,
    NAdam,
    RAdam,
    RMSprop,
)


@dataclass(frozen=True)
class Case:
    """What makes an optimizer with these options, unless others are given.

    Attributes:
        optimizer: the class.
        usual: its options.
        only_matrices: whether it takes nothing but matrices. It gets the values of a
            vector as a single row then, so that no test is left out.
    """

    optimizer: type
    usual: dict[str, Any] = field(default_factory=dict)
    only_matrices: bool = False

    def __call__(self, params, **options):
        """Return an optimizer."""
        return self.optimizer(params, **{**self.usual, **options})

    def fit(self, values):
        """Return an array of the values, in a shape that the optimizer takes."""
        array = np.asarray(values)
        return array.reshape(1, -1) if self.only_matrices else array


def case(optimizer, *, only_matrices=False, **usual):
    """Return the row of an optimizer with these options."""
    return Case(optimizer, usual, only_matrices)


OPTIMIZERS = {
    "SGD": case(SGD, lr=0.1),
    "SGD with momentum": case(SGD, lr=0.1, momentum=0.9),
    "SGD with Nesterov's": case(SGD, lr=0.05, momentum=0.9, nesterov=True),
    "SGD with dampening": case(SGD, lr=0.1, momentum=0.5, dampening=0.3),
    "Adam": case(Adam, lr=0.1),
    "Adam with amsgrad": case(Adam, lr=0.1, amsgrad=True),
    "AdamW": case(AdamW, lr=0.1, weight_decay=0.0),
    "AdamW with amsgrad": case(AdamW, lr=0.1, weight_decay=0.0, amsgrad=True),
    "NAdam": case(NAdam, lr=0.1),
    "NAdam with fast momentum": case(NAdam, lr=0.1, momentum_decay=1.0),
    "RAdam": case(RAdam, lr=0.1),
    "RAdam, never rectified": case(RAdam, lr=0.1, betas=(0.9, 0.5)),
    "Adamax": case(Adamax, lr=0.1),
    # With its own betas Lion swings wide at a fixed rate: its average is of about 100
    # gradients, and here are 200 steps in all.
    "Lion": case(Lion, lr=0.05, betas=(0.8, 0.9)),
    "Lion with a short memory": case(Lion, lr=0.05, betas=(0.5, 0.5)),
    "RMSprop": case(RMSprop, lr=0.05),
    "RMSprop with momentum": case(RMSprop, lr=0.01, alpha=0.9, momentum=0.8),
    "RMSprop, centered": case(RMSprop, lr=0.02, alpha=0.95, centered=True),
    "Adagrad": case(Adagrad, lr=1.0),
    "Adagrad with decay": case(
        Adagrad, lr=1.0, lr_decay=0.001, initial_accumulator_value=0.5
    ),
    "Adadelta": case(Adadelta, eps=0.01),
    "LAMB": case(LAMB, lr=0.02, weight_decay=0.0),
    "LAMB with bounds": case(LAMB, lr=0.05, weight_decay=0.0, bounds=(0.1, 1.0)),
    "Muon": case(
        Muon, lr=0.1, momentum=0.5, weight_decay=0.0, nesterov=False, only_matrices=True
    ),
    "Muon with Nesterov's": case(
        Muon, lr=0.1, momentum=0.8, weight_decay=0.0, only_matrices=True
    ),
    "Muon with Adam's rates": case(
        Muon,
        lr=0.2,
        momentum=0.8,
        weight_decay=0.0,
        adjust_lr_fn="match_rms_adamw",
        only_matrices=True,
    ),
}
