"""Loss and gradients of four encoder layers: width 128, 4 heads, 8 x 128 tokens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing

TIMING = Timing(rounds=11, seconds=0.5, first_steps=1)  # nothing is updated
WORKLOADS = {"transformer": (8, 128, 128)}
WORDS = {
    "transformer": "4 encoder layers, width 128, 8 x 128 tokens: loss and gradients",
}
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


def on_jax(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """Written out, with its attention, and compiled."""
    import jax
    import jax.numpy as jnp

    def norm(x, weight, bias):
        centered = x - x.mean(axis=-1, keepdims=True)
        variance = (centered * centered).mean(axis=-1, keepdims=True)
        return centered / jnp.sqrt(variance + 1e-5) * weight + bias

    def encoder(x, parameters):
        w_qkv, b_qkv, w_out, b_out, w1, b1, w2, b2, *norms = parameters
        split = (*x.shape[:2], HEADS, -1)
        qkv = jnp.split(x @ w_qkv.T + b_qkv, 3, axis=-1)
        mixed = jax.nn.dot_product_attention(*[part.reshape(split) for part in qkv])
        x = norm(x + mixed.reshape(x.shape) @ w_out.T + b_out, *norms[:2])
        hidden = jnp.maximum(x @ w1.T + b1, 0)
        return norm(x + hidden @ w2.T + b2, *norms[2:])

    def loss_of(parameters, x):
        each = len(parameters) // LAYERS
        for start in range(0, len(parameters), each):
            x = encoder(x, parameters[start : start + each])
        return (x * x * x).mean()

    both = jax.jit(jax.value_and_grad(loss_of))
    parameters, X = jax.tree.map(jnp.asarray, inputs)

    def step():
        loss, _ = jax.block_until_ready(both(parameters, X))
        return float(loss)

    return step
