"""Loss and gradients of four encoder layers: width 128, 4 heads, 8 x 128 tokens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing

TIMING = Timing(rounds=11, seconds=0.5, first_steps=1)  # nothing is updated
WORKLOADS = {"transformer": (8, 128, 128)}
LAYERS, HEADS, HIDDEN = 4, 4, 512


def inputs(work: tuple[int, int, int]) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the parameters as PyTorch orders them, and the tokens' vectors."""
    rng = np.random.default_rng(0)
    width = work[2]
    one_layer = (
        *((3 * width, width), (3 * width,), (width, width), (width,)),
        *((HIDDEN, width), (HIDDEN,), (width, HIDDEN), (width,)),
        *((width,), (width,), (width,), (width,)),
    )
    parameters = []
    for shape in one_layer * LAYERS:
        bound = 1 / np.sqrt(shape[-1])
        parameters.append(rng.uniform(-bound, bound, shape).astype("f4"))
    return parameters, rng.standard_normal(work).astype("f4")


def train(nn, work, fill, X) -> Callable[[], object]:
    """Return the step; PyTorch and pebblegrad call everything alike."""
    layers = nn.Sequential(
        *[
            nn.TransformerEncoderLayer(
                work[2], HEADS, HIDDEN, dropout=0.0, batch_first=True
            )
            for _ in range(LAYERS)
        ]
    )
    parameters = list(layers.parameters())
    fill(parameters)

    def step():
        out = layers(X)
        loss = (out * out * out).mean()  # a mean square would be 1: layers end normed
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        return loss.item()

    return step


def on_pebblegrad(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """nn.TransformerEncoderLayer."""
    from pebblegrad import nn
    from pebblegrad.autograd import Tensor

    arrays, X = inputs

    def fill(parameters):
        for parameter, array in zip(parameters, arrays, strict=True):
            parameter.data[...] = array

    return train(nn, work, fill, Tensor(X))


def on_torch(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """torch.nn.TransformerEncoderLayer."""
    import torch

    arrays, X = inputs

    def fill(parameters):
        with torch.no_grad():
            for parameter, array in zip(parameters, arrays, strict=True):
                parameter.copy_(torch.from_numpy(array))

    return train(torch.nn, work, fill, torch.from_numpy(X))
