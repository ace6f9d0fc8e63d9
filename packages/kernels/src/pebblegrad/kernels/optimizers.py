"""The steps of optimizers in one pass through memory: see `pebblegrad.optim`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import math

from . import _native
from ._arrays import are_alike, as_they_lie


def adam(reference):
    """Return the update of `Adam`, whose decay is added to the gradient."""
    return _adam(reference, decoupled=False)


def adamw(reference):
    """Return the update of `AdamW`, whose decay shrinks the parameter."""
    return _adam(reference, decoupled=True)


def _adam(reference, decoupled):
    def update(self, param, grad, state, **options):
        arrays = [param, grad, state["m"], state["v"]]
        if options["amsgrad"]:
            arrays.append(state["v_max"])
        lying = as_they_lie(*arrays) if are_alike(*arrays) else None
        if lying is None:
            reference(self, param, grad, state, **options)
            return
        beta1, beta2 = options["betas"]
        t = state["t"] = state["t"] + 1
        correction = math.sqrt(1 - beta2**t)
        decay = options["weight_decay"]
        _native.adam(
            options["lr"] * correction / (1 - beta1**t),
            options["eps"] * correction,
            beta1,
            beta2,
            0.0 if decoupled else decay,
            1 - options["lr"] * decay if decoupled else 1.0,
            options["maximize"],
            param.size,
            *lying,
            *[None] * (5 - len(lying)),
        )

    return update
