"""The steps of optimizers in one pass through memory: see `pebblegrad.optim`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import math
import struct

import numpy as np

from . import _native
from ._arrays import are_alike, as_they_lie

SMALL = 16_384  # numbers; for fewer, SGD's two to eight calls of NumPy take as long


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
        if not are_alike(*arrays):
            reference(self, param, grad, state, **options)
            return
        lying = as_they_lie(*arrays)
        apart = lying is None
        if apart:  # in rows, and back: the bits are those of any other layout
            lying = [np.ascontiguousarray(array) for array in arrays]
        beta1, beta2 = options["betas"]
        t = state["t"] = state["t"] + 1
        correction = math.sqrt(1 - beta2**t)
        decay = options["weight_decay"]
        step = struct.pack(
            "6d2q",
            options["lr"] * correction / (1 - beta1**t),
            options["eps"] * correction,
            beta1,
            beta2,
            0.0 if decoupled else decay,
            1 - options["lr"] * decay if decoupled else 1.0,
            options["maximize"],
            param.size,
        )
        _native.adam(step, *lying, *[None] * (5 - len(lying)))
        if apart:
            for array, row in zip(arrays, lying, strict=True):
                if array is not grad and array is not row:
                    array[...] = row

    return update


def sgd(reference):
    """Return the update of `SGD`: to the bit, so that it may be left to NumPy."""

    def update(
        self,
        param,
        grad,
        state,
        *,
        lr,
        momentum,
        dampening,
        weight_decay,
        nesterov,
        maximize,
    ):  # each by its name: to gather them and hand them on would take a microsecond
        lying = None
        if param.size >= SMALL:
            velocity = [state["v"]] if momentum else []
            if are_alike(param, grad, *velocity):
                lying = as_they_lie(param, grad, *velocity)
        if lying is None:
            reference(
                self,
                param,
                grad,
                state,
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
            )
            return
        if velocity:
            state["t"] += 1
            if state["t"] == 1:
                dampening = 0.0
        step = struct.pack(
            "4d3q",
            *(lr, momentum, 1 - dampening, weight_decay, nesterov, maximize),
            param.size,
        )
        _native.sgd(step, *lying, *[None] * (3 - len(lying)))

    return update
